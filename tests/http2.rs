//! HTTP/2 over TLS, against a server that answers each stream as told, in both ways to call.

#[path = "support/listen.rs"]
mod listen;
mod support;

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use agglestone::{AsyncClient, CallOptions, Client, Code, ConfigBuilder, Error, Invocation};
use agglestone::{Operation, PageRequest, Reply, Request};
use h2::server::{Connection, SendResponse};
use h2::{Reason, SendStream};
use http::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use listen::listen;

const PAGE: &[u8] = br#"{"data":[]}"#;

/// What the server does with a stream.
enum Answer {
    Page,
    /// The page, and the connection takes no stream after this one.
    LastPage,
    /// More than anyone reads.
    Endless,
    Reset(Reason),
    /// The head of an answer, and then the same.
    Torn(Reason),
    /// Nothing, until the client resets the stream.
    Nothing,
    /// The connection is not served any more, but stays open.
    Freeze,
}

/// A server whose n-th stream, from 1 over all connections, is answered by `play(n)`.
struct Server {
    config: ConfigBuilder,
    connections: Arc<AtomicUsize>,
    streams: Arc<AtomicUsize>,
    /// The streams that the client reset.
    resets: mpsc::Receiver<Reason>,
}

impl Server {
    fn start(play: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Server {
        let (streams, play) = (Arc::new(AtomicUsize::new(0)), Arc::new(play));
        let (sender, resets) = mpsc::channel();
        let counted = streams.clone();
        let (config, connections) = listen(&["h2", "http/1.1"], move |connection| {
            let (streams, play, sender) = (counted.clone(), play.clone(), sender.clone());
            async move {
                let mut connection: Connection<_, bytes::Bytes> = h2::server::handshake(connection).await?;
                while let Some(stream) = connection.accept().await {
                    let (_request, respond) = stream?;
                    match play(streams.fetch_add(1, SeqCst) + 1) {
                        Answer::Page => page(respond)?,
                        Answer::LastPage => {
                            page(respond)?;
                            connection.graceful_shutdown();
                        }
                        Answer::Endless => drop(tokio::spawn(endless(respond))),
                        Answer::Reset(reason) => { respond }.send_reset(reason),
                        Answer::Torn(reason) => drop(tokio::spawn(torn(respond, reason))),
                        Answer::Nothing => drop(tokio::spawn(nothing(respond, sender.clone()))),
                        Answer::Freeze => pending().await,
                    }
                }
                Ok(())
            }
        });
        Server { config, connections, streams, resets }
    }

    fn streams(&self) -> usize {
        self.streams.load(SeqCst)
    }

    fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }
}

fn page(mut respond: SendResponse<bytes::Bytes>) -> Result<(), h2::Error> {
    respond.send_response(Response::new(()), false)?.send_data(PAGE.into(), true)
}

async fn endless(mut respond: SendResponse<bytes::Bytes>) -> Result<Infallible, h2::Error> {
    let mut body: SendStream<_> = respond.send_response(Response::new(()), false)?;
    loop {
        body.reserve_capacity(0x10000);
        match poll_fn(|cx| body.poll_capacity(cx)).await {
            Some(capacity) => body.send_data(vec![b' '; capacity?].into(), false)?,
            None => return Err(Reason::CANCEL.into()),
        }
    }
}

async fn torn(mut respond: SendResponse<bytes::Bytes>, reason: Reason) -> Result<(), h2::Error> {
    let mut body = respond.send_response(Response::new(()), false)?;
    // A reset overtakes what is still waiting to be sent, so the head gets time to go.
    tokio::time::sleep(Duration::from_millis(100)).await;
    body.send_reset(reason);
    Ok(())
}

async fn nothing(mut respond: SendResponse<bytes::Bytes>, resets: mpsc::Sender<Reason>) {
    if let Ok(reason) = poll_fn(|cx| respond.poll_reset(cx)).await {
        let _ = resets.send(reason);
    }
}

type Caller = Box<dyn Fn(Invocation) -> Result<Reply, Error>>;

/// The two ways to call.
fn ways() -> [fn(&Server) -> Caller; 2] {
    let blocking = |server: &Server| -> Caller {
        let client = Client::new(server.config.clone().build().unwrap());
        Box::new(move |invocation| client.call(invocation))
    };
    let nonblocking = |server: &Server| -> Caller {
        let client = AsyncClient::new(server.config.clone().build().unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Box::new(move |invocation| runtime.block_on(client.call(invocation)))
    };
    [blocking, nonblocking]
}

fn get() -> Invocation {
    Operation::GetUsers(PageRequest::default()).into()
}

fn post() -> Invocation {
    Operation::Request(Request::new("POST", "a").unwrap().json("{}").unwrap()).into()
}

/// An invocation that fails as `code` without another attempt.
fn fails(call: &Caller, invocation: Invocation, code: Code) {
    let error = call(invocation).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (code, 1), "{error}");
}

#[test]
fn calls_of_a_client_share_one_connection() {
    for client in ways() {
        let server = Server::start(|_| Answer::Page);
        let call = client(&server);
        for _ in 0..20 {
            assert_eq!(call(get()).unwrap().body(), PAGE);
        }
        assert_eq!((server.connections(), server.streams()), (1, 20));
    }
}

#[test]
fn a_burst_on_a_new_client_is_served_whole() {
    let server = Server::start(|_| Answer::Page);
    let client = Client::new(server.config.clone().build().unwrap());
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| client.get_users(PageRequest::default()).unwrap());
        }
    });
    assert_eq!(server.streams(), 64);
}

