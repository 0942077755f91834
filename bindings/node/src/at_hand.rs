//! What a session knows or does without sending anything: keys, their use, and the tokens that are at hand.

use std::convert::Infallible;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use agglestone::Result as CoreResult;
use agglestone::binding;
use agglestone::binding::Session;
use agglestone::{Claims, SecretString, Token, TokenCheck, UserId};
use napi::bindgen_prelude::{Array, Either, Either3, Env};
use napi::{JsString, Result};
use napi_derive::napi;

use crate::error::ErrorData;
use crate::outcome;
use crate::session::{NativeSession, token_check};

/// Says what is wrong with a user's id; nothing, when it can be one.
#[napi(catch_unwind)]
pub fn check_user_id(user_id: String) -> Option<ErrorData> {
    UserId::new(user_id).err().map(Into::into)
}

/// Says what is wrong with the name of a check; nothing, when there is such a check.
#[napi(catch_unwind)]
pub fn check_token_check(check: String) -> Option<ErrorData> {
    refused(TokenCheck::named(&check).map(drop))
}

#[napi]
impl NativeSession {
    /// Replaces both keys, or says what is wrong with them.
    #[napi(catch_unwind)]
    pub fn set_api_keys(&self, primary: String, secondary: Option<String>) -> Option<ErrorData> {
        let (primary, secondary) = (SecretString::from(primary), secondary.map(SecretString::from));
        refused(self.session.get().and_then(|session| session.keys().set(&primary, secondary.as_ref())))
    }

    /// As JSON.
    #[napi(catch_unwind)]
    pub fn key_usage(&self) -> Either<String, ErrorData> {
        self.report(|session| session.keys().usage().to_json())
    }

    /// As JSON.
    #[napi(catch_unwind)]
    pub fn token_stats(&self) -> Either<String, ErrorData> {
        self.report(|session| session.tokens().stats().to_json())
    }

    /// The user's token if it is at hand. `null` also for what a call will refuse, which says why.
    #[napi(catch_unwind)]
    pub fn cached_token<'env>(&self, env: &'env Env, user_id: String) -> Result<Option<JsString<'env>>> {
        let token = self.token_at_hand(user_id);
        token.map(|token| env.create_string_latin1(token.expose().as_bytes())).transpose()
    }

    /// The same with its expiry: two items, as a call's outcome has them.
    #[napi(catch_unwind)]
    pub fn cached_token_and_expiry<'env>(
        &self,
        env: &'env Env,
        user_id: String,
    ) -> Result<Option<Array<'env>>> {
        let Some(token) = self.token_at_hand(user_id) else { return Ok(None) };
        let mut items = env.create_array(2)?;
        outcome::write_token(env, &mut items, 0, &token)?;
        Ok(Some(items))
    }

    /// The claims of a token as JSON, or why it is not to be believed; `null` when signing keys have to be fetched first, or the
    /// service asked, by a call. Claims that were given before are a number, the same each time, unless `as_text`.
    #[napi(catch_unwind)]
    pub fn verified_token<'env>(
        &self,
        env: &'env Env,
        token: String,
        check: Option<String>,
        as_text: bool,
    ) -> Result<Option<Either3<JsString<'env>, f64, ErrorData>>> {
        let verdict = token_check(check).and_then(|check| {
            let session = self.session.get()?;
            Ok(binding::verified_at_hand(&session, &token, check))
        });
        Ok(match verdict {
            Ok(None) => None,
            Ok(Some(Ok(claims))) => Some(match given_before(&claims) {
                Some(number) if !as_text => Either3::B(number),
                _ => Either3::A(outcome::text(env, claims.json())?),
            }),
            Ok(Some(Err(error))) | Err(error) => Some(Either3::C(error.into())),
        })
    }

    #[napi(catch_unwind)]
    pub fn forget_token(&self, user_id: String) -> Option<ErrorData> {
        let forget =
            |session: &Session| UserId::new(user_id).map(|user_id| session.tokens().forget(&user_id));
        refused(self.session.get().and_then(|session| forget(&session)))
    }

    #[napi(catch_unwind)]
    pub fn forget_tokens(&self) -> Option<ErrorData> {
        refused(self.session.get().map(|session| session.tokens().forget_all()))
    }

    fn token_at_hand(&self, user_id: String) -> Option<Token> {
        binding::cached_token(&self.session.get().ok()?, &UserId::new(user_id).ok()?)
    }

    fn report(&self, report: impl FnOnce(&Session) -> String) -> Either<String, ErrorData> {
        match self.session.get() {
            Ok(session) => Either::A(report(&session)),
            Err(error) => Either::B(error.into()),
        }
    }
}

/// What JavaScript knows the claims by, where it was given them before. A number that never comes again: a double counts up to
/// 2^53.
fn given_before(claims: &Claims) -> Option<f64> {
    static NUMBERS: AtomicU64 = AtomicU64::new(0);
    let mut is_new = false;
    let number: std::result::Result<&f64, Infallible> = claims.native(|| {
        is_new = true;
        Ok(NUMBERS.fetch_add(1, Relaxed) as f64)
    });
    number.ok().filter(|_| !is_new).copied()
}

fn refused(result: CoreResult<()>) -> Option<ErrorData> {
    result.err().map(Into::into)
}
