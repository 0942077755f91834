//! A user's token in a call: got from the cache, and once more when the service refuses it.

use std::time::Duration;

use http::HeaderValue;

use crate::operation::UserId;
use crate::secret::Token;
use crate::tokens::{Not, TokenQuestion};

/// The token of one call.
#[derive(Debug)]
pub(super) struct Bearer {
    user_id: UserId,
    token: Option<Token>,
    refused: Option<Token>,
    fresh: bool,
}

impl Bearer {
    pub fn new(user_id: UserId, fresh: bool) -> Bearer {
        Bearer { user_id, token: None, refused: None, fresh }
    }

    /// What to ask the cache, while there is no token.
    pub fn question(&self, timeout: Duration) -> Option<TokenQuestion> {
        if self.token.is_some() {
            return None;
        }
        let not = match &self.refused {
            Some(token) => Not::Refused(token.clone()),
            None if self.fresh => Not::Old,
            None => Not::Nothing,
        };
        Some(TokenQuestion { user_id: self.user_id.clone(), not, timeout })
    }

    pub fn take(&mut self, token: Token) {
        self.token = Some(token);
    }

    /// The service refused the token (401). Whether it is worth asking for another: once.
    pub fn refused(&mut self) -> bool {
        let first = self.refused.is_none();
        if first {
            self.refused = self.token.take();
        }
        first
    }

    pub fn header(&self) -> Option<HeaderValue> {
        self.token.as_ref().map(Token::header)
    }

    /// What to do when a new token was refused as well.
    pub fn advice(&self) -> String {
        "The user's token was refused, and so was a new one; check that the user is enabled and may make this call"
            .to_owned()
    }

    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.token.iter().chain(&self.refused).map(Token::expose)
    }
}
