//! Counts the informational answers (1xx) that a peer sends before the answer proper, in the bytes as they are read. hyper skips
//! them without end, and keeps all of them over HTTP/2.

use std::collections::BTreeMap;
use std::io;

/// How many one request may have.
const MOST: u8 = 32;

const TOO_MANY: &str = "more than 32 informational (1xx) responses to one request";

/// What came so far, by protocol.
pub(super) enum Interim {
    Http1(Heads),
    Http2(Frames),
}

impl Interim {
    /// Looks at what was read just now.
    pub fn read(&mut self, bytes: &[u8]) -> io::Result<()> {
        let is_well = match self {
            Interim::Http1(heads) => heads.read(bytes),
            Interim::Http2(frames) => frames.read(bytes),
        };
        if is_well { Ok(()) } else { Err(io::Error::new(io::ErrorKind::InvalidData, TOO_MANY)) }
    }

    /// Something is being written. Over HTTP/1.1 after an answer that is another request.
    pub fn wrote(&mut self) {
        if let Interim::Http1(heads) = self
            && heads.place == Place::Answer
        {
            *heads = Heads::default();
        }
    }
}

/// The heads that came since a request began.
#[derive(Default)]
pub(super) struct Heads {
    place: Place,
    seen: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// So many bytes of a status line.
    Status(usize),
    /// Within the head of an informational answer; whether anything stands on the line.
    Interim { is_empty: bool },
    /// Within what is no informational answer.
    Answer,
}

impl Default for Place {
    fn default() -> Self {
        Place::Status(0)
    }
}

const VERSION: &[u8] = b"HTTP/1.";
/// Where the status begins: `HTTP/1.1 100`.
const STATUS: usize = 9;

impl Heads {
    fn read(&mut self, bytes: &[u8]) -> bool {
        if self.place == Place::Answer
            || self.place == Place::Status(0)
                && bytes.first() == Some(&b'H')
                && bytes.get(STATUS) == Some(&b'2')
        {
            self.place = Place::Answer;
            return true;
        }
        for &byte in bytes {
            self.place = match self.place {
                // Parsers skip empty lines before a head.
                Place::Status(0) if matches!(byte, b'\r' | b'\n') => continue,
                Place::Status(STATUS) if byte == b'1' => {
                    self.seen += 1;
                    if self.seen > MOST {
                        return false;
                    }
                    Place::Interim { is_empty: false }
                }
                Place::Status(at) if at < STATUS && VERSION.get(at).is_none_or(|wanted| *wanted == byte) => {
                    Place::Status(at + 1)
                }
                Place::Interim { is_empty: true } if byte == b'\n' => Place::Status(0),
                Place::Interim { is_empty } => {
                    Place::Interim { is_empty: byte == b'\n' || is_empty && byte == b'\r' }
                }
                Place::Status(_) | Place::Answer => {
                    self.place = Place::Answer;
                    return true;
                }
            };
        }
        true
    }
}

/// The frames of a connection. What their heads say is packed, but only the last two of a stream, answer and trailers, can be
/// something else than informational.
#[derive(Default)]
pub(super) struct Frames {
    head: [u8; FRAME_HEAD],
    filled: usize,
    /// What is left of the frame's payload.
    payload: usize,
    /// Of each stream that has not ended, as far as is known: those that this side gave up may stay open to the other.
    heads: BTreeMap<u32, u8>,
}

/// Beyond so many streams the oldest are taken for given up.
const STREAMS: usize = 1000;

const FRAME_HEAD: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const END_STREAM: u8 = 1;

