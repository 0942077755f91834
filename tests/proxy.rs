//! Proxies from the environment, played over raw sockets: what goes through them, and what an error says of them.

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use agglestone::{AsyncClient, Client, Code, Config, ConfigBuilder, Error, Operation, PageRequest, Reply};
use rustls::{ServerConnection, StreamOwned};

use support::{authority, server_tls};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"data\":[]}";
/// `planted-user:planted-password`, as it is sent.
const CREDENTIALS: &str = "cGxhbnRlZC11c2VyOnBsYW50ZWQtcGFzc3dvcmQ=";

/// A server that hands every connection, with the head of its first request, to `play`.
fn listen(play: impl Fn(TcpStream, &str) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let play = Arc::new(play);
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let (mut connection, play) = (connection.unwrap(), play.clone());
            std::thread::spawn(move || {
                let (mut head, mut byte) = (Vec::new(), [0]);
                while !head.ends_with(b"\r\n\r\n") && connection.read(&mut byte).is_ok_and(|read| read == 1) {
                    head.push(byte[0]);
                }
                play(connection, &String::from_utf8_lossy(&head));
            });
        }
    });
    port
}

/// A proxy that answers everything with these bytes.
fn says(answer: &str) -> u16 {
    let answer = answer.to_owned();
    listen(move |mut connection, _| drop(connection.write_all(answer.as_bytes())))
}

fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A proxy that does what it is asked for, and notes the heads of the requests.
fn tunnel() -> (u16, Arc<Mutex<Vec<String>>>) {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = heads.clone();
    let port = listen(move |mut client, head| {
        seen.lock().unwrap().push(head.to_owned());
        let target = head.split(' ').nth(1).unwrap();
        let mut service = TcpStream::connect(target).unwrap();
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let (mut from, mut to) = (client.try_clone().unwrap(), service.try_clone().unwrap());
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
        let _ = std::io::copy(&mut service, &mut client);
    });
    (port, heads)
}

/// A service over TLS, and the certificate of its authority.
fn service() -> (u16, String) {
    let (issuer, ca) = authority();
    let tls = Arc::new(server_tls(&issuer, "localhost", 2090));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let session = ServerConnection::new(tls.clone()).unwrap();
            let mut stream = StreamOwned::new(session, connection.unwrap());
            if stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                let _ = stream.write_all(OK.as_bytes());
            }
        }
    });
    (port, ca)
}

/// A client's settings, with a proxy that wants to know who calls.
fn config(base_url: &str, proxy: u16, no_proxy: &'static str) -> Config {
    built(Config::builder().base_url(base_url), proxy, no_proxy)
}

fn built(builder: ConfigBuilder, proxy: u16, no_proxy: &'static str) -> Config {
    let environment = move |name: &str| match name {
        "HTTP_PROXY" | "HTTPS_PROXY" => {
            Some(format!("http://planted-user:planted-password@127.0.0.1:{proxy}"))
        }
        "NO_PROXY" => Some(no_proxy.to_owned()),
        _ => None,
    };
    let builder = builder.tenant_id("t").api_key("planted-key").allow_insecure_http(true);
    builder.build_with(environment).unwrap()
}

/// One page of users, asked for both ways; both must say the same.
fn ask(config: &Config) -> Result<Reply, Error> {
    let operation = || Operation::GetUsers(PageRequest::default());
    let client = Client::new(config.clone());
    let one = client.call(operation());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let asynchronous = AsyncClient::new(config.clone());
    let other = runtime.block_on(asynchronous.call(operation()));
    let text = |result: &Result<Reply, Error>| result.as_ref().err().map(Error::to_string);
    assert_eq!(text(&one), text(&other));
    let shown = format!("{one:?} {config:?} {client:?} {asynchronous:?}");
    assert!(!shown.contains("planted") && !shown.contains(CREDENTIALS), "{shown}");
    one
}

/// An error that names the proxy and what to check.
fn refusal(config: &Config, proxy: u16) -> Error {
    let error = ask(config).unwrap_err();
    assert!(error.message().contains(&format!("proxy http://127.0.0.1:{proxy}")), "{error}");
    assert!(error.message().contains("_PROXY"), "{error}");
    error
}

const SERVICE: &str = "https://service.example";

#[test]
fn a_proxy_that_makes_no_connection_is_named_with_what_to_check() {
    for (proxy, says) in [
        (nobody(), "Connection refused"),
        (says("HTTP/1.1 403 Forbidden\r\n\r\n"), "it refused to"),
        (says("HTTP/1.1 502 Bad Gateway\r\n\r\n"), "it refused to"),
        (says(""), "it ended the connection"),
    ] {
        let error = refusal(&config(SERVICE, proxy, ""), proxy);
        assert_eq!((error.code(), error.attempts()), (Code::Connect, 3), "{error}");
        assert!(error.message().contains(says) && error.message().contains(SERVICE), "{error}");
        assert!(error.message().contains("HTTPS_PROXY") && error.message().contains("NO_PROXY"), "{error}");
    }
}

