//! Where a fleet's tokens are shared: the address of a Valkey or Redis server, and the secret that its entries are sealed with.

use std::fmt;

use http::Uri;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

const SHORTEST_KEY: usize = 32;

/// A token store as it was configured.
#[derive(Clone)]
pub(crate) struct TokenStore {
    /// `redis://host:port`, whatever scheme was given: one server, or those of Sentinel.
    pub servers: Vec<Uri>,
    /// The name by which Sentinel knows the primary.
    pub primary: Option<String>,
    pub tls: bool,
    pub user: Option<SecretString>,
    pub password: Option<SecretString>,
    pub database: u16,
    /// What entries are sealed with; each API key held where there is none.
    pub key: Option<SecretString>,
}

impl TokenStore {
    /// Reads an address. The error completes a sentence about the setting, and shows nothing of it: it may hold a password.
    pub fn parse(text: &str, allow_insecure: bool) -> Result<TokenStore, &'static str> {
        if !cfg!(feature = "token-store") {
            return Err("is given, and this build has none: its feature `token-store` is off");
        }
        if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err("contains a blank or a control character");
        }
        // No URL has several hosts: the others are taken out.
        let (first, others) = apart(text);
        let url = Url::parse(&first)
            .map_err(|_| "is not a URL; it looks like rediss://user:password@host:6379/0")?;
        let (tls, sentinel) = match url.scheme() {
            "rediss" | "valkeys" => (true, false),
            "redis" | "valkey" => (false, false),
            "rediss-sentinel" | "valkeys-sentinel" => (true, true),
            "redis-sentinel" | "valkey-sentinel" => (false, true),
            _ => return Err("has a scheme that is not accepted; rediss:// is, and redis:// to this machine"),
        };
        let primary = url.fragment().filter(|name| !name.is_empty()).map(str::to_owned);
        match (sentinel, &primary) {
            (true, None) => return Err("has no name of a primary; it stands at the end, behind a #"),
            (false, _) if url.fragment().is_some() || !others.is_empty() => {
                return Err("contains a fragment or several hosts, which only Sentinel's have");
            }
            _ if url.query().is_some() => return Err("contains a query"),
            _ => {}
        }
        let database = match url.path().trim_start_matches('/') {
            "" => 0,
            number => number.parse().map_err(|_| "has a path that is no number of a database")?,
        };
        let own = format!("redis://{}", &url[url::Position::BeforeHost..url::Position::BeforePath]);
        let server = |text: &str| server(text, if sentinel { 26379 } else { 6379 }, tls || allow_insecure);
        let others = others.iter().map(|host| server(&format!("redis://{host}")));
        Ok(TokenStore {
            servers: std::iter::once(server(&own)).chain(others).collect::<Result<_, _>>()?,
            primary,
            tls,
            user: secret(url.username())?,
            password: secret(url.password().unwrap_or_default())?,
            database,
            key: None,
        })
    }
}

/// `scheme://user@a,b,c/0` as `scheme://user@a/0`, and the other hosts.
fn apart(text: &str) -> (String, Vec<String>) {
    let Some((scheme, rest)) = text.split_once("://") else { return (text.to_owned(), Vec::new()) };
    let (authority, end) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let mut hosts = hosts.split(',');
    let first = hosts.next().unwrap_or_default();
    (format!("{scheme}://{user}{first}{end}"), hosts.map(str::to_owned).collect())
}

/// One host and port, with the port that holds where none is given.
fn server(text: &str, port: u16, anywhere: bool) -> Result<Uri, &'static str> {
    let url = Url::parse(text).map_err(|_| "has a host that can't be read")?;
    // The parser leaves the hosts of schemes that it does not know as they were written.
    let host = url.host_str().and_then(|host| Host::parse(host).ok()).ok_or("has no host")?;
    let is_loopback = match &host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    if !is_loopback && !anywhere {
        return Err("is plain redis:// to another machine, which would show its password to the network; \
                    use rediss://, or set `allow_insecure_http` for a test server");
    }
    let text = format!("redis://{host}:{}", url.port().unwrap_or(port));
    text.parse().map_err(|_| "has a host that can't be connected to")
}

