//! What a successful call answers, checked against what the service promises.

mod paging;
mod shape;

use std::fmt;
use std::time::SystemTime;

use http::HeaderMap;
use serde::de::DeserializeOwned;
use zeroize::Zeroize;

use crate::error::{Code, Error, Result};
use crate::http::HttpResponse;
use crate::operation::{Answer, PageRequest};
use crate::outline::{Outline, Part};
use crate::secret::Token;

/// In the place of a page whose users were given before.
const EMPTY_PAGE: &[u8] = br#"{"data":[]}"#;

/// A success that is not what was promised.
#[derive(Debug)]
pub(crate) struct Mismatch {
    pub status: u16,
    pub headers: HeaderMap,
    /// What came instead, quoting nothing of it.
    pub what: String,
}

/// The answer to an operation.
#[derive(Clone)]
pub struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    outline: Option<Outline>,
    token: Option<Token>,
    next: Option<PageRequest>,
    attempts: u32,
}

impl Reply {
    /// Reads a 2xx answer as what the operation was promised. `outlined`: so that [`parts`](Reply::parts) gives those of users.
    pub(crate) fn read(
        answer: &Answer,
        response: HttpResponse,
        attempts: u32,
        now: SystemTime,
        outlined: bool,
    ) -> Result<Reply, Box<Mismatch>> {
        let HttpResponse { status, headers, body } = response;
        let is_users = matches!(answer, Answer::Page(_) | Answer::User(_));
        let outline = if outlined && is_users { Outline::of_text(body.len()) } else { None };
        let mut reply = Reply { status, headers, body, outline, token: None, next: None, attempts };
        match reply.check(answer, now) {
            Ok(()) => Ok(reply),
            Err(what) => Err(Box::new(Mismatch { status, headers: reply.headers, what })),
        }
    }

    fn check(&mut self, answer: &Answer, now: SystemTime) -> Result<(), String> {
        match answer {
            Answer::Page(asked) => {
                let page = match &mut self.outline {
                    Some(outline) => shape::page(&self.body, outline)?,
                    None => shape::page(&self.body, ())?,
                };
                let paging = page.after(*asked);
                self.next = paging.next;
                if paging.repeated {
                    self.body = EMPTY_PAGE.to_vec();
                    self.outline = None;
                }
            }
            Answer::User(id) => match &mut self.outline {
                Some(outline) => shape::user(&self.body, id, outline)?,
                None => shape::user(&self.body, id, ())?,
            },
            Answer::Token(user_id) => {
                let read = shape::token(&self.body, user_id, headers_date(&self.headers), now);
                self.body.zeroize();
                self.body.clear();
                self.token = Some(read?);
            }
            Answer::Anything | Answer::Status | Answer::Document => {}
        }
        Ok(())
    }

    /// A reply that the client itself made; for bindings.
    #[doc(hidden)]
    pub fn made(body: Vec<u8>, attempts: u32) -> Reply {
        let headers = HeaderMap::new();
        Reply { status: 200, headers, body, outline: None, token: None, next: None, attempts }
    }

    /// The reply to a token exchange that was answered without a request.
    pub fn cached(token: Token) -> Reply {
        Reply::token_reply(token, 0)
    }

    /// The reply to a token exchange, which may have been answered from the cache.
    pub(crate) fn token_reply(token: Token, attempts: u32) -> Reply {
        Reply { token: Some(token), ..Reply::made(Vec::new(), attempts) }
    }

