//! What a look at one thing found.

use agglestone::Error;
use agglestone::binding::Spelling;
use serde::Serialize;

/// How one check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Ok,
    Warning,
    Failed,
}

/// One thing that was looked at. Holds no secret: keys are named by fingerprint.
#[derive(Serialize)]
pub struct Finding {
    pub check: &'static str,
    pub status: Status,
    pub detail: String,
}

impl Finding {
    pub fn ok(check: &'static str, detail: impl Into<String>) -> Finding {
        Finding { check, status: Status::Ok, detail: detail.into() }
    }

    pub fn warning(check: &'static str, detail: impl Into<String>) -> Finding {
        Finding { check, status: Status::Warning, detail: detail.into() }
    }

    pub fn failed(check: &'static str, detail: impl Into<String>) -> Finding {
        Finding { check, status: Status::Failed, detail: detail.into() }
    }

    /// What the client says of a call that failed.
    pub fn of(check: &'static str, error: &Error) -> Finding {
        Finding::failed(check, format!("{} ({})", error.message_in(Spelling::Snake), error.code().name()))
    }
}