#[test]
fn a_server_that_knows_only_http_1_is_spoken_to_in_that() {
    for (client, alpn) in ways().into_iter().flat_map(|way| [(way, &["http/1.1"][..]), (way, &[])]) {
        let (config, connections) = listen(alpn, |mut connection| async move {
            let mut head = [0; 4096];
            while connection.read(&mut head).await? > 0 {
                assert!(head.starts_with(b"GET ") || head.starts_with(b"POST "));
                connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"data\":[]}").await?;
            }
            Ok(())
        });
        let server = Server { config, connections, ..Server::start(|_| Answer::Page) };
        assert_eq!(client(&server)(get()).unwrap().body(), PAGE);
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_stream_refused_without_having_been_looked_at_is_sent_again_whatever_it_is() {
    for client in ways() {
        let server = Server::start(|n| match n {
            1 | 3 => Answer::Reset(Reason::REFUSED_STREAM),
            _ => Answer::Page,
        });
        let call = client(&server);
        assert_eq!(call(post()).unwrap().attempts(), 2);
        assert_eq!(call(get()).unwrap().attempts(), 2);
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_stream_reset_for_another_reason_may_have_been_acted_upon() {
    for client in ways() {
        let server = Server::start(|n| match n {
            1 | 2 => Answer::Reset(Reason::INTERNAL_ERROR),
            // Whoever has begun to answer has looked at the request, whatever it says.
            4 => Answer::Torn(Reason::REFUSED_STREAM),
            _ => Answer::Page,
        });
        let call = client(&server);
        fails(&call, post(), Code::Connect);
        assert_eq!(call(get()).unwrap().attempts(), 2);
        fails(&call, post(), Code::Connect);
        assert_eq!(server.streams(), 4);
    }
}

#[test]
fn a_connection_that_the_server_ends_between_two_calls_is_replaced_unnoticed() {
    for client in ways() {
        let server = Server::start(|n| if n % 2 == 1 { Answer::LastPage } else { Answer::Page });
        let call = client(&server);
        for _ in 0..10 {
            call(get()).unwrap();
            assert_eq!(call(post()).unwrap().status(), 200);
        }
        assert_eq!(server.streams(), 20);
    }
}

/// The head of a frame: length, type, flags, stream.
fn frame(length: u8, kind: u8, stream: u8) -> [u8; 9] {
    [0, 0, length, kind, 0, 0, 0, 0, stream]
}

#[test]
fn a_stream_behind_the_last_one_that_goaway_names_was_not_looked_at() {
    const SETTINGS: u8 = 4;
    const GOAWAY: u8 = 7;
    for (last, attempts) in [(0, 2), (1, 1)] {
        for client in ways() {
            let first = AtomicUsize::new(0);
            let (config, connections) = listen(&["h2"], move |mut connection| {
                let first = first.fetch_add(1, SeqCst) == 0;
                async move {
                    if !first {
                        let mut connection = h2::server::handshake(connection).await?;
                        while let Some(stream) = connection.accept().await {
                            page(stream?.1)?;
                        }
                        return Ok(());
                    }
                    connection.write_all(&frame(0, SETTINGS, 0)).await?;
                    // Up to the end of the request's body; what acknowledges the settings may come after it.
                    let mut seen = Vec::new();
                    while !seen.windows(2).any(|bytes| bytes == b"{}") {
                        connection.read_buf(&mut seen).await?;
                    }
                    connection.write_all(&frame(8, GOAWAY, 0)).await?;
                    connection.write_all(&[0, 0, 0, last, 0, 0, 0, 0]).await?;
                    Ok(connection.shutdown().await?)
                }
            });
            let server = Server { config, connections, ..Server::start(|_| Answer::Page) };
            let call = client(&server);
            match attempts {
                1 => fails(&call, post(), Code::Connect),
                _ => assert_eq!(call(post()).unwrap().attempts(), 2),
            }
            assert_eq!(server.connections(), attempts);
        }
    }
}

#[test]
fn a_connection_that_died_without_a_word_is_noticed_and_replaced() {
    for client in ways() {
        let mut server = Server::start(|n| if n == 2 { Answer::Freeze } else { Answer::Page });
        server.config = server.config.connect_timeout(1.0);
        let call = client(&server);
        call(get()).unwrap();
        assert_eq!(call(get()).unwrap().attempts(), 2);
        assert_eq!(server.connections(), 2);
    }
}

#[test]
fn a_body_over_the_cap_ends_its_stream_and_not_the_connection() {
    for client in ways() {
        let server = Server::start(|n| if n == 1 { Answer::Endless } else { Answer::Page });
        let call = client(&server);
        fails(&call, get(), Code::TooLarge);
        call(get()).unwrap();
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn an_attempt_that_times_out_resets_its_stream_and_leaves_the_connection() {
    for client in ways() {
        let server = Server::start(|n| if n == 1 { Answer::Nothing } else { Answer::Page });
        let call = client(&server);
        let options = CallOptions::new().timeout(0.2).unwrap();
        fails(&call, Operation::GetUsers(PageRequest::default()).with(options), Code::Timeout);
        assert_eq!(server.resets.recv(), Ok(Reason::CANCEL));
        call(get()).unwrap();
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_cancelled_call_resets_its_stream_and_leaves_the_connection() {
    let server = Server::start(|n| if n == 2 { Answer::Nothing } else { Answer::Page });
    let client = AsyncClient::new(server.config.clone().build().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        client.call(get()).await.unwrap();
        let unanswered = client.call(get());
        let limit = Duration::from_millis(200);
        assert!(tokio::time::timeout(limit, unanswered).await.is_err());
        assert_eq!(server.resets.recv(), Ok(Reason::CANCEL));
        client.call(get()).await.unwrap();
    });
    assert_eq!(server.connections(), 1);
}
