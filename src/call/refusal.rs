//! Turns answers that are no success, or not the promised one, into errors that say what to do.

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName};

use super::Call;
use super::retry_after::retry_after;
use crate::config::Proxy;
use crate::error::{Code, Error};
use crate::http::HttpResponse;
use crate::operation::Answer;
use crate::problem::Problem;
use crate::redact::{Redactor, is_plain};
use crate::reply::Mismatch;
use crate::time::Now;
use crate::trace_context::is_traceparent;

/// Under these names services and gateways return the id of a request; the first found counts.
const REQUEST_ID: [HeaderName; 3] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("request-id"),
    HeaderName::from_static("x-correlation-id"),
];
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

impl Call {
    /// The error for a status that is no success.
    pub(super) fn refusal(&self, code: Code, response: &HttpResponse, now: Now) -> Error {
        let redactor = self.redactor();
        let problem = Problem::read(&response.body);
        let said = problem.message.and_then(|text| redactor.clean(&text));
        let request_id = request_id(&response.headers)
            .map(str::to_owned)
            .or(problem.trace_id)
            .and_then(|id| redactor.clean(&id));
        let retry_after = retry_after(&response.headers, now.system);
        let mut message = format!("{}: the service returned {}", self.endpoint.route(), response.status);
        if let Some(said) = &said {
            message.push_str(&format!(": {}", said.trim_end_matches('.')));
        }
        let advice = self.advice(code, response.status, retry_after, request_id.as_deref());
        if let Some(advice) = advice {
            message.push_str(&format!(". {advice}"));
        }
        Error::new(code, message)
            .with_status(response.status)
            .with_request_id(request_id)
            .with_retry_after(retry_after)
            .with_service_message(said)
    }

    /// The error for a success that is not what the operation was promised.
    pub(super) fn broken_promise(&self, mismatch: Mismatch) -> Error {
        let Mismatch { status, headers, what } = mismatch;
        let redactor = self.redactor();
        let request_id = self.request_id(&headers);
        let promised = match &self.endpoint.answer {
            Answer::Page(_) => "a page of users",
            Answer::Token(_) => "a token",
            Answer::User(_) | Answer::Anything | Answer::Status => "a user",
            Answer::Document => "a document",
        };
        let sent_as = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let sent_as = sent_as.and_then(|value| redactor.clean(value.split(';').next()?));
        let sent_as = sent_as.map(|kind| format!(", sent as {kind}")).unwrap_or_default();
        let message = format!(
            "{}: the service returned {status} with {what}{sent_as}; expected {promised}. Check that `base_url` is \
             the service's address, with no gateway or login page in front of it",
            self.endpoint.route()
        );
        Error::new(Code::InvalidResponse, message).with_status(status).with_request_id(request_id)
    }

    /// The service's name for the request.
    pub(super) fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let id = request_id(headers)?.to_owned();
        let is_clean = is_plain(&id)
            && self.with_secrets(|mut secrets| !Iterator::any(&mut secrets, |secret| id.contains(secret)));
        if is_clean { Some(id) } else { self.redactor().clean(&id) }
    }

    /// Knows what must not appear in a message.
    pub(super) fn redactor(&self) -> Redactor {
        self.with_secrets(|secrets| Redactor::new(secrets))
    }

    fn with_secrets<T>(&self, look: impl FnOnce(&mut dyn Iterator<Item = &str>) -> T) -> T {
        // The keys in use too: a call made as a user carries none, but an answer may still hold one.
        let set = self.context.keys.current();
        let keys = set.iter().flat_map(|set| set.slots()).map(|slot| slot.key.expose());
        let proxy = self.context.config.proxy().and_then(Proxy::secret);
        look(&mut self.credential.secrets().chain(keys).chain(proxy))
    }
}

/// The service's name for the request, not cleaned yet.
fn request_id(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &HeaderName| headers.get(name)?.to_str().ok();
    let id = |name: &HeaderName| text(name).filter(|id| !id.trim().is_empty());
    REQUEST_ID.iter().find_map(id).or_else(|| text(&TRACEPARENT).filter(|text| is_traceparent(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_header_that_names_the_request_counts_and_a_traceparent_only_if_it_is_one() {
        let found = |pairs: &[(&'static str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
            request_id(&HeaderMap::from_iter(pairs)).map(str::to_owned)
        };
        const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(found(&[("request-id", "b"), ("x-request-id", "a")]).as_deref(), Some("a"));
        assert_eq!(found(&[("x-request-id", " "), ("x-correlation-id", "c")]).as_deref(), Some("c"));
        assert_eq!(found(&[("traceparent", TRACE)]).as_deref(), Some(TRACE));
        for none in [
            "",
            "none",
            "00-00000000000000000000000000000000-0000000000000000-00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
        ] {
            assert_eq!(found(&[("traceparent", none)]), None, "{none}");
        }
    }
}
