//! What a successful call answers, checked against what the service promises.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use http::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroize;

use crate::error::{Code, Error, Result};
use crate::http::HttpResponse;
use crate::json::Object;
use crate::operation::Answer;
use crate::secret::Token;

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
    token: Option<Token>,
    next_page: Option<u32>,
    attempts: u32,
}

impl Reply {
    /// Reads a 2xx answer as what the operation was promised.
    pub(crate) fn read(
        answer: Answer,
        response: HttpResponse,
        attempts: u32,
        now: SystemTime,
    ) -> Result<Reply, Box<Mismatch>> {
        let HttpResponse { status, headers, body } = response;
        let mut reply = Reply { status, headers, body, token: None, next_page: None, attempts };
        match reply.check(answer, now) {
            Ok(()) => Ok(reply),
            Err(what) => Err(Box::new(Mismatch { status, headers: reply.headers, what })),
        }
    }

    fn check(&mut self, answer: Answer, now: SystemTime) -> Result<(), String> {
        match answer {
            Answer::Page(asked) => {
                let page: PageShape = parse(&self.body)?;
                self.next_page = page.next(asked);
            }
            Answer::Token => {
                let date = headers_date(&self.headers);
                let token = parse::<TokenShape>(&self.body).and_then(|answer| {
                    let expires_in = answer.expires_in.as_ref().and_then(serde_json::Value::as_f64);
                    Token::new(&answer.token)
                        .and_then(|token| token.with_life(date, expires_in, now))
                        .map_err(|what| format!("a `token` that {what}"))
                });
                self.body.zeroize();
                self.body.clear();
                self.token = Some(token?);
            }
            Answer::User => {
                parse::<Object>(&self.body)?;
            }
            Answer::Anything | Answer::Status => {}
        }
        Ok(())
    }

    /// A reply that the client itself made from one or more answers.
    pub(crate) fn made(body: Vec<u8>, attempts: u32) -> Reply {
        let headers = HeaderMap::new();
        Reply { status: 200, headers, body, token: None, next_page: None, attempts }
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

    /// The body, without a copy.
    pub fn into_body(self) -> Vec<u8> {
        self.body
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
        self.next_page
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
            .field("next_page", &self.next_page)
            .finish_non_exhaustive()
    }
}

/// Parses JSON; the error says what the body is instead, without quoting it.
fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    if body.is_empty() {
        return Err("an empty body".to_owned());
    }
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Data => format!("{} of another shape ({place})", kind(body)),
            _ => format!("a body that is not JSON ({place})"),
        }
    })
}

/// What kind of JSON a body is.
fn kind(body: &[u8]) -> &'static str {
    match body.trim_ascii_start().first() {
        Some(b'{') => "a JSON object",
        Some(b'[') => "a JSON array",
        _ => "JSON",
    }
}

/// The service's clock when it answered.
fn headers_date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(http::header::DATE)?.to_str().ok()?).ok()
}

/// The token and, by its usual names, how long it lives; the latter is not documented, so nothing depends on its type.
#[derive(Deserialize)]
struct TokenShape<'a> {
    #[serde(borrow)]
    token: Cow<'a, str>,
    #[serde(default, alias = "expires_in", rename = "expiresIn")]
    expires_in: Option<serde_json::Value>,
}

/// What the paging rule needs of a page; everything else is kept unread.
#[derive(Deserialize)]
struct PageShape {
    data: Vec<Object>,
    #[serde(default, rename = "pageSize")]
    page_size: Option<u64>,
    #[serde(default, rename = "totalRecords")]
    total_records: Option<u64>,
    // Sister services call the total so (`service.md`, "Users").
    #[serde(default, rename = "totalCount")]
    total_count: Option<u64>,
}

