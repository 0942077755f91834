//! A plain HTTP server that counts its connections and can be made to end them.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, sleep};
use std::time::Duration;

/// How it behaves.
#[derive(Clone, Copy, Default)]
pub struct Manner {
    /// It ends connections that are idle for so long.
    pub idle: Option<Duration>,
    /// The header that says so.
    pub keep_alive: Option<&'static str>,
    /// Before each answer.
    pub delay: Duration,
}

pub struct Server {
    address: SocketAddr,
    manner: Manner,
    seen: Arc<Seen>,
    listening: Mutex<Option<Listening>>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    open: Mutex<Vec<(usize, TcpStream)>>,
}

struct Listening {
    thread: JoinHandle<()>,
    over: Arc<AtomicBool>,
}

impl Server {
    pub fn start(manner: Manner) -> Server {
        Server::start_at("127.0.0.1:0".parse().unwrap(), manner)
    }

    pub fn start_at(address: SocketAddr, manner: Manner) -> Server {
        let listener = TcpListener::bind(address).unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::default());
        let listening = Mutex::new(Some(listen(listener, manner, &seen)));
        Server { address, manner, seen, listening }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many there were.
    pub fn connections(&self) -> usize {
        self.seen.connections.load(SeqCst)
    }

    /// How many requests were under way together, at most.
    pub fn most_at_once(&self) -> usize {
        self.seen.most_at_once.load(SeqCst)
    }

    /// Until a request is under way.
    pub fn wait_until_asked(&self) {
        while self.seen.at_once.load(SeqCst) == 0 {
            sleep(Duration::from_millis(5));
        }
    }

    pub fn end_all_connections(&self) {
        for (_, stream) in self.seen.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub fn wait_until_all_are_closed(&self) {
        while !self.seen.open.lock().unwrap().is_empty() {
            sleep(Duration::from_millis(5));
        }
    }

    /// Ends connections, listens to nobody for a while, and comes back at the same address.
    pub fn restart(&self, away: Duration) {
        self.stop();
        self.end_all_connections();
        sleep(away);
        let listener = TcpListener::bind(self.address).unwrap();
        *self.listening.lock().unwrap() = Some(listen(listener, self.manner, &self.seen));
    }

    fn stop(&self) {
        if let Some(Listening { thread, over }) = self.listening.lock().unwrap().take() {
            over.store(true, SeqCst);
            // Wakes it.
            let _ = TcpStream::connect(self.address);
            thread.join().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn listen(listener: TcpListener, manner: Manner, seen: &Arc<Seen>) -> Listening {
    let over = Arc::new(AtomicBool::new(false));
    let (ends, seen) = (over.clone(), seen.clone());
    let thread = thread::spawn(move || {
        for stream in listener.incoming() {
            if ends.load(SeqCst) {
                return;
            }
            // No more files, perhaps.
            let Ok(stream) = stream else { continue };
            let Ok(kept) = stream.try_clone() else { continue };
            let number = seen.connections.fetch_add(1, SeqCst);
            seen.open.lock().unwrap().push((number, kept));
            let seen = seen.clone();
            thread::spawn(move || {
                serve(&stream, manner, &seen);
                let _ = stream.shutdown(Shutdown::Both);
                seen.open.lock().unwrap().retain(|(other, _)| *other != number);
            });
        }
    });
    Listening { thread, over }
}

fn serve(mut stream: &TcpStream, manner: Manner, seen: &Seen) {
    stream.set_read_timeout(manner.idle).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut read = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return,
            Ok(length) => read.extend_from_slice(&chunk[..length]),
        }
        // No request here has a body.
        if !read.ends_with(b"\r\n\r\n") {
            continue;
        }
        read.clear();
        seen.most_at_once.fetch_max(seen.at_once.fetch_add(1, SeqCst) + 1, SeqCst);
        sleep(manner.delay);
        seen.at_once.fetch_sub(1, SeqCst);
        let told = manner.keep_alive.map(|text| format!("keep-alive: {text}\r\n")).unwrap_or_default();
        let answer = format!("HTTP/1.1 200 OK\r\n{told}content-length: 2\r\n\r\n{{}}");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}
