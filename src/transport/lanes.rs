//! Connections for calls that block: each has its own small event loop, driven on the caller's thread, so that no other thread
//! has to be woken for a call.

use std::io;
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::time::{self, Sleep};

use super::sending::Way;
use crate::error::Result;
use crate::http::{Failure, HttpRequest, HttpResponse};
use crate::sync::Mutex;

/// The lanes that nobody uses at the moment.
#[derive(Default)]
pub(super) struct Lanes(Mutex<Idle>);

#[derive(Default)]
struct Idle {
    /// The one used last is at the end, and taken first.
    lanes: Vec<Lane>,
    /// Somebody looks after them.
    swept: bool,
}

/// An event loop with at most one connection.
struct Lane {
    way: Way,
    idle_since: Instant,
    /// When to ask next whether to go on. It goes on from call to call, because a timer that is set anew wakes the event loop,
    /// which takes two system calls.
    pulse: Option<Pin<Box<Sleep>>>,
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
        request: Box<HttpRequest>,
        interrupt: &mut Option<Interrupt<'_>>,
    ) -> Result<Option<Result<HttpResponse, Failure>>> {
        let free = self.take(idle);
        let is_used = free.is_some();
        let mut lane = match free {
            Some(lane) => lane,
            None => match Lane::new(make()?) {
                Ok(lane) => lane,
                Err(error) => return Ok(Some(Err(Failure::connecting(&error)))),
            },
        };
        let Some(outcome) = lane.send(request, is_used, interrupt) else { return Ok(None) };
        lane.idle_since = Instant::now();
        self.0.lock().lanes.push(lane);
        Ok(Some(outcome))
    }

    /// Whether somebody has to begin to [`close_idle`](Lanes::close_idle) now and then; asks once.
    pub fn want_sweeping(&self) -> bool {
        let mut idle = self.0.lock();
        !idle.lanes.is_empty() && !std::mem::replace(&mut idle.swept, true)
    }

    /// Ends those whose connection has been idle for too long. Whether any is left to look after.
    pub fn close_idle(&self, idle: Duration) -> bool {
        let mut state = self.0.lock();
        let old = state.take_old(idle);
        state.swept = !state.lanes.is_empty();
        let is_any_left = state.swept;
        drop(state);
        drop(old);
        is_any_left
    }

    /// The lane used last. Those whose connection has been idle for too long end here, and with them their files.
    fn take(&self, idle: Duration) -> Option<Lane> {
        let mut state = self.0.lock();
        let (old, lane) = (state.take_old(idle), state.lanes.pop());
        drop(state);
        drop(old);
        lane
    }
}

impl Idle {
    fn take_old(&mut self, idle: Duration) -> Vec<Lane> {
        let now = Instant::now();
        let is_old = |lane: &Lane| now.saturating_duration_since(lane.idle_since) >= idle;
        let fresh = self.lanes.partition_point(is_old);
        self.lanes.drain(..fresh).collect()
    }
}

impl Lane {
    fn new(way: Way) -> io::Result<Lane> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Lane { way, idle_since: Instant::now(), pulse: None, runtime: Some(runtime) })
    }

    fn send(
        &mut self,
        request: Box<HttpRequest>,
        is_used: bool,
        interrupt: &mut Option<Interrupt<'_>>,
    ) -> Option<Result<HttpResponse, Failure>> {
        let Lane { way, pulse, runtime, .. } = self;
        let runtime = runtime.as_ref().expect("it is there until the drop");
        runtime.block_on(async {
            if is_used {
                // A look at the connection, which may have ended while nobody was here.
                tokio::task::yield_now().await;
            }
            let Some(Interrupt { every, ask }) = interrupt else { return Some(way.send(request).await) };
            let pulse = pulse.get_or_insert_with(|| Box::pin(time::sleep(*every)));
            let due = time::Instant::now() + *every;
            if pulse.deadline() > due {
                pulse.as_mut().reset(due);
            }
            let mut sending = pin!(way.send(request));
            loop {
                tokio::select! {
                    biased;
                    outcome = &mut sending => return Some(outcome),
                    () = pulse.as_mut() => {
                        if ask() {
                            return None;
                        }
                        pulse.as_mut().reset(time::Instant::now() + *every);
                    }
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
