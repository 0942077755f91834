//! Answers over HTTP/2 that nobody reads. The connection may be alive, because its client answers pings and reads other streams,
//! so that nothing but the answer itself can tell.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// A body that tells when the next piece of it has not been asked for in time: what came before has no room at the client.
pub(crate) struct Watched {
    body: Body,
    limit: Duration,
    unread: Arc<Notify>,
    alarm: JoinHandle<()>,
}

impl Watched {
    pub(crate) fn new(body: Body, limit: Duration, unread: &Arc<Notify>) -> Watched {
        let unread = Arc::clone(unread);
        Watched { alarm: alarm(limit, &unread), body, limit, unread }
    }
}

fn alarm(limit: Duration, unread: &Arc<Notify>) -> JoinHandle<()> {
    let unread = Arc::clone(unread);
    tokio::spawn(async move {
        tokio::time::sleep(limit).await;
        unread.notify_one();
    })
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.alarm.abort();
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_ready() {
            self.alarm = alarm(self.limit, &self.unread);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.alarm.abort();
    }
}
