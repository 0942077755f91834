//! One connection: a request goes in, a whole answer comes out. The protocol is hyper's.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{Request, Response};
use http_body::Body as _;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

use super::guard::Guarded;
use super::gzip;
use super::stream::Stream;
use crate::http::{Failure, HttpResponse};
use crate::turns;

pub(super) type Sent = Request<Full<Bytes>>;

/// A connection for one request at a time. Whoever waits for an answer drives it, so no other task has to be woken.
pub(super) struct Http1 {
    sender: http1::SendRequest<Full<Bytes>>,
    connection: Driven,
    /// From here on it is not used again.
    pub old_at: Option<Instant>,
    /// When it was put back last; a connection that was never used has none.
    pub idle_since: Option<Instant>,
}

/// Gone as soon as it ends: a request that it did not take comes back then.
type Driven = Option<http1::Connection<TokioIo<Guarded>, Full<Bytes>>>;

/// One of many users of a connection.
#[derive(Clone)]
pub(super) struct Http2 {
    pub sender: http2::SendRequest<Full<Bytes>>,
    pub old_at: Option<Instant>,
    pub is_reused: bool,
}

/// Why no answer came.
pub(super) enum Trouble {
    /// Not a byte was written, so the request may go another way.
    Unsent(Box<Sent>),
    Failed(Failure),
}

impl Http1 {
    pub async fn begin(stream: Stream, old_at: Option<Instant>) -> Result<Http1, Failure> {
        let handshake = http1::handshake(TokioIo::new(Guarded::http1(stream))).await;
        let (sender, connection) = handshake.map_err(|error| Failure::connecting(&error))?;
        Ok(Http1 { sender, connection: Some(connection), old_at, idle_since: None })
    }

    /// Whether it can be used again. Nobody waits for it from here on, and so nobody is woken: not by the next request either,
    /// whose sender drives the connection itself.
    pub fn is_alive(&mut self) -> bool {
        turn(&mut self.connection, &mut Context::from_waker(Waker::noop()));
        self.sender.is_ready()
    }

    pub async fn send(&mut self, request: Sent, max_body: usize) -> Result<HttpResponse, Trouble> {
        let reused = self.idle_since.is_some();
        let response = self.sender.try_send_request(request);
        let response = drive(&mut self.connection, response).await;
        let response = response.map_err(|error| trouble(error, reused))?;
        let (head, mut body) = response.into_parts();
        let read = async {
            let mut collected = Collected::new(&body, max_body)?;
            while !body.is_end_stream()
                && let Some(frame) = drive(&mut self.connection, body.frame()).await
            {
                collected.add(frame)?;
                if collected.is_turn_over() {
                    turns::pass().await;
                }
            }
            Ok(collected.bytes)
        };
        let body = read.await.map_err(Trouble::Failed)?;
        let answer = HttpResponse { status: head.status.as_u16(), headers: head.headers, body };
        if !is_packed(&answer) {
            return Ok(answer);
        }
        Box::pin(unpacked(answer, max_body)).await.map_err(Trouble::Failed)
    }
}

/// Waits for something that only comes while the connection is driven.
async fn drive<F: Future>(connection: &mut Driven, wanted: F) -> F::Output {
    let mut wanted = pin!(wanted);
    poll_fn(|context| {
        // Most bodies come together with their head.
        if let Poll::Ready(output) = wanted.as_mut().poll(context) {
            return Poll::Ready(output);
        }
        turn(connection, context);
        wanted.as_mut().poll(context)
    })
    .await
}

fn turn(connection: &mut Driven, context: &mut Context<'_>) {
    // What ends the connection is told to whoever waits for the answer.
    if connection.as_mut().is_some_and(|connection| Pin::new(connection).poll(context).is_ready()) {
        *connection = None;
    }
}

impl Http2 {
    /// `silence`: how long it may be silent while requests are under way before it is asked whether it is alive, and again
    /// how long it may take to answer that.
    pub async fn begin(stream: Stream, old_at: Option<Instant>, silence: Duration) -> Result<Http2, Failure> {
        let handshake = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(silence)
            .keep_alive_timeout(silence)
            .handshake(TokioIo::new(Guarded::http2(stream)))
            .await;
        let (sender, connection) = handshake.map_err(|error| Failure::connecting(&error))?;
        // It ends with its last user; what ends it earlier is told to them.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Http2 { sender, old_at, is_reused: false })
    }

    pub async fn send(mut self, request: Sent, max_body: usize) -> Result<HttpResponse, Trouble> {
        let response = self.sender.try_send_request(request).await;
        let response: Response<Incoming> = response.map_err(|error| trouble(error, self.is_reused))?;
        let (head, mut body) = response.into_parts();
        let read = async {
            let mut collected = Collected::new(&body, max_body)?;
            while !body.is_end_stream()
                && let Some(frame) = body.frame().await
            {
                collected.add(frame)?;
                if collected.is_turn_over() {
                    turns::pass().await;
                }
            }
            Ok(collected.bytes)
        };
        let body = read.await.map_err(Trouble::Failed)?;
        let answer = HttpResponse { status: head.status.as_u16(), headers: head.headers, body };
        if !is_packed(&answer) {
            return Ok(answer);
        }
        Box::pin(unpacked(answer, max_body)).await.map_err(Trouble::Failed)
    }
}

fn trouble(mut error: TrySendError<Sent>, reused: bool) -> Trouble {
    match error.take_message() {
        Some(request) => Trouble::Unsent(Box::new(request)),
        None => {
            let failure = Failure::sending(error.error());
            Trouble::Failed(Failure { reused, ..failure })
        }
    }
}

/// The body so far.
struct Collected {
    bytes: Vec<u8>,
    max: usize,
    pieces: u32,
}

/// After so many pieces of a body others have their turn: they may be of one byte.
const PIECES: u32 = 128;

impl Collected {
    fn new(body: &Incoming, max: usize) -> Result<Collected, Failure> {
        let least = body.size_hint().lower();
        if least > max as u64 {
            return Err(Failure::too_large());
        }
        // And one more: C wants a NUL behind it.
        Ok(Collected { bytes: Vec::with_capacity(least as usize + 1), max, pieces: 0 })
    }

    fn is_turn_over(&self) -> bool {
        self.pieces.is_multiple_of(PIECES)
    }

    fn add(&mut self, frame: hyper::Result<hyper::body::Frame<Bytes>>) -> Result<(), Failure> {
        self.pieces += 1;
        let frame = frame.map_err(|error| Failure::receiving(&error))?;
        if let Some(data) = frame.data_ref() {
            if self.bytes.len() + data.len() > self.max {
                return Err(Failure::too_large());
            }
            self.bytes.extend_from_slice(data);
        }
        Ok(())
    }
}

/// The answer as it was before it was packed.
async fn unpacked(mut answer: HttpResponse, max_body: usize) -> Result<HttpResponse, Failure> {
    answer.headers.remove(CONTENT_ENCODING);
    answer.headers.remove(CONTENT_LENGTH);
    answer.body = gzip::unpack(&answer.body, max_body).await?;
    Ok(answer)
}

fn is_packed(answer: &HttpResponse) -> bool {
    answer.headers.get(CONTENT_ENCODING).is_some_and(|coding| coding == "gzip") && !answer.body.is_empty()
}
