//! Every setting of the program. An argument wins over its environment variable, and both win over the configuration file.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use agglestone_emulator::{DEFAULT_PORT, Options};
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
    #[command(subcommand)]
    command: Option<Command>,
}

/// What else the program does, with the same settings.
#[derive(Clone, Copy, clap::Subcommand)]
pub enum Command {
    /// Check that the emulator with these settings answers; exit code 0 if it does, 1 if not.
    Healthcheck,
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
    /// Seconds that a request may take to arrive, a connection may be idle, and an answer may go unread [default: 60].
    #[arg(long, env = "AGGLESTONE_EMULATOR_REQUEST_TIMEOUT", value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    request_timeout: Option<u32>,
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
    /// File in which users, keys and the signing key are kept over a restart. Its content takes precedence over keys and seed.
    #[arg(long, env = "AGGLESTONE_EMULATOR_DATA", value_name = "FILE")]
    data: Option<PathBuf>,
    /// RSA private key to sign tokens with, PEM [default: generated].
    #[arg(long, env = "AGGLESTONE_EMULATOR_SIGNING_KEY", value_name = "FILE")]
    signing_key: Option<PathBuf>,
    /// Base URL under which callers reach the emulator; issuer and key set are below it [default: that of each request].
    #[arg(long, env = "AGGLESTONE_EMULATOR_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Trust Forwarded and X-Forwarded-* headers; only behind a proxy that sets them.
    #[arg(long, env = "AGGLESTONE_EMULATOR_TRUST_FORWARDED", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    trust_forwarded: Option<bool>,
    /// Host name under which the portal may be opened, besides localhost and addresses; repeatable.
    #[arg(long, env = "AGGLESTONE_EMULATOR_ALLOWED_HOST", value_name = "NAME", value_delimiter = ',')]
    allowed_host: Option<Vec<String>>,
    /// Origin whose web pages may call the service, or * for all; repeatable [default: none].
    #[arg(long, env = "AGGLESTONE_EMULATOR_CORS", value_name = "ORIGIN", value_delimiter = ',')]
    cors: Option<Vec<String>>,
    /// Serve HTTPS with a certificate generated at startup.
    #[arg(long, env = "AGGLESTONE_EMULATOR_TLS")]
    tls: Option<TlsMode>,
    /// File to write the generated CA certificate to [default: a temporary file, which is printed].
    #[arg(long, env = "AGGLESTONE_EMULATOR_TLS_CA", value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// Serve HTTPS with the certificate chain in this PEM file.
    #[arg(long, env = "AGGLESTONE_EMULATOR_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// Private key of --tls-cert, PEM.
    #[arg(long, env = "AGGLESTONE_EMULATOR_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// Print the ready line as JSON and nothing else on stdout.
    #[arg(long, env = "AGGLESTONE_EMULATOR_JSON", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    json: Option<bool>,
    /// Stop when standard input is closed, as it is when the process that started the emulator ends.
    #[arg(long, env = "AGGLESTONE_EMULATOR_UNTIL_STDIN_CLOSES", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    until_stdin_closes: Option<bool>,
    /// Permit listening on addresses that other machines can reach.
    #[arg(long, env = "AGGLESTONE_EMULATOR_ALLOW_REMOTE", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    allow_remote: Option<bool>,
}

#[derive(Clone, Copy, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
enum TlsMode {
    SelfSigned,
}

impl Arguments {
    /// What to do instead of serving, if anything.
    pub fn command(&self) -> Option<Command> {
        self.command
    }

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
        or!(self, other; host, port, tenant, seed, token_lifetime, request_timeout, primary_api_key, primary_api_key_file,
            secondary_api_key, secondary_api_key_file, control_token, control_token_file, data, signing_key, public_url, trust_forwarded,
            allowed_host, cors, tls, tls_ca, tls_cert, tls_key, json, until_stdin_closes, allow_remote)
    }

    /// Paths in a configuration file are relative to the file.
    fn resolve_paths(&mut self, folder: &Path) {
        let paths = [
            &mut self.seed,
            &mut self.primary_api_key_file,
            &mut self.secondary_api_key_file,
            &mut self.control_token_file,
            &mut self.data,
            &mut self.signing_key,
            &mut self.tls_ca,
            &mut self.tls_cert,
            &mut self.tls_key,
        ];
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
        }
    }

    /// Whether the ready line is JSON.
    pub fn json(&self) -> bool {
        self.json.unwrap_or(false)
    }

    /// Whether the end of standard input ends the program.
    pub fn until_stdin_closes(&self) -> bool {
        self.until_stdin_closes.unwrap_or(false)
    }

    /// Where the emulator listens, and whether it serves HTTPS.
    pub fn place(&self) -> (&str, u16, bool) {
        let tls = self.tls.is_some() || self.tls_cert.is_some();
        (self.host.as_deref().unwrap_or("127.0.0.1"), self.port.unwrap_or(DEFAULT_PORT), tls)
    }

    /// The options that the emulator starts with.
    pub fn options(self) -> Result<Options, Box<dyn Error>> {
        let lifetime = Duration::from_secs(self.token_lifetime.unwrap_or(900).into());
        let mut options = Options::new().port(self.port.unwrap_or(DEFAULT_PORT)).token_lifetime(lifetime);
        macro_rules! set {
            ($($value:expr => $method:ident),+ $(,)?) => {
                $(if let Some(value) = $value { options = options.$method(value); })+
            };
        }
        set!(
            self.request_timeout.map(|seconds| Duration::from_secs(seconds.into())) => request_timeout,
            self.host => host,
            self.tenant => tenant,
            self.seed => seed_file,
            self.data => data_file,
            self.signing_key => signing_key_file,
            self.allow_remote => allow_remote,
            self.public_url => public_url,
            self.trust_forwarded => trust_forwarded,
            secret("primary-api-key", self.primary_api_key, self.primary_api_key_file)? => primary_api_key,
            secret("secondary-api-key", self.secondary_api_key, self.secondary_api_key_file)? => secondary_api_key,
            secret("control-token", self.control_token, self.control_token_file)? => control_token,
        );
        options = self.allowed_host.into_iter().flatten().fold(options, Options::allowed_host);
        options = self.cors.into_iter().flatten().fold(options, Options::cors);
        match (self.tls, self.tls_ca, self.tls_cert, self.tls_key) {
            (None, None, None, None) => Ok(options),
            (Some(TlsMode::SelfSigned), ca, None, None) => Ok(options.tls_self_signed(ca)),
            (None, None, Some(certificate), Some(key)) => Ok(options.tls_files(certificate, key)),
            _ => Err(
                "set either --tls self-signed, with or without --tls-ca, or both --tls-cert and --tls-key"
                    .into(),
            ),
        }
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
