//! Every setting of the program. An argument wins over its environment variable, and both win over the configuration file.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use agglestone_emulator::Options;
use clap::Parser;
use clap::builder::BoolishValueParser;
use serde::Deserialize;

use super::file;

/// Local stand-in for the Agglestone Authentication and User Management Service.
///
/// Every option can also be set by the environment variable named beside it, or in a configuration file.
/// An argument takes precedence over the environment, and the environment over the file.
#[derive(Parser)]
#[command(name = "agglestone-emulator", version)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Configuration file, TOML or JSON, with the names of these options as its keys.
    #[arg(long, env = "AGGLESTONE_EMULATOR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The settings that one source gives.
#[derive(clap::Args, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Address to listen on [default: 127.0.0.1].
    #[arg(long, env = "AGGLESTONE_EMULATOR_HOST")]
    host: Option<String>,
    /// Port to listen on; 0 picks a free one [default: 8970].
    #[arg(long, env = "AGGLESTONE_EMULATOR_PORT")]
    port: Option<u16>,
    /// Tenant to serve [default: 7e57ab1e-0a66-4e57-8000-10ca1be57a4d].
    #[arg(long, env = "AGGLESTONE_EMULATOR_TENANT", value_name = "ID")]
    tenant: Option<String>,
    /// JSON file {"users":[…]} to load instead of the demo users.
    #[arg(long, env = "AGGLESTONE_EMULATOR_SEED", value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Token lifetime in seconds [default: 900].
    #[arg(long, env = "AGGLESTONE_EMULATOR_TOKEN_LIFETIME", value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    token_lifetime: Option<u32>,
    /// Primary API key [default: random].
    #[arg(long, env = "AGGLESTONE_EMULATOR_PRIMARY_API_KEY", hide_env_values = true, value_name = "KEY")]
    primary_api_key: Option<String>,
    /// File that contains the primary API key.
    #[arg(long, env = "AGGLESTONE_EMULATOR_PRIMARY_API_KEY_FILE", value_name = "FILE")]
    primary_api_key_file: Option<PathBuf>,
    /// Secondary API key [default: random].
    #[arg(long, env = "AGGLESTONE_EMULATOR_SECONDARY_API_KEY", hide_env_values = true, value_name = "KEY")]
    secondary_api_key: Option<String>,
    /// File that contains the secondary API key.
    #[arg(long, env = "AGGLESTONE_EMULATOR_SECONDARY_API_KEY_FILE", value_name = "FILE")]
    secondary_api_key_file: Option<PathBuf>,
    /// Bearer token of the control API [default: random].
    #[arg(long, env = "AGGLESTONE_EMULATOR_CONTROL_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    control_token: Option<String>,
    /// File that contains the control token.
    #[arg(long, env = "AGGLESTONE_EMULATOR_CONTROL_TOKEN_FILE", value_name = "FILE")]
    control_token_file: Option<PathBuf>,
    /// Print the ready line as JSON and nothing else on stdout.
    #[arg(long, env = "AGGLESTONE_EMULATOR_JSON", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    json: Option<bool>,
    /// Permit listening on addresses that other machines can reach.
    #[arg(long, env = "AGGLESTONE_EMULATOR_ALLOW_REMOTE", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    allow_remote: Option<bool>,
}

impl Arguments {
    /// What arguments, environment and configuration file say together.
    pub fn settings(self) -> Result<Settings, String> {
        match self.config {
            None => Ok(self.settings),
            Some(path) => {
                let mut from_file: Settings = file::read(&path)?;
                from_file.resolve_paths(path.parent().unwrap_or(Path::new("")));
                Ok(self.settings.or(from_file))
            }
        }
    }
}

/// `$first` with what it lacks from `$second`. All fields have to be named, so that none is forgotten.
macro_rules! or {
    ($first:expr, $second:expr; $($field:ident),+) => {{
        let Settings { $($field),+ } = $first;
        Settings { $($field: $field.or($second.$field)),+ }
    }};
}

impl Settings {
    fn or(self, mut other: Self) -> Self {
        // A key and its file are two ways to say one thing, so the weaker source's file must not meet the stronger one's key.
        for (key, file, other_key, other_file) in [
            (
                &self.primary_api_key,
                &self.primary_api_key_file,
                &mut other.primary_api_key,
                &mut other.primary_api_key_file,
            ),
            (
                &self.secondary_api_key,
                &self.secondary_api_key_file,
                &mut other.secondary_api_key,
                &mut other.secondary_api_key_file,
            ),
            (
                &self.control_token,
                &self.control_token_file,
                &mut other.control_token,
                &mut other.control_token_file,
            ),
        ] {
            if key.is_some() || file.is_some() {
                (*other_key, *other_file) = (None, None);
            }
        }
        or!(self, other; host, port, tenant, seed, token_lifetime, primary_api_key, primary_api_key_file,
            secondary_api_key, secondary_api_key_file, control_token, control_token_file, json, allow_remote)
    }

    /// Paths in a configuration file are relative to the file.
    fn resolve_paths(&mut self, folder: &Path) {
        let paths = [
            &mut self.seed,
            &mut self.primary_api_key_file,
            &mut self.secondary_api_key_file,
            &mut self.control_token_file,
        ];
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
        }
    }

    /// Whether the ready line is JSON.
    pub fn json(&self) -> bool {
        self.json.unwrap_or(false)
    }

    /// The options that the emulator starts with.
    pub fn options(self) -> Result<Options, Box<dyn Error>> {
        let given = |mut options: Options| {
            macro_rules! set {
                ($($field:ident => $method:ident),+) => {
                    $(if let Some(value) = self.$field { options = options.$method(value); })+
                };
            }
            set!(host => host, tenant => tenant, seed => seed_file, allow_remote => allow_remote);
            options
        };
        let lifetime = self.token_lifetime.unwrap_or(900);
        let port = self.port.unwrap_or(agglestone_emulator::DEFAULT_PORT);
        let primary = secret("primary-api-key", self.primary_api_key, self.primary_api_key_file)?;
        let secondary = secret("secondary-api-key", self.secondary_api_key, self.secondary_api_key_file)?;
        let control = secret("control-token", self.control_token, self.control_token_file)?;
        let mut options =
            given(Options::new().port(port).token_lifetime(Duration::from_secs(lifetime.into())));
        if let Some(key) = primary {
            options = options.primary_api_key(key);
        }
        if let Some(key) = secondary {
            options = options.secondary_api_key(key);
        }
        if let Some(token) = control {
            options = options.control_token(token);
        }
        Ok(options)
    }
}

/// A secret that is given itself or by its file, whose last line ends may be those of an editor.
fn secret(name: &str, given: Option<String>, file: Option<PathBuf>) -> Result<Option<String>, String> {
    match (given, file) {
        (Some(_), Some(_)) => Err(format!("set either --{name} or --{name}-file, not both")),
        (None, Some(file)) => std::fs::read_to_string(&file)
            .map(|text| Some(text.trim_end_matches(['\r', '\n']).to_owned()))
            .map_err(|error| format!("--{name}-file {}: {error}", file.display())),
        (given, None) => Ok(given),
    }
}
