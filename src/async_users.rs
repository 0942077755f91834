//! All users one after the other, for the asynchronous client.

use std::vec;

use crate::async_client::AsyncClient;
use crate::client::typed;
use crate::error::Result;
use crate::models::{Page, User};
use crate::operation::{Operation, PageRequest};

/// All users of the tenant, made by [`AsyncClient::iter_users`].
#[derive(Debug)]
pub struct AsyncUsers<'a> {
    client: &'a AsyncClient,
    next_page: Option<PageRequest>,
    users: vec::IntoIter<User>,
}

impl<'a> AsyncUsers<'a> {
    pub(crate) fn new(client: &'a AsyncClient, first: PageRequest) -> AsyncUsers<'a> {
        AsyncUsers { client, next_page: Some(first), users: Vec::new().into_iter() }
    }
}

impl AsyncUsers<'_> {
    /// The next user, fetched with its page where that is not there yet; `None` after the last one and after an error.
    /// Dropping the future loses no user.
    pub async fn next(&mut self) -> Option<Result<User>> {
        loop {
            if let Some(user) = self.users.next() {
                return Some(Ok(user));
            }
            let page = self.next_page?;
            if let Err(error) = self.fetch(page).await {
                self.next_page = None;
                return Some(Err(error));
            }
        }
    }

    async fn fetch(&mut self, page: PageRequest) -> Result<()> {
        let reply = self.client.call(Operation::GetUsers(page)).await?;
        self.users = typed::<Page<User>>("users", &reply)?.data.into_iter();
        self.next_page = reply.next_page().map(|number| page.at(number));
        Ok(())
    }
}
