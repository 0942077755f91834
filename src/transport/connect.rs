//! Makes connections: name, address, proxy, TLS.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::names::Names;
use super::stream::{Socket, Stream};
use crate::http::{Failure, FailureKind};

type Cause = Box<dyn Error + Send + Sync>;

/// Makes connections to one address, by one way.
#[derive(Clone)]
pub(super) struct Connector {
    /// The service.
    target: Uri,
    tls: Option<Tls>,
    proxy: Option<Proxy>,
    timeout: Duration,
}

/// The proxy on the way.
#[derive(Clone)]
pub(super) struct Proxy {
    pub uri: Uri,
    pub tls: Option<Tls>,
    pub authorization: Option<HeaderValue>,
}

/// How a peer proves who it is.
#[derive(Clone)]
pub(super) struct Tls {
    connector: TlsConnector,
    /// The name that its certificate must have.
    host: ServerName<'static>,
}

/// A connection that was just made, and what it speaks.
pub(super) struct Connected {
    pub stream: Stream,
    pub is_http2: bool,
}

impl Connector {
    pub fn new(target: Uri, tls: Option<Tls>, proxy: Option<Proxy>, timeout: Duration) -> Connector {
        Connector { target, tls, proxy, timeout }
    }

    /// The same with another limit of time.
    pub fn within(&self, timeout: Duration) -> Connector {
        Connector { timeout, ..self.clone() }
    }

    /// Whether what a new connection speaks is only known once it is made.
    pub fn negotiates(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether requests are the proxy's to pass on, with the whole URL.
    pub fn forwards(&self) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|_| self.tls.is_none())
    }

    /// A new connection.
    pub async fn connect(&self) -> Result<Connected, Failure> {
        match tokio::time::timeout(self.timeout, self.connect_in_time()).await {
            Ok(Ok(connected)) => Ok(connected),
            Ok(Err(cause)) => Err(Failure::connecting(&*cause)),
            Err(_) => Err(Failure::unsent(FailureKind::TimedOut)),
        }
    }

    async fn connect_in_time(&self) -> Result<Connected, Cause> {
        let stream = match (&self.proxy, &self.tls) {
            (None, _) => tcp(self.timeout, self.target.clone()).await?,
            (Some(proxy), None) => ToProxy(proxy.clone(), self.timeout).connect().await?,
            (Some(proxy), Some(_)) => {
                let way = ToProxy(proxy.clone(), self.timeout);
                let mut tunnel = Tunnel::new(proxy.uri.clone(), way);
                if let Some(header) = &proxy.authorization {
                    tunnel = tunnel.with_auth(header.clone());
                }
                tunnel.call(self.target.clone()).await?.into_inner()
            }
        };
        let Some(tls) = &self.tls else { return Ok(Connected { stream, is_http2: false }) };
        let stream = secured(tls, stream).await?;
        let negotiated = match &stream {
            Stream::Tls(stream) => stream.get_ref().1.alpn_protocol(),
            Stream::Nested(stream) => stream.get_ref().1.alpn_protocol(),
            Stream::Plain(_) => None,
        };
        Ok(Connected { is_http2: negotiated == Some(b"h2"), stream })
    }
}

impl Tls {
    /// The error completes a sentence about the address.
    pub fn new(uri: &Uri, config: Arc<ClientConfig>) -> Result<Tls, &'static str> {
        let host = uri.host().ok_or("has no host")?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let host = ServerName::try_from(bare.to_owned());
        let host = host.map_err(|_| "has a host that no certificate can name")?;
        Ok(Tls { connector: TlsConnector::from(config), host })
    }
}

async fn tcp(timeout: Duration, uri: Uri) -> Result<Stream, Cause> {
    let mut connector = HttpConnector::new_with_resolver(Names::new());
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(timeout));
    let probe = Some(Duration::from_secs(15));
    connector.set_keepalive(probe);
    connector.set_keepalive_interval(probe);
    connector.set_keepalive_retries(Some(3));
    let mut connecting = pin!(connector.call(uri));
    // A name is looked up on a thread of tokio's, which panics where it can't start one.
    let connected = poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| connecting.as_mut().poll(context)));
        let no_thread =
            || Poll::Ready(Err(Cause::from("no thread to look up the name: is their limit reached?")));
        polled.map_or_else(|_| no_thread(), |poll| poll.map_err(Cause::from))
    });
    Ok(Stream::Plain(Socket(connected.await?.into_inner())))
}

async fn secured(tls: &Tls, stream: Stream) -> Result<Stream, Cause> {
    let (tls, host) = (&tls.connector, tls.host.clone());
    Ok(match stream {
        Stream::Plain(stream) => Stream::Tls(Box::new(tls.connect(host, stream).await?)),
        stream => Stream::Nested(Box::new(tls.connect(host, Box::new(stream)).await?)),
    })
}

/// The way to a proxy, for the tunnel through it.
#[derive(Clone)]
struct ToProxy(Proxy, Duration);

impl ToProxy {
    async fn connect(self) -> Result<Stream, Cause> {
        let ToProxy(proxy, timeout) = self;
        let stream = tcp(timeout, proxy.uri).await?;
        match &proxy.tls {
            Some(tls) => secured(tls, stream).await,
            None => Ok(stream),
        }
    }
}

impl Service<Uri> for ToProxy {
    type Response = TokioIo<Stream>;
    type Error = Cause;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Stream>, Cause>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        Poll::Ready(Ok(()))
    }

    /// The address is the proxy's own, whatever the tunnel leads to.
    fn call(&mut self, _: Uri) -> Self::Future {
        let way = self.clone();
        Box::pin(async move { way.connect().await.map(TokioIo::new) })
    }
}
