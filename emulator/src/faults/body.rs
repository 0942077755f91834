//! Bodies of faults, made while they are sent: repeated, compressed, or dripping.

use std::convert::Infallible;
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;

/// How many bytes of a repeated body are made at once.
const BLOCK: usize = 64 << 10;

/// Bytes so many times, without end if 0. No more of them are in memory than a block, or one copy if that is longer.
pub(crate) struct Repeated {
    /// Whole copies.
    block: Bytes,
    /// How many bytes are still to come; none if there is no end.
    left: Option<u64>,
}

impl Repeated {
    pub(crate) fn new(bytes: Bytes, times: u32) -> Self {
        let left = (times > 0).then(|| bytes.len() as u64 * u64::from(times));
        let copies = match (BLOCK / bytes.len().max(1), times) {
            (fitting, 0) => fitting,
            (fitting, times) => fitting.min(times as usize),
        };
        let block = if copies > 1 { bytes.repeat(copies).into() } else { bytes };
        Self { block, left }
    }
}

impl http_body::Body for Repeated {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let whole = self.block.len();
        let length = match &mut self.left {
            None => whole,
            Some(0) => return Poll::Ready(None),
            Some(left) => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX).min(whole);
                *left -= length as u64;
                length
            }
        };
        Poll::Ready(Some(Ok(Frame::data(self.block.slice(..length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map(SizeHint::with_exact).unwrap_or_default()
    }
}

/// The body compressed, at the fast level. Its length is known only when it ends.
pub(crate) fn gzip(body: Body) -> Body {
    let encoder = GzEncoder::new(Vec::new(), Compression::fast());
    Body::from_stream(stream::unfold(Some((body, encoder)), async |going_on| {
        let (mut body, mut encoder) = going_on?;
        let written = "memory takes every write";
        while let Some(frame) = body.frame().await {
            match frame.map(|frame| frame.into_data().unwrap_or_default()) {
                Ok(data) => encoder.write_all(&data).expect(written),
                Err(error) => return Some((Err(error), None)),
            }
            // Megabytes of blanks become nothing for a long time, and everybody else is served by this thread too.
            tokio::task::yield_now().await;
            if !encoder.get_ref().is_empty() {
                let compressed = std::mem::take(encoder.get_mut());
                return Some((Ok(Bytes::from(compressed)), Some((body, encoder))));
            }
        }
        Some((Ok(encoder.finish().expect(written).into()), None))
    }))
}

/// The body byte by byte, with a pause after each.
pub(crate) fn drip(body: Body, pause: Duration) -> Body {
    let begin = (body, Bytes::new(), Duration::ZERO);
    Body::from_stream(stream::unfold(begin, move |(mut body, mut rest, wait)| async move {
        tokio::time::sleep(wait).await;
        while rest.is_empty() {
            match body.frame().await?.map(|frame| frame.into_data().unwrap_or_default()) {
                Ok(data) => rest = data,
                Err(error) => return Some((Err(error), (Body::empty(), rest, pause))),
            }
        }
        Some((Ok(rest.split_to(1)), (body, rest, pause)))
    }))
}
