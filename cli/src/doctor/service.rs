//! What the service itself says: of the keys, of the users' path, of the time.

use std::time::{Duration, SystemTime};

use agglestone::{Client, Page, PageRequest, Reply, User};

use super::finding::Finding;
use crate::keys::{slots, verdict};

/// More than networks take, less than tokens forgive.
const SKEW: Duration = Duration::from_secs(30);

pub fn look(client: &Client, checks: &mut Vec<Finding>) {
    match client.check_api_keys() {
        Ok(check) => {
            for (slot, key) in slots(&check) {
                let detail =
                    format!("the {slot} key {} is {} ({})", key.fingerprint, verdict(key), key.status);
                checks.push(if key.accepted {
                    Finding::ok("key", detail)
                } else {
                    Finding::failed("key", detail)
                });
            }
            if check.secondary.is_none() {
                let detail =
                    "there is no secondary key: replacing the primary will fail calls until it is known here";
                checks.push(Finding::warning("key", detail));
            }
        }
        Err(error) => return checks.push(Finding::of("key", &error)),
    }
    let page = PageRequest::new(1, 1).expect("it is within the limits");
    match client.call(agglestone::Operation::GetUsers(page)) {
        Ok(reply) => {
            checks.push(Finding::ok("users", counted(&reply)));
            checks.extend(clock(&reply, SystemTime::now()));
        }
        Err(error) => checks.push(Finding::of("users", &error)),
    }
}

fn counted(reply: &Reply) -> String {
    let page: Option<Page<User>> = serde_json::from_slice(reply.body()).ok();
    match page.and_then(|page| page.total_records) {
        Some(total) => format!("{total} users"),
        None => "a page of users".to_owned(),
    }
}

/// How far this machine's clock is from the service's, which has no fractions of a second.
fn clock(reply: &Reply, now: SystemTime) -> Option<Finding> {
    let date = reply.headers().get("date")?.to_str().ok()?;
    let theirs = httpdate::parse_http_date(date).ok()?;
    let (apart, which) = match now.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    let detail = format!("this machine's clock is {:.0} s {which} the service's", apart.as_secs_f64());
    Some(match apart > SKEW {
        true => Finding::warning(
            "clock",
            format!("{detail}: tokens may seem to have ended, or not to have begun"),
        ),
        false => Finding::ok("clock", detail),
    })
}
