//! The rules of sharing, each by hand: two processes, a store in memory and a clock that is moved.

use std::sync::Arc;
use std::time::Duration;

use super::command::{Answer, LEASE, Mark};
use super::errand::{Errand, Purpose, Step};
use super::fake::FakeStore;
use super::news::News;
use super::seal::Seal;
use crate::operation::UserId;
use crate::secret::Token;
use crate::time::Now;

const LIFE: Duration = Duration::from_secs(900);

/// What an errand came to.
#[derive(Debug, PartialEq)]
enum End {
    Found(String),
    /// It has to exchange.
    Exchange,
    /// It waits for somebody else.
    Waits,
}

struct World {
    store: FakeStore,
    now: Now,
    marks: u64,
}

impl World {
    fn new() -> World {
        World { store: FakeStore::default(), now: Now::read(), marks: 0 }
    }

    fn pass(&mut self, time: Duration) {
        self.now = Now { instant: self.now.instant + time, system: self.now.system + time };
    }

    fn errand(&mut self, purpose: Purpose, secrets: &[&str]) -> Errand {
        self.marks += 1;
        let seals = secrets.iter().map(|secret| Seal::new(secret.as_bytes(), "t")).collect();
        Errand::new(UserId::new("u").unwrap(), purpose, Arc::new(seals), Mark(self.marks))
    }

    /// Goes on until it has to wait, exchange, or is over.
    fn go(&mut self, errand: &mut Errand) -> End {
        loop {
            match errand.step(0.5) {
                Step::Ask(commands) => {
                    let answers = self.store.run(&commands, self.now.instant);
                    errand.answered(Some(answers), self.now);
                }
                Step::Wait(time) => {
                    self.pass(time);
                    return End::Waits;
                }
                Step::Exchange => return End::Exchange,
                Step::Found(token) => {
                    let rest = errand.rest(&[], &token, self.now);
                    self.store.run(&rest, self.now.instant);
                    return End::Found(token.expose().to_owned());
                }
            }
        }
    }

    /// The exchange is over. What the store answered.
    fn exchanged(&mut self, errand: &mut Errand, token: Option<&Token>) -> Vec<Answer> {
        let answers = self.store.run(&errand.exchanged(token, self.now), self.now.instant);
        if let Some(token) = token {
            let rest = errand.rest(&answers, token, self.now);
            self.store.run(&rest, self.now.instant);
        }
        answers
    }

    /// A process of its own exchanges, and shares the token.
    fn share(&mut self, name: &str, secrets: &[&str]) -> Token {
        let mut errand = self.errand(Purpose::Fresh, secrets);
        assert_eq!(self.go(&mut errand), End::Exchange);
        let token = token(name);
        self.exchanged(&mut errand, Some(&token));
        token
    }
}

fn token(name: &str) -> Token {
    Token::testing(name, LIFE)
}

fn found(name: &str) -> End {
    End::Found(token(name).expose().to_owned())
}

#[test]
fn one_exchanges_and_the_others_wait_for_it() {
    let mut world = World::new();
    let mut first = world.errand(Purpose::Missing, &["s"]);
    let mut second = world.errand(Purpose::Missing, &["s"]);
    assert_eq!(world.go(&mut first), End::Exchange);
    assert_eq!(world.go(&mut second), End::Waits);
    assert_eq!(world.exchanged(&mut first, Some(&token("a"))), [Answer::Kept(true)]);
    assert_eq!(world.go(&mut second), found("a"));
    let mut third = world.errand(Purpose::Missing, &["s"]);
    assert_eq!(world.go(&mut third), found("a"));
}

#[test]
fn who_fails_gives_the_lock_back_at_once() {
    let mut world = World::new();
    let mut first = world.errand(Purpose::Missing, &["s"]);
    let mut second = world.errand(Purpose::Missing, &["s"]);
    assert_eq!((world.go(&mut first), world.go(&mut second)), (End::Exchange, End::Waits));
    world.exchanged(&mut first, None);
    assert_eq!(world.go(&mut second), End::Exchange);
}

#[test]
fn a_dead_owner_costs_its_lease_and_so_does_a_store_that_lies() {
    for lies in [false, true] {
        let mut world = World::new();
        let mut dead = world.errand(Purpose::Missing, &["s"]);
        assert_eq!(world.go(&mut dead), End::Exchange);
        let mut other = world.errand(Purpose::Missing, &["s"]);
        let begun = world.now.instant;
        loop {
            let end = match other.step(0.5) {
                Step::Ask(_) if lies => {
                    let locked = Answer::Looked { entry: None, locked: false };
                    other.answered(Some(vec![locked, Answer::Epoch(0)]), world.now);
                    continue;
                }
                Step::Ask(commands) => {
                    let answers = world.store.run(&commands, world.now.instant);
                    other.answered(Some(answers), world.now);
                    continue;
                }
                Step::Wait(time) => {
                    world.pass(time);
                    continue;
                }
                end => end,
            };
            assert!(matches!(end, Step::Exchange));
            break;
        }
        let waited = world.now.instant - begun;
        assert!(waited >= LEASE && waited < LEASE + Duration::from_secs(1), "{waited:?}");
    }
}

