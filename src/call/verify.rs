//! A verdict on a token as a call: by the keys at hand, or by those that have to be fetched first.

use secrecy::{ExposeSecret, SecretString};

use super::credential::Credential;
use super::verdict::{Check, SigningKeysQuestion};
use super::{Call, State, Step};
use crate::error::{Code, Error, Result};
use crate::reply::Reply;
use crate::spelling::Span;
use crate::time::Now;
use crate::verify::{Claims, Verdict};

impl Call {
    /// The first step of a verdict, which may be the last but one.
    pub(super) fn judge_token(&mut self, token: &SecretString, now: Now) -> Step {
        let (verdict, renewal) = self.context.verifier.judge(token.expose_secret(), now);
        match verdict {
            Verdict::Known(result) => self.state = State::Finished(result.map(reply)),
            Verdict::KeysWanted(question) => {
                self.state = State::Obtaining;
                let timeout = self.time_left(now);
                return Step::SigningKeys(SigningKeysQuestion { question, timeout });
            }
        }
        match renewal {
            Some(fetch) => Step::RenewSigningKeys(fetch),
            None => self.step(now),
        }
    }

    /// Learns that signing keys have come, or why not.
    pub fn signing_keys_came(&mut self, outcome: Result<()>) {
        self.state = match outcome {
            Ok(()) => State::Settle,
            Err(error) => State::Finished(Err(error)),
        };
    }

    /// The last step: the verdict by whatever keys there are now.
    pub(super) fn settle_token(&self, now: Now) -> Step {
        let Credential::Verdict(Check(token)) = &self.credential else {
            unreachable!("only a verdict asks for signing keys")
        };
        Step::Done(self.context.verifier.settle(token.expose_secret(), now).map(reply))
    }

    /// Learns that they did not come in time. They still may, for whoever asks later.
    pub fn signing_keys_are_late(&mut self) {
        let deadline = Span(self.deadline.as_secs_f64());
        let message = format!(
            "the signing keys are unavailable: the `deadline` of {deadline} passed while they were fetched"
        );
        self.state = State::Finished(Err(Error::new(Code::KeysUnavailable, message)));
    }
}

fn reply(claims: Claims) -> Reply {
    Reply::made(claims.json().as_bytes().to_vec(), 0)
}
