//! The asynchronous client for Rust. Works in any executor: the I/O runs on the library's own thread.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use secrecy::SecretString;
use tokio::sync::oneshot;

use crate::call::{CallOptions, Invocation};
use crate::config::Config;
use crate::drivers::nonblocking::{self, RunningCall};
#[cfg(doc)]
use crate::error::Code;
use crate::error::{Error, Result};
use crate::keys::{KeyCheck, KeyUsage};
use crate::models::{Page, User};
use crate::operation::{Operation, PageRequest, Request, TokenCheck, UserId};
use crate::pages::Pages;
use crate::reply::Reply;
use crate::secret::Token;
use crate::session::SharedSession;
use crate::tokens::TokenStats;
use crate::verify::Claims;

/// A client whose methods are asynchronous. Dropping a method's future cancels the call.
#[derive(Debug)]
pub struct AsyncClient {
    session: Arc<SharedSession>,
    options: CallOptions,
}

impl AsyncClient {
    /// A client for a configuration. Opens no connection yet.
    pub fn new(config: Config) -> AsyncClient {
        AsyncClient { session: Arc::new(SharedSession::new(config)), options: CallOptions::new() }
    }

    /// A client configured by the environment.
    ///
    /// # Errors
    /// [`Code::InvalidConfig`] that lists everything missing or unusable.
    pub fn from_env() -> Result<AsyncClient> {
        Config::from_env().map(AsyncClient::new)
    }

    /// One page of the tenant's users.
    ///
    /// # Errors
    /// Any code of the error table; see [`Code`].
    pub async fn get_users(&self, page: PageRequest) -> Result<Page<User>> {
        let reply = self.call(Operation::GetUsers(page)).await?;
        reply.typed("users")
    }

