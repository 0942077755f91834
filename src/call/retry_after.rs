//! How long the service asks to wait.

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};

/// `Retry-After` as seconds or as a date (RFC 9110, 10.2.3); a date counts from the answer's own `Date` when it has one,
/// so that a wrong clock here does not matter. Anything else, or two different ones, is as if absent.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
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
