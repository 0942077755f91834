//! The asynchronous client for Rust. Works in any executor: the I/O runs on the library's own thread.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::client::{token, typed};
use crate::config::Config;
use crate::drivers::nonblocking::{self, RunningCall};
use crate::error::{Error, Result};
use crate::models::{Page, User};
use crate::operation::{Operation, PageRequest, Request, UserId};
use crate::reply::Reply;
use crate::secret::Token;
use crate::session::SharedSession;

/// A client whose methods are asynchronous. Dropping a method's future cancels the call.
#[derive(Debug)]
pub struct AsyncClient {
    session: SharedSession,
}

impl AsyncClient {
    /// A client for a configuration. Opens no connection yet.
    pub fn new(config: Config) -> AsyncClient {
        AsyncClient { session: SharedSession::new(config) }
    }

    /// A client configured by the environment.
    ///
    /// # Errors
    /// [`Code::InvalidConfig`](crate::Code::InvalidConfig) that lists everything missing or unusable.
    pub fn from_env() -> Result<AsyncClient> {
        Config::from_env().map(AsyncClient::new)
    }

    /// One page of the tenant's users.
    ///
    /// # Errors
    /// Any code of the error table; see [`Code`](crate::Code).
    pub async fn get_users(&self, page: PageRequest) -> Result<Page<User>> {
        let reply = self.call(Operation::GetUsers(page)).await?;
        typed("users", &reply)
    }

    /// One user.
    ///
    /// # Errors
    /// As [`Client::get_user`](crate::Client::get_user).
    pub async fn get_user(&self, user_id: impl Into<String>) -> Result<User> {
        let reply = self.call(Operation::GetUser(UserId::new(user_id)?)).await?;
        typed("user", &reply)
    }

    /// Exchanges the API key for a token that represents the user.
    ///
    /// # Errors
    /// As [`Client::get_user`](crate::Client::get_user).
    pub async fn exchange_api_key_for_token(&self, user_id: impl Into<String>) -> Result<Token> {
        let reply = self.call(Operation::ExchangeApiKeyForToken(UserId::new(user_id)?)).await?;
        token(&reply)
    }

    /// Any other call to the tenant.
    ///
    /// # Errors
    /// Any code of the error table.
    pub async fn request(&self, request: Request) -> Result<Reply> {
        self.call(Operation::Request(request)).await
    }

    /// Runs any operation.
    ///
    /// # Errors
    /// Any code of the error table.
    pub async fn call(&self, operation: Operation) -> Result<Reply> {
        let session = self.session.get()?;
        let (sender, result) = oneshot::channel();
        let call = nonblocking::start(session, operation, move |result| {
            // The receiver is gone when the caller dropped the future: nobody is left to tell.
            let _ = sender.send(result);
        });
        Pending { call, result }.await
    }

    /// Closes the client: calls under way and after it end with [`Code::Closed`](crate::Code::Closed). Dropping the client
    /// lets calls under way finish.
    pub fn close(&self) {
        self.session.close();
    }
}

/// A call that is cancelled when it is no longer waited for.
struct Pending {
    call: RunningCall,
    result: oneshot::Receiver<Result<Reply>>,
}

impl Future for Pending {
    type Output = Result<Reply>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<Reply>> {
        Pin::new(&mut self.result)
            .poll(context)
            .map(|sent| sent.unwrap_or_else(|_| Err(Error::panic("a call"))))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.call.cancel();
    }
}
