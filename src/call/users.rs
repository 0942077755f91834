//! What a write to the users makes of what is remembered of them: who was not there may be there now, and the other way round.

use http::Method;
use percent_encoding::percent_decode_str;

use super::Call;
use crate::operation::Answer;

impl Call {
    /// Tells what remembers users of a write below the users path, whatever becomes of it: when it goes out, for those who never
    /// learn the outcome, and when it is over.
    pub(super) fn tell_of_write(&self) {
        let method = &self.endpoint.method;
        if self.endpoint.answer != Answer::Anything || [Method::GET, Method::HEAD].contains(method) {
            return;
        }
        let Some(written) = written(&self.endpoint.target, self.context.config.users_path()) else { return };
        self.context.standings.users_written();
        let tokens = &self.context.tokens;
        match written {
            Written::User(id) if *method == Method::DELETE => tokens.user_deleted(&id),
            Written::Users if *method == Method::DELETE => tokens.forget_all(),
            _ => tokens.users_written(),
        }
    }
}

/// What a path below the users path names.
#[derive(Debug, PartialEq, Eq)]
enum Written {
    Users,
    User(String),
    Part,
}

/// The users path has several spellings (`service.md`, "Addresses"), which end alike.
fn written(target: &str, users_path: &str) -> Option<Written> {
    let path = target.split('?').next().unwrap_or_default();
    let users = users_path.rsplit('/').next().unwrap_or_default();
    let mut segments = path.split('/').skip_while(|segment| !segment.eq_ignore_ascii_case(users));
    segments.next()?;
    Some(match (segments.next(), segments.next()) {
        (None, _) => Written::Users,
        (Some(id), None) => Written::User(percent_decode_str(id).decode_utf8_lossy().into_owned()),
        (Some(_), Some(_)) => Written::Part,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Context;
    use super::super::tests::{answer, done, sent};
    use super::*;
    use crate::config::Config;
    use crate::error::{Code, Error};
    use crate::http::{Failure, FailureKind};
    use crate::operation::{Operation, Request, UserId};
    use crate::secret::Token;
    use crate::time::Now;
    use crate::tokens::{Not, Obtained, TokenQuestion};

    #[test]
    fn the_users_are_found_under_each_spelling_of_their_path() {
        for path in ["api/v2.0/Users", "api/Users", "api/users?notify=false", "v2/Users"] {
            assert_eq!(written(path, "api/v2.0/Users"), Some(Written::Users), "{path}");
        }
        let user = Some(Written::User("a b".to_owned()));
        assert_eq!(written("api/users/a%20b?x=/y", "api/v2.0/Users"), user);
        assert_eq!(written("api/users/a/groups", "api/v2.0/Users"), Some(Written::Part));
        assert_eq!(written("people/a%20b", "people"), user);
        assert_eq!(written("api/Groups/users1", "api/v2.0/Users"), None);
    }

    fn context() -> std::sync::Arc<Context> {
        let config = Config::builder().tenant_id("t").api_key("k").max_retries(0);
        Context::new(config.build_with(|_| None).unwrap())
    }

    /// Asks for the token of "u"; whether an exchange has to run, which then ends as told.
    fn asks(context: &Context, outcome: Result<Obtained, Error>) -> bool {
        let user_id = UserId::new("u").unwrap();
        let question = TokenQuestion { user_id, not: Not::Nothing, timeout: Duration::from_secs(1) };
        let exchange = context.tokens.ask(&question, Now::read(), Box::new(drop));
        exchange.map(|exchange| exchange.finish(outcome, Now::read())).is_some()
    }

    fn write(context: &std::sync::Arc<Context>, method: &str, path: &str) -> Call {
        let operation = Operation::Request(Request::new(method, path).unwrap());
        let mut call = Call::new(operation, context, Now::read());
        sent(&mut call, Now::read());
        call
    }

    #[test]
    fn a_write_to_the_users_drops_every_remembered_refusal_when_it_goes_out_and_when_it_is_over() {
        let gone = || Err(Error::new(Code::NotFound, ""));
        let context = context();
        assert!(asks(&context, gone()) && !asks(&context, gone()), "a refusal is remembered");
        for (method, path) in [("GET", "api/v2.0/Users"), ("POST", "api/Groups")] {
            write(&context, method, path);
            assert!(!asks(&context, gone()), "{method} {path}");
        }
        for (method, path) in
            [("POST", "api/Users"), ("PATCH", "api/v2.0/Users/u"), ("PUT", "v2/users/u/groups")]
        {
            for outcome in [Ok(answer(201, &[], "")), Err(Failure::testing(FailureKind::Lost, true))] {
                let mut call = write(&context, method, path);
                assert!(asks(&context, gone()), "{method} {path}");
                call.received(outcome, Now::read());
                assert!(asks(&context, gone()) && !asks(&context, gone()), "{method} {path}");
                done(&mut call, Now::read()).ok();
            }
        }
    }

    #[test]
    fn deleting_a_user_forgets_the_token_and_deleting_another_does_not() {
        let token = || Ok(Obtained { token: Token::testing("a", Duration::from_secs(900)), attempts: 1 });
        for (path, forgets) in [("api/v2.0/Users/U", true), ("api/v2.0/Users/v", false), ("api/Users", true)]
        {
            let context = context();
            let mut call = write(&context, "DELETE", path);
            assert!(asks(&context, token()) && !asks(&context, token()));
            call.received(Ok(answer(204, &[], "")), Now::read());
            assert_eq!(asks(&context, token()), forgets, "{path}");
        }
        let context = context();
        asks(&context, token()).then(|| write(&context, "PATCH", "api/v2.0/Users/u"));
        assert!(!asks(&context, token()), "only a delete ends a token");
    }
}
