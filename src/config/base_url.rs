//! The base URL's rules: `https`, or `http` to this very machine, and nothing in it that could carry a secret.

use std::sync::Arc;

use url::{Host, Url};

/// A base URL that may be used, without a slash at its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BaseUrl {
    pub text: String,
    /// How much of the text is scheme, host and port.
    pub origin_length: usize,
    /// Host and port.
    pub server: (Arc<str>, u16),
    pub is_plain: bool,
    pub is_loopback: bool,
}

/// Checks a base URL. The error completes a sentence about the setting.
pub(super) fn parse(text: &str, allow_insecure_http: bool) -> Result<BaseUrl, String> {
    // The parser drops tabs and line breaks and turns `\` into `/`: what it would change is refused instead.
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err("contains a blank, a control character or a backslash".into());
    }
    let url = Url::parse(text)
        .map_err(|error| format!("is not a URL ({error}); it looks like https://auth.agglestone.com"))?;
    let is_plain = match url.scheme() {
        "https" => false,
        "http" => true,
        other => return Err(format!("has the scheme {other}:; https is accepted, and http to this machine")),
    };
    // More slashes, or fewer, are all the same to the parser.
    if text.split_once("://").is_none_or(|(_, rest)| rest.starts_with('/')) {
        return Err("has no host".into());
    }
    if !url.username().is_empty() || url.password().is_some() || authority_has_user(text) {
        return Err("contains a user name or password; credentials go into `api_key`".into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("contains a query or a fragment".into());
    }
    if url.path().split('/').any(|segment| segment.eq_ignore_ascii_case("tenant")) {
        return Err("contains /tenant/; give the part before it, the tenant goes into `tenant_id`".into());
    }
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err("has no host".into()),
    };
    if is_plain && !is_loopback && !allow_insecure_http {
        return Err("is plain http to another machine, which would show the key to the network; \
             use https, or set `allow_insecure_http` for a test server"
            .into());
    }
    let parsed = url.as_str().trim_end_matches('/');
    // Dots, escapes, invisible marks, other digits: where the parser reads something else, a reader may, too.
    if !is_same(text, parsed, is_plain) {
        return Err(format!("is read as {parsed}; write it like that"));
    }
    let text = parsed.to_owned();
    let origin_length = url[..url::Position::BeforePath].len();
    let server = (url.host_str().unwrap_or_default().into(), url.port_or_known_default().unwrap_or_default());
    Ok(BaseUrl { text, origin_length, server, is_plain, is_loopback })
}

/// Whether two URLs differ in nothing but the letter case of scheme and host, the default port and slashes at the end.
fn is_same(text: &str, parsed: &str, is_plain: bool) -> bool {
    let split = |text: &str| {
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let authority = authority.to_ascii_lowercase();
        let port = if is_plain { ":80" } else { ":443" };
        let host = authority.strip_suffix(port).unwrap_or(&authority).to_owned();
        (scheme.to_ascii_lowercase(), host, path.trim_end_matches('/').to_owned())
    };
    split(text) == split(parsed)
}

/// `https://@host` has an empty user, which the parsed URL no longer shows.
fn authority_has_user(text: &str) -> bool {
    let rest = text.split_once("//").map_or(text, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_to_this_machine_are_accepted() {
        for (text, kept) in [
            ("https://auth.agglestone.com", "https://auth.agglestone.com"),
            ("https://gateway.example/auth/", "https://gateway.example/auth"),
            ("http://localhost:8970", "http://localhost:8970"),
            ("http://127.8.9.1:1", "http://127.8.9.1:1"),
            ("http://[::1]:8970/", "http://[::1]:8970"),
            ("HTTPS://Auth.Agglestone.COM:443/Auth//", "https://auth.agglestone.com/Auth"),
            ("http://localhost:80", "http://localhost"),
            ("https://xn--bcher-kva.example/a%2Fb", "https://xn--bcher-kva.example/a%2Fb"),
        ] {
            assert_eq!(parse(text, false).unwrap().text, kept);
        }
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        for (text, why) in [
            ("", "not a URL"),
            ("auth.agglestone.com", "not a URL"),
            ("ftp://auth.agglestone.com", "scheme ftp"),
            ("file:///etc/passwd", "scheme file"),
            ("https:///auth.agglestone.com", "no host"),
            ("https:auth.agglestone.com", "no host"),
            ("https://user:pass@auth.agglestone.com", "user name"),
            ("https://@auth.agglestone.com", "user name"),
            ("https://auth.agglestone.com?x=1", "query"),
            ("https://auth.agglestone.com#x", "fragment"),
            ("https://auth.agglestone.com/tenant/abc", "/tenant/"),
            ("https://auth.agglestone.com\\@evil.example", "backslash"),
            ("https://auth.agg\nlestone.com", "control"),
            ("https://auth.agglestone.com/a/../b", "read as https://auth.agglestone.com/b"),
            ("https://auth.agglestone.com/./b", "read as"),
            ("https://auth.agglestone.com/%2e%2e/b", "read as"),
            ("https://auth.aggle\u{ad}stone.com", "read as https://auth.agglestone.com"),
            ("https://auth\u{ff0e}agglestone\u{3002}com", "read as https://auth.agglestone.com"),
            ("https://b\u{fc}cher.example", "read as https://xn--bcher-kva.example"),
            ("http://127.1", "read as http://127.0.0.1"),
            ("http://0x7f.0.0.1", "read as"),
            ("https://auth.agglestone.com/für", "read as"),
            ("https://auth.agglestone.com:0443", "read as https://auth.agglestone.com"),
            ("http://auth.agglestone.com", "plain http"),
            ("http://localhost.evil.example", "plain http"),
            ("http://[::ffff:8.8.8.8]", "plain http"),
            ("http://[::ffff:127.0.0.1]", "plain http"),
            ("http://0.0.0.0:8970", "plain http"),
            ("http://128.0.0.1", "plain http"),
        ] {
            let error = parse(text, false).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn plain_http_elsewhere_takes_the_explicit_option() {
        assert!(parse("http://emulator:8970", true).unwrap().is_plain);
    }
}
