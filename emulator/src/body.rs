//! Reads the bodies of requests, up to a limit.

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body_util::BodyExt;

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
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else {
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
