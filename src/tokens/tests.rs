//! The rules of the token cache, with a clock that only moves when told.

use std::sync::Mutex;

use super::*;

type Answers = Arc<Mutex<Vec<Result<String, Code>>>>;

struct World {
    tokens: Arc<TokenCache>,
    answers: Answers,
    start: Now,
}

fn world(capacity: usize) -> World {
    World {
        tokens: Arc::new(TokenCache::new(capacity, || 0.5)),
        answers: Answers::default(),
        start: Now::read(),
    }
}

impl World {
    fn at(&self, seconds: u64) -> Now {
        let passed = Duration::from_secs(seconds);
        Now { instant: self.start.instant + passed, system: self.start.system + passed }
    }

    fn ask_not(&self, user: &str, not: Not, seconds: u64) -> Option<Exchange> {
        let question = TokenQuestion { user_id: id(user), not, timeout: Duration::from_secs(1) };
        let answers = self.answers.clone();
        let deliver = move |result: Result<Obtained>| {
            let seen =
                result.map(|obtained| obtained.token.expose().to_owned()).map_err(|error| error.code());
            answers.lock().unwrap().push(seen);
        };
        self.tokens.ask(&question, self.at(seconds), Box::new(deliver))
    }

    fn ask(&self, user: &str, seconds: u64) -> Option<Exchange> {
        self.ask_not(user, Not::Nothing, seconds)
    }

    fn finish(&self, exchange: Option<Exchange>, token: &Token, seconds: u64) {
        let obtained = Obtained { token: token.clone(), attempts: 1 };
        exchange.expect("an exchange to run").finish(Ok(obtained), self.at(seconds));
    }

    fn fail(&self, exchange: Option<Exchange>, code: Code, seconds: u64) {
        exchange.expect("an exchange to run").finish(Err(Error::new(code, "")), self.at(seconds));
    }

    /// What was answered since the last look.
    fn answers(&self) -> Vec<Result<String, Code>> {
        std::mem::take(&mut *self.answers.lock().unwrap())
    }

    fn answered(&self, name: &str) -> bool {
        self.answers() == [Ok(token(name, 0).expose().to_owned())]
    }
}

fn id(user: &str) -> UserId {
    UserId::new(user).unwrap()
}

fn token(name: &str, life: u64) -> Token {
    Token::testing(name, Duration::from_secs(life))
}

#[test]
fn everyone_who_waits_gets_the_one_exchange() {
    let world = world(10);
    let exchange = world.ask("u", 0);
    for _ in 0..999 {
        assert!(world.ask("u", 0).is_none(), "one exchange is under way");
    }
    assert!(world.answers().is_empty());
    world.finish(exchange, &token("a", 900), 0);
    let answers = world.answers();
    assert_eq!(answers.len(), 1000);
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.is_ok()));
    assert!(world.ask("u", 1).is_none());
    assert!(world.answered("a"));
}

#[test]
fn users_do_not_share_tokens() {
    let world = world(10);
    let (one, other) = (world.ask("one", 0), world.ask("other", 0));
    world.finish(one, &token("a", 900), 0);
    assert!(world.answered("a"));
    world.finish(other, &token("b", 900), 0);
    assert!(world.answered("b"));
}

#[test]
fn past_renewal_the_old_token_is_served_while_one_exchange_runs() {
    let world = world(10);
    world.finish(world.ask("u", 0), &token("a", 900), 0);
    assert!(world.answered("a"));
    assert!(world.ask("u", 719).is_none());
    assert!(world.answered("a"));
    let renewal = world.ask("u", 721);
    assert!(world.answered("a"));
    assert!(renewal.is_some() && world.ask("u", 722).is_none());
    assert!(world.answered("a"));
    world.finish(renewal, &token("b", 900), 723);
    assert!(world.answers().is_empty(), "nobody waited");
    assert!(world.ask("u", 724).is_none());
    assert!(world.answered("b"));
    assert_eq!(world.tokens.stats().renewals, 1);
}

#[test]
fn a_renewal_that_fails_is_tried_again_and_the_old_token_is_served() {
    let world = world(10);
    world.finish(world.ask("u", 0), &token("a", 900), 0);
    world.fail(world.ask("u", 730), Code::Connect, 731);
    world.answers();
    assert!(world.ask("u", 732).is_some());
    assert!(world.answered("a"));
}

