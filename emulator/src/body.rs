//! Reads the bodies of requests, as long and as slow as they may be.

use std::error::Error;
use std::fmt;
use std::pin::pin;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use futures_util::future::{Either, select};
use futures_util::stream;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, sleep_until};

use crate::problem::Problem;

/// The longest body the service's addresses read.
const BODY_LIMIT: usize = 1 << 20;

/// How much of a body that is too long is read at most before it is refused.
const DRAIN_LIMIT: usize = 128 << 20;

/// Reads the JSON body of a request to a tenant.
pub(crate) async fn json_body(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/json") {
        return Err(Problem::not_json("The request body must be sent with Content-Type: application/json."));
    }
    read_body(body, BODY_LIMIT).await
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read_body(mut body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut read = Vec::new();
    let mut length = 0;
    // Reads on past the limit and throws away: a caller that is still sending doesn't look at the answer,
    // and loses it when the connection is closed on it.
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| broken_off(&error))?.into_data() else {
            continue;
        };
        length += data.len();
        if length <= limit {
            read.extend_from_slice(&data);
        } else if length > DRAIN_LIMIT {
            break;
        }
    }
    if length > limit {
        return Err(Problem::too_large(limit));
    }
    Ok(read.into())
}

fn broken_off(error: &axum::Error) -> Problem {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<TooSlow>() {
            return Problem::timeout();
        }
        cause = error.source();
    }
    Problem::bad_request("The request body ended too early.")
}

/// Why a body ends before it was all there.
#[derive(Debug)]
struct TooSlow;

impl fmt::Display for TooSlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body took too long")
    }
}

impl Error for TooSlow {}

/// The body, if it is all there within `limit`.
pub(crate) fn within(limit: Duration, body: Incoming) -> Body {
    if hyper::body::Body::is_end_stream(&body) {
        return Body::empty();
    }
    let begin = Some((body, Instant::now() + limit));
    Body::from_stream(stream::unfold(begin, async |going_on| {
        let (mut body, end) = going_on?;
        let frame = match select(pin!(body.frame()), pin!(sleep_until(end))).await {
            Either::Left((frame, _)) => frame?,
            Either::Right(_) => return Some((Err(Box::<dyn Error + Send + Sync>::from(TooSlow)), None)),
        };
        match frame {
            // Trailers mean nothing here.
            Ok(frame) => Some((Ok(frame.into_data().unwrap_or_default()), Some((body, end)))),
            Err(error) => Some((Err(error.into()), None)),
        }
    }))
}
