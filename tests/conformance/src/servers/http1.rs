//! HTTP/1.1 by hand: a server whose answers are to be wrong can't be made with a library that keeps them right.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::connection::{Connection, play};
use super::forward::forward;
use super::log::{Log, Request};
use super::spec::{Answer, Reply};

/// Answers what comes on a connection until one of both ends it.
pub async fn serve(mut connection: impl Connection, log: &Log) -> io::Result<()> {
    let mut read = Vec::new();
    while let Some(request) = next_request(&mut connection, &mut read).await? {
        let goes_on = match log.asked(&request) {
            Some(Answer::Reply(reply)) => {
                connection.write_all(&written(reply)).await?;
                true
            }
            Some(Answer::Script(actions)) => play(actions, &mut connection).await?,
            Some(Answer::Forward) => return forward(&request, &read, connection).await,
            Some(Answer::Reset(_)) | None => false,
        };
        if goes_on {
            connection.flush().await?;
        }
        log.answered();
        if !goes_on {
            break;
        }
    }
    Ok(())
}

/// Reads one whole request; none when the other side has left. `read` holds what came and belongs to the next one.
async fn next_request(connection: &mut impl Connection, read: &mut Vec<u8>) -> io::Result<Option<Request>> {
    loop {
        if let Some((request, length)) = parse(read)? {
            read.drain(..length);
            return Ok(Some(request));
        }
        if connection.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
}

/// The request at the start of `read` and its length; none while it is not complete.
fn parse(read: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(start) = head.parse(read).map_err(io::Error::other)? else {
        return Ok(None);
    };
    let text = |part: Option<&str>| part.unwrap_or_default().to_string();
    let mut request =
        Request { version: "1.1", method: text(head.method), target: text(head.path), ..Request::default() };
    for header in head.headers {
        request.header(header.name, header.value);
    }
    let length = request.headers.get("content-length").map_or(Ok(0), |length| length.parse());
    let end = start + length.map_err(io::Error::other)?;
    let Some(body) = read.get(start..end) else { return Ok(None) };
    request.body = body.to_vec();
    Ok(Some((request, end)))
}

fn written(reply: &Reply) -> Vec<u8> {
    let body = reply.body();
    let mut answer = format!("HTTP/1.1 {} \r\n", reply.status);
    for (name, value) in &reply.headers {
        answer += &format!("{name}: {value}\r\n");
    }
    if reply.body.is_some() || !matches!(reply.status, 204 | 304) {
        answer += &format!("content-length: {}\r\n", body.len());
    }
    answer += "\r\n";
    [answer.into_bytes(), body].concat()
}
