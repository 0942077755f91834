//! What an operation comes to: requests to the service, who makes them, and what their answers must look like.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, Method};
use secrecy::SecretString;

use super::page_request::PageRequest;
use super::token_check::TokenCheck;
use super::user_id::UserId;
use crate::path::template;

/// The body cap of ordinary answers.
const MAX_BODY: usize = 10 * 1024 * 1024;
/// The body cap of a token's answer, and of what tokens are verified with.
const MAX_TOKEN_BODY: usize = 1024 * 1024;

/// Every method that is ever sent.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// Where the key is exchanged (`service.md`, "Token exchange").
const EXCHANGE_PATH: &str = "v2.0/Auth/token-exchange";

/// How an operation is carried out. One that takes more than one request is a way of its own here.
#[derive(Debug)]
pub(crate) enum Flow {
    /// One request with a key of the tenant.
    ByKey(Endpoint),
    /// The same request with each key in turn.
    ByEachKey(Endpoint),
    /// One request with a user's token, which is got first.
    ByUser(UserId, Endpoint),
    /// A user's token itself: from the cache unless it must be fresh, or by an exchange for all who wait.
    Token { user_id: UserId, fresh: bool },
    /// A verdict on a token, for which keys may have to be fetched, and the service asked about the user.
    Verify { token: SecretString, check: Option<TokenCheck> },
}

/// One request, and what its answer must look like: all that the rest of the core knows of an operation.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub method: Method,
    /// The path below the tenant and the query, encoded; from the root where it begins with a slash.
    pub target: Cow<'static, str>,
    /// The route template, where it is not to be made from the target.
    pub name: Option<&'static str>,
    /// The caller's own headers.
    pub headers: HeaderMap,
    /// JSON.
    pub body: Option<Bytes>,
    pub answer: Answer,
}

/// What a success must look like.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A JSON object with an array of users under `data`; this page was asked for.
    Page(PageRequest),
    /// A JSON object: the user with this id.
    User(UserId),
    /// A JSON object with a token of this user in it.
    Token(UserId),
    /// Whatever the caller asked for.
    Anything,
    /// Only the status matters.
    Status,
    /// A document that everybody may read.
    Document,
}

impl Endpoint {
    /// A request of the client's own, with a name for messages.
    pub fn new(
        method: Method,
        target: impl Into<Cow<'static, str>>,
        name: &'static str,
        answer: Answer,
    ) -> Endpoint {
        let headers = HeaderMap::new();
        Endpoint { method, target: target.into(), name: Some(name), headers, body: None, answer }
    }

    /// The exchange of a key for a user's token.
    pub fn exchange(user_id: &UserId) -> Endpoint {
        let body = serde_json::json!({ "userId": user_id.as_str() }).to_string();
        Endpoint { body: Some(Bytes::from(body)), ..Endpoint::awaited_token(user_id) }
    }

    /// What a call is about that waits for an exchange and sends nothing itself.
    pub fn awaited_token(user_id: &UserId) -> Endpoint {
        Endpoint::new(Method::POST, EXCHANGE_PATH, EXCHANGE_PATH, Answer::Token(user_id.clone()))
    }

    /// A document that is read without a credential.
    pub fn open(target: impl Into<Cow<'static, str>>, name: &'static str) -> Endpoint {
        Endpoint::new(Method::GET, target, name, Answer::Document)
    }

    fn is_exchange(&self) -> bool {
        matches!(self.answer, Answer::Token(_))
    }

    /// Whether a 404 says that a user is not there: the path holds nothing but one, or the body does.
    pub fn names_a_user(&self) -> bool {
        self.is_exchange() || self.name.is_some_and(|name| name.ends_with("{userId}"))
    }

    /// How messages name the call: method and route template, without ids and queries.
    pub fn route(&self) -> String {
        format!("{} {}", self.method, self.template())
    }

    /// The route template, without ids and queries.
    pub fn template(&self) -> Cow<'static, str> {
        match self.name {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(template(self.target.split('?').next().unwrap_or_default())),
        }
    }

    /// The method as text.
    pub fn method_name(&self) -> &'static str {
        METHODS.iter().copied().find(|name| self.method == *name).unwrap_or_default()
    }

    /// Whether doing it twice is as good as once. An exchange only issues a token, so it counts.
    pub fn is_repeatable(&self) -> bool {
        self.is_exchange() || [Method::GET, Method::HEAD, Method::PUT, Method::DELETE].contains(&self.method)
    }

    /// How many bytes of body an answer may have.
    pub fn max_body(&self) -> usize {
        match self.answer {
            Answer::Token(_) | Answer::Document => MAX_TOKEN_BODY,
            _ => MAX_BODY,
        }
    }
}
