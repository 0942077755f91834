//! Servers that a case declares beside the emulator: broken ones, ones with TLS or HTTP/2, proxies.
//! Each notes what it sees, because what must not be sent can only be proven where it would arrive.

mod connection;
mod forward;
mod http1;
mod http2;
mod log;
mod spec;
mod tls;

use std::collections::BTreeMap;
use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use self::connection::{Connection, play};
use self::log::Log;
use self::spec::Issuer;
pub use self::spec::Server;
use crate::expect;
use crate::folder::Folder;
use crate::placeholders::Placeholders;

/// The certificates of both authorities, as files that drivers can be pointed to.
pub struct Authorities(Folder);

impl Authorities {
    /// Writes them.
    pub fn new() -> Result<Self> {
        let folder = Folder::new()?;
        folder.put("ca.pem", Some(tls::pem(Issuer::Ours)), None)?;
        folder.put("other-ca.pem", Some(tls::pem(Issuer::Other)), None)?;
        Ok(Self(folder))
    }

    /// Makes placeholders of their places.
    pub fn name(&self, known: &mut Placeholders) {
        for (name, file) in [("ca", "ca.pem"), ("other_ca", "other-ca.pem")] {
            known.set(name, &self.0.path().join(file).to_string_lossy());
        }
    }
}

/// The servers of one case. They are gone with this value.
#[derive(Default)]
pub struct Servers {
    logs: BTreeMap<String, Arc<Log>>,
    runtime: Option<Runtime>,
}

impl Servers {
    /// Starts them, and makes placeholders of their addresses.
    pub fn start(declared: &BTreeMap<String, Value>, known: &mut Placeholders) -> Result<Self> {
        if declared.is_empty() {
            return Ok(Self::default());
        }
        // All addresses first: a server may name another one.
        let mut listeners = Vec::new();
        for (name, server) in declared {
            let listener = StdListener::bind("127.0.0.1:0")?;
            listener.set_nonblocking(true)?;
            let port = listener.local_addr()?.port();
            let (scheme, host) =
                if server.get("tls").is_some() { ("https", "localhost") } else { ("http", "127.0.0.1") };
            known.set(name, &format!("{scheme}://{host}:{port}"));
            known.set(&format!("{name}.authority"), &format!("{host}:{port}"));
            known.set(&format!("{name}.port"), &port.to_string());
            listeners.push((name, server, listener));
        }
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let mut logs = BTreeMap::new();
        for (name, server, listener) in listeners {
            let server = Server::read(&known.fill(server)).with_context(|| name.clone())?;
            let acceptor = server.tls.as_ref().map(tls::acceptor).transpose()?;
            let log = Arc::new(Log::new(server));
            logs.insert(name.clone(), Arc::clone(&log));
            let _inside = runtime.enter();
            runtime.spawn(run(TcpListener::from_std(listener)?, acceptor, log));
        }
        Ok(Self { logs, runtime: Some(runtime) })
    }

    /// Compares the requests that servers saw, one by one and complete, and how many connections brought them.
    pub fn check(
        &self,
        requests: &BTreeMap<String, Vec<Value>>,
        connections: &BTreeMap<String, usize>,
        known: &Placeholders,
    ) -> Result<()> {
        for (name, expected) in requests {
            let seen = self.log(name)?.requests();
            expect::entries(&known.fill(&expected.clone().into()), &seen).with_context(|| name.clone())?;
        }
        for (name, expected) in connections {
            let seen = self.log(name)?.connections();
            if seen != *expected {
                bail!("expected {expected} connections to {name}\nseen     {seen}");
            }
        }
        Ok(())
    }

    fn log(&self, name: &str) -> Result<&Log> {
        self.logs.get(name).map(Arc::as_ref).ok_or_else(|| anyhow!("no server is called {name}"))
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        // Connections that hang are not waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn run(listener: TcpListener, acceptor: Option<TlsAcceptor>, log: Arc<Log>) -> Result<()> {
    let Some(restart) = log.server.restarts else {
        accept(&listener, acceptor, &log).await;
        return Ok(());
    };
    let address = listener.local_addr()?;
    tokio::select! {
        () = accept(&listener, acceptor.clone(), &log) => {}
        () = log.goes.notified() => {}
    }
    // Its connections went with the set that `accept` held.
    drop(listener);
    tokio::time::sleep(Duration::from_millis(restart.for_ms)).await;
    accept(&TcpListener::bind(address).await?, acceptor, &log).await;
    Ok(())
}

async fn accept(listener: &TcpListener, acceptor: Option<TlsAcceptor>, log: &Arc<Log>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        log.connected();
        let (acceptor, log) = (acceptor.clone(), Arc::clone(log));
        // A connection that fails is what many cases are about; what the client made of it is compared.
        connections.spawn(async move { serve(stream, acceptor, &log).await });
    }
}