#[test]
fn past_the_hard_stop_nobody_gets_the_old_token() {
    let world = world(10);
    world.finish(world.ask("u", 0), &token("a", 900), 0);
    world.answers();
    let exchange = world.ask("u", 890);
    assert!(exchange.is_some() && world.answers().is_empty());
    world.finish(exchange, &token("b", 900), 890);
    assert!(world.answered("b"));
}

#[test]
fn time_asleep_counts_by_either_clock_and_a_calendar_set_back_changes_nothing() {
    let hour = Duration::from_secs(3600);
    let start = Now::read();
    for (later, good) in [
        (Now { instant: start.instant + hour, ..start }, false),
        (Now { system: start.system + hour, ..start }, false),
        (Now { system: start.system - hour, ..start }, true),
        (Now { instant: start.instant + hour, system: start.system - hour }, false),
    ] {
        let world = World { start, ..world(10) };
        world.finish(world.ask("u", 0), &token("a", 900), 0);
        world.fail(world.ask("refused", 0), Code::NotFound, 0);
        assert_eq!(world.tokens.at_hand(&id("u"), later).is_some(), good);
        let question = TokenQuestion { user_id: id("refused"), not: Not::Nothing, timeout: hour };
        assert_eq!(world.tokens.ask(&question, later, Box::new(drop)).is_none(), good);
    }
}

#[test]
fn a_token_that_does_not_say_how_long_it_lives_is_not_kept() {
    let world = world(10);
    world.finish(world.ask("u", 0), &Token::new("aa.e30.cc").unwrap(), 0);
    assert_eq!(world.answers().len(), 1);
    assert!(world.ask("u", 0).is_some());
    assert_eq!(world.tokens.stats().size, 0);
}

#[test]
fn least_recently_used_users_go_first_and_the_size_stays_bounded() {
    let world = world(2);
    for user in ["a", "b"] {
        world.finish(world.ask(user, 0), &token(user, 900), 0);
    }
    assert!(world.ask("a", 1).is_none());
    world.finish(world.ask("c", 1), &token("c", 900), 1);
    assert_eq!(world.tokens.stats().size, 2);
    assert!(world.ask("a", 2).is_none() && world.ask("c", 2).is_none());
    assert!(world.ask("b", 2).is_some(), "the least recently used is gone");
}

#[test]
fn refusals_are_remembered_for_five_seconds_and_other_errors_not() {
    for code in [Code::Forbidden, Code::NotFound] {
        let world = world(10);
        world.fail(world.ask("u", 0), code, 0);
        assert!(world.ask("u", 4).is_none());
        assert_eq!(world.answers(), [Err(code), Err(code)]);
        assert!(world.ask("u", 5).is_some());
    }
    let world = world(10);
    world.fail(world.ask("u", 0), Code::Server, 0);
    assert!(world.ask("u", 0).is_some());
}

#[test]
fn a_forgotten_user_is_asked_for_anew_and_a_stale_exchange_stores_nothing() {
    let world = world(10);
    let stale = world.ask("u", 0);
    world.tokens.forget(&id("u"));
    let fresh = world.ask("u", 0);
    assert!(fresh.is_some());
    world.finish(stale, &token("stale", 900), 1);
    assert!(world.answered("stale"), "who asked before the forget is served");
    assert_eq!(world.tokens.stats().size, 0);
    world.finish(fresh, &token("fresh", 900), 1);
    assert!(world.answered("fresh"));

    let stale = world.ask_not("u", Not::Old, 2);
    world.tokens.forget_all();
    world.finish(stale, &token("stale", 900), 2);
    assert_eq!(world.tokens.stats().size, 0);
}

#[test]
fn a_fresh_token_is_asked_for_although_one_is_there_and_replaces_it() {
    let world = world(10);
    world.finish(world.ask("u", 0), &token("a", 900), 0);
    world.answers();
    let exchange = world.ask_not("u", Not::Old, 1);
    assert!(world.ask("u", 1).is_none());
    assert!(world.answered("a"), "others are served meanwhile");
    world.finish(exchange, &token("b", 900), 1);
    assert!(world.answered("b"));
    assert!(world.ask("u", 1).is_none());
    assert!(world.answered("b"));
}