impl Frames {
    fn read(&mut self, mut bytes: &[u8]) -> bool {
        loop {
            let skipped = self.payload.min(bytes.len());
            self.payload -= skipped;
            bytes = &bytes[skipped..];
            let taken = bytes.len().min(FRAME_HEAD - self.filled);
            self.head[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled < FRAME_HEAD {
                return true;
            }
            self.filled = 0;
            let [a, b, c, kind, flags, stream @ ..] = self.head;
            self.payload = u32::from_be_bytes([0, a, b, c]) as usize;
            if !self.frame(kind, flags & END_STREAM != 0, u32::from_be_bytes(stream)) {
                return false;
            }
        }
    }

    fn frame(&mut self, kind: u8, is_end: bool, stream: u32) -> bool {
        match kind {
            RST_STREAM => drop(self.heads.remove(&stream)),
            DATA | HEADERS if is_end => drop(self.heads.remove(&stream)),
            HEADERS => {
                let heads = self.heads.entry(stream).or_default();
                *heads += 1;
                // And the answer's own.
                let is_well = *heads <= MOST + 1;
                if self.heads.len() > STREAMS {
                    self.heads.pop_first();
                }
                return is_well;
            }
            _ => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERIM: &[u8] = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    const ANSWER: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";

    /// Whether all of it may be read, in pieces of a size.
    fn passes(interim: &mut Interim, bytes: &[u8], size: usize) -> bool {
        bytes.chunks(size).all(|piece| interim.read(piece).is_ok())
    }

    fn heads() -> Interim {
        Interim::Http1(Heads::default())
    }

    #[test]
    fn as_many_informational_heads_as_are_allowed_may_come_before_an_answer_and_no_more() {
        for size in [1, 7, 10_000] {
            let most = [INTERIM.repeat(32), ANSWER.to_vec()].concat();
            assert!(passes(&mut heads(), &most, size), "{size}");
            assert!(!passes(&mut heads(), &INTERIM.repeat(33), size), "{size}");
        }
        let error = heads().read(&INTERIM.repeat(33)).unwrap_err();
        assert_eq!(error.to_string(), TOO_MANY);
    }

    #[test]
    fn heads_are_counted_however_their_lines_end() {
        for head in ["HTTP/1.0 100\n\n", "\r\n\r\nHTTP/1.1 199 x\r\n\n", "HTTP/1.1 102 \r\na: b\n\r\n"] {
            assert!(passes(&mut heads(), head.repeat(32).as_bytes(), 5), "{head:?}");
            assert!(!passes(&mut heads(), head.repeat(33).as_bytes(), 5), "{head:?}");
        }
    }

    #[test]
    fn a_body_is_not_looked_into_and_the_next_request_counts_anew() {
        let mut heads = heads();
        for _ in 0..3 {
            let body = [INTERIM.repeat(20), ANSWER.to_vec(), INTERIM.repeat(99)].concat();
            assert!(passes(&mut heads, &body, 11));
            heads.wrote();
            // The request's body, while nothing has come yet.
            heads.wrote();
        }
        assert!(passes(&mut heads, &INTERIM.repeat(20), 11));
        heads.wrote();
        assert!(
            !passes(&mut heads, &INTERIM.repeat(20), 11),
            "a request that is still being sent is the same"
        );
    }

    #[test]
    fn streams_that_never_end_are_forgotten() {
        let mut frames = Frames::default();
        (1..=10_000).for_each(|stream| assert!(frames.read(&frame(HEADERS, 4, stream))));
        assert_eq!((frames.heads.len(), frames.heads.contains_key(&10_000)), (STREAMS, true));
    }

    fn frame(kind: u8, flags: u8, stream: u32) -> Vec<u8> {
        let payload = [HEADERS; 5];
        [&[0, 0, 5, kind, flags][..], &stream.to_be_bytes(), &payload].concat()
    }

    #[test]
    fn heads_are_counted_for_each_stream_until_it_ends() {
        let interim = |stream| frame(HEADERS, 4, stream);
        let one = [interim(1).repeat(33), frame(DATA, 0, 1).repeat(99), frame(HEADERS, 5, 1)].concat();
        let two =
            [interim(3).repeat(20), interim(5).repeat(20), frame(DATA, 1, 3), interim(3).repeat(33)].concat();
        let reset = [interim(7).repeat(33), frame(RST_STREAM, 0, 7)].concat();
        for size in [1, 7, 10_000] {
            let mut frames = Interim::Http2(Frames::default());
            assert!(passes(&mut frames, &[one.clone(), two.clone(), reset.clone()].concat(), size));
            assert!(passes(&mut frames, &interim(9).repeat(33), size));
            assert!(!passes(&mut frames, &interim(9), size));
        }
    }
}
