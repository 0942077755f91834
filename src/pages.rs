//! The way through all pages of the users, for whoever fetches them: which comes next, and the users of the one at hand.

use std::vec;

use crate::call::{CallOptions, Invocation};
use crate::error::Result;
use crate::models::{Page, User};
use crate::operation::{Operation, PageRequest, UserId};
use crate::reply::Reply;

/// Where an iterator is.
#[derive(Debug)]
pub(crate) struct Pages {
    as_user: Option<UserId>,
    options: CallOptions,
    next: Option<PageRequest>,
    users: vec::IntoIter<User>,
}

impl Pages {
    /// Before the first page. `as_user` makes the calls that user's.
    pub fn new(page_size: i64, as_user: Option<UserId>, options: CallOptions) -> Result<Pages> {
        let next = Some(PageRequest::new(1, page_size)?);
        Ok(Pages { as_user, options, next, users: Vec::new().into_iter() })
    }

    /// The next user of the page at hand.
    pub fn user(&mut self) -> Option<User> {
        self.users.next()
    }

    /// The call for the next page; `None` after the last one, and after an error.
    pub fn call(&self) -> Option<Result<Invocation>> {
        let operation = Operation::GetUsers(self.next?);
        let operation = match &self.as_user {
            Some(user_id) => operation.as_user(user_id.clone()),
            None => Ok(operation),
        };
        Some(operation.map(|operation| operation.with(self.options)))
    }

    /// What came of it.
    pub fn received(&mut self, reply: Result<Reply>) -> Result<()> {
        // After an error there is no next page.
        self.next = None;
        let reply = reply?;
        self.users = reply.typed::<Page<User>>("users")?.data.into_iter();
        self.next = reply.next_page_request();
        Ok(())
    }
}