    /// All users, fetched page by page as [`next`](AsyncUsers::next) gets to them, `page_size` (1 to 100) at a time.
    ///
    /// ```no_run
    /// # use agglestone::AsyncClient;
    /// # async fn example(client: AsyncClient) -> Result<(), agglestone::Error> {
    /// let mut users = client.iter_users(100)?;
    /// while let Some(user) = users.next().await {
    ///     println!("{}", user?.user_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] naming `page_size`; all others come where the users would.
    pub fn iter_users(&self, page_size: i64) -> Result<AsyncUsers<'_>> {
        Ok(AsyncUsers { client: self, pages: Pages::new(page_size, None, CallOptions::new())? })
    }

    /// One user.
    ///
    /// # Errors
    /// As [`Client::get_user`](crate::Client::get_user).
    pub async fn get_user(&self, user_id: impl Into<String>) -> Result<User> {
        let reply = self.call(Operation::GetUser(UserId::new(user_id)?)).await?;
        reply.typed("user")
    }

    /// A token that represents the user: from the cache, or by exchanging the API key for one. One exchange serves everyone
    /// who asks meanwhile.
    ///
    /// # Errors
    /// As [`Client::get_user`](crate::Client::get_user).
    pub async fn exchange_api_key_for_token(&self, user_id: impl Into<String>) -> Result<Token> {
        let user_id = UserId::new(user_id)?;
        if let Some(token) = nonblocking::cached_token(&self.session.get()?, &user_id) {
            return Ok(token);
        }
        self.call(Operation::ExchangeApiKeyForToken(user_id)).await?.into_token()
    }

    /// The same, but issued now, whatever the cache holds.
    ///
    /// # Errors
    /// As [`get_user`](Self::get_user).
    pub async fn exchange_api_key_for_fresh_token(&self, user_id: impl Into<String>) -> Result<Token> {
        self.call(Operation::ExchangeApiKeyForFreshToken(UserId::new(user_id)?)).await?.into_token()
    }

    /// Whether a token of this tenant is to be believed, and what it says: its signature, issuer, tenant, audience and times. The
    /// service's signing keys are fetched when they are needed and kept; a token that was verified before costs a lookup. Works
    /// on any token of the tenant. Of the user it knows what was true when the token was issued; for more there is
    /// [`verify_token_with`](Self::verify_token_with).
    ///
    /// # Errors
    /// [`Code::InvalidToken`] for a token that is not to be believed, with a [`reason`](crate::Error::reason): a web service
    /// answers 401. [`Code::KeysUnavailable`] when there are no keys to verify with: 503.
    pub async fn verify_token(&self, token: &str) -> Result<Claims> {
        self.verify(token, None).await
    }

    /// The same, resting on more than the token itself.
    ///
    /// With [`TokenCheck::Service`] the service is asked whether the token's user is there and enabled: one `GET` of the user,
    /// whose answer counts for a minute for everyone who asks, and less where this client writes to the users. So a user who was
    /// deleted or disabled is refused within a minute, instead of when the token expires. What a user may do is not asked: `groups`
    /// are as the token has them. Up to `token_cache_size` users are remembered.
    ///
    /// ```no_run
    /// # async fn example(client: agglestone::AsyncClient, token: &str) -> Result<(), agglestone::Error> {
    /// use agglestone::TokenCheck;
    ///
    /// let claims = client.verify_token_with(token, TokenCheck::Service).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`verify_token`](Self::verify_token). A user who is gone or disabled makes [`Code::InvalidToken`] with the reason
    /// `revoked`: 401. [`Code::CheckUnavailable`] when the service can't be asked or does not say so, also where it refuses the
    /// API key or forbids the question: 503.
    pub async fn verify_token_with(&self, token: &str, check: TokenCheck) -> Result<Claims> {
        self.verify(token, Some(check)).await
    }

    async fn verify(&self, token: &str, check: Option<TokenCheck>) -> Result<Claims> {
        if let Some(verdict) = nonblocking::verified_at_hand(&self.session.get()?, token, check) {
            return verdict;
        }
        let reply = self.call(Operation::VerifyToken { token: token.into(), check }).await?;
        Claims::from_reply(reply)
    }

    /// Asks the service with each key once which it accepts. Switches nothing.
    ///
    /// # Errors
    /// Any code of the error table but [`Code::Unauthorized`], which is an answer here.
    pub async fn check_api_keys(&self) -> Result<KeyCheck> {
        self.call(Operation::CheckApiKeys).await?.typed("report")
    }

    /// Replaces both keys at once; the next call uses them. Without a secondary there is none from now on.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] naming `primary` or `secondary`; the keys in use stay.
    pub fn set_api_keys(
        &self,
        primary: impl Into<SecretString>,
        secondary: Option<SecretString>,
    ) -> Result<()> {
        self.session.get()?.keys().set(&primary.into(), secondary.as_ref())
    }

    /// What this client did with its keys. Sends nothing.
    ///
    /// # Errors
    /// [`Code::Closed`].
    pub fn key_usage(&self) -> Result<KeyUsage> {
        Ok(self.session.get()?.keys().usage())
    }

    /// Forgets a user's token: the next call asks for a new one.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] for an id that can't be one.
    pub fn forget_token(&self, user_id: impl Into<String>) -> Result<()> {
        self.session.get()?.tokens().forget(&UserId::new(user_id)?);
        Ok(())
    }

    /// Forgets every token.
    ///
    /// # Errors
    /// [`Code::Closed`].
    pub fn forget_tokens(&self) -> Result<()> {
        self.session.get()?.tokens().forget_all();
        Ok(())
    }

    /// How the token cache is doing.
    ///
    /// # Errors
    /// [`Code::Closed`].
    pub fn token_stats(&self) -> Result<TokenStats> {
        Ok(self.session.get()?.tokens().stats())
    }

    /// The tenant as a user sees it: calls with the user's token and without the key.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] for an id that can't be one.
    pub fn as_user(&self, user_id: impl Into<String>) -> Result<AsyncUserClient<'_>> {
        Ok(AsyncUserClient { client: self, user_id: UserId::new(user_id)?, options: CallOptions::new() })
    }

    /// Any other call to the tenant.
    ///
    /// # Errors
    /// Any code of the error table.
    pub async fn request(&self, request: Request) -> Result<Reply> {
        self.call(Operation::Request(request)).await
    }

    /// The same client, whose calls through this one have other times or retries. What the options don't say stays as it is.
    /// Both share connections, keys and tokens, and closing either closes both.
    ///
    /// ```no_run
    /// # use agglestone::{AsyncClient, CallOptions, PageRequest};
    /// # async fn example(client: AsyncClient) -> Result<(), agglestone::Error> {
    /// let hasty = client.with_options(CallOptions::new().timeout(2.0)?.max_retries(0)?);
    /// let page = hasty.get_users(PageRequest::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_options(&self, options: CallOptions) -> AsyncClient {
        AsyncClient { session: self.session.clone(), options: options.or(self.options) }
    }

    /// Runs any operation, with options of its own by [`Operation::with`].
    ///
    /// # Errors
    /// Any code of the error table.
    pub async fn call(&self, operation: impl Into<Invocation>) -> Result<Reply> {
        let session = self.session.get()?;
        let (sender, result) = oneshot::channel();
        let invocation = operation.into().or(self.options).in_trace_of(session.config());
        let call = nonblocking::start(session, invocation, move |result| {
            // The receiver is gone when the caller dropped the future: nobody is left to tell.
            let _ = sender.send(result);
        });
        Pending { call, result }.await
    }

    /// Closes the client: calls under way and after it end with [`Code::Closed`]. Dropping the client
    /// lets calls under way finish.
    pub fn close(&self) {
        self.session.close();
    }
}

