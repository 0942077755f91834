//! Sends requests that don't block, over the client's own connections.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION};
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use http::{Request, Version};
use http_body_util::Full;
use rustls::ClientConfig;

use super::connect::{Connector, Proxy, Tls};
use super::connection::{Sent, Trouble};
use super::pool::{Lease, Limits, Permit, Pool, Registry};
use crate::call::Context;
use crate::config;
use crate::error::{Code, Error, Result};
use crate::http::{Failure, FailureKind, HttpRequest, HttpResponse};

/// The way to one service.
pub(super) struct Way {
    pool: Arc<Pool>,
    connector: Connector,
    scheme: Scheme,
    authority: Authority,
    host: HeaderValue,
}

impl Way {
    /// The way that a client is configured for.
    pub fn new(context: &Context, tls: Arc<ClientConfig>, registry: Arc<Registry>) -> Result<Way> {
        let config = &context.config;
        let wrong = |what: &str| Error::new(Code::Connect, format!("{} {what}", config.base_url()));
        let target: Uri = config.origin().parse().map_err(|_| wrong("is not a URI"))?;
        let (Some(scheme), Some(authority)) = (target.scheme().cloned(), target.authority().cloned()) else {
            return Err(wrong("has no host"));
        };
        let is_tls = scheme == Scheme::HTTPS;
        let proxy = config.proxy().map(|named| to_proxy(named, &tls)).transpose()?;
        let tls = is_tls.then(|| Tls::new(&target, tls)).transpose().map_err(wrong)?;
        let limits = Limits {
            idle: config.idle_timeout(),
            age: config.connection_max_age(),
            silence: config.silence(),
            random: context.random,
        };
        Ok(Way {
            pool: Pool::new(limits, registry),
            connector: Connector::new(target, tls, proxy, config.connect_timeout()),
            host: HeaderValue::from_str(authority.as_str())
                .map_err(|_| wrong("has a host that is no text"))?,
            scheme,
            authority,
        })
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: Box<HttpRequest>) -> Result<HttpResponse, Failure> {
        let permit = self.pool.permit(request.time_left).await?;
        let timeout = request.timeout;
        match tokio::time::timeout(timeout, pin!(self.attempt(request, permit))).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure { sent: true, ..Failure::unsent(FailureKind::TimedOut) }),
        }
    }

    async fn attempt(&self, mut request: Box<HttpRequest>, permit: Permit) -> Result<HttpResponse, Failure> {
        let HttpRequest { max_body, connect_timeout, fresh, repeatable, .. } = *request;
        let wait = std::mem::take(&mut request.wait);
        let hasty = connect_timeout.map(|timeout| Box::new(self.connector.within(timeout)));
        let connector = hasty.as_deref().unwrap_or(&self.connector);
        let mut permit = Some(permit);
        let mut request = self.origin_form(*request);
        loop {
            // What was not sent goes to another connection. Each of those is gone then, so this ends.
            let unsent = match self.pool.lease(connector, fresh, !repeatable).await? {
                Lease::One(mut connection) => {
                    wait.over();
                    match connection.send(request, max_body).await {
                        Ok(response) => {
                            if let Some(life) = promised_life(&response.headers) {
                                self.pool.learn(life);
                            }
                            if connection.is_alive() {
                                self.pool.put(connection);
                            }
                            return Ok(response);
                        }
                        Err(Trouble::Failed(failure)) => {
                            if let (FailureKind::Lost, Some(since)) = (failure.kind, connection.idle_since) {
                                self.pool.learn(since.elapsed());
                            }
                            return Err(failure);
                        }
                        Err(Trouble::Unsent(request)) => {
                            // It ended while nobody used it.
                            let Some(since) = connection.idle_since else {
                                return Err(Failure::unsent(FailureKind::Lost));
                            };
                            self.pool.learn(since.elapsed());
                            *request
                        }
                    }
                }
                Lease::Shared(connection) => {
                    wait.over();
                    // There are as many streams as the service allows.
                    drop(permit.take());
                    let (reused, request) = (connection.is_reused, self.absolute_form(request));
                    match connection.send(request, max_body).await {
                        Ok(response) => return Ok(response),
                        Err(Trouble::Failed(failure)) => return Err(failure),
                        Err(Trouble::Unsent(request)) if reused => *request,
                        Err(Trouble::Unsent(_)) => return Err(Failure::unsent(FailureKind::Lost)),
                    }
                }
            };
            request = unsent;
        }
    }

    fn origin_form(&self, request: HttpRequest) -> Sent {
        let HttpRequest { method, target, headers, body, .. } = request;
        let mut sent = Request::new(Full::new(body.unwrap_or_else(Bytes::new)));
        *sent.method_mut() = method;
        *sent.headers_mut() = headers;
        sent.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        match self.connector.forwards() {
            None => *sent.uri_mut() = Uri::from(target),
            Some(proxy) => {
                *sent.uri_mut() = self.whole(target);
                if let Some(header) = &proxy.authorization {
                    sent.headers_mut().insert(PROXY_AUTHORIZATION, header.clone());
                }
            }
        }
        // No caller may set it, so there is none.
        sent.headers_mut().append(HOST, self.host.clone());
        sent
    }

    /// For HTTP/2, where the authority is part of the request's own.
    fn absolute_form(&self, mut request: Sent) -> Sent {
        request.headers_mut().remove(HOST);
        *request.version_mut() = Version::HTTP_2;
        if let Some(target) = request.uri().path_and_query().cloned() {
            *request.uri_mut() = self.whole(target);
        }
        request
    }

    fn whole(&self, target: PathAndQuery) -> Uri {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(target);
        Uri::from_parts(parts).expect("scheme, authority and path are all there is to it")
    }
}

/// How long the service says that it keeps an idle connection: `Keep-Alive: timeout=5, max=100`.
fn promised_life(headers: &HeaderMap) -> Option<Duration> {
    const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
    let text = headers.get(KEEP_ALIVE)?.to_str().ok()?;
    let seconds = text.split(',').find_map(|part| part.trim().strip_prefix("timeout="))?;
    seconds.parse().ok().map(Duration::from_secs)
}

fn to_proxy(named: &config::Proxy, tls: &Arc<ClientConfig>) -> Result<Proxy> {
    let wrong = |what: &str| Error::new(Code::Connect, format!("the proxy {} {what}", named.address()));
    let uri: Uri = named.address().parse().map_err(|_| wrong("is not a URI"))?;
    let is_tls = uri.scheme() == Some(&Scheme::HTTPS);
    let tls = is_tls.then(|| {
        // HTTP/1 only: what comes next is a tunnel, or a request to be passed on.
        let mut own = ClientConfig::clone(tls);
        own.alpn_protocols.clear();
        Tls::new(&uri, Arc::new(own))
    });
    let tls = tls.transpose().map_err(wrong)?;
    Ok(Proxy { uri, tls, authorization: named.authorization().cloned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_life_of_an_idle_connection_is_read_where_the_service_names_it() {
        let read = |text: &str| {
            let headers =
                HeaderMap::from_iter([(HeaderName::from_static("keep-alive"), text.parse().unwrap())]);
            promised_life(&headers).map(|life| life.as_secs())
        };
        assert_eq!(["timeout=5", "max=100, timeout=75"].map(read), [Some(5), Some(75)]);
        assert_eq!(["", "max=1", "timeout=-1", "timeout=x"].map(read), [None; 4]);
    }
}
