//! Turns the lack of an answer into errors that say whose limit it was and what to do.

use std::time::Duration;

use super::Call;
use super::advice::MAY_HAVE_ACTED;
use crate::error::{Code, Error};
use crate::http::{Failure, FailureKind};
use crate::spelling::Span;

impl Call {
    /// The error for a request without a complete answer.
    pub(super) fn failure(&self, failure: &Failure) -> Error {
        let (code, what) = self.what_failed(failure);
        let detail = self.redactor().clean(&failure.detail).filter(|_| failure.kind != FailureKind::TimedOut);
        let detail = detail.map(|detail| format!(" ({detail})")).unwrap_or_default();
        let advice = self.what_to_do(failure).map(|advice| format!(". {advice}")).unwrap_or_default();
        self.error(code, &format!("{what}{detail}{advice}"))
    }

    /// The code alone.
    pub(super) fn code_of_failure(&self, failure: &Failure) -> Code {
        self.what_failed(failure).0
    }

    fn what_failed(&self, failure: &Failure) -> (Code, String) {
        let (base_url, proxy) = (self.context.config.base_url(), self.context.config.proxy());
        let through = proxy.map(|proxy| format!(" through the proxy {}", proxy.address()));
        let through = through.unwrap_or_default();
        match failure.kind {
            FailureKind::NotConnected | FailureKind::NotListening | FailureKind::ProxyDenied => {
                let what = match proxy {
                    Some(proxy) => format!("the proxy {} made no connection to {base_url}", proxy.address()),
                    None => format!("no connection to {base_url}"),
                };
                (Code::Connect, what)
            }
            FailureKind::NoFiles => {
                (Code::Connect, format!("no connection to {base_url}: this process may open no more files"))
            }
            FailureKind::Busy => {
                let (limit, deadline) = (self.context.config.max_connections(), span(self.deadline));
                let what = format!(
                    "all {limit} connections (`max_connections`) were in use until the `deadline` of {deadline} passed"
                );
                (Code::Timeout, what)
            }
            FailureKind::Refused => {
                (Code::Connect, "the service refused the request without processing it".to_owned())
            }
            FailureKind::Lost => {
                (Code::Connect, "the connection closed before the response was complete".to_owned())
            }
            FailureKind::Tls => (Code::Tls, format!("no trusted TLS connection to {base_url}{through}")),
            FailureKind::TimedOut if !failure.sent => {
                let limit = self.connect_timeout.unwrap_or(self.context.config.connect_timeout());
                let limit = span(limit);
                let what =
                    format!("no connection to {base_url}{through} within the `connect_timeout` of {limit}");
                (Code::Timeout, what)
            }
            FailureKind::TimedOut if self.cut_short => {
                let limit = span(self.deadline);
                (Code::Timeout, format!("no complete response before the `deadline` of {limit} passed"))
            }
            FailureKind::TimedOut => {
                let limit = span(self.timeout);
                (Code::Timeout, format!("no complete response within the `timeout` of {limit}"))
            }
            FailureKind::TooLarge => {
                (Code::TooLarge, format!("the response is larger than {} bytes", self.endpoint.max_body()))
            }
            FailureKind::Unreadable => (Code::InvalidResponse, "the response is not valid HTTP".to_owned()),
        }
    }

    fn what_to_do(&self, failure: &Failure) -> Option<String> {
        let reached = failure.sent && !self.endpoint.is_repeatable();
        Some(match (failure.kind, self.context.config.proxy()) {
            (FailureKind::ProxyDenied, Some(proxy)) => from_environment(&proxy.advice_on_users()),
            (FailureKind::NoFiles, _) => {
                "Allow it more files (`ulimit -n`), close some, or set a smaller `max_connections`".to_owned()
            }
            (FailureKind::NotConnected | FailureKind::NotListening, Some(proxy)) => from_environment(&proxy.advice()),
            (FailureKind::TimedOut, Some(proxy)) if !failure.sent => from_environment(&proxy.advice()),
            (FailureKind::NotConnected | FailureKind::NotListening, None) => {
                "Check that the service is running and that `base_url` is its address".to_owned()
            }
            (FailureKind::TimedOut, None) if !failure.sent => {
                "Check that `base_url` is its address and that no firewall is in the way".to_owned()
            }
            (FailureKind::Tls, _) => {
                "Check that the certificate is valid for this name and time; to trust a private CA, set `ca_file` or \
                 AGGLESTONE_CA_FILE"
                    .to_owned()
            }
            (FailureKind::Refused, _) => "Try again later".to_owned(),
            (FailureKind::Busy, _) => "Make fewer calls at once, or allow more connections".to_owned(),
            _ if reached => MAY_HAVE_ACTED.to_owned(),
            (FailureKind::TooLarge, _) => "Request less at once, such as smaller pages".to_owned(),
            (FailureKind::Unreadable, _) => "Check that `base_url` is the service's address".to_owned(),
            (FailureKind::TimedOut, _) => "Try again later, or allow more time".to_owned(),
            (FailureKind::Lost, _) => "Try again".to_owned(),
            (FailureKind::ProxyDenied, None) => return None,
        })
    }

    /// The deadline passed before another attempt could begin.
    pub(super) fn too_late(&self) -> Error {
        self.deadline_passed("before the call completed")
    }

    /// The deadline passed while the source of the keys was asked.
    pub(super) fn keys_are_late(&self) -> Error {
        self.deadline_passed("while waiting for the source of the API keys")
    }

    /// The deadline passed while somebody fetched the user's token.
    pub(super) fn token_is_late(&self) -> Error {
        self.deadline_passed("while waiting for the user's token")
    }

    fn deadline_passed(&self, when: &str) -> Error {
        self.error(Code::Timeout, &format!("the `deadline` of {} passed {when}", span(self.deadline)))
    }

    /// The client was closed while the call was under way.
    pub(crate) fn closed(&mut self) -> Error {
        let closed = self.error(Code::Closed, Error::closed().message()).after_attempts(self.attempts);
        self.ended(closed)
    }

    fn error(&self, code: Code, what: &str) -> Error {
        Error::new(code, format!("{}: {what}", self.endpoint.route()))
    }
}

fn from_environment(advice: &str) -> String {
    format!("The proxy comes from the environment: {advice}")
}

fn span(time: Duration) -> Span {
    Span(time.as_secs_f64())
}
