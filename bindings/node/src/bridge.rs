//! Brings finished calls, events and questions from the library's threads to one JavaScript environment, in batches.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use agglestone::binding::Session;
use agglestone::binding::{self, RunningCall};
use agglestone::{Invocation, Observation};
use napi::Result;
use napi::bindgen_prelude::{Array, Env, Function};
use napi::threadsafe_function::UnknownReturnValue;
use napi_derive::napi;

use crate::account;
use crate::channel::{Channel, Item};
use crate::event;
use crate::key_source::KeyQuestion;
use crate::outcome::{self, Shape};

/// What a drain writes in the place of a slot.
const EVENT: i32 = -1;
const QUESTION: i32 = -2;

/// What only the environment's own thread touches.
pub struct Calls {
    channel: Arc<Channel>,
    running: RefCell<Vec<Option<RunningCall>>>,
    pending: Cell<usize>,
    /// Who watches calls, by their slots.
    observed: RefCell<HashMap<u32, Observation>>,
}

impl Calls {
    /// Starts a call; its outcome comes out of [`NativeBridge::drain`].
    pub fn start(
        &self,
        env: Env,
        slot: u32,
        shape: Shape,
        session: Arc<Session>,
        invocation: Invocation,
    ) -> Result<()> {
        if self.pending.get() == 0 {
            self.keep_process_alive(env, true)?;
        }
        self.pending.set(self.pending.get() + 1);
        let channel = self.channel.clone();
        let report = move |result| channel.push(Item::Finished { slot, shape, result });
        let invocation = match self.observed.borrow().get(&slot) {
            Some(observation) => invocation.observed(observation.clone()),
            None => invocation,
        };
        // A panic in there has reported the call's end, as a bug, by the time that it gets here.
        let started = catch_unwind(AssertUnwindSafe(|| binding::start(session, invocation, report)));
        let mut running = self.running.borrow_mut();
        let index = slot as usize;
        if running.len() <= index {
            running.resize_with(index + 1, || None);
        }
        running[index] = started.ok();
        Ok(())
    }

    /// Watches the call that is about to start in a slot.
    pub fn observe(&self, slot: u32, observation: Observation) {
        self.observed.borrow_mut().insert(slot, observation);
    }

    /// What the watched call of a slot did so far, in lines.
    pub fn account(&self, slot: u32) -> Option<String> {
        self.observed.borrow().get(&slot).map(|observation| observation.read(account::lines))
    }

    /// Nobody watches the slot any more; by whom it was.
    pub fn stop_observing(&self, slot: u32) -> Option<Observation> {
        let mut observed = self.observed.borrow_mut();
        if observed.is_empty() { None } else { observed.remove(&slot) }
    }

    /// Stops the call of a slot, which still comes out of the drain.
    pub fn cancel(&self, slot: u32) {
        if let Some(Some(call)) = self.running.borrow().get(slot as usize) {
            call.cancel();
        }
    }

    /// Where events and questions go.
    pub fn channel(&self) -> &Arc<Channel> {
        &self.channel
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

impl Drop for Calls {
    fn drop(&mut self) {
        // The end of the environment.
        self.channel.close();
    }
}

/// One for each JavaScript environment: the main thread's, and each worker's.
#[napi]
pub struct NativeBridge(Rc<Calls>);

#[napi]
impl NativeBridge {
    /// `wake` is called, on the environment's thread, when there is something to drain.
    #[napi(constructor, catch_unwind)]
    pub fn new(wake: Function<'_, (), UnknownReturnValue>) -> Result<NativeBridge> {
        let wake = wake.build_threadsafe_function::<()>().callee_handled::<false>().weak::<true>().build()?;
        Ok(NativeBridge(Rc::new(Calls {
            channel: Arc::new(Channel::new(wake)),
            running: RefCell::default(),
            pending: Cell::new(0),
            observed: RefCell::default(),
        })))
    }

    /// Everything that came since the last time, four items each. A call: its slot, body (`null` for an error), the rest, and what
    /// it did in lines, if it is watched. An event: -1, the client's number, and its data. A question: -2, the client's number, and
    /// the question.
    #[napi(catch_unwind)]
    pub fn drain<'env>(&self, env: &'env Env) -> Result<Array<'env>> {
        let queued = self.0.channel.drain();
        // As long as it will be: growing an array costs the engine more than filling one.
        let mut items = env.create_array(queued.len() as u32 * 4)?;
        for (place, item) in (0..).step_by(4).zip(queued) {
            match item {
                Item::Finished { slot, shape, result } => {
                    self.0.ended(slot);
                    items.set(place, slot)?;
                    outcome::write(env, &mut items, place + 1, shape, result)?;
                    if let Some(observation) = self.0.stop_observing(slot) {
                        items.set(place + 3, observation.read(account::lines))?;
                    }
                }
                Item::Event { client, event } => {
                    items.set(place, EVENT)?;
                    items.set(place + 1, client)?;
                    items.set(place + 2, event::data(env, &event)?)?;
                }
                Item::Question { client, question } => {
                    items.set(place, QUESTION)?;
                    items.set(place + 1, client)?;
                    items.set(place + 2, KeyQuestion::from(question))?;
                }
            }
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