async fn serve(stream: TcpStream, acceptor: Option<TlsAcceptor>, log: &Log) -> Result<()> {
    let Some(acceptor) = acceptor else {
        return http(stream, false, log).await;
    };
    let stream = acceptor.accept(stream).await?;
    let two = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    http(stream, two, log).await
}

async fn http(mut connection: impl Connection, two: bool, log: &Log) -> Result<()> {
    if !play(&log.server.opens, &mut connection).await? {
        return Ok(());
    }
    if two { Ok(http2::serve(connection, log).await?) } else { Ok(http1::serve(connection, log).await?) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::io::{Read, Write};

    /// What a server or proxy at `authority` answers to this request, until it closes.
    fn ask(authority: &str, request: &str) -> String {
        let mut connection = std::net::TcpStream::connect(authority).expect("connects");
        connection.write_all(request.as_bytes()).expect("writes");
        let mut answer = Vec::new();
        // A reset is an end too.
        let _ = connection.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn start(declared: Value) -> (Servers, Placeholders) {
        let declared = serde_json::from_value(declared).expect("servers by name");
        let mut known = Placeholders::default();
        (Servers::start(&declared, &mut known).expect("starts"), known)
    }

    fn check(servers: &Servers, requests: Value, connections: Value) -> Result<()> {
        let read = "by name";
        servers.check(
            &serde_json::from_value(requests).expect(read),
            &serde_json::from_value(connections).expect(read),
            &Placeholders::default(),
        )
    }

    #[test]
    fn each_request_gets_its_answer_and_the_last_one_comes_again() {
        let script = |text| json!({"script": [{"text": text}, "close"]});
        let (servers, known) = start(json!({"bad": {"answers": [script("one"), script("${bad}")]}}));
        let authority = known.text("${bad.authority}");
        let request = "POST /a?b=c HTTP/1.1\r\nX-Y: z\r\ncontent-length: 2\r\n\r\nhi";
        let answers = [(); 3].map(|()| ask(&authority, request));
        let url = format!("http://{authority}");
        assert_eq!(answers, ["one", url.as_str(), url.as_str()]);

        let seen =
            json!({"method": "POST", "path": "/a", "query": "b=c", "body": "hi", "headers": {"x-y": "z"}});
        assert!(check(&servers, json!({"bad": [seen, seen, {}]}), json!({"bad": 3})).is_ok());
        assert!(check(&servers, json!({"bad": [seen, seen]}), json!({})).is_err(), "a request less");
        assert!(check(&servers, json!({"bad": [seen, {"method": "GET"}, {}]}), json!({})).is_err());
        assert!(
            check(&servers, json!({}), json!({"bad": 2})).is_err()
                && check(&servers, json!({"x": []}), json!({})).is_err()
        );
    }

    #[test]
    fn a_server_that_restarts_is_gone_for_a_while() {
        let answer = json!([{"script": [{"text": "here"}, "close"]}]);
        let restarts = json!({"after": 1, "for_ms": 2000});
        let (_servers, known) = start(json!({"one": {"answers": answer, "restarts": restarts}}));
        let authority = known.text("${one.authority}");
        let request = "GET / HTTP/1.1\r\n\r\n";
        assert_eq!(ask(&authority, request), "here");
        let is_gone = || std::net::TcpStream::connect(&authority).is_err();
        let pause = || std::thread::sleep(Duration::from_millis(5));
        while !is_gone() {
            pause();
        }
        while is_gone() {
            pause();
        }
        assert_eq!(ask(&authority, request), "here");
    }

    #[test]
    fn a_proxy_asks_for_whole_urls_and_opens_tunnels() {
        let (servers, known) = start(json!({
            "target": {"answers": [{"script": [{"text": "HTTP/1.1 200 OK\r\n\r\nhere"}, "close"]}]},
            "proxy": {"answers": ["forward"]}
        }));
        let (proxy, port) = (known.text("${proxy.authority}"), known.text("${target.port}"));
        let url = format!("GET http://service.example:{port}/a HTTP/1.1\r\nproxy-authorization: x\r\n\r\n");
        assert!(ask(&proxy, &url).ends_with("here"));
        let tunnel = format!("CONNECT service.example:{port} HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
        assert!(ask(&proxy, &tunnel).ends_with("here"));
        let target = json!([{"headers": {"proxy-authorization": {"absent": true}}}, {"path": "/b"}]);
        let seen = json!({"proxy": [{"method": "GET"}, {"method": "CONNECT"}], "target": target});
        check(&servers, seen, json!({"proxy": 2, "target": 2})).expect("both saw it");
    }
}
