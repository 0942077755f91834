//! What the errors of calls say: what happened, to which call, after how many attempts, and what to do next.

use super::tests::{answer, done, sent, user, users};
use super::*;
use crate::config::Config;
use crate::http::{Failure, FailureKind, HttpResponse};
use crate::operation::Operation;
use crate::operation::Request;

const ID: &str = "id-1";

fn context() -> Arc<Context> {
    let config = Config::builder().tenant_id("t").api_key("planted-key").timeout(30.0).deadline(45.0);
    Context::with_random(config.max_retries(0).build_with(|_| None).unwrap(), || 1.0)
}

fn post() -> Operation {
    Operation::Request(Request::new("POST", "api/Groups/7").unwrap())
}

type Outcome = Result<HttpResponse, Failure>;

/// One answer or none to one request, in a context of its own, sent so many seconds after the call began.
fn error(operation: Operation, outcome: Outcome, after: u64) -> Error {
    let (start, context) = (Now::read(), context());
    let now = Now { instant: start.instant + Duration::from_secs(after), ..start };
    let needs_token = matches!(operation, Operation::AsUser(..));
    let mut call = Call::new(operation, &context, start);
    if needs_token {
        assert!(matches!(call.step(now), Step::Token(_)));
        call.obtained(Ok(Obtained { token: crate::Token::new("aa.bb.cc").unwrap(), attempts: 0 }));
    }
    sent(&mut call, now);
    call.received(outcome, now);
    done(&mut call, now).unwrap_err()
}

fn status(status: u16) -> Outcome {
    Ok(answer(status, &[], ""))
}

fn failed(kind: FailureKind, sent: bool) -> Outcome {
    Err(Failure { kind, sent, reused: false, detail: "why".to_owned() })
}

