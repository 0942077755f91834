//! Stands in for the store's protocol in builds without the feature `token-store`, whose configuration refuses a store.

use http::Uri;

use super::super::connect::Connector;
use super::heard::Heard;
use crate::config::TokenStore;
use crate::tokens::shared::{Answer, Command};

/// Never made.
#[derive(Clone)]
pub(super) struct Connection;

impl Connection {
    pub async fn open(
        _: &Connector,
        _: Option<&TokenStore>,
        _: impl Fn(Heard) + Send + Sync + 'static,
    ) -> Result<Connection, String> {
        Err(none())
    }

    pub async fn primary(&mut self, _: &str) -> Result<Uri, String> {
        Err(none())
    }

    pub async fn listen(&mut self, _: &[String]) -> Result<(), String> {
        Err(none())
    }

    pub async fn run(&mut self, _: &[Command]) -> Result<Vec<Answer>, String> {
        Err(none())
    }
}

fn none() -> String {
    "this build has no token store".to_owned()
}
