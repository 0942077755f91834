//! What waits for its callback.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use client_core::{Error, Event, Reply, Result};

use crate::error::agg_error;
use crate::event::EventSink;
use crate::lent::UserData;
use crate::reply::agg_reply;

/// Something to call back for.
pub enum Report {
    /// A finished call.
    Ended(Completed),
    /// Something that happened to the keys of a client.
    Event(Arc<EventSink>, Event),
}

/// A finished call on its way to its callback.
pub struct Completed {
    pub callback: extern "C" fn(*mut c_void, Option<Box<agg_reply>>, Option<Box<agg_error>>),
    pub user_data: UserData,
    pub result: Result<Reply>,
}

impl Report {
    /// Calls back.
    pub fn tell(self) {
        match self {
            Report::Ended(completed) => completed.tell(),
            Report::Event(sink, event) => sink.tell(event),
        }
    }
}

impl Completed {
    /// Calls back, with handles that are the callee's to free.
    pub fn tell(self) {
        let Completed { callback, user_data, result } = self;
        // Building a reply allocates and copies; should that ever panic, the promise of one callback still holds.
        let reply = result.and_then(|reply| {
            catch_unwind(AssertUnwindSafe(|| agg_reply::new(reply)))
                .map_err(|_| Error::panic("the C interface"))
        });
        match reply {
            Ok(reply) => callback(user_data.0, Some(Box::new(reply)), None),
            Err(error) => callback(user_data.0, None, Some(Box::new(agg_error::new(error)))),
        }
    }
}
