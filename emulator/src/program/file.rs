//! Reads a configuration file. What it says is never quoted in an error, because keys may be in it.

use std::path::Path;

use serde::de::DeserializeOwned;

/// The settings in the TOML or JSON file `path`.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let wrong = |why: String| format!("configuration file {}: {why}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if extension.eq_ignore_ascii_case("toml") {
        toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            wrong(format!("line {line}: {}", error.message()))
        })
    } else if extension.eq_ignore_ascii_case("json") {
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
    } else {
        Err(wrong("expected a name that ends in .toml or .json".into()))
    }
}
