//! An address where connecting never ends: a listener that accepts nobody and whose queue is full.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use tokio::net::TcpSocket;

/// The listener and what fills its queue.
pub struct Hanging {
    address: SocketAddr,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl Hanging {
    /// One on a free port of 127.0.0.1.
    pub fn new() -> Self {
        let listener = listen_with_the_shortest_queue().expect("a free port of 127.0.0.1");
        let address = listener.local_addr().expect("a listener has an address");
        let mut queued = Vec::new();
        // The system decides how long the shortest queue is: full it is when a connection is not made any more.
        loop {
            match TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
                Ok(stream) => queued.push(stream),
                Err(error) if error.kind() == ErrorKind::TimedOut => break,
                Err(error) => panic!("the queue of {address} can't be filled: {error}"),
            }
        }
        Self { address, _listener: listener, _queued: queued }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn listen_with_the_shortest_queue() -> std::io::Result<TcpListener> {
    // The standard library has no say in how long the queue is.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _entered = runtime.enter();
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    socket.listen(1)?.into_std()
}
