//! HTTP clients of reqwest for calls that block: the usual one, and a few with another connect timeout.

use std::borrow::Cow;
use std::error::Error as _;
use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use lru::LruCache;
use once_cell::sync::OnceCell;
use reqwest::blocking::Client;
use rustls::ClientConfig;
use tokio::runtime::Handle;
use url::Url;

use super::names::{LOCALHOST, LOOPBACK};
use super::sigpipe;
use crate::config::{self, Config};
use crate::error::{Code, Error, Result};
use crate::http::{Failure, HttpRequest, HttpResponse};
use crate::sync::Mutex;

/// How many clients with another connect timeout than the configured one are kept.
const OTHERS: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// The clients of one session, each made on first use. reqwest knows no connect timeout of a single request, so each other one
/// has a client.
pub(super) struct Clients {
    usual: OnceCell<Client>,
    others: Mutex<LruCache<Duration, Client>>,
}

impl Default for Clients {
    fn default() -> Clients {
        Clients { usual: OnceCell::new(), others: Mutex::new(LruCache::new(OTHERS)) }
    }
}

impl Clients {
    /// The client with the configured connect timeout, or with another.
    pub fn get(
        &self,
        config: &Config,
        connect_timeout: Option<Duration>,
        tls: impl FnOnce() -> Result<Arc<ClientConfig>>,
    ) -> Result<Cow<'_, Client>> {
        let Some(time) = connect_timeout else {
            let make = || client(config, &*tls()?, config.connect_timeout());
            return self.usual.get_or_try_init(make).map(Cow::Borrowed);
        };
        let mut others = self.others.lock();
        if let Some(client) = others.get(&time) {
            return Ok(Cow::Owned(client.clone()));
        }
        let client = client(config, &*tls()?, time)?;
        let left = others.push(time, client.clone());
        // Outside the lock, because ending a client may take a moment. Calls under way hold what they use.
        drop(others);
        drop(left);
        Ok(Cow::Owned(client))
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        // A blocking client waits for its thread to end, which a thread that drives I/O must not do.
        let (usual, others) =
            (self.usual.take(), std::mem::replace(self.others.get_mut(), LruCache::new(OTHERS)));
        if (usual.is_some() || !others.is_empty())
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn_blocking(|| drop((usual, others)));
        }
    }
}

/// Sends a request and reads the whole answer.
pub(super) fn send(client: &Client, origin: &str, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let HttpRequest { method, target, headers, body, timeout, max_body, .. } = request;
    let url = Url::parse(&format!("{origin}{target}")).expect("an origin and a path are a URL");
    let mut builder = client.request(method, url).headers(headers).timeout(timeout);
    if let Some(body) = body {
        builder = builder.body(body);
    }
    let mut response = builder.send()?;
    let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
    if response.content_length().is_some_and(|length| length > max_body as u64) {
        return Err(Failure::too_large());
    }
    let mut body = Vec::new();
    response.take(max_body as u64 + 1).read_to_end(&mut body)?;
    if body.len() > max_body {
        return Err(Failure::too_large());
    }
    Ok(HttpResponse { status, headers, body })
}

fn client(config: &Config, tls: &ClientConfig, connect_timeout: Duration) -> Result<Client> {
    let mut builder = Client::builder()
        // A redirect would carry the key's header to wherever it points.
        .redirect(reqwest::redirect::Policy::none())
        // What may be repeated is the call's decision, not the transport's. One repetition remains below reqwest and can't be
        // turned off: a request that was waiting for a pooled connection when that ended, and of which not a byte was written,
        // goes to another one. That is safe for every method, and no attempt of its own.
        .retry(reqwest::retry::never())
        .connect_timeout(connect_timeout)
        .resolve_to_addrs(LOCALHOST, &LOOPBACK)
        // A request's own timeout replaces this one; it is here so that none is ever infinite.
        .timeout(config.timeout())
        // Only while requests are under way: an idle connection costs nobody anything.
        .http2_keep_alive_interval(config.silence())
        .http2_keep_alive_timeout(config.silence())
        .tls_backend_preconfigured(tls.clone());
    // The one that the configuration was made with, not what the environment says by now.
    builder = match config.proxy() {
        Some(named) => builder.proxy(proxy(named)?),
        None => builder.no_proxy(),
    };
    // It does its I/O on a thread of its own, which is started here.
    sigpipe::blocked(|| builder.build()).map_err(|error| {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        Error::new(Code::Connect, format!("the HTTP client can't be made{cause}"))
    })
}

fn proxy(named: &config::Proxy) -> Result<reqwest::Proxy> {
    let address = named.address();
    let proxy = reqwest::Proxy::all(address)
        .map_err(|_| Error::new(Code::Connect, format!("{address} is not the address of a proxy")))?;
    Ok(match named.authorization() {
        Some(header) => proxy.custom_http_auth(header.clone()),
        None => proxy,
    })
}
