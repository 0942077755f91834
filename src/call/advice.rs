//! What to do about an answer that is no success.

use std::time::Duration;

use http::Method;

use super::Call;
use crate::error::Code;
use crate::operation::Answer;

/// For whoever must not do a thing twice.
pub(super) const MAY_HAVE_ACTED: &str = "The service may have processed the request; check before retrying";

impl Call {
    /// The next step of whoever reads the error, where there is one.
    pub(super) fn advice(
        &self,
        code: Code,
        status: u16,
        retry_after: Option<Duration>,
        request_id: Option<&str>,
    ) -> Option<String> {
        let text = match code {
            Code::UnexpectedRedirect => {
                "Redirects are never followed, because they would send the key to another address; check `base_url`"
            }
            Code::Unauthorized => return self.credential.advice(),
            Code::Forbidden => self.credential.advice_on_rights(),
            Code::NotFound if self.endpoint.method == Method::DELETE && self.retries.were_made() => {
                "An earlier attempt of this call may have deleted it"
            }
            Code::NotFound if self.endpoint.names_a_user() => {
                "Check the id, and that the user exists in this tenant"
            }
            Code::NotFound => match &self.endpoint.answer {
                Answer::Anything => "Check the path, and that the resource exists in this tenant",
                _ => "Check `base_url`, `tenant_id` and `users_path`",
            },
            Code::Conflict => "It conflicts with the current state; fetch it first",
            Code::RateLimited => return Some(format!("Try again {}", later(retry_after))),
            Code::Server => return Some(self.advice_on_faults(retry_after, request_id)),
            Code::UnexpectedStatus if status == 407 => {
                let proxy = self.context.config.proxy()?;
                return Some(format!(
                    "It came from the proxy {}: {}",
                    proxy.address(),
                    proxy.advice_on_users()
                ));
            }
            Code::UnexpectedStatus => advice_on_status(status),
            _ => return None,
        };
        Some(text.to_owned())
    }

    fn advice_on_faults(&self, retry_after: Option<Duration>, request_id: Option<&str>) -> String {
        let next = match (self.endpoint.is_repeatable(), retry_after) {
            (false, None) => MAY_HAVE_ACTED.to_owned(),
            _ => format!("Try again {}", later(retry_after)),
        };
        match request_id {
            Some(id) => format!("{next}. If it persists, give the vendor request id {id}"),
            None => next,
        }
    }
}

/// What an answer means that has no code of its own.
fn advice_on_status(status: u16) -> &'static str {
    match status {
        300 => "It has several forms of this and leaves the choice to you; name one in `Accept`",
        304 => {
            "Nothing has changed since the version that the request names; without `If-None-Match` and \
             `If-Modified-Since` it is sent in full"
        }
        405 => "The path does not accept this method",
        408 | 425 => "Try again later",
        410 => "It was there once and has been removed",
        412 => {
            "A condition of the request, such as `If-Match`, does not hold; fetch the current version first"
        }
        413 => "The body is larger than it accepts",
        416 => "The part that `Range` names is not there",
        423 => "It is locked; try again when it is not",
        451 => "It is withheld for legal reasons",
        _ => "Check that `base_url` is the service's address, with no gateway in front of it",
    }
}

fn later(retry_after: Option<Duration>) -> String {
    match retry_after {
        Some(wait) if wait.is_zero() => "now".to_owned(),
        Some(wait) => format!("in {} s", wait.as_secs_f64().ceil()),
        None => "later".to_owned(),
    }
}
