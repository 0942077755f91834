//! One error type for everything that can go wrong, built so that no secret can get into it.

mod code;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

pub use code::Code;

use crate::spelling::Spelling;

/// What the client's operations answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed: a [`Code`] to act on, a message for people, and whatever the answer told.
///
/// Never holds a key or a token.
///
/// ```no_run
/// # fn example(client: agglestone::Client) -> Result<(), agglestone::Error> {
/// use agglestone::Code;
///
/// match client.get_user("3fa85f64-5717-4562-b3fc-2c963f66afa6") {
///     Ok(user) => println!("{}", user.user_id),
///     Err(error) if error.code() == Code::NotFound => println!("no such user"),
///     Err(error) if error.retryable() => println!("later: {error}"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
pub struct Error(Box<Details>);

/// Boxed, because a `Result` is moved far more often than an error is looked at.
#[derive(Clone, Debug)]
struct Details {
    code: Code,
    message: String,
    /// The message with marks, where it has any: another language spells spans of time in another way.
    marked: Option<String>,
    problems: Vec<Problem>,
    argument: Option<&'static str>,
    reason: Option<&'static str>,
    status: Option<u16>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    service_message: Option<String>,
    attempts: u32,
}

impl Error {
    /// An error of a class with a message for people.
    pub fn new(code: Code, message: impl Into<String>) -> Error {
        let (message, marked) = unmarked(message.into());
        Error(Box::new(Details {
            code,
            message,
            marked,
            problems: Vec::new(),
            argument: None,
            reason: None,
            status: None,
            request_id: None,
            retry_after: None,
            service_message: None,
            attempts: 0,
        }))
    }

    /// An argument that is refused before anything is sent. `what` continues the sentence after its name.
    pub fn argument(argument: &'static str, what: impl fmt::Display) -> Error {
        let mut error = Error::new(Code::InvalidArgument, format!("`{argument}` {what}"));
        error.0.argument = Some(argument);
        error
    }

    /// Signing keys that can't be had, because of `cause`.
    pub(crate) fn keys_unavailable(cause: &Error) -> Error {
        Error::unavailable(Code::KeysUnavailable, "the signing keys are unavailable", cause)
    }

    /// Whether a token's user may still can't be asked, because of `cause`.
    pub(crate) fn check_unavailable(cause: &Error) -> Error {
        Error::unavailable(Code::CheckUnavailable, "the service can't be asked about the token's user", cause)
    }

    /// A client that is closed, and a bug, are what they are.
    fn unavailable(code: Code, what: &str, cause: &Error) -> Error {
        if matches!(cause.code(), Code::Closed | Code::Cancelled | Code::Panic) {
            return cause.clone();
        }
        let why = cause.0.marked.as_deref().unwrap_or(&cause.0.message);
        let mut error = Error::new(code, format!("{what}: {why}"));
        let Details { status, request_id, retry_after, service_message, attempts, .. } = &*cause.0;
        error.0.status = *status;
        error.0.request_id.clone_from(request_id);
        error.0.retry_after = *retry_after;
        error.0.service_message.clone_from(service_message);
        error.0.attempts = *attempts;
        error
    }

    /// The client was closed.
    pub fn closed() -> Error {
        Error::new(Code::Closed, "the client is closed")
    }

    /// Another process of the fleet was just refused the user's token.
    pub(crate) fn refused_elsewhere(status: u16) -> Error {
        let code = if status == 403 { Code::Forbidden } else { Code::NotFound };
        let message = format!("another process was just refused this user's token ({status})");
        Error::new(code, message).with_status(status)
    }

    /// A bug in this library, caught at a boundary.
    pub fn panic(place: &str) -> Error {
        Error::new(
            Code::Panic,
            format!("internal error in {place}: this is a bug in the Agglestone client, please report it"),
        )
    }

    /// `work` in the background that ends without an outcome: by a bug, or because the client was closed `meanwhile`.
    pub(crate) fn abandoned(work: &str, meanwhile: &str) -> Error {
        if std::thread::panicking() {
            return Error::panic(work);
        }
        Error::new(Code::Closed, format!("the client was closed while {meanwhile}"))
    }

