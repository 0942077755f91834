//! HTTP/2 by the `h2` crate, which lets a server reset a stream and leave a connection when it should.

use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use tokio::sync::mpsc;

use super::connection::Connection;
use super::log::{Log, Request};
use super::spec::{Answer, Reply, Then};

/// How long an answer is on its way.
const RESET_DELAY: Duration = Duration::from_millis(50);

type Outcome<T = ()> = Result<T, h2::Error>;

/// Answers what comes on a connection until one of both ends it. Requests are answered one after the other.
pub async fn serve(connection: impl Connection, log: &Log) -> Outcome {
    let mut connection = h2::server::handshake(connection).await?;
    let (leave, mut leaving) = mpsc::channel(1);
    // A connection moves only while it is asked for requests, so both are waited for at once.
    let (requests, mut waiting) = mpsc::unbounded_channel();
    let answering = async move {
        while let Some((request, respond)) = waiting.recv().await {
            if answer(request, respond, log).await? {
                let _ = leave.send(()).await;
            }
        }
        std::future::pending::<Outcome>().await
    };
    tokio::pin!(answering);
    loop {
        tokio::select! {
            outcome = &mut answering => return outcome,
            Some(()) = leaving.recv() => connection.graceful_shutdown(),
            accepted = connection.accept() => match accepted {
                // The receiver lives as long as this loop.
                Some(accepted) => drop(requests.send(accepted?)),
                None => return Ok(()),
            },
        }
    }
}

/// Answers one request; true if the connection is to take no more.
async fn answer(
    request: http::Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    log: &Log,
) -> Outcome<bool> {
    let request = read(request).await?;
    match log.asked(&request) {
        Some(Answer::Reply(reply)) => {
            let mut stream = respond.send_response(head(reply), false)?;
            let reset = match &reply.then {
                Some(Then::Reset(name)) => Some(reason(name)),
                Some(Then::Goaway) | None => None,
            };
            stream.send_data(reply.body().into(), reset.is_none())?;
            if let Some(reason) = reset {
                // A reset overtakes what is still waiting to be sent, so that gets time to go.
                tokio::time::sleep(RESET_DELAY).await;
                stream.send_reset(reason);
            }
            Ok(matches!(reply.then, Some(Then::Goaway)))
        }
        Some(Answer::Reset(name)) => {
            respond.send_reset(reason(name));
            Ok(false)
        }
        Some(Answer::Script(_) | Answer::Forward) | None => {
            respond.send_reset(Reason::INTERNAL_ERROR);
            Ok(false)
        }
    }
}

async fn read(request: http::Request<RecvStream>) -> Outcome<Request> {
    let (head, mut stream) = request.into_parts();
    let target = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let mut request = Request { version: "2", method: head.method.to_string(), target, ..Request::default() };
    for (name, value) in &head.headers {
        request.header(name.as_str(), value.as_bytes());
    }
    while let Some(data) = stream.data().await {
        let data = data?;
        stream.flow_control().release_capacity(data.len())?;
        request.body.extend_from_slice(&data);
    }
    Ok(request)
}

fn head(reply: &Reply) -> http::Response<()> {
    let mut head = http::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        head = head.header(name, value);
    }
    head.body(()).expect("a well-formed answer")
}

fn reason(name: &str) -> Reason {
    match name {
        "REFUSED_STREAM" => Reason::REFUSED_STREAM,
        "INTERNAL_ERROR" => Reason::INTERNAL_ERROR,
        "ENHANCE_YOUR_CALM" => Reason::ENHANCE_YOUR_CALM,
        "HTTP_1_1_REQUIRED" => Reason::HTTP_1_1_REQUIRED,
        other => panic!("no reason is called {other}"),
    }
}
