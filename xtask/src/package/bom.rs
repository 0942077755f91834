//! Bills of materials beside the packages, in CycloneDX: what each library and program links. A wheel has one inside, by maturin.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

use super::facts::{Kind, version};
use crate::dependencies::{Dependency, Graph};
use crate::layout;
use crate::workspace::Workspace;

/// Writes one for each kind of package that has code of others in it.
pub fn write(workspace: &Workspace, dist: &Path, kinds: &[Kind]) -> Result<Vec<PathBuf>> {
    let graph = Graph::read(workspace)?;
    let mut made = Vec::new();
    for kind in kinds {
        let (name, root) = match kind {
            // What C# loads is the C library.
            Kind::C => ("agglestone-c", "agglestone-c"),
            Kind::Python => ("agglestone-python", "agglestone-python"),
            Kind::Node => ("agglestone-node", "agglestone-node"),
            Kind::Emulator => ("agglestone-emulator", "agglestone-emulator"),
            Kind::Command => ("agglestone-cli", "agglestone-cli"),
            Kind::Csharp | Kind::Rust => continue,
        };
        let path = dist.join(format!("{name}-{}.cdx.json", version()));
        layout::write(&path, &format!("{:#}\n", document(name, &graph.linked_by(&[root])?)))?;
        made.push(path);
    }
    Ok(made)
}

fn document(name: &str, dependencies: &[Dependency]) -> Value {
    let components: Vec<Value> = dependencies.iter().map(component).collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {
            "type": "library",
            "name": name,
            "version": version(),
            "licenses": [{"expression": "MIT OR Apache-2.0"}],
        }},
        "components": components,
    })
}

fn component(dependency: &Dependency) -> Value {
    let address = format!("pkg:cargo/{}@{}", dependency.name, dependency.version);
    json!({
        "type": "library",
        "bom-ref": address,
        "name": dependency.name,
        "version": dependency.version,
        "purl": address,
        // Older manifests separate choices by a slash.
        "licenses": [{"expression": dependency.licence.replace('/', " OR ")}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_has_the_address_and_licence_that_scanners_look_for() {
        let dependency = Dependency {
            name: "base64".into(),
            version: "0.22.1".into(),
            licence: "MIT/Apache-2.0".into(),
            authors: Vec::new(),
            folder: PathBuf::new(),
        };
        let document = document("agglestone-c", &[dependency]);
        assert_eq!(document["components"][0]["purl"], "pkg:cargo/base64@0.22.1");
        assert_eq!(document["components"][0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
    }
}
