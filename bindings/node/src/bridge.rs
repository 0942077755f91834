//! Brings finished calls from the I/O thread to one JavaScript environment, in batches.
//!
//! A finished call goes on a queue as plain Rust data. The push that finds the queue empty wakes the environment, whose
//! drain then takes whatever has gathered: a burst of answers costs one wake.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use agglestone::completion::CompletionQueue;
use agglestone::drivers::nonblocking::{self, RunningCall};
use agglestone::session::Session;
use agglestone::{Operation, Reply};
use napi::bindgen_prelude::{Array, Env, Function};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue};
use napi::{Result, Status};
use napi_derive::napi;

use crate::outcome::{self, Shape};

/// A call that ended, with the slot that JavaScript keeps its promise in.
struct Finished {
    slot: u32,
    shape: Shape,
    result: agglestone::error::Result<Reply>,
}

/// Not counted as a reason to keep the process alive unless `refer` says so.
type Wake = ThreadsafeFunction<(), UnknownReturnValue, (), Status, false, true>;

/// What the I/O thread sees of an environment. Outlives it when calls are under way at its end: the wake-up then finds
/// the environment closing and does nothing.
struct Channel {
    queue: CompletionQueue<Finished>,
    wake: Mutex<Wake>,
}

impl Channel {
    fn push(&self, finished: Finished) {
        if self.queue.push(finished) {
            self.wake().call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    fn wake(&self) -> std::sync::MutexGuard<'_, Wake> {
        self.wake.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What only the environment's own thread touches.
pub struct Calls {
    channel: Arc<Channel>,
    running: RefCell<Vec<Option<RunningCall>>>,
    pending: Cell<usize>,
}

impl Calls {
    /// Starts a call; its outcome comes out of [`NativeBridge::drain`].
    pub fn start(
        &self,
        env: Env,
        slot: u32,
        shape: Shape,
        session: Arc<Session>,
        operation: Operation,
    ) -> Result<()> {
        if self.pending.get() == 0 {
            self.keep_process_alive(env, true)?;
        }
        self.pending.set(self.pending.get() + 1);
        let channel = self.channel.clone();
        let call = nonblocking::start(session, operation, move |result| {
            channel.push(Finished { slot, shape, result });
        });
        let mut running = self.running.borrow_mut();
        let index = slot as usize;
        if running.len() <= index {
            running.resize_with(index + 1, || None);
        }
        running[index] = Some(call);
        Ok(())
    }

    /// Stops the call of a slot, which still comes out of the drain.
    pub fn cancel(&self, slot: u32) {
        if let Some(Some(call)) = self.running.borrow().get(slot as usize) {
            call.cancel();
        }
    }

    fn ended(&self, slot: u32) {
        self.running.borrow_mut()[slot as usize] = None;
        self.pending.set(self.pending.get() - 1);
    }

    #[allow(deprecated, reason = "what replaces it counts threads; this is about the event loop")]
    fn keep_process_alive(&self, env: Env, keep: bool) -> Result<()> {
        let mut wake = self.channel.wake();
        if keep { wake.refer(&env) } else { wake.unref(&env) }
    }
}

/// One for each JavaScript environment: the main thread's, and each worker's.
#[napi]
pub struct NativeBridge(Rc<Calls>);

#[napi]
impl NativeBridge {
    /// `wake` is called, on the environment's thread, when there is something to drain.
    #[napi(constructor)]
    pub fn new(wake: Function<'_, (), UnknownReturnValue>) -> Result<NativeBridge> {
        let wake = wake.build_threadsafe_function::<()>().callee_handled::<false>().weak::<true>().build()?;
        Ok(NativeBridge(Rc::new(Calls {
            channel: Arc::new(Channel { queue: CompletionQueue::new(), wake: Mutex::new(wake) }),
            running: RefCell::default(),
            pending: Cell::new(0),
        })))
    }

    /// Every call that ended since the last time, three items each: slot, body (`null` for an error), and the rest.
    #[napi]
    pub fn drain<'env>(&self, env: &'env Env) -> Result<Array<'env>> {
        let finished = self.0.channel.queue.drain();
        // As long as it will be: growing an array costs the engine more than filling one.
        let mut items = env.create_array(finished.len() as u32 * 3)?;
        for (place, call) in (0..).step_by(3).zip(finished) {
            self.0.ended(call.slot);
            items.set(place, call.slot)?;
            outcome::write(env, &mut items, place + 1, call.shape, call.result)?;
        }
        if self.0.pending.get() == 0 {
            self.0.keep_process_alive(*env, false)?;
        }
        Ok(items)
    }

    pub(crate) fn calls(&self) -> &Rc<Calls> {
        &self.0
    }
}