/// A part of the address. An empty one is none.
fn secret(encoded: &str) -> Result<Option<SecretString>, &'static str> {
    let text =
        percent_decode_str(encoded).decode_utf8().map_err(|_| "has a user or password that is not UTF-8")?;
    Ok(Some(text).filter(|text| !text.is_empty()).map(|text| SecretString::from(text.into_owned())))
}

/// Checks a key for the entries. The error completes a sentence about the setting.
pub(super) fn check_key(key: SecretString) -> Result<SecretString, &'static str> {
    match key.expose_secret().trim().len() {
        length if length < SHORTEST_KEY => {
            Err("is shorter than 32 characters; take 32 random bytes in base64 or hex")
        }
        _ => Ok(key),
    }
}

impl fmt::Debug for TokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenStore({:?}{})", self.servers, if self.tls { ", TLS" } else { "" })
    }
}

#[cfg(all(test, feature = "token-store"))]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<TokenStore, &'static str> {
        TokenStore::parse(text, false)
    }

    #[test]
    fn tls_anywhere_and_plain_to_this_machine_are_accepted() {
        for (text, server, tls, database) in [
            ("rediss://cache.example", "redis://cache.example:6379/", true, 0),
            ("valkeys://cache.example:7000/3", "redis://cache.example:7000/", true, 3),
            ("redis://localhost/", "redis://localhost:6379/", false, 0),
            ("valkey://127.8.0.1:1", "redis://127.8.0.1:1/", false, 0),
            ("redis://[::1]:7", "redis://[::1]:7/", false, 0),
        ] {
            let store = parse(text).unwrap();
            assert_eq!((&*store.servers[0].to_string(), store.tls, store.database), (server, tls, database));
        }
        assert!(TokenStore::parse("redis://cache.example", true).is_ok());
    }

    #[test]
    fn sentinels_are_several_and_name_the_primary() {
        let store = parse("rediss-sentinel://u:p@a.example,b.example:7000,[::1]/2#main").unwrap();
        let servers: Vec<_> = store.servers.iter().map(Uri::to_string).collect();
        assert_eq!(servers, ["redis://a.example:26379/", "redis://b.example:7000/", "redis://[::1]:26379/"]);
        assert_eq!((store.primary.as_deref(), store.tls, store.database), (Some("main"), true, 2));
        assert!(parse("redis-sentinel://localhost,127.0.0.1#main").is_ok());
    }

    #[test]
    fn user_and_password_are_decoded() {
        let store = parse("rediss://a%40b:p%2Fq@cache.example").unwrap();
        let text =
            |secret: &Option<SecretString>| secret.as_ref().map(|text| text.expose_secret().to_owned());
        assert_eq!((text(&store.user), text(&store.password)), (Some("a@b".into()), Some("p/q".into())));
        let store = parse("rediss://:pw@cache.example").unwrap();
        assert_eq!((text(&store.user), text(&store.password)), (None, Some("pw".into())));
        assert!(!format!("{store:?}").contains("pw"));
    }

    #[test]
    fn everything_else_is_refused_without_showing_it() {
        for (text, why) in [
            ("planted", "not a URL"),
            ("https://planted", "scheme"),
            ("redis://planted.example", "another machine"),
            ("rediss://", "no host"),
            ("rediss://planted:x@", "not a URL"),
            ("rediss://planted.example?ssl=no", "query"),
            ("rediss://planted.example#planted", "fragment"),
            ("rediss://planted.example,b.example", "several hosts"),
            ("rediss-sentinel://planted.example", "no name"),
            ("rediss-sentinel://planted.example#", "no name"),
            ("redis-sentinel://localhost,planted.example#main", "another machine"),
            ("rediss-sentinel://planted.example,#main", "no host"),
            ("rediss://planted.example/planted", "database"),
            ("rediss://planted.example/70000", "database"),
            ("rediss://planted .example", "blank"),
            ("rediss://%ff:planted@a.example", "UTF-8"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(why) && !error.contains("planted"), "{text}: {error}");
        }
    }

    #[test]
    fn a_key_that_could_be_guessed_is_refused() {
        assert!(check_key("x".repeat(31).into()).is_err());
        assert!(check_key(" ".repeat(40).into()).is_err());
        assert!(check_key("x".repeat(32).into()).is_ok());
    }
}
