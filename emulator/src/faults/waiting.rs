//! The faults that wait for requests: which one a request meets, and how often it is still met.

use std::sync::Arc;
use std::time::SystemTime;

use super::description::Description;
use super::fault::Fault;
use super::limiter::Limiter;
use crate::problem::Problem;

/// The faults that wait for a request, oldest first.
#[derive(Default)]
pub(crate) struct Faults(Vec<Armed>);

struct Armed {
    fault: Arc<Fault>,
    /// How often still; none is for ever.
    left: Option<u32>,
    limiter: Option<Limiter>,
}

impl Armed {
    /// Whether the fault does something about this request; a limiter counts it, and has to do with those over its limit.
    fn meets(&mut self, method: &str, path: &str, now: SystemTime) -> bool {
        hits(&self.fault, method, path)
            && self.limiter.as_mut().is_none_or(|limiter| !limiter.lets_through(now))
    }
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        let left = fault.times.unwrap_or(1);
        self.0.push(Armed {
            left: (left > 0).then_some(left),
            limiter: fault.rate_limit.map(Limiter::new),
            fault: Arc::new(fault),
        });
    }

    /// The fault for this request, counted as used: the oldest that fits, and only that one.
    /// The error is the answer of a limiter.
    pub(crate) fn take(
        &mut self,
        method: &str,
        path: &str,
        now: SystemTime,
    ) -> Result<Option<Arc<Fault>>, Problem> {
        let Some(index) = self.0.iter_mut().position(|armed| armed.meets(method, path, now)) else {
            return Ok(None);
        };
        let armed = &mut self.0[index];
        if let Some(limiter) = &armed.limiter {
            return Err(limiter.refusal(now));
        }
        let fault = Arc::clone(&armed.fault);
        match &mut armed.left {
            Some(1) => drop(self.0.remove(index)),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(Some(fault))
    }

    /// All of them, oldest first, for people.
    pub(crate) fn descriptions(&self) -> Vec<Description> {
        self.0.iter().map(|armed| Description::of(&armed.fault, armed.left)).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

fn hits(fault: &Fault, method: &str, path: &str) -> bool {
    let method_hit = |wanted: &String| wanted.eq_ignore_ascii_case(method);
    fault.method.as_ref().is_none_or(method_hit) && matches(&fault.path, path)
}

/// Whether `text` matches `pattern`, in which `*` stands for any run of characters, slashes too.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let Some((first, others)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = others.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_case_does_not_count() {
        let path = "/tenant/t/api/v2.0/Users/a%2Fb";
        for pattern in ["*", "*/users/*", "/tenant/*/USERS/a%2fb", "*a*b", "*Users*", path] {
            assert!(matches(pattern, path), "{pattern}");
        }
        for pattern in ["", "Users", "*/users", "/tenant/*/Users/a/b", "*b*a*b", "x*"] {
            assert!(!matches(pattern, path), "{pattern}");
        }
        // The last piece may not reuse what an earlier one has matched.
        assert!(!matches("*aba*ba", "aba"));
    }

    #[test]
    fn faults_are_used_up_in_the_order_they_were_added() {
        let mut faults = Faults::default();
        faults.add(Fault::on("/a").method("get").times(2).answer(500));
        faults.add(Fault::on("/a").times(0).answer(501));
        let mut status = |method| {
            let fault = faults.take(method, "/a", SystemTime::now()).expect("nothing is limited");
            fault.expect("the second never ends").answer.as_ref().expect("an answer").status.as_u16()
        };
        assert_eq!(
            [status("GET"), status("POST"), status("GET"), status("GET"), status("GET")],
            [500, 501, 500, 501, 501]
        );
    }
}
