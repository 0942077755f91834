//! Everything the client can ask of the service, as values that are valid from the moment they exist.

mod page_request;
mod path;
mod request;
mod user_id;

use http::Method;

pub use page_request::PageRequest;
pub(crate) use path::check_path;
pub use request::Request;
pub use user_id::UserId;

use crate::config::Config;
use crate::error::{Error, Result};

/// The body cap of ordinary answers.
const MAX_BODY: usize = 10 * 1024 * 1024;
/// The body cap of a token's answer.
const MAX_TOKEN_BODY: usize = 1024 * 1024;

/// Where the key is exchanged (`service.md`, "Token exchange").
const EXCHANGE_PATH: &str = "v2.0/Auth/token-exchange";

/// One thing to ask of the service. Adding an endpoint is one variant here and one method in each face.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Operation {
    /// One page of the tenant's users.
    GetUsers(PageRequest),
    /// One user.
    GetUser(UserId),
    /// A token that represents the user: from the cache, or by exchanging the API key for one.
    ExchangeApiKeyForToken(UserId),
    /// The same, but issued now, whatever the cache holds.
    ExchangeApiKeyForFreshToken(UserId),
    /// Any other call to the tenant.
    Request(Request),
    /// Another operation, made by the user: with the user's token and without the key.
    AsUser(UserId, Box<Operation>),
    /// Asks the service about each key once: `{"primary": {"fingerprint", "accepted", "status"}, "secondary": the same
    /// or null}`.
    CheckApiKeys,
    /// Panics when it is run, so that every binding can prove that it survives a bug in here.
    #[doc(hidden)]
    TestingPanic,
}

/// What a success must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A JSON object with an array of users under `data`.
    Page,
    /// A JSON object.
    Object,
    /// A JSON object with a token in it.
    Token,
    /// Whatever the caller asked for.
    Anything,
}

impl Operation {
    /// An operation as a user makes it: one of [`GetUsers`](Operation::GetUsers), [`GetUser`](Operation::GetUser) and
    /// [`Request`](Operation::Request).
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `operation` for any other.
    pub fn as_user(self, user_id: UserId) -> Result<Operation> {
        match self {
            Operation::GetUsers(_) | Operation::GetUser(_) | Operation::Request(_) => {
                Ok(Operation::AsUser(user_id, Box::new(self)))
            }
            _ => Err(Error::argument("operation", "can't be made as a user")),
        }
    }

    /// Whether the operation is about one user and nothing else.
    pub(crate) fn names_a_user(&self) -> bool {
        matches!(
            self.inner(),
            Operation::GetUser(_)
                | Operation::ExchangeApiKeyForToken(_)
                | Operation::ExchangeApiKeyForFreshToken(_)
        )
    }

    /// What is asked, whoever asks it.
    pub(crate) fn inner(&self) -> &Operation {
        match self {
            Operation::AsUser(_, operation) => operation,
            operation => operation,
        }
    }

    pub(crate) fn method(&self) -> Method {
        match self {
            Operation::GetUsers(_) | Operation::GetUser(_) | Operation::CheckApiKeys => Method::GET,
            Operation::ExchangeApiKeyForToken(_) | Operation::ExchangeApiKeyForFreshToken(_) => Method::POST,
            Operation::AsUser(_, operation) => operation.method(),
            Operation::Request(request) => request.method().clone(),
            Operation::TestingPanic => panic!("on purpose, to test a binding"),
        }
    }

    /// The path below the tenant and the query, encoded.
    pub(crate) fn target(&self, config: &Config) -> String {
        let users = config.users_path();
        match self {
            Operation::GetUsers(page) => {
                format!("{users}?pageNumber={}&pageSize={}", page.number(), page.size())
            }
            Operation::GetUser(id) => format!("{users}/{}", id.segment()),
            Operation::ExchangeApiKeyForToken(_) | Operation::ExchangeApiKeyForFreshToken(_) => {
                EXCHANGE_PATH.to_owned()
            }
            Operation::AsUser(_, operation) => operation.target(config),
            Operation::Request(request) => request.target(),
            // The smallest question that takes a key.
            Operation::CheckApiKeys => format!("{users}?pageNumber=1&pageSize=1"),
            Operation::TestingPanic => String::new(),
        }
    }

    /// How messages name the call: method and route template, without ids and queries.
    pub(crate) fn route(&self) -> String {
        match self {
            Operation::GetUsers(_) => "GET users".to_owned(),
            Operation::GetUser(_) => "GET users/{userId}".to_owned(),
            Operation::ExchangeApiKeyForToken(_) | Operation::ExchangeApiKeyForFreshToken(_) => {
                format!("POST {EXCHANGE_PATH}")
            }
            Operation::AsUser(_, operation) => operation.route(),
            Operation::Request(request) => request.route(),
            Operation::CheckApiKeys => "GET users to check a key".to_owned(),
            Operation::TestingPanic => "a test".to_owned(),
        }
    }

    /// The JSON body, if there is one.
    pub(crate) fn body(&self) -> Option<Vec<u8>> {
        match self {
            Operation::GetUsers(_)
            | Operation::GetUser(_)
            | Operation::CheckApiKeys
            | Operation::TestingPanic => None,
            Operation::ExchangeApiKeyForToken(id) | Operation::ExchangeApiKeyForFreshToken(id) => {
                Some(serde_json::json!({ "userId": id.as_str() }).to_string().into_bytes())
            }
            Operation::Request(request) => request.body().map(<[u8]>::to_vec),
            Operation::AsUser(_, operation) => operation.body(),
        }
    }

    pub(crate) fn answer(&self) -> Answer {
        match self {
            Operation::GetUsers(_) => Answer::Page,
            Operation::GetUser(_) => Answer::Object,
            Operation::ExchangeApiKeyForToken(_) | Operation::ExchangeApiKeyForFreshToken(_) => Answer::Token,
            Operation::AsUser(_, operation) => operation.answer(),
            Operation::Request(_) | Operation::CheckApiKeys | Operation::TestingPanic => Answer::Anything,
        }
    }

    pub(crate) fn max_body(&self) -> usize {
        match self.answer() {
            Answer::Token => MAX_TOKEN_BODY,
            _ => MAX_BODY,
        }
    }
}
