//! Everything the client can ask of the service, as values that are valid from the moment they exist.

mod endpoint;
mod methods;
mod page_request;
mod request;
mod token_check;
mod trail;
mod user_id;

pub(crate) use endpoint::{Answer, Endpoint, Flow};
pub use methods::{METHODS, Method as MethodRow};
pub use page_request::PageRequest;
pub use request::Request;
pub use token_check::TokenCheck;
pub(crate) use trail::{Mark, Trail};
pub use user_id::UserId;

use http::Method;
use secrecy::SecretString;

use crate::error::{Error, Result};

/// One thing to ask of the service. Adding an endpoint is one variant here and one method in each face.
///
/// ```no_run
/// # fn example(client: agglestone::Client) -> Result<(), agglestone::Error> {
/// use agglestone::{CallOptions, Operation, PageRequest};
///
/// let users = Operation::GetUsers(PageRequest::default());
/// let reply = client.call(users.with(CallOptions::new().max_retries(0)?))?;
/// println!("{} bytes after {} attempts", reply.body().len(), reply.attempts());
/// # Ok(())
/// # }
/// ```
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
    /// Whether a token is to be believed: the reply's body is its claims ([`Claims::json`](crate::Claims::json)).
    VerifyToken {
        /// The token, whatever it is.
        token: SecretString,
        /// What is to be asked besides.
        check: Option<TokenCheck>,
    },
    /// Panics when it is run, so that every binding can prove that it survives a bug in here.
    #[doc(hidden)]
    TestingPanic,
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

    /// What it comes to: the one place that knows what each operation is.
    pub(crate) fn into_flow(self, users_path: &str) -> Flow {
        match self {
            Operation::GetUsers(page) => {
                // Put together by hand: formatting would cost each page five times as much.
                let (mut number, mut size) = (itoa::Buffer::new(), itoa::Buffer::new());
                let (number, size) = (number.format(page.number()), size.format(page.size()));
                let target = [users_path, "?pageNumber=", number, "&pageSize=", size].concat();
                Flow::ByKey(Endpoint::new(Method::GET, target, "users", Answer::Page(page)))
            }
            Operation::GetUser(id) => {
                let target = format!("{users_path}/{}", id.segment());
                Flow::ByKey(Endpoint::new(Method::GET, target, "users/{userId}", Answer::User(id)))
            }
            Operation::ExchangeApiKeyForToken(user_id) => Flow::token(user_id, false),
            Operation::ExchangeApiKeyForFreshToken(user_id) => Flow::token(user_id, true),
            Operation::Request(request) => Flow::ByKey(request.into_endpoint()),
            Operation::AsUser(user_id, operation) => match operation.into_flow(users_path) {
                Flow::ByKey(endpoint) => Flow::ByUser(user_id, endpoint),
                _ => unreachable!("as_user takes nothing else"),
            },
            Operation::CheckApiKeys => {
                // The smallest question that takes a key.
                let target = format!("{users_path}?pageNumber=1&pageSize=1");
                Flow::ByEachKey(Endpoint::new(Method::GET, target, "users", Answer::Status))
            }
            Operation::VerifyToken { token, check } => Flow::Verify { token, check },
            Operation::TestingPanic => panic!("on purpose, to test a binding"),
        }
    }
}

impl Flow {
    fn token(user_id: UserId, fresh: bool) -> Flow {
        Flow::Token { user_id, fresh }
    }
}
