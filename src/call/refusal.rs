//! Turns answers that are no success, and requests without an answer, into errors that say what to do.

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};

use super::Now;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::http::{Failure, FailureKind, HttpResponse};
use crate::operation::Operation;
use crate::problem;
use crate::redact::Redactor;

/// Under these names services and gateways return the id of a request; the first found counts.
const REQUEST_ID: [&str; 4] = ["x-request-id", "request-id", "x-correlation-id", "traceparent"];

/// The error for a status that is no success. `advice` is what to do about it, where the call knows.
pub(super) fn refusal(
    operation: &Operation,
    code: Code,
    response: &HttpResponse,
    advice: Option<String>,
    redactor: &Redactor,
    now: Now,
) -> Error {
    let said = problem::message(&response.body).and_then(|text| redactor.clean(&text));
    let request_id = REQUEST_ID
        .iter()
        .find_map(|name| response.headers.get(*name)?.to_str().ok())
        .and_then(|id| redactor.clean(id));
    let mut message = format!("{}: the service answered {}", operation.route(), response.status);
    if let Some(said) = &said {
        message.push_str(&format!(": {}", said.trim_end_matches('.')));
    }
    let advice = match code {
        Code::UnexpectedRedirect => Some(
            "Redirects are never followed, because they would carry the key to another address; check `base_url`"
                .to_owned(),
        ),
        // Where the path holds nothing but a user, it is the user that is not there.
        Code::NotFound if operation.names_a_user() => {
            Some("Is the id right, and is the user one of this tenant?".to_owned())
        }
        _ => advice,
    };
    if let Some(advice) = advice {
        message.push_str(&format!(". {advice}"));
    }
    Error::new(code, message)
        .with_status(response.status)
        .with_request_id(request_id)
        .with_retry_after(retry_after(&response.headers, now.system))
        .with_service_message(said)
}

/// The error for a request without a complete answer.
pub(super) fn failure(
    operation: &Operation,
    failure: &Failure,
    config: &Config,
    redactor: &Redactor,
) -> Error {
    let (base_url, proxy) = (config.base_url(), config.proxy());
    let through = proxy.map(|proxy| format!(" through the proxy {}", proxy.address())).unwrap_or_default();
    let (code, what) = match (failure.kind, proxy) {
        (FailureKind::NotConnected | FailureKind::ProxyDenied, Some(proxy)) => {
            (Code::Connect, format!("the proxy {} made no connection to {base_url}", proxy.address()))
        }
        (FailureKind::NotConnected | FailureKind::ProxyDenied, None) => {
            (Code::Connect, format!("no connection to {base_url}"))
        }
        (FailureKind::Refused, _) => {
            (Code::Connect, "the service refused the request without having looked at it".to_owned())
        }
        (FailureKind::Lost, _) => {
            (Code::Connect, "the connection ended before the answer was complete".to_owned())
        }
        (FailureKind::Tls, _) => (Code::Tls, format!("no trusted TLS connection to {base_url}{through}")),
        (FailureKind::TimedOut, _) => (Code::Timeout, "no complete answer in time".to_owned()),
        (FailureKind::TooLarge, _) => {
            (Code::TooLarge, format!("the answer is larger than {} bytes", operation.max_body()))
        }
        (FailureKind::Unreadable, _) => (Code::InvalidResponse, "an answer that can't be read".to_owned()),
    };
    let detail = redactor.clean(&failure.detail).map(|detail| format!(" ({detail})")).unwrap_or_default();
    let advice = match (failure.kind, proxy) {
        (FailureKind::ProxyDenied, Some(proxy)) => {
            format!(". The proxy comes from the environment: {}", proxy.advice_on_users())
        }
        (FailureKind::NotConnected, Some(proxy)) => {
            format!(". The proxy comes from the environment: {}", proxy.advice())
        }
        (FailureKind::NotConnected, None) => {
            ". Is the service running, and is `base_url` its address?".to_owned()
        }
        (FailureKind::Tls, _) => {
            ". A certificate of your own authority is trusted when AGGLESTONE_CA_FILE names it".to_owned()
        }
        _ => String::new(),
    };
    Error::new(code, format!("{}: {what}{detail}{advice}", operation.route()))
}

/// `Retry-After` as seconds or as a date (RFC 9110, 10.2.3); a date counts from the answer's own `Date` when it has one,
/// so that a wrong clock here does not matter. Anything else, or two different ones, is as if absent.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let mut values = headers.get_all(RETRY_AFTER).iter();
    let value = values.next()?;
    if values.any(|other| other != value) {
        return None;
    }
    let text = value.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than fits is still a wish to wait for long; so long that nobody's type for times overflows.
        let seconds = text.parse().unwrap_or(u32::MAX);
        return Some(Duration::from_secs(u64::from(seconds)));
    }
    let date = |value: &HeaderValue| httpdate::parse_http_date(value.to_str().ok()?).ok();
    let sent = headers.get(DATE).and_then(date).unwrap_or(now);
    let until = httpdate::parse_http_date(text).ok()?;
    Some(until.duration_since(sent).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_every_form_and_ignored_when_it_makes_no_sense() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let date = |seconds| httpdate::fmt_http_date(now + Duration::from_secs(seconds));
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(RETRY_AFTER, value.parse().unwrap());
            }
            retry_after(&headers, now)
        };
        assert_eq!(read(&["7"]), Some(Duration::from_secs(7)));
        assert_eq!(read(&["0"]), Some(Duration::ZERO));
        assert_eq!(read(&[&date(9)]), Some(Duration::from_secs(9)));
        assert_eq!(read(&[&httpdate::fmt_http_date(SystemTime::UNIX_EPOCH)]), Some(Duration::ZERO));
        assert_eq!(read(&["7", "7"]), Some(Duration::from_secs(7)));
        let longest = Some(Duration::from_secs(u64::from(u32::MAX)));
        assert_eq!(read(&["4294967296"]), longest);
        assert_eq!(read(&["99999999999999999999999"]), longest);
        for values in [&["-1"][..], &["+1"], &["soon"], &["1.5"], &["1", "2"], &["7, 7"], &[""], &["\u{fc}"]]
        {
            assert_eq!(read(values), None, "{values:?}");
        }
    }

    #[test]
    fn a_date_counts_from_the_answers_own_so_that_a_wrong_clock_here_changes_nothing() {
        let theirs = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let date = |seconds| httpdate::fmt_http_date(theirs + Duration::from_secs(seconds)).parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(DATE, date(0));
        headers.insert(RETRY_AFTER, date(9));
        for ours in [theirs - Duration::from_secs(5000), theirs + Duration::from_secs(5000)] {
            assert_eq!(retry_after(&headers, ours), Some(Duration::from_secs(9)));
        }
    }
}
