//! The virtual clock: tests let time pass without waiting for it.

use std::time::{Duration, SystemTime};

use agglestone_emulator::{Emulator, start};
use serde_json::json;

use crate::http::{as_user, call, control, demo_user, token};

fn ahead(time: SystemTime) -> Duration {
    time.duration_since(SystemTime::now()).unwrap_or(Duration::ZERO)
}

fn date(emulator: &Emulator) -> SystemTime {
    let reply = call(emulator, "GET", "api/Users").send();
    httpdate::parse_http_date(reply.header("date")).expect("a date")
}

#[test]
fn a_token_expires_when_the_clock_has_advanced_over_its_life_and_a_new_one_is_of_the_new_time() {
    let by_control: fn(&Emulator, u64) = |emulator, seconds| {
        let reply = control(emulator, "POST", "clock").json(&json!({"advanceSeconds": seconds})).send();
        assert_eq!(reply.status, 200, "{reply:?}");
    };
    let by_rust: fn(&Emulator, u64) =
        |emulator, seconds| emulator.advance_clock(Duration::from_secs(seconds));
    for advance in [by_control, by_rust] {
        let emulator = start();
        let id = demo_user(&emulator, 0);
        let status = |token: &str| as_user(&emulator, token, "GET", "api/Users").send().status;
        let old = token(&emulator, &id);
        advance(&emulator, 880);
        assert_eq!(status(&old), 200);
        advance(&emulator, 20);
        assert_eq!(status(&old), 401);
        let new = token(&emulator, &id);
        assert_eq!(status(&new), 200);
        emulator.reset();
        assert_eq!(status(&old), 200, "of this time again");
        assert_eq!(status(&new), 401, "of a time that has not come");
    }
}

#[test]
fn date_headers_and_the_journal_follow_the_clock_and_a_reset_takes_it_back() {
    let emulator = start();
    let hour = Duration::from_secs(3600);
    emulator.advance_clock(hour);
    let nearly = hour - Duration::from_secs(60);
    assert!(ahead(date(&emulator)) > nearly);
    assert!(ahead(emulator.requests()[0].time) > nearly);
    assert_eq!(control(&emulator, "POST", "reset").send().status, 200);
    assert!(ahead(date(&emulator)) < Duration::from_secs(60));
}

#[test]
fn the_clock_is_asked_for_whole_seconds_within_a_hundred_years_and_says_how_far_it_is() {
    let emulator = start();
    let advance = |body: &str| control(&emulator, "POST", "clock").body(body).send();
    assert_eq!(advance(r#"{"advanceSeconds":90}"#).json(), json!({"secondsAhead": 90}));
    assert_eq!(advance(r#"{"advanceSeconds":0}"#).json(), json!({"secondsAhead": 90}));
    for body in [
        "",
        "{}",
        r#"{"advanceSeconds":-1}"#,
        r#"{"advanceSeconds":1.5}"#,
        r#"{"advanceSeconds":"1"}"#,
        r#"{"advanceSeconds":1,"x":1}"#,
        r#"{"advanceSeconds":3153600000}"#,
        r#"{"advanceSeconds":18446744073709551615}"#,
    ] {
        advance(body).problem(400);
    }
    assert_eq!(advance(r#"{"advanceSeconds":10}"#).json(), json!({"secondsAhead": 100}));
    // The furthest there is.
    assert_eq!(
        advance(r#"{"advanceSeconds":3153599900}"#).json(),
        json!({"secondsAhead": 3_153_600_000_u64})
    );
    assert!(ahead(date(&emulator)) > Duration::from_secs(3_153_000_000));
    let id = demo_user(&emulator, 0);
    assert_eq!(as_user(&emulator, &token(&emulator, &id), "GET", "api/Users").send().status, 200);
}
