//! The limiter: a fault that counts.

use std::time::Duration;

use agglestone_emulator::{Fault, start};
use serde_json::json;

use crate::faults::{add, users};
use crate::http::{Reply, call, control};

/// Whether the reply says to wait so long, but for what has passed by itself.
fn waits(seconds: u64, reply: &Reply) -> bool {
    let said: u64 = reply.header("retry-after").parse().expect("whole seconds");
    (seconds - 60..=seconds).contains(&said)
}

#[test]
fn requests_over_the_limit_are_refused_until_the_window_ends() {
    let emulator = start();
    add(&emulator, json!({"path": "*/Users", "rateLimit": {"requests": 2, "perSeconds": 3600}}));
    assert_eq!([0; 2].map(|_| users(&emulator).status), [200; 2]);
    let refused = users(&emulator);
    assert!(waits(3600, &refused), "{refused:?}");
    assert_eq!(refused.problem(429), "Rate limit exceeded: 2 requests per 1h.");
    assert_eq!(emulator.requests()[2].status, Some(429));
    // It has to do with its own path only.
    assert_eq!(call(&emulator, "GET", "api/Users/nobody").send().status, 404);

    let advance = |seconds: u64| {
        let body = json!({"advanceSeconds": seconds}).to_string();
        assert_eq!(control(&emulator, "POST", "clock").body(body).send().status, 200);
    };
    advance(3000);
    assert!(waits(600, &users(&emulator)));
    advance(600);
    assert_eq!([0; 3].map(|_| users(&emulator).status), [200, 200, 429]);
    assert_eq!(control(&emulator, "DELETE", "faults").send().status, 200);
    assert_eq!(users(&emulator).status, 200);
}

#[test]
fn what_a_limiter_lets_through_meets_later_faults() {
    let emulator = start();
    emulator.add_fault(Fault::on("*").method("GET").rate_limit(1, Duration::from_secs(3600)));
    add(&emulator, json!({"status": 503, "times": 2}));
    assert_eq!(users(&emulator).status, 503);
    assert_eq!(users(&emulator).status, 429);
    assert_eq!(call(&emulator, "POST", "api/Users").send().status, 503);
}
