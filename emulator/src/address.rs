//! Under which address a caller reaches the emulator, as its request says it.

use axum::http::header::{FORWARDED, HOST};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Uri};

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The base URL that a request was sent to, without a slash at its end; none if the request doesn't say it properly.
/// With `trust_forwarded`, what a proxy says of the address that it was called by comes first.
pub(crate) fn base_url(uri: &Uri, headers: &HeaderMap, tls: bool, trust_forwarded: bool) -> Option<String> {
    let (proto, host) = if trust_forwarded { forwarded(headers) } else { (None, None) };
    let scheme = match proto.as_deref() {
        None => {
            if tls {
                "https"
            } else {
                "http"
            }
        }
        Some(proto) => ["http", "https"].into_iter().find(|known| proto.eq_ignore_ascii_case(known))?,
    };
    let authority = match host {
        Some(host) => plain(&host)?,
        None => uri.authority().map_or_else(|| authority(headers), |given| plain(given.as_str()))?,
    };
    Some(format!("{scheme}://{authority}"))
}

/// Host and port in the header `Host`, if it is there exactly once.
pub(crate) fn authority(headers: &HeaderMap) -> Option<Authority> {
    plain(only(headers, HOST)?)
}

/// An authority of host and port alone, in characters that mean nothing elsewhere.
fn plain(text: &str) -> Option<Authority> {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let authority: Authority = text.parse().ok()?;
    let whole = authority.port_u16().is_some() || authority.host() == text;
    let is_plain = whole && text.len() <= 260 && !authority.host().is_empty() && text.bytes().all(harmless);
    is_plain.then_some(authority)
}

/// Scheme and host that the first proxy on the way was called by: from `Forwarded` (RFC 7239), else from `X-Forwarded-*`.
fn forwarded(headers: &HeaderMap) -> (Option<String>, Option<String>) {
    let first = |text: &str| text.split(',').next().unwrap_or_default().trim().to_owned();
    if let Some(value) = headers.get(FORWARDED).and_then(|value| value.to_str().ok()) {
        let element = first(value);
        let parameter = |wanted: &str| {
            let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
            let mut values = pairs.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            values.next().map(|(_, value)| value.trim_matches('"').to_owned())
        };
        return (parameter("proto"), parameter("host"));
    }
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(first);
    (header(FORWARDED_PROTO), header(FORWARDED_HOST))
}

fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(uri: &str, headers: &[(&'static str, &str)], trust: bool) -> Option<String> {
        let uri = uri.parse().expect("a URI");
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        base_url(&uri, &map, false, trust)
    }

    #[test]
    fn the_host_header_or_the_request_line_says_where_a_request_went() {
        let said = |uri, host: &str| base(uri, &[("host", host)], false);
        assert_eq!(said("/", "emulator:8970").as_deref(), Some("http://emulator:8970"));
        assert_eq!(said("/", "[::1]:8970").as_deref(), Some("http://[::1]:8970"));
        assert_eq!(said("http://line:1/", "header:2").as_deref(), Some("http://line:1"));
        for hostile in ["", "a b", "me@here", "here/path", "<script>", "a\"b", "here:port", &"a".repeat(261)]
        {
            assert_eq!(said("/", hostile), None, "{hostile}");
        }
        assert_eq!(base("/", &[], false), None);
        assert_eq!(base("/", &[("host", "a"), ("host", "b")], false), None);
    }

    #[test]
    fn what_a_proxy_says_counts_only_where_it_is_trusted() {
        let by_x: &[_] = &[("host", "a"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "b:1, c")];
        let by_forwarded: &[_] = &[
            ("host", "a"),
            ("forwarded", "for=x;host=\"b:1\";Proto=HTTPS, host=c"),
            ("x-forwarded-host", "d"),
        ];
        for headers in [by_x, by_forwarded] {
            assert_eq!(base("/", headers, true).as_deref(), Some("https://b:1"));
            assert_eq!(base("/", headers, false).as_deref(), Some("http://a"));
        }
        assert_eq!(base("/", &[("host", "a")], true).as_deref(), Some("http://a"));
        assert_eq!(base("/", &[("host", "a"), ("x-forwarded-proto", "javascript")], true), None);
    }
}