#[test]
fn a_proxy_that_wants_another_password_is_asked_once() {
    let proxy = says("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    let error = refusal(&config(SERVICE, proxy, ""), proxy);
    assert_eq!((error.code(), error.attempts()), (Code::Connect, 1), "{error}");
    assert!(error.message().contains("user and password in HTTPS_PROXY"), "{error}");
}

#[test]
fn a_plain_request_goes_to_the_proxy_whole_and_a_407_is_the_proxys() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = heads.clone();
    let proxy = listen(move |mut connection, head| {
        seen.lock().unwrap().push(head.to_owned());
        let body = format!(r#"{{"message":"not {CREDENTIALS}"}}"#);
        let head = format!("HTTP/1.1 407 No\r\ncontent-length: {}\r\n\r\n", body.len());
        let _ = connection.write_all(format!("{head}{body}").as_bytes());
    });
    let error = refusal(&config("http://service.example", proxy, ""), proxy);
    assert_eq!((error.code(), error.status()), (Code::UnexpectedStatus, Some(407)));
    assert!(error.message().contains("user and password in HTTP_PROXY"), "{error}");
    let heads = heads.lock().unwrap();
    assert!(heads[0].starts_with("GET http://service.example/tenant/t/"), "{}", heads[0]);
    assert!(heads[0].contains(&format!("proxy-authorization: Basic {CREDENTIALS}")), "{}", heads[0]);
    let gone = nobody();
    assert_eq!(refusal(&config("http://service.example", gone, ""), gone).code(), Code::Connect);
}

#[test]
fn a_tunnel_carries_tls_to_the_service_and_the_proxy_sees_only_where_to() {
    let ((port, ca), (proxy, heads)) = (service(), tunnel());
    let url = format!("https://localhost:{port}");
    let trusting = Config::builder().base_url(&url).ca_pem(ca);
    ask(&built(trusting, proxy, "")).unwrap();
    for head in heads.lock().unwrap().iter() {
        assert!(head.starts_with(&format!("CONNECT localhost:{port} ")), "{head}");
        assert!(head.contains(&format!("Basic {CREDENTIALS}")) && !head.contains("planted-key"), "{head}");
    }
    // A wrong certificate behind the proxy is what it is without one.
    let error = ask(&config(&url, proxy, "")).unwrap_err();
    assert_eq!(error.code(), Code::Tls, "{error}");
    assert!(
        error.message().contains(&format!("{url} through the proxy http://127.0.0.1:{proxy}")),
        "{error}"
    );
}

#[test]
fn a_service_in_no_proxy_and_plain_http_to_this_machine_need_no_proxy() {
    let (port, ca) = service();
    let trusting = Config::builder().base_url(format!("https://localhost:{port}")).ca_pem(ca);
    ask(&built(trusting, nobody(), "other.example, localhost")).unwrap();
    ask(&config(&format!("http://127.0.0.1:{}", says(OK)), nobody(), "")).unwrap();
}

/// Keeps every event and span that any library of the process reports.
struct Everything(Arc<Mutex<String>>);

impl Everything {
    fn note(&self, values: impl FnOnce(&mut dyn tracing::field::Visit)) {
        struct Text<'a>(&'a mut String);
        impl tracing::field::Visit for Text<'_> {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!("{field}={value:?} "));
            }
        }
        values(&mut Text(&mut self.0.lock().unwrap()));
    }
}

impl tracing::Subscriber for Everything {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        self.note(|visit| span.record(visit));
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        self.note(|visit| values.record(visit));
    }
    fn event(&self, event: &tracing::Event<'_>) {
        self.note(|visit| event.record(visit));
    }
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn user_and_password_of_a_proxy_are_in_no_log() {
    let log = Arc::new(Mutex::new(String::new()));
    tracing::subscriber::set_global_default(Everything(log.clone())).unwrap();
    let ((port, ca), (proxy, _)) = (service(), tunnel());
    ask(&built(Config::builder().base_url(format!("https://localhost:{port}")).ca_pem(ca), proxy, ""))
        .unwrap();
    ask(&config("http://service.example", says(OK), "")).unwrap();
    let denied = says("HTTP/1.1 407 No\r\n\r\n");
    ask(&config(SERVICE, denied, "")).unwrap_err();
    let log = log.lock().unwrap();
    assert!(log.contains("allow_insecure_http"), "nothing was logged");
    for secret in ["planted", CREDENTIALS] {
        assert!(!log.contains(secret), "{secret}");
    }
}