    /// The class of the error: what a program decides by.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What happened, to which call, and what to do next.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The message as another language writes it: names of settings and arguments, and the unit of times.
    #[doc(hidden)]
    pub fn message_in(&self, spelling: Spelling) -> Cow<'_, str> {
        spelling.text(self.0.marked.as_deref().unwrap_or(&self.0.message), self.0.argument)
    }

    /// Everything that is wrong with a configuration, with [`Code::InvalidConfig`].
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// The argument that was refused, with [`Code::InvalidArgument`].
    pub fn argument_name(&self) -> Option<&'static str> {
        self.0.argument
    }

    /// Why a token is not to be believed, with [`Code::InvalidToken`]: `malformed`, `expired`, `not_yet_valid`, `wrong_issuer`,
    /// `wrong_tenant`, `wrong_audience`, `bad_signature`, `unknown_key`, `algorithm` or `revoked`. The names are stable.
    pub fn reason(&self) -> Option<&'static str> {
        self.0.reason
    }

    /// The HTTP status, when there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The service's name for the request, when its answer carried one: quote it to the vendor.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the service asked to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The service's own words, when it sent some.
    pub fn service_message(&self) -> Option<&str> {
        self.0.service_message.as_deref()
    }

    /// Whether the same call may well succeed later, with nothing changed by the caller.
    pub fn retryable(&self) -> bool {
        self.0.code.retryable()
    }

    /// The refusal of an argument as a problem of a configuration; for bindings.
    #[doc(hidden)]
    pub fn as_problem(&self) -> Option<Problem> {
        let argument = self.0.argument?;
        let text = self.0.marked.as_deref().unwrap_or(&self.0.message);
        // After the name, its backticks and a blank.
        Some(Problem::new(argument, text.get(argument.len() + 3..)?))
    }

    /// How many requests were sent before the call gave up.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    pub(crate) fn with_problems(mut self, problems: Vec<Problem>) -> Error {
        self.0.problems = problems;
        self
    }

    pub(crate) fn with_reason(mut self, reason: &'static str) -> Error {
        self.0.reason = Some(reason);
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Error {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<String>) -> Error {
        self.0.request_id = id;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Error {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn with_service_message(mut self, message: Option<String>) -> Error {
        self.0.service_message = message;
        self
    }

    /// The error of a call that took more than one request says so.
    pub(crate) fn after_attempts(mut self, attempts: u32) -> Error {
        self.0.attempts = attempts;
        if attempts > 1 {
            self.append(&suffix(attempts));
        }
        self
    }

    /// The error once more, for a call that sent nothing because it had just been the answer to another.
    pub(crate) fn remembered(mut self) -> Error {
        let suffix = suffix(self.0.attempts);
        for text in std::iter::once(&mut self.0.message).chain(&mut self.0.marked) {
            text.truncate(text.strip_suffix(&suffix).map_or(text.len(), str::len));
        }
        self.0.attempts = 0;
        self.append(" (remembered from a moment ago; nothing was sent)");
        self
    }

    fn append(&mut self, suffix: &str) {
        self.0.message.push_str(suffix);
        if let Some(marked) = &mut self.0.marked {
            marked.push_str(suffix);
        }
    }
}

fn suffix(attempts: u32) -> String {
    format!(" (after {attempts} attempts)")
}

/// A message as it is shown, and as it was where that differs.
fn unmarked(text: String) -> (String, Option<String>) {
    match Spelling::Snake.text(&text, None) {
        Cow::Borrowed(_) => (text, None),
        Cow::Owned(shown) => (shown, Some(text)),
    }
}

/// One thing that is wrong with a configuration.
///
/// ```
/// use agglestone::Config;
///
/// let error = Config::builder().tenant_id("t").api_key("k").max_retries(99).build().unwrap_err();
/// let problem = &error.problems()[0];
/// assert_eq!((problem.setting(), problem.reason()), ("max_retries", "is 99; 0 to 10 are accepted"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    setting: Cow<'static, str>,
    reason: String,
    marked: Option<String>,
    /// There is no such setting: its name is shown as it came.
    unknown: bool,
}

impl Problem {
    /// `reason` continues the sentence after the setting's name, and shows no secret.
    pub fn new(setting: impl Into<Cow<'static, str>>, reason: impl fmt::Display) -> Problem {
        let (reason, marked) = unmarked(reason.to_string());
        Problem { setting: setting.into(), reason, marked, unknown: false }
    }

    /// A name that no setting has, as the caller wrote it; for bindings.
    #[doc(hidden)]
    pub fn unknown(name: String, reason: impl fmt::Display) -> Problem {
        Problem { unknown: true, ..Problem::new(name, reason) }
    }

    /// The setting's name, in snake case.
    pub fn setting(&self) -> &str {
        &self.setting
    }

    /// What is wrong with it, and what is accepted: the end of a sentence that begins with the name.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The name as another language writes it.
    #[doc(hidden)]
    pub fn setting_in(&self, spelling: Spelling) -> String {
        if self.unknown { self.setting.to_string() } else { spelling.setting(&self.setting) }
    }

    /// The reason as another language writes it.
    #[doc(hidden)]
    pub fn reason_in(&self, spelling: Spelling) -> Cow<'_, str> {
        spelling.text(self.marked.as_deref().unwrap_or(&self.reason), None)
    }

    /// The whole sentence, with the marks that are not for people.
    pub(crate) fn sentence(&self) -> String {
        let quote = self.quote();
        format!("{quote}{}{quote} {}", self.setting, self.marked.as_deref().unwrap_or(&self.reason))
    }

    /// What is in backticks is spelt anew for each language.
    fn quote(&self) -> char {
        if self.unknown { '"' } else { '`' }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = self.quote();
        write!(f, "{quote}{}{quote} {}", self.setting, self.reason)
    }
}

impl Clone for Error {
    fn clone(&self) -> Error {
        Error(self.0.clone())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
