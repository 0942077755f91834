//! Where the settings come from: options of the command line, the client's own environment variables, defaults.

use std::path::PathBuf;

use agglestone::binding::{Kind, SETTINGS, Setting};
use agglestone::{Client, Config, ConfigBuilder, Result, SecretString};
use clap::Args;
use serde::Serialize;

/// The settings that matter to an operator. There is no option for a key: other users of a machine see arguments.
#[derive(Args, Clone)]
pub struct Settings {
    /// The tenant (AGGLESTONE_TENANT_ID)
    #[arg(long, global = true, value_name = "ID")]
    tenant_id: Option<String>,
    /// Where the service is (AGGLESTONE_BASE_URL)
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,
    /// The path of the users below the tenant (AGGLESTONE_USERS_PATH)
    #[arg(long, global = true, value_name = "PATH")]
    users_path: Option<String>,
    /// The file with the primary key (AGGLESTONE_API_KEY_FILE)
    #[arg(long, global = true, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// The file with the secondary key (AGGLESTONE_SECONDARY_API_KEY_FILE)
    #[arg(long, global = true, value_name = "FILE")]
    secondary_api_key_file: Option<PathBuf>,
    /// Certificates to trust besides the system's, in PEM form (AGGLESTONE_CA_FILE)
    #[arg(long, global = true, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Let the key cross a network unencrypted (AGGLESTONE_ALLOW_INSECURE_HTTP)
    #[arg(long, global = true)]
    allow_insecure_http: bool,
}

/// One setting and where it came from.
#[derive(Serialize)]
pub struct Source {
    /// Its name in the client.
    pub setting: &'static str,
    /// Its value; nothing for a secret.
    pub value: Option<String>,
    /// An option, a variable, or `default`.
    pub from: String,
}

impl Settings {
    /// A client with these settings.
    pub fn client(&self) -> Result<Client> {
        self.config().map(Client::new)
    }

    /// A client that has this key and no other.
    pub fn client_with(&self, key: &SecretString) -> Result<Client> {
        let without_files = Settings { api_key_file: None, secondary_api_key_file: None, ..self.clone() };
        without_files.builder().api_key(key.clone()).build().map(Client::new)
    }

    /// The checked configuration.
    pub fn config(&self) -> Result<Config> {
        self.builder().build()
    }

    fn builder(&self) -> ConfigBuilder {
        let mut builder = Config::builder().app_name("agglestone-cli");
        if let Some(id) = &self.tenant_id {
            builder = builder.tenant_id(id);
        }
        if let Some(url) = &self.base_url {
            builder = builder.base_url(url);
        }
        if let Some(path) = &self.users_path {
            builder = builder.users_path(path);
        }
        if let Some(file) = &self.api_key_file {
            builder = builder.api_key_file(file);
        }
        if let Some(file) = &self.secondary_api_key_file {
            builder = builder.secondary_api_key_file(file);
        }
        if let Some(file) = &self.ca_file {
            builder = builder.ca_file(file);
        }
        if self.allow_insecure_http {
            builder = builder.allow_insecure_http(true);
        }
        builder
    }

    /// The files that the keys are read from, primary first.
    pub fn key_files(&self) -> [Option<PathBuf>; 2] {
        let variable =
            |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        [
            self.api_key_file.clone().or_else(|| variable("AGGLESTONE_API_KEY_FILE")),
            self.secondary_api_key_file.clone().or_else(|| variable("AGGLESTONE_SECONDARY_API_KEY_FILE")),
        ]
    }

    /// Every setting that the environment or an option can give, in the client's order; those that are not set are left out.
    pub fn sources(&self) -> Vec<Source> {
        SETTINGS.iter().filter_map(|setting| self.source(setting)).collect()
    }

    fn source(&self, setting: &Setting) -> Option<Source> {
        let variable = setting.variable?;
        let source = |value: String, from: String| {
            let value = (setting.kind != Kind::Secret).then_some(value);
            Some(Source { setting: setting.name, value, from })
        };
        if let Some(value) = self.option(setting.name) {
            return source(value, format!("--{}", setting.name.replace('_', "-")));
        }
        match std::env::var_os(variable).filter(|value| !value.is_empty()) {
            Some(value) => source(value.to_string_lossy().into_owned(), variable.to_owned()),
            None => source(setting.default?.to_owned(), "default".to_owned()),
        }
    }

    fn option(&self, name: &str) -> Option<String> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        match name {
            "tenant_id" => self.tenant_id.clone(),
            "base_url" => self.base_url.clone(),
            "users_path" => self.users_path.clone(),
            "api_key_file" => path(&self.api_key_file),
            "secondary_api_key_file" => path(&self.secondary_api_key_file),
            "ca_file" => path(&self.ca_file),
            "allow_insecure_http" => self.allow_insecure_http.then(|| "true".to_owned()),
            _ => None,
        }
    }
}