#[test]
fn a_renewal_is_done_by_one_and_a_refused_token_is_no_answer() {
    for purpose in [Purpose::Renewal, Purpose::Refused] {
        let mut world = World::new();
        let old = world.share("old", &["s"]);
        let mut first = world.errand(purpose(old.clone()), &["s"]);
        let mut second = world.errand(purpose(old), &["s"]);
        assert_eq!((world.go(&mut first), world.go(&mut second)), (End::Exchange, End::Waits));
        world.exchanged(&mut first, Some(&token("new")));
        assert_eq!(world.go(&mut second), found("new"));
    }
}

#[test]
fn a_token_that_ends_soon_itself_renews_nothing_but_is_better_than_none() {
    let mut world = World::new();
    world.share("old", &["s"]);
    world.pass(Duration::from_secs(800));
    let mut missing = world.errand(Purpose::Missing, &["s"]);
    assert_eq!(world.go(&mut missing), found("old"));
    let mut renewal = world.errand(Purpose::Renewal(token("older")), &["s"]);
    assert_eq!(world.go(&mut renewal), End::Exchange);
    world.pass(Duration::from_secs(91));
    assert_eq!(world.store.entries(world.now.instant), 0);
}

#[test]
fn a_token_that_has_to_be_new_is_exchanged_and_replaces_the_old_one() {
    let mut world = World::new();
    world.share("old", &["s"]);
    world.share("new", &["s"]);
    let mut other = world.errand(Purpose::Missing, &["s"]);
    assert_eq!(world.go(&mut other), found("new"));
}

#[test]
fn what_was_forgotten_meanwhile_is_not_shared() {
    let mut world = World::new();
    let secrets = ["s", "s2"];
    let seals = secrets.map(|secret| Seal::new(secret.as_bytes(), "t"));
    for news in [News::Forget("u".into()), News::ForgetAll] {
        let mut errand = world.errand(Purpose::Missing, &secrets);
        assert_eq!(world.go(&mut errand), End::Exchange);
        world.store.run(&news.commands(&seals, 0, world.now.system), world.now.instant);
        world.exchanged(&mut errand, Some(&token("before")));
        let kept = if news == News::ForgetAll { 2 } else { 0 };
        assert_eq!(world.store.entries(world.now.instant), kept, "of before the forgetting");
        let mut next = world.errand(Purpose::Missing, &secrets);
        loop {
            match world.go(&mut next) {
                End::Waits => {}
                end => break assert_eq!(end, End::Exchange, "{news:?}"),
            }
        }
        world.exchanged(&mut next, None);
    }
}

#[test]
fn an_entry_that_does_not_open_is_replaced() {
    let mut world = World::new();
    world.share("old", &["s"]);
    world.store.altered(|sealed| sealed[20] ^= 1);
    let mut other = world.errand(Purpose::Missing, &["s"]);
    assert_eq!(world.go(&mut other), End::Waits);
    assert_eq!(world.go(&mut other), End::Exchange);
    assert_eq!(world.exchanged(&mut other, Some(&token("new"))), [Answer::Kept(true)]);
    let mut third = world.errand(Purpose::Missing, &["s"]);
    assert_eq!(world.go(&mut third), found("new"));
}

#[test]
fn keys_that_are_replaced_one_at_a_time_lose_nothing() {
    let mut world = World::new();
    world.share("a", &["k1", "k2"]);
    assert_eq!(world.store.entries(world.now.instant), 2);
    for (pair, entries) in [(["k2", "k3"], 3), (["k4", "k3"], 4)] {
        let mut errand = world.errand(Purpose::Missing, &pair);
        assert_eq!(world.go(&mut errand), found("a"));
        assert_eq!(world.store.entries(world.now.instant), entries, "written under the new key, too");
    }
    let mut stranger = world.errand(Purpose::Missing, &["k5", "k6"]);
    assert_eq!(world.go(&mut stranger), End::Exchange);
}

#[test]
fn without_an_answer_a_process_is_on_its_own_and_writes_nothing() {
    let mut world = World::new();
    for answers in [None, Some(vec![]), Some(vec![Answer::Done, Answer::Done])] {
        let mut errand = world.errand(Purpose::Missing, &["s"]);
        assert!(matches!(errand.step(0.5), Step::Ask(_)));
        errand.answered(answers, world.now);
        assert!(matches!(errand.step(0.5), Step::Exchange));
        assert!(errand.exchanged(Some(&token("a")), world.now).is_empty());
    }
}
