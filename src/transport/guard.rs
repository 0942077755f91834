//! What a peer may do to whoever reads from it: not keep its thread, which serves others too, and not answer without an end.

use std::future::Future as _;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::interim::{Frames, Heads, Interim};
use super::stream::Stream;
use crate::turns;

/// After so many bytes others have their turn. The worst of them, such as the smallest frames there are, take a few milliseconds.
const TURN: usize = 64 * 1024;

/// A connection's stream, as HTTP reads from it.
pub(super) struct Guarded {
    stream: Stream,
    interim: Interim,
    /// Since somebody else had a turn.
    read: usize,
}

impl Guarded {
    pub fn http1(stream: Stream) -> Guarded {
        Guarded { stream, interim: Interim::Http1(Heads::default()), read: 0 }
    }

    pub fn http2(stream: Stream) -> Guarded {
        Guarded { stream, interim: Interim::Http2(Frames::default()), read: 0 }
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read >= TURN {
            self.read = 0;
            // Wakes behind everything else that can go on, new bytes of other connections included.
            return pin!(turns::pass()).poll(context).map(Ok);
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if polled.is_pending() {
            self.read = 0;
        }
        ready!(polled)?;
        let new = &buffer.filled()[before..];
        self.read += new.len();
        Poll::Ready(self.interim.read(new))
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.interim.wrote();
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io::Write;

    use tokio::net::TcpStream;

    use super::super::stream::Socket;
    use super::*;

    const PIECE: usize = 5000;

    /// What can be read from a peer that sends a lot, before others have a turn.
    async fn read_in_one_turn(stream: &mut Guarded) -> usize {
        let (mut read, mut bytes) = (0, [0; PIECE]);
        poll_fn(|context| {
            loop {
                let mut buffer = ReadBuf::new(&mut bytes);
                match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
                    Poll::Ready(result) => result.unwrap(),
                    Poll::Pending => return Poll::Ready(read),
                }
                read += buffer.filled().len();
            }
        })
        .await
    }

    #[test]
    fn a_peer_that_sends_a_lot_is_left_now_and_then() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let mut peer = listener.accept().unwrap().0;
            // As much as fits in between, and it fits.
            peer.set_nonblocking(true).unwrap();
            assert!(peer.write(&[b' '; 3 * TURN]).unwrap() > 2 * TURN);
            stream.readable().await.unwrap();
            let mut stream = Guarded::http1(Stream::Plain(Socket(stream)));
            for _ in 0..2 {
                let read = read_in_one_turn(&mut stream).await;
                assert!((TURN..TURN + PIECE).contains(&read), "{read}");
            }
        });
    }
}
