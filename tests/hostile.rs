//! Servers that mean harm: floods of frames and of pieces, over HTTP/2 and HTTP/1.1. Their calls end, and other services' calls go
//! on beside them.

#[path = "support/listen.rs"]
mod listen;
mod support;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, ThreadId};

use agglestone::binding::{CompletionQueue, Session, start};
use agglestone::{CallOptions, Code, Config, ConfigBuilder, Error, Operation, PageRequest, Reply};
use agglestone_emulator::{Emulator, Fault};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use listen::listen;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_HEADERS: u8 = 4;

/// `:status: 200` and `:status: 103`, packed.
const OK: &[u8] = &[0x88];
const INTERIM: &[u8] = &[0x08, 0x03, b'1', b'0', b'3'];

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// A header of 4,000 bytes that goes into the table, and then the same again and again by its number, one byte each.
fn bomb() -> Vec<u8> {
    let literal = [&[0x40, 1, b'a', 0x7f, 0xa1, 0x1e][..], &[b'x'; 4000], OK].concat();
    [frame(HEADERS, 0, 1, &literal), frame(CONTINUATION, 0, 1, &[0xbe; 16_000])].concat()
}

/// A server that, once asked, sends `first` and then `flood` for as long as anybody reads.
fn flooding(alpn: &[&str], first: &[u8], flood: &[u8]) -> ConfigBuilder {
    let (is_two, first, flood) =
        (alpn.contains(&"h2"), first.to_vec(), flood.repeat(1 + 20_000 / flood.len()));
    let serve = move |mut connection: TlsStream<TcpStream>| {
        let (first, flood) = (first.clone(), flood.clone());
        async move {
            if is_two {
                connection.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
                connection.flush().await?;
                // Up to the request's head, behind the client's own settings.
                let mut seen = Vec::new();
                while !seen.windows(4).any(|bytes| bytes == [HEADERS, 5, 0, 0]) {
                    if connection.read_buf(&mut seen).await? == 0 {
                        return Ok(());
                    }
                }
            }
            connection.write_all(&first).await?;
            let (mut reading, mut writing) = tokio::io::split(connection);
            let mut answers = [0; 4096];
            tokio::select! {
                // What the client says to it is read, so that it never has to wait.
                () = async { while reading.read(&mut answers).await.is_ok_and(|read| read > 0) {} } => Ok(()),
                () = async { while writing.write_all(&flood).await.is_ok() {} } => Ok(()),
            }
        }
    };
    listen(alpn, serve).0
}

/// A call whose end is told as it is to other languages: at the end of a turn of the I/O thread.
struct Calling {
    ended: Arc<CompletionQueue<Result<Reply, Error>>>,
    woken: Receiver<()>,
}

impl Calling {
    fn start(config: ConfigBuilder) -> Calling {
        let session = Arc::new(Session::new(config.max_retries(0).build().unwrap()));
        let options = CallOptions::new().timeout(1.0).unwrap();
        let (sender, woken) = channel();
        let ended = CompletionQueue::new(move || sender.send(()).unwrap());
        let queue = ended.clone();
        let users = Operation::GetUsers(PageRequest::default());
        start(session, users.with(options), move |result| queue.push(result));
        Calling { ended, woken }
    }

    fn wait(self) -> Result<Reply, Error> {
        self.woken.recv().unwrap();
        self.ended.drain().remove(0)
    }
}

fn config_for(emulator: &Emulator) -> ConfigBuilder {
    let keys = Config::builder().tenant_id(emulator.tenant_id()).api_key(emulator.primary_api_key());
    keys.base_url(emulator.url())
}

/// How a call to such a server ends, and how many calls to another one began and ended meanwhile, on the same I/O thread.
fn ends(config: ConfigBuilder) -> (Error, usize) {
    let kind = agglestone_emulator::start();
    let of_kind = config_for(&kind);
    let hostile = Calling::start(config);
    let mut beside = 0;
    loop {
        let other = Calling::start(of_kind.clone()).wait();
        if hostile.woken.try_recv().is_ok() {
            return (hostile.ended.drain().remove(0).unwrap_err(), beside);
        }
        other.unwrap();
        beside += 1;
    }
}

/// What is sent first, what for ever after that, and what comes of it.
type Flood = (&'static str, Vec<u8>, Vec<u8>, Code, &'static str);

fn all_end(alpn: &[&str], floods: Vec<Flood>) {
    for (name, first, flood, code, message) in floods {
        let (error, beside) = ends(flooding(alpn, &first, &flood));
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.to_string().contains(message), "{name}: {error}");
        assert!(code != Code::Timeout || beside > 0, "{name}: no other call came through");
    }
}

#[test]
fn frames_that_ask_for_nothing_end_with_their_connection_or_with_the_time_of_their_call() {
    let floods = vec![
        ("PING", Vec::new(), frame(PING, 0, 0, &[0; 8]), Code::Timeout, "`timeout`"),
        ("SETTINGS", Vec::new(), frame(SETTINGS, 0, 0, &[]), Code::Timeout, "`timeout`"),
        ("WINDOW_UPDATE", Vec::new(), frame(WINDOW_UPDATE, 0, 0, &[0; 4]), Code::Connect, "closed"),
        ("RST_STREAM", Vec::new(), frame(RST_STREAM, 0, 9, &[0, 0, 0, 8]), Code::Connect, "closed"),
        ("DATA", Vec::new(), frame(DATA, 0, 1, &[]), Code::Connect, "closed"),
    ];
    all_end(&["h2"], floods);
}

#[test]
fn heads_without_an_end_end_their_call() {
    let continued = frame(HEADERS, 0, 1, OK);
    let floods = vec![
        ("empty", continued.clone(), frame(CONTINUATION, 0, 1, &[]), Code::Connect, "too_many_continuations"),
        (
            "with headers",
            continued,
            frame(CONTINUATION, 0, 1, &[0, 1, b'a', 1, b'b']),
            Code::Connect,
            "too_many_continuations",
        ),
        (
            "HPACK bomb",
            bomb(),
            frame(CONTINUATION, 0, 1, &[0xbe; 16_000]),
            Code::InvalidResponse,
            "not valid HTTP",
        ),
        (
            "informational",
            Vec::new(),
            frame(HEADERS, END_HEADERS, 1, INTERIM),
            Code::InvalidResponse,
            "more than 32 informational (1xx) responses",
        ),
    ];
    all_end(&["h2"], floods);
}

#[test]
fn bodies_in_the_smallest_of_pieces_let_others_through() {
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let floods = vec![("chunks", head, b"1\r\n \r\n".to_vec(), Code::Timeout, "`timeout`")];
    all_end(&["http/1.1"], floods);
}

#[test]
fn a_large_answer_is_looked_through_off_the_thread_that_serves_all() {
    let emulator = agglestone_emulator::start();
    // Where an answer is judged, its refusal of the key is told.
    let judged_on = |size: usize| -> ThreadId {
        emulator.add_fault(Fault::on("*").answer(401).body(vec![b' '; size]));
        let (sender, receiver) = channel();
        let config = config_for(&emulator).on_event(move |_| sender.send(thread::current().id()).unwrap());
        let error = Calling::start(config).wait().unwrap_err();
        assert_eq!(error.code(), Code::Unauthorized);
        receiver.recv().unwrap()
    };
    let usual = judged_on(1000);
    assert_eq!(judged_on(1000), usual);
    assert_ne!(judged_on(1_000_000), usual);
}