#[test]
fn every_error_of_a_call_names_the_call_the_reason_and_the_next_step() {
    use FailureKind::*;
    let with = |status: u16, headers: &[(&str, &str)], body: &str| Ok(answer(status, headers, body));
    let as_user = || users().as_user(crate::UserId::new(ID).unwrap()).unwrap();
    let html = "<html>planted text</html>";
    #[rustfmt::skip]
    let table: Vec<(Code, Operation, Outcome, u64, &str)> = vec![
        (Code::Connect, users(), failed(NotConnected, false), 0,
            "GET users: no connection to https://auth.agglestone.com (why). Check that the service is running and that `base_url` is its address"),
        (Code::Connect, users(), failed(NotListening, false), 0,
            "GET users: no connection to https://auth.agglestone.com (why). Check that the service is running and that `base_url` is its address"),
        (Code::Connect, users(), failed(NoFiles, false), 0,
            "GET users: no connection to https://auth.agglestone.com: this process may open no more files (why). Allow it more files (`ulimit -n`), close some, or set a smaller `max_connections`"),
        (Code::Connect, users(), failed(Refused, false), 0,
            "GET users: the service refused the request without processing it (why). Try again later"),
        (Code::Connect, users(), failed(Lost, true), 0,
            "GET users: the connection closed before the response was complete (why). Try again"),
        (Code::Connect, post(), failed(Lost, true), 0,
            "POST api/Groups/{id}: the connection closed before the response was complete (why). The service may have processed the request; check before retrying"),
        (Code::Tls, users(), failed(Tls, false), 0,
            "GET users: no trusted TLS connection to https://auth.agglestone.com (why). Check that the certificate is valid for this name and time; to trust a private CA, set `ca_file` or AGGLESTONE_CA_FILE"),
        (Code::Timeout, users(), failed(TimedOut, false), 0,
            "GET users: no connection to https://auth.agglestone.com within the `connect_timeout` of 5 s. Check that `base_url` is its address and that no firewall is in the way"),
        (Code::Timeout, users(), failed(TimedOut, true), 15,
            "GET users: no complete response within the `timeout` of 30 s. Try again later, or allow more time"),
        (Code::Timeout, users(), failed(TimedOut, true), 16,
            "GET users: no complete response before the `deadline` of 45 s passed. Try again later, or allow more time"),
        (Code::Timeout, post(), failed(TimedOut, true), 0,
            "POST api/Groups/{id}: no complete response within the `timeout` of 30 s. The service may have processed the request; check before retrying"),
        (Code::TooLarge, users(), failed(TooLarge, true), 0,
            "GET users: the response is larger than 10485760 bytes (why). Request less at once, such as smaller pages"),
        (Code::InvalidResponse, users(), failed(Unreadable, true), 0,
            "GET users: the response is not valid HTTP (why). Check that `base_url` is the service's address"),
        (Code::InvalidResponse, users(), with(200, &[("content-type", "text/html; charset=utf-8")], html), 0,
            "GET users: the service returned 200 with a body that is not JSON (line 1, column 1), sent as text/html; expected a page of users. Check that `base_url` is the service's address, with no gateway or login page in front of it"),
        (Code::InvalidResponse, user(ID), with(200, &[("content-type", "x/planted-key")], "[1]"), 0,
            "GET users/{userId}: the service returned 200 with a JSON array of another shape (line 1, column 1), sent as x/[redacted]; expected a user. Check that `base_url` is the service's address, with no gateway or login page in front of it"),
        (Code::UnexpectedRedirect, users(), with(302, &[("location", "https://evil.example")], ""), 0,
            "GET users: the service returned 302. Redirects are never followed, because they would send the key to another address; check `base_url`"),
        (Code::UnexpectedRedirect, users(), with(304, &[("location", "https://evil.example")], ""), 0,
            "GET users: the service returned 304. Redirects are never followed, because they would send the key to another address; check `base_url`"),
        (Code::UnexpectedStatus, users(), with(304, &[("etag", "\"abc\"")], ""), 0,
            "GET users: the service returned 304. Nothing has changed since the version that the request names; without `If-None-Match` and `If-Modified-Since` it is sent in full"),
        (Code::UnexpectedStatus, users(), status(300), 0,
            "GET users: the service returned 300. It has several forms of this and leaves the choice to you; name one in `Accept`"),
        (Code::UnexpectedStatus, post(), status(412), 0,
            "POST api/Groups/{id}: the service returned 412. A condition of the request, such as `If-Match`, does not hold; fetch the current version first"),
        (Code::BadRequest, users(), with(400, &[], r#"{"title":"No.","errors":{"page":["Odd."]}}"#), 0,
            "GET users: the service returned 400: No. (page: Odd.)"),
        (Code::Unauthorized, users(), status(401), 0,
            "GET users: the service returned 401. The key with fingerprint 7eed545b was refused; check that it is current and belongs to this tenant"),
        (Code::Forbidden, users(), status(403), 0,
            "GET users: the service returned 403. The key lacks permission; check that `tenant_id` is the key's tenant and that the path accepts API keys"),
        (Code::Forbidden, as_user(), with(403, &[], r#"{"detail":"Admins only."}"#), 0,
            "GET users: the service returned 403: Admins only. The user lacks permission; check the user's groups"),
        (Code::NotFound, user(ID), status(404), 0,
            "GET users/{userId}: the service returned 404. Check the id, and that the user exists in this tenant"),
        (Code::NotFound, users(), status(404), 0,
            "GET users: the service returned 404. Check `base_url`, `tenant_id` and `users_path`"),
        (Code::NotFound, post(), status(404), 0,
            "POST api/Groups/{id}: the service returned 404. Check the path, and that the resource exists in this tenant"),
        (Code::Conflict, post(), status(409), 0,
            "POST api/Groups/{id}: the service returned 409. It conflicts with the current state; fetch it first"),
        (Code::RateLimited, users(), with(429, &[("retry-after", "77")], ""), 0,
            "GET users: the service returned 429. Try again in 77 s"),
        (Code::RateLimited, users(), status(429), 0,
            "GET users: the service returned 429. Try again later"),
        (Code::Server, users(), with(500, &[("x-request-id", "req-7")], r#"{"message":"Oh."}"#), 0,
            "GET users: the service returned 500: Oh. Try again later. If it persists, give the vendor request id req-7"),
        (Code::Server, post(), status(500), 0,
            "POST api/Groups/{id}: the service returned 500. The service may have processed the request; check before retrying"),
        (Code::Server, post(), with(503, &[("retry-after", "0")], ""), 0,
            "POST api/Groups/{id}: the service returned 503. Try again now"),
        (Code::UnexpectedStatus, users(), status(418), 0,
            "GET users: the service returned 418. Check that `base_url` is the service's address, with no gateway in front of it"),
    ];
    let listed: Vec<Code> = table.iter().map(|(code, ..)| *code).collect();
    for (code, operation, outcome, after, message) in table {
        let error = error(operation, outcome, after);
        assert_eq!((error.code(), error.message()), (code, message));
        assert!(!format!("{error:?}").contains("planted"), "{error:?}");
    }
    // Those that no answer and no failure leads to.
    let others = [
        Code::InvalidArgument,
        Code::InvalidConfig,
        Code::Closed,
        Code::Cancelled,
        Code::InvalidToken,
        Code::KeysUnavailable,
        Code::CheckUnavailable,
        Code::Panic,
    ];
    for code in Code::ALL {
        assert!(listed.contains(code) != others.contains(code), "{code:?}");
    }
}

#[test]
fn a_deadline_that_passes_between_requests_is_named_with_what_it_passed_in() {
    let start = Now::read();
    let later = Now { instant: start.instant + Duration::from_secs(45), ..start };
    let (context, name) = (context(), "GET users: the `deadline` of 45 s passed");
    let error = done(&mut Call::new(users(), &context, start), later).unwrap_err();
    assert_eq!(error.message(), format!("{name} before the call completed"));
    let mut call = Call::new(users().as_user(crate::UserId::new(ID).unwrap()).unwrap(), &context, start);
    assert!(matches!(call.step(start), Step::Token(_)));
    call.obtaining_is_late();
    let error = done(&mut call, start).unwrap_err();
    assert_eq!(error.message(), format!("{name} while waiting for the user's token"));
    let source = Config::builder().tenant_id("t").deadline(45.0).key_source(|| Err(String::new()));
    let mut call = Call::new(users(), &Context::new(source.build_with(|_| None).unwrap()), start);
    assert!(matches!(call.step(start), Step::ReloadKeys(..)));
    call.reload_is_late();
    let error = done(&mut call, start).unwrap_err();
    assert_eq!(error.message(), format!("{name} while waiting for the source of the API keys"));
    assert_eq!(error.code(), Code::Timeout);
    let closed = Call::new(users(), &context, start).closed();
    assert_eq!((closed.code(), closed.message()), (Code::Closed, "GET users: the client is closed"));
}

#[test]
fn a_request_id_comes_from_a_header_or_else_from_the_body_of_an_asp_net_problem() {
    let id = |headers: &[(&str, &str)], status: u16, body: &str| {
        let error = error(users(), Ok(answer(status, headers, body)), 0);
        error.request_id().map(str::to_owned)
    };
    let body = r#"{"title":"No.","traceId":"trace-1 planted-key"}"#;
    assert_eq!(id(&[], 400, body).as_deref(), Some("trace-1 [redacted]"));
    assert_eq!(id(&[("request-id", "r-1")], 400, body).as_deref(), Some("r-1"));
    assert_eq!(id(&[("traceparent", "none")], 400, "{}"), None);
    assert_eq!(id(&[("request-id", "r-1")], 200, "[]").as_deref(), Some("r-1"));
}
