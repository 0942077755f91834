//! A verdict on a token as a call: by the keys at hand or by those that have to be fetched first, and by the service's word on the
//! user where that is wanted.

use secrecy::{ExposeSecret, SecretString};

use super::credential::Credential;
use super::verdict::{Judged, SigningKeysQuestion, StandingQuestion};
use super::{Call, State, Step};
use crate::error::{Code, Error, Result};
use crate::reply::Reply;
use crate::spelling::Span;
use crate::time::Now;
use crate::verify::{Claims, Judgement, Verdict};

impl Call {
    /// The first step of a verdict, which may be the last but one.
    pub(super) fn judge_token(&mut self, token: &SecretString, now: Now) -> Step {
        let (verdict, renewal) = self.context.verifier.judge(token.expose_secret(), now);
        match verdict {
            Verdict::Known(Ok(claims)) => self.state = State::Believed(claims),
            Verdict::Known(Err(error)) => self.state = State::Finished(Err(error)),
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

    /// The verdict by whatever keys there are now.
    pub(super) fn settle_token(&mut self, now: Now) -> Step {
        match self.context.verifier.settle(self.judged().token.expose_secret(), now) {
            Ok(claims) => self.believed(claims, now),
            Err(error) => self.done(Err(error), now),
        }
    }

    /// Learns that they did not come in time. They still may, for whoever asks later.
    pub fn signing_keys_are_late(&mut self) {
        let late = self.late("the signing keys are unavailable", "they were fetched");
        self.state = State::Finished(Err(Error::new(Code::KeysUnavailable, late)));
    }

    /// The token itself is right, which is the end of it unless the service is to be asked as well.
    pub(super) fn believed(&mut self, claims: Claims, now: Now) -> Step {
        match self.context.standings.judge(&claims, self.judged().check, now) {
            Judgement::Known(verdict) => self.done(verdict.map(|()| reply(&claims)), now),
            Judgement::Unknown(user_id) => {
                self.state = State::Asking(claims);
                Step::Standing(StandingQuestion { user_id, timeout: self.time_left(now) })
            }
        }
    }

    /// Learns what the service says of the user: nothing against the token, or why it does not count, or why that is not known.
    pub fn standing_came(&mut self, outcome: Result<()>) {
        let State::Asking(claims) = std::mem::replace(&mut self.state, State::Over) else {
            unreachable!("only a believed token's user is asked for")
        };
        self.state = State::Finished(outcome.map(|()| reply(&claims)));
    }

    /// Learns that the service's word did not come in time. It still may, for whoever asks later.
    pub fn standing_is_late(&mut self) {
        let late = self.late("the service can't be asked about the token's user", "it was asked");
        self.state = State::Finished(Err(Error::new(Code::CheckUnavailable, late)));
    }

    fn judged(&self) -> &Judged {
        match &self.credential {
            Credential::Verdict(judged) => judged,
            _ => unreachable!("only a verdict gets here"),
        }
    }

    fn late(&self, what: &str, meanwhile: &str) -> String {
        let deadline = Span(self.deadline.as_secs_f64());
        format!("{what}: the `deadline` of {deadline} passed while {meanwhile}")
    }
}

fn reply(claims: &Claims) -> Reply {
    Reply::made(claims.json().as_bytes().to_vec(), 0)
}
