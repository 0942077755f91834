//! What a fault does, in a few words for people.

use serde::Serialize;

use super::fault::{Close, Fault};

/// A fault that waits, as the portal lists it.
#[derive(Serialize)]
pub(crate) struct Description {
    path: String,
    method: Option<String>,
    /// How often still; null is until the faults are cleared.
    left: Option<u32>,
    does: String,
}

impl Description {
    pub(super) fn of(fault: &Fault, left: Option<u32>) -> Self {
        let mut does = Vec::new();
        if let Some(limit) = &fault.rate_limit {
            does.push(format!(
                "{} requests per {}",
                limit.requests,
                humantime::format_duration(limit.window)
            ));
        }
        if !fault.delay.is_zero() {
            does.push(format!("waits {}", humantime::format_duration(fault.delay)));
        }
        if let Some(answer) = &fault.answer {
            does.push(format!("answers {}", answer.status.as_u16()));
        }
        if fault.raw.is_some() {
            does.push("sends raw bytes".to_owned());
        }
        if fault.gzip {
            does.push("compresses".to_owned());
        }
        if !fault.drip.is_zero() {
            does.push("drips byte by byte".to_owned());
        }
        does.extend(fault.close.map(|close| match close {
            Close::Before => "resets without a response".to_owned(),
            Close::MidBody => "resets in the body".to_owned(),
            Close::After => "resets afterwards".to_owned(),
        }));
        Self { path: fault.path.clone(), method: fault.method.clone(), left, does: does.join(", ") }
    }
}
