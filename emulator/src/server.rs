//! Accepts connections and serves them until told to stop.
//! Connections are served one by one rather than by `axum::serve`, because a fault may have to cut one.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::HOST;
use axum::http::{HeaderValue, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, oneshot, watch};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutWriter;
use tokio_rustls::TlsAcceptor;

use crate::body;
use crate::faults::cut::{Cut, Reset};
use crate::unread::Watched;
use crate::visitors::Peer;

/// How long a client may take for a TLS handshake.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// Connections served at a time; the next ones wait to be accepted until others have closed.
const CONNECTIONS: usize = 4096;

/// The longest head of a request.
const HEAD_LIMIT: u32 = 64 << 10;

/// Serves until `stop` says how long requests under way may still take; if its sender is dropped, they may not.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    request_timeout: Duration,
    mut stop: oneshot::Receiver<Duration>,
) {
    let (stopping, stopped) = watch::channel(());
    let tls = tls.map(Arc::new);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let next = async || {
        let place = Arc::clone(&room).acquire_owned().await.expect("it is never closed");
        (listener.accept().await, place)
    };
    let mut connections = JoinSet::new();
    let grace = loop {
        tokio::select! {
            grace = &mut stop => break grace.unwrap_or(Duration::ZERO),
            accepted = next() => match accepted {
                (Ok((stream, peer)), place) => {
                    let answers = Answers { router: router.clone(), peer: Peer(peer), request_timeout };
                    let served = connection(stream, tls.clone(), answers, stopped.clone());
                    connections.spawn(async move {
                        served.await;
                        drop(place);
                    });
                }
                // Out of file descriptors, most likely: others have to close before this can go on.
                (Err(_), _) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    };
    drop(listener);
    drop(stopping);
    let all_done = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(grace, all_done).await;
}

async fn connection(
    stream: TcpStream,
    tls: Option<Arc<TlsAcceptor>>,
    answers: Answers,
    stopped: watch::Receiver<()>,
) {
    let _ = stream.set_nodelay(true);
    // Whoever reads nothing for that long is not waited for.
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(answers.request_timeout));
    let stream = Box::pin(stream);
    let Some(tls) = tls else {
        return over_http1(stream, answers, stopped).await;
    };
    let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_LIMIT, tls.accept(stream)).await else {
        return;
    };
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        over_http2(stream, answers, stopped).await;
    } else {
        over_http1(stream, answers, stopped).await;
    }
}

/// What the requests of one connection are answered with.
#[derive(Clone)]
struct Answers {
    router: Router,
    peer: Peer,
    /// How long a request may take to arrive, a connection may be idle, and its client may read nothing of an answer.
    request_timeout: Duration,
}

impl Answers {
    /// The answer, or how the connection ends without one.
    fn to(&self, request: Request<Incoming>) -> impl Future<Output = Result<Response, Cut>> + use<> {
        let mut request = request.map(|body| body::within(self.request_timeout, body));
        request.extensions_mut().insert(self.peer);
        // HTTP/2 says in another place what everybody here reads from `Host`.
        if let (None, Some(authority)) = (request.headers().get(HOST), request.uri().authority())
            && let Ok(host) = HeaderValue::from_str(authority.as_str())
        {
            request.headers_mut().insert(HOST, host);
        }
        let answer = TowerToHyperService::new(self.router.clone()).call(request);
        async move {
            match answer.await {
                Ok(response) => Cut::unless(response),
                Err(never) => match never {},
            }
        }
    }
}

async fn over_http1<S>(stream: S, answers: Answers, mut stopped: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Reset + Unpin,
{
    let service = service_fn(|request| answers.to(request));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(answers.request_timeout);
    builder.max_buf_size(HEAD_LIMIT as usize);
    let mut connection = builder.serve_connection(TokioIo::new(stream), service);
    let served = tokio::select! {
        served = &mut connection => served,
        _ = stopped.changed() => {
            Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    if let Err(error) = served
        && error.is_user()
    {
        Cut::of(&error).carry_out(connection.into_parts().io.into_inner()).await;
    }
}

/// Over HTTP/2 a cut resets the request's stream; others share the connection.
async fn over_http2<S>(stream: S, answers: Answers, mut stopped: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let unread = Arc::new(Notify::new());
    let service = service_fn(|request| {
        let (answer, limit, unread) = (answers.to(request), answers.request_timeout, Arc::clone(&unread));
        async move {
            answer.await.map(|response| response.map(|body| Body::new(Watched::new(body, limit, &unread))))
        }
    });
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.timer(TokioTimer::new()).max_header_list_size(HEAD_LIMIT);
    builder.keep_alive_interval(answers.request_timeout);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = &mut connection => {}
        () = unread.notified() => {}
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
