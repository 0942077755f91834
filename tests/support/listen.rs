//! A server over TLS whose connections the test serves as it likes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use agglestone::{Config, ConfigBuilder};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::support::{authority, server_tls};

pub type Fault = Box<dyn std::error::Error>;

/// Accepts TLS connections on a thread of its own, and has each served.
pub fn listen<F, S>(alpn: &[&str], serve: S) -> (ConfigBuilder, Arc<AtomicUsize>)
where
    S: Fn(TlsStream<TcpStream>) -> F + Send + 'static,
    F: Future<Output = Result<(), Fault>> + 'static,
{
    let (issuer, ca) = authority();
    let mut tls = server_tls(&issuer, "localhost", 2090);
    tls.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    listener.set_nonblocking(true).unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let tasks = tokio::task::LocalSet::new();
        tasks.block_on(&runtime, async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let acceptor = TlsAcceptor::from(Arc::new(tls));
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                let Ok(connection) = acceptor.accept(connection).await else { continue };
                counted.fetch_add(1, SeqCst);
                // A connection that the client ends is none of the server's business.
                let serving = serve(connection);
                tokio::task::spawn_local(async { drop(serving.await) });
            }
        });
    });
    (Config::builder().tenant_id("t").api_key("k").base_url(url).ca_pem(ca), connections)
}
