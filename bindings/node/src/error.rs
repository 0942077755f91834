//! Errors on their way to JavaScript: plain data, which the façade turns into its classes.

use agglestone::binding::Spelling;
use agglestone::{Error, Problem};
use napi_derive::napi;

/// How JavaScript writes names and times.
const SPELLING: Spelling = Spelling::Camel;

/// One thing that is wrong with a configuration.
#[napi(object)]
pub struct ProblemData {
    pub option: String,
    pub reason: String,
}

impl From<&Problem> for ProblemData {
    fn from(problem: &Problem) -> ProblemData {
        ProblemData { option: problem.setting_in(SPELLING), reason: problem.reason_in(SPELLING).into_owned() }
    }
}

/// All that is known of a failed call. Members that are not known are left out.
#[napi(object)]
pub struct ErrorData {
    pub number: u16,
    pub name: String,
    pub message: String,
    /// What is wrong with a configuration.
    pub problems: Option<Vec<ProblemData>>,
    pub retryable: bool,
    pub attempts: u32,
    pub argument: Option<String>,
    pub reason: Option<String>,
    pub status: Option<u16>,
    pub request_id: Option<String>,
    /// Seconds.
    pub retry_after: Option<f64>,
    pub service_message: Option<String>,
}

impl From<Error> for ErrorData {
    fn from(error: Error) -> ErrorData {
        ErrorData {
            number: error.code().number(),
            name: error.code().name().to_owned(),
            message: error.message_in(SPELLING).into_owned(),
            problems: Some(error.problems().iter().map(ProblemData::from).collect())
                .filter(|problems: &Vec<_>| !problems.is_empty()),
            retryable: error.retryable(),
            attempts: error.attempts(),
            argument: error.argument_name().map(|name| SPELLING.argument(name)),
            reason: error.reason().map(str::to_owned),
            status: error.status(),
            request_id: error.request_id().map(str::to_owned),
            retry_after: error.retry_after().map(|wait| wait.as_secs_f64()),
            service_message: error.service_message().map(str::to_owned),
        }
    }
}