    /// The HTTP status, 200 to 299.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The answer's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as the service sent it: JSON for users; empty for a token, which is in [`token`](Reply::token).
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// What the body is made of, where it is users and a binding asked for it.
    #[doc(hidden)]
    pub fn parts(&self) -> Option<impl Iterator<Item = Part<'_>>> {
        Some(self.outline.as_ref()?.parts(&self.body))
    }

    /// The body, without a copy.
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// The body, which is empty from then on.
    #[doc(hidden)]
    pub fn take_body(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.body)
    }

    /// The token, for [`Operation::ExchangeApiKeyForToken`](crate::Operation::ExchangeApiKeyForToken).
    pub fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// The body as a record; `what` names it in the error.
    pub(crate) fn typed<T: DeserializeOwned>(&self, what: &str) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // The parser's own words could quote a value.
            let place = format!("line {}, column {}", error.line(), error.column());
            let message = format!("the {what} in the answer have a field of another type ({place})");
            Error::new(Code::InvalidResponse, message).with_status(self.status)
        })
    }

    /// The token of an exchange.
    pub(crate) fn into_token(self) -> Result<Token> {
        self.token.ok_or_else(|| Error::panic("the token exchange"))
    }

    /// The number of the page after this one, for [`Operation::GetUsers`](crate::Operation::GetUsers); `None` on the last.
    pub fn next_page(&self) -> Option<u32> {
        self.next_page_request().map(PageRequest::number)
    }

    /// The request for that page, for a way through all of them: it knows what came before, so that no user is lost where the
    /// service caps pages without saying so, and that the way ends. The users of a page that comes again are left out.
    pub fn next_page_request(&self) -> Option<PageRequest> {
        self.next
    }

    /// How many requests the call took.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}

impl fmt::Debug for Reply {
    /// Without the body: it holds personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("token", &self.token)
            .field("next_page", &self.next_page())
            .finish_non_exhaustive()
    }
}

/// The service's clock when it answered.
fn headers_date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(http::header::DATE)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::UserId;

    fn user() -> Answer {
        Answer::User(UserId::new("u").unwrap())
    }

    fn token() -> Answer {
        Answer::Token(UserId::new("u").unwrap())
    }

    fn read(answer: Answer, body: &str) -> Result<Reply, Box<Mismatch>> {
        let response =
            HttpResponse { status: 200, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
        Reply::read(&answer, response, 1, SystemTime::now(), false)
    }

    fn page(body: &str) -> Result<Reply, Box<Mismatch>> {
        read(Answer::Page(PageRequest::default()), body)
    }

    #[test]
    fn a_success_that_is_not_what_was_promised_is_an_invalid_response() {
        for (operation, body, why) in [
            (user(), "", "empty"),
            (user(), "<html>", "not JSON"),
            (user(), "[]", "another shape"),
            (user(), "null", "another shape"),
            (user(), r#"{"a":"\ud800"}"#, "not JSON"),
            (user(), r#"{"userId":"u"} {}"#, "not JSON"),
            (token(), "{}", "another shape"),
            (token(), r#"{"token":null}"#, "another shape"),
            (token(), r#"{"token":""}"#, "not a JSON Web Token"),
            (token(), r#"{"token":"a.b.c\n"}"#, "not a JSON Web Token"),
        ] {
            let what = read(operation, body).unwrap_err().what;
            assert!(what.contains(why), "{body}: {what}");
        }
        for body in [r#"{"data":null}"#, r#"{"data":[1]}"#, r#"{"users":[]}"#] {
            assert!(page(body).is_err(), "{body}");
        }
    }

    #[test]
    fn the_users_of_a_page_that_comes_again_are_left_out() {
        let body = r#"{"data":[{"userId":"a"},{"userId":"b"}],"totalRecords":9}"#;
        let first = page(body).unwrap();
        let next = first.next_page_request().unwrap();
        assert_eq!((first.body(), first.next_page(), next.number()), (body.as_bytes(), Some(2), 2));
        let again = read(Answer::Page(next), body).unwrap();
        assert_eq!((again.body(), again.next_page()), (&br#"{"data":[]}"#[..], Some(3)));
        let other = read(Answer::Page(next), &body.replace("\"a\"", "\"c\"")).unwrap();
        assert_ne!(other.body(), again.body());
    }

    #[test]
    fn the_body_is_kept_as_sent_and_a_token_leaves_none() {
        let body = r#"{"userId":"u","unknown":[1,{"x":null}]}"#;
        let user = read(user(), body).unwrap();
        assert_eq!(user.body(), body.as_bytes());
        let reply = read(token(), r#"{"token":"aa.bb.cc"}"#).unwrap();
        assert_eq!((reply.body(), reply.token().unwrap().expose()), (&b""[..], "aa.bb.cc"));
    }
}
