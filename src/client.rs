//! The blocking client for Rust.

use serde::de::DeserializeOwned;

use crate::config::Config;
use crate::drivers::blocking;
use crate::error::{Code, Error, Result};
use crate::models::{Page, User};
use crate::operation::{Operation, PageRequest, Request, UserId};
use crate::reply::Reply;
use crate::secret::Token;
use crate::session::SharedSession;

/// A client whose calls block the calling thread. Share it between threads by reference or in an `Arc`; it keeps a pool
/// of connections. Not for use inside an asynchronous runtime: there it is [`AsyncClient`](crate::AsyncClient).
#[derive(Debug)]
pub struct Client {
    session: SharedSession,
}

impl Client {
    /// A client for a configuration. Opens no connection yet.
    pub fn new(config: Config) -> Client {
        Client { session: SharedSession::new(config) }
    }

    /// A client configured by the environment.
    ///
    /// # Errors
    /// [`Code::InvalidConfig`] that lists everything missing or unusable.
    pub fn from_env() -> Result<Client> {
        Config::from_env().map(Client::new)
    }

    /// One page of the tenant's users.
    ///
    /// # Errors
    /// Any code of the error table; see [`Code`].
    pub fn get_users(&self, page: PageRequest) -> Result<Page<User>> {
        let reply = self.call(Operation::GetUsers(page))?;
        typed("users", &reply)
    }

    /// All users, page by page as the iterator gets to them.
    pub fn iter_users(&self) -> impl Iterator<Item = Result<User>> + '_ {
        let first =
            PageRequest::new(1, i64::from(PageRequest::MAX_SIZE)).expect("the largest page is a valid one");
        let mut next = Some(first);
        let pages = std::iter::from_fn(move || {
            let page = next.take()?;
            let users = self.call(Operation::GetUsers(page)).and_then(|reply| {
                next = reply.next_page().map(|number| page.at(number));
                typed::<Page<User>>("users", &reply)
            });
            Some(match users {
                Ok(users) => users.data.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            })
        });
        pages.flatten()
    }

    /// One user.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] for an id that can't be sent, [`Code::NotFound`] when there is no such user, or any
    /// other code of the error table.
    pub fn get_user(&self, user_id: impl Into<String>) -> Result<User> {
        let reply = self.call(Operation::GetUser(UserId::new(user_id)?))?;
        typed("user", &reply)
    }

    /// Exchanges the API key for a token that represents the user.
    ///
    /// # Errors
    /// As [`get_user`](Client::get_user).
    pub fn exchange_api_key_for_token(&self, user_id: impl Into<String>) -> Result<Token> {
        let reply = self.call(Operation::ExchangeApiKeyForToken(UserId::new(user_id)?))?;
        token(&reply)
    }

    /// Any other call to the tenant.
    ///
    /// # Errors
    /// Any code of the error table.
    pub fn request(&self, request: Request) -> Result<Reply> {
        self.call(Operation::Request(request))
    }

    /// Runs any operation.
    ///
    /// # Errors
    /// Any code of the error table.
    pub fn call(&self, operation: Operation) -> Result<Reply> {
        blocking::run(&*self.session.get()?, operation)
    }

    /// Closes the client: calls after it answer [`Code::Closed`]. Dropping the client does the same.
    pub fn close(&self) {
        self.session.close();
    }
}

/// Reads a checked body as a record.
pub(crate) fn typed<T: DeserializeOwned>(what: &str, reply: &Reply) -> Result<T> {
    serde_json::from_slice(reply.body()).map_err(|error| {
        // The parser's own words could quote a value.
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::new(
            Code::InvalidResponse,
            format!("the {what} in the answer have a field of another type ({place})"),
        )
        .with_status(reply.status())
    })
}

pub(crate) fn token(reply: &Reply) -> Result<Token> {
    reply.token().cloned().ok_or_else(|| Error::panic("the token exchange"))
}