#[test]
fn a_refused_token_is_dropped_unless_a_newer_one_has_come() {
    let world = world(10);
    world.finish(world.ask("u", 0), &token("a", 900), 0);
    world.answers();
    let exchange = world.ask_not("u", Not::Refused(token("a", 900)), 1);
    world.finish(exchange, &token("b", 900), 1);
    assert!(world.answered("b"));
    // A slower call learns that "a" was refused only now.
    assert!(world.ask_not("u", Not::Refused(token("a", 900)), 2).is_none());
    assert!(world.answered("b"));
}

#[test]
fn an_exchange_that_is_lost_answers_all_the_same() {
    let world = world(10);
    drop(world.ask("u", 0));
    assert_eq!(world.answers(), [Err(Code::Closed)]);
    assert!(world.ask("u", 0).is_some(), "the next caller tries again");
}

#[test]
fn what_is_at_hand_is_had_without_waiting() {
    let world = world(10);
    assert!(world.tokens.at_hand(&id("u"), world.at(0)).is_none());
    world.finish(world.ask("u", 0), &token("a", 900), 0);
    let (found, renewal) = world.tokens.at_hand(&id("u"), world.at(1)).unwrap();
    assert!(found == token("a", 0) && renewal.is_none());
    let (_, renewal) = world.tokens.at_hand(&id("u"), world.at(800)).unwrap();
    assert!(renewal.is_some());
}

#[cfg(target_os = "linux")]
#[test]
fn a_hundred_thousand_users_through_ten_thousand_places_keep_memory_flat() {
    let resident = || {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    };
    let world = world(10_000);
    let name = "a".repeat(1000);
    let mut full = 0;
    for number in 0..100_000 {
        let user = format!("user-{number}");
        world.finish(world.ask(&user, 0), &token(&format!("{name}{number}"), 900), 0);
        world.answers();
        if number == 20_000 {
            full = resident();
        }
    }
    assert_eq!(world.tokens.stats().size, 10_000);
    // What was thrown out came to 80 MB.
    let grown = resident().saturating_sub(full);
    assert!(grown < 16 << 20, "{grown} bytes more than when it was full");
    println!("resident when full: {} KiB, after 100,000 users: {} KiB", full >> 10, resident() >> 10);
}

#[test]
fn a_refusal_from_memory_says_so_and_counts_no_attempt() {
    let world = world(10);
    let refused = Error::new(Code::NotFound, "POST x: the service returned 404").after_attempts(2);
    world.ask("u", 0).unwrap().finish(Err(refused), world.at(0));
    let seen = Arc::new(Mutex::new(None));
    let keep = seen.clone();
    let question = TokenQuestion { user_id: id("u"), not: Not::Nothing, timeout: Duration::from_secs(1) };
    let deliver = move |result: Result<Obtained>| *keep.lock().unwrap() = result.err();
    assert!(world.tokens.ask(&question, world.at(1), Box::new(deliver)).is_none());
    let error = seen.lock().unwrap().take().unwrap();
    let message = "POST x: the service returned 404 (remembered from a moment ago; nothing was sent)";
    assert_eq!((error.code(), error.attempts(), error.message()), (Code::NotFound, 0, message));
}

#[test]
fn after_users_were_written_no_refusal_counts_nor_one_on_its_way() {
    let world = world(10);
    world.fail(world.ask("known", 0), Code::NotFound, 0);
    let before = world.ask("on its way", 0);
    world.finish(world.ask("with a token", 0), &token("a", 900), 0);
    world.answers();
    world.tokens.users_written();
    world.fail(world.ask("known", 1), Code::Server, 1);
    world.answers();
    let after = world.ask("on its way", 1);
    assert!(after.is_some(), "what was asked before the write is not waited for");
    world.fail(before, Code::NotFound, 1);
    world.finish(after, &token("b", 900), 1);
    assert_eq!(world.answers().len(), 2);
    assert!(world.ask("on its way", 2).is_none() && world.answered("b"));
    assert!(world.ask("with a token", 2).is_none() && world.answered("a"));
}