/// The tenant as one user sees it. The user's own rights apply.
#[derive(Debug)]
pub struct AsyncUserClient<'a> {
    client: &'a AsyncClient,
    user_id: UserId,
    options: CallOptions,
}

impl AsyncUserClient<'_> {
    /// The same user's calls with other times or retries. What the options don't say stays as it is.
    pub fn with_options(self, options: CallOptions) -> Self {
        Self { options: options.or(self.options), ..self }
    }

    /// One page of the users, as the user may see them.
    ///
    /// # Errors
    /// [`Code::Forbidden`] where the user lacks the right, or any other code of the error table.
    pub async fn get_users(&self, page: PageRequest) -> Result<Page<User>> {
        self.call(Operation::GetUsers(page)).await?.typed("users")
    }

    /// All users, as the user may see them; otherwise [`AsyncClient::iter_users`].
    ///
    /// # Errors
    /// As [`AsyncClient::iter_users`].
    pub fn iter_users(&self, page_size: i64) -> Result<AsyncUsers<'_>> {
        let pages = Pages::new(page_size, Some(self.user_id.clone()), self.options)?;
        Ok(AsyncUsers { client: self.client, pages })
    }

    /// One user, as the user may see it.
    ///
    /// # Errors
    /// As [`get_users`](Self::get_users).
    pub async fn get_user(&self, user_id: impl Into<String>) -> Result<User> {
        self.call(Operation::GetUser(UserId::new(user_id)?)).await?.typed("user")
    }

    /// Any other call to the tenant, made by the user.
    ///
    /// # Errors
    /// As [`get_users`](Self::get_users).
    pub async fn request(&self, request: Request) -> Result<Reply> {
        self.call(Operation::Request(request)).await
    }

    async fn call(&self, operation: Operation) -> Result<Reply> {
        self.client.call(operation.as_user(self.user_id.clone())?.with(self.options)).await
    }
}

/// All users of the tenant, made by [`AsyncClient::iter_users`].
#[derive(Debug)]
pub struct AsyncUsers<'a> {
    client: &'a AsyncClient,
    pages: Pages,
}

impl AsyncUsers<'_> {
    /// The next user, fetched with its page where that is not there yet; `None` after the last one and after an error.
    /// Dropping the future loses no user.
    pub async fn next(&mut self) -> Option<Result<User>> {
        loop {
            if let Some(user) = self.pages.user() {
                return Some(Ok(user));
            }
            let reply = match self.pages.call()? {
                Ok(call) => self.client.call(call).await,
                Err(error) => Err(error),
            };
            if let Err(error) = self.pages.received(reply) {
                return Some(Err(error));
            }
        }
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