impl PageShape {
    /// The next page's number by the service's total; by whether this page is full where there is no total.
    fn next(&self, asked: u32) -> Option<u32> {
        let size = self.page_size.unwrap_or(self.data.len() as u64);
        let more = match self.total_records.or(self.total_count) {
            Some(total) => u64::from(asked).saturating_mul(size) < total,
            None => self.data.len() as u64 >= size,
        };
        (more && !self.data.is_empty()).then(|| asked.checked_add(1)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: Answer, body: &str) -> Result<Reply, Box<Mismatch>> {
        let response =
            HttpResponse { status: 200, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
        Reply::read(answer, response, 1, SystemTime::now())
    }

    fn page(number: u32, body: &str) -> Result<Reply, Box<Mismatch>> {
        read(Answer::Page(number), body)
    }

    #[test]
    fn a_success_that_is_not_what_was_promised_is_an_invalid_response() {
        let (user, token) = (Answer::User, Answer::Token);
        for (operation, body, why) in [
            (user, "", "empty"),
            (user, "<html>", "not JSON"),
            (user, "[]", "another shape"),
            (user, "null", "another shape"),
            (user, r#"{"a":"\ud800"}"#, "not JSON"),
            (user, "{} {}", "not JSON"),
            (token, "{}", "another shape"),
            (token, r#"{"token":null}"#, "another shape"),
            (token, r#"{"token":""}"#, "not a JSON Web Token"),
            (token, r#"{"token":"a.b.c\n"}"#, "not a JSON Web Token"),
        ] {
            let what = read(operation, body).unwrap_err().what;
            assert!(what.contains(why), "{body}: {what}");
        }
        for body in [r#"{"data":null}"#, r#"{"data":[1]}"#, r#"{"users":[]}"#] {
            assert!(page(1, body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_name_that_comes_twice_is_refused_in_small_and_large_objects() {
        let user = Answer::User;
        assert!(read(user, r#"{"a":1,"b":{"a":1}}"#).is_ok());
        assert!(read(user, r#"{"a":1,"a":1}"#).is_err());
        assert!(read(user, r#"{"b":{"a":1,"\u0061":1}}"#).is_err());
        let many: Vec<String> = (0..1000).map(|n| format!(r#""k{n}":1"#)).collect();
        assert!(read(user, &format!("{{{}}}", many.join(","))).is_ok());
        assert!(read(user, &format!(r#"{{{},"k999":1}}"#, many.join(","))).is_err());
    }

    #[test]
    fn endless_nesting_is_refused_before_any_face_parses_it() {
        let user = Answer::User;
        let body = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(read(user, &body).is_err());
    }

    #[test]
    fn the_body_is_kept_as_sent_and_a_token_leaves_none() {
        let body = r#"{"userId":"u","unknown":[1,{"x":null}]}"#;
        let user = read(Answer::User, body).unwrap();
        assert_eq!(user.body(), body.as_bytes());
        let reply = read(Answer::Token, r#"{"token":"aa.bb.cc"}"#).unwrap();
        assert_eq!((reply.body(), reply.token().unwrap().expose()), (&b""[..], "aa.bb.cc"));
    }

    #[test]
    fn the_next_page_follows_from_the_total_or_from_a_full_page() {
        let next = |number, body| page(number, body).unwrap().next_page();
        assert_eq!(next(1, r#"{"data":[{},{}],"pageSize":2,"totalRecords":5}"#), Some(2));
        assert_eq!(next(3, r#"{"data":[{}],"pageSize":2,"totalRecords":5}"#), None);
        assert_eq!(next(1, r#"{"data":[{},{}],"pageSize":2,"totalCount":4}"#), Some(2));
        assert_eq!(next(2, r#"{"data":[{},{}],"pageSize":2,"totalCount":4}"#), None);
        assert_eq!(next(1, r#"{"data":[{},{}],"pageSize":2}"#), Some(2));
        assert_eq!(next(1, r#"{"data":[{}],"pageSize":2}"#), None);
        assert_eq!(next(7, r#"{"data":[],"pageSize":2,"totalRecords":99}"#), None);
    }
}
