//! Which hosts a proxy is not used for, as `NO_PROXY` lists them: what curl and the clients of Go, Node, Python and .NET accept.

use std::net::IpAddr;

use http::Uri;
use ipnet::IpNet;
use url::Host;

/// The hosts that are reached without a proxy.
#[derive(Debug)]
pub(super) struct NoProxy(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    hosts: Hosts,
    /// `None` for every port.
    port: Option<u16>,
}

#[derive(Debug)]
enum Hosts {
    All,
    /// A host, in lower case, and all below it.
    Named(String),
    Net(IpNet),
}

impl NoProxy {
    /// Reads a list with commas or blanks between its entries. The error is the first entry that is none.
    pub fn parse(list: &str) -> Result<NoProxy, &str> {
        let entries = list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty());
        entries.map(|entry| Entry::parse(entry).ok_or(entry)).collect::<Result<_, _>>().map(NoProxy)
    }

    /// Whether the URL's host is listed.
    pub fn lists(&self, url: &Uri) -> bool {
        let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let default = if url.scheme_str() == Some("http") { 80 } else { 443 };
        let port = url.port_u16().unwrap_or(default);
        self.0.iter().any(|entry| entry.port.is_none_or(|own| own == port) && entry.hosts.hold(&host))
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Entry> {
        if let Some(hosts) = Hosts::parse(text) {
            return Some(Entry { hosts, port: None });
        }
        let (host, port) = text.rsplit_once(':')?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        Some(Entry { hosts: Hosts::parse(bare)?, port: Some(port.parse().ok()?) })
    }
}

impl Hosts {
    fn parse(text: &str) -> Option<Hosts> {
        if text == "*" {
            return Some(Hosts::All);
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(net) = bare.parse::<IpNet>() {
            return Some(Hosts::Net(net));
        }
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Some(Hosts::Net(address.into()));
        }
        let name = text.strip_prefix("*.").or_else(|| text.strip_prefix('.')).unwrap_or(text);
        let name = name.strip_suffix('.').unwrap_or(name);
        // A URL holds other letters in ASCII's form.
        let Ok(Host::Domain(name)) = Host::parse(name) else { return None };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_name = name.split('.').all(|label| !label.is_empty() && label.bytes().all(plain));
        is_name.then(|| Hosts::Named(name.to_ascii_lowercase()))
    }

    /// `host` is in lower case.
    fn hold(&self, host: &str) -> bool {
        match self {
            Hosts::All => true,
            Hosts::Named(name) => {
                host.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            Hosts::Net(net) => host.parse::<IpAddr>().is_ok_and(|address| net.contains(&address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(list: &str, url: &str) -> bool {
        NoProxy::parse(list).unwrap().lists(&url.parse().unwrap())
    }

    #[test]
    fn every_way_in_which_a_host_is_written_is_understood() {
        for list in [
            "auth.corp.test",
            "corp.test",
            ".corp.test",
            "*.corp.test",
            "AUTH.Corp.test",
            "corp.test.",
            "auth.corp.test:8443",
            "*.corp.test:8443",
            "localhost, 127.0.0.1 , .corp.test",
            "localhost .corp.test\tx",
            "x,*",
            "*",
        ] {
            assert!(lists(list, "https://auth.corp.test:8443"), "{list}");
        }
        for list in ["", " , ", "orp.test", "www.auth.corp.test", "auth.corp.test:443", "10.0.0.0/8"] {
            assert!(!lists(list, "https://auth.corp.test:8443"), "{list}");
        }
        assert!(lists("auth.corp.test:443", "https://auth.corp.test"));
        assert!(lists("auth.corp.test:80", "http://auth.corp.test"));
        assert!(lists("bücher.test", "https://xn--bcher-kva.test"));
    }

    #[test]
    fn addresses_are_compared_as_numbers() {
        for list in ["10.1.2.3", "10.0.0.0/8", "10.1.2.3:443", "10.1.2.3/32", "x 10.0.0.0/8"] {
            assert!(lists(list, "https://10.1.2.3"), "{list}");
        }
        for list in ["::1", "[::1]", "[::1]:443", "0:0:0:0:0:0:0:1", "::/64"] {
            assert!(lists(list, "https://[::1]"), "{list}");
        }
        for list in ["10.1.2.4", "11.0.0.0/8", "10.1.2.3:80", "::1", "2.3"] {
            assert!(
                !NoProxy::parse(list).is_ok_and(|list| list.lists(&"https://10.1.2.3".parse().unwrap())),
                "{list}"
            );
        }
    }

    #[test]
    fn what_is_no_entry_is_named() {
        for entry in [
            "http://auth.corp.test",
            "auth.*",
            "10.1.2.*",
            "10.0.0.0/99",
            "a..b",
            "host:port",
            "<local>",
            "*corp.test",
        ] {
            assert_eq!(NoProxy::parse(&format!("localhost, {entry},x")).unwrap_err(), entry);
        }
    }
}
