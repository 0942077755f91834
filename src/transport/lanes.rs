//! Connections for calls that block: each has its own small event loop, driven on the caller's thread, so that no other thread
//! has to be woken for a call.

use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use super::sending::Way;
use crate::error::{Code, Error, Result};
use crate::http::{Failure, HttpRequest, HttpResponse};
use crate::sync::Mutex;

/// The lanes that nobody uses at the moment; the one used last is at the end, and taken first.
#[derive(Default)]
pub(super) struct Lanes(Mutex<Vec<Lane>>);

/// An event loop with at most one connection.
struct Lane {
    way: Way,
    idle_since: Instant,
    /// Behind the way, whose connection is registered with it.
    runtime: Option<Runtime>,
}

/// Ends a wait early.
pub(crate) struct Interrupt<'a> {
    /// How long to wait before asking again.
    pub every: Duration,
    pub ask: &'a mut dyn FnMut() -> bool,
}

impl Lanes {
    /// Sends a request and waits for the whole answer; `None` when it was interrupted.
    pub fn send(
        &self,
        idle: Duration,
        make: impl FnOnce() -> Result<Way>,
        request: HttpRequest,
        interrupt: &mut Option<Interrupt<'_>>,
    ) -> Result<Option<Result<HttpResponse, Failure>>> {
        let free = self.take(idle);
        let is_used = free.is_some();
        let mut lane = match free {
            Some(lane) => lane,
            None => Lane::new(make()?)?,
        };
        let Some(outcome) = lane.send(request, is_used, interrupt) else { return Ok(None) };
        lane.idle_since = Instant::now();
        self.0.lock().push(lane);
        Ok(Some(outcome))
    }

    /// The lane used last. Those whose connection has been idle for too long end here, and with them their files.
    fn take(&self, idle: Duration) -> Option<Lane> {
        let now = Instant::now();
        let (lane, old): (Option<Lane>, Vec<Lane>) = {
            let mut lanes = self.0.lock();
            let fresh = lanes.partition_point(|lane| now.saturating_duration_since(lane.idle_since) >= idle);
            let old = lanes.drain(..fresh).collect();
            (lanes.pop(), old)
        };
        drop(old);
        lane
    }
}

impl Lane {
    fn new(way: Way) -> Result<Lane> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime
            .map_err(|error| Error::new(Code::Connect, format!("no event loop for a connection: {error}")))?;
        Ok(Lane { way, idle_since: Instant::now(), runtime: Some(runtime) })
    }

    fn send(
        &self,
        request: HttpRequest,
        is_used: bool,
        interrupt: &mut Option<Interrupt<'_>>,
    ) -> Option<Result<HttpResponse, Failure>> {
        let runtime = self.runtime.as_ref().expect("it is there until the drop");
        runtime.block_on(async {
            if is_used {
                // A look at the connection, which may have ended while nobody was here.
                tokio::task::yield_now().await;
            }
            let Some(Interrupt { every, ask }) = interrupt else { return Some(self.way.send(request).await) };
            let mut sending = std::pin::pin!(self.way.send(request));
            loop {
                match tokio::time::timeout(*every, &mut sending).await {
                    Ok(outcome) => return Some(outcome),
                    Err(_) if ask() => return None,
                    Err(_) => {}
                }
            }
        })
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // May be on a thread that drives I/O, which must not wait for anything.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
