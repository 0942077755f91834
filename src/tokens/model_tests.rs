//! The cache beside a model of it, through whatever callers, answers, cancellations and clocks do in any order. The model knows the
//! rules and nothing else: it goes through lists where the cache looks up.

use std::time::SystemTime;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::sync::Mutex;

const USERS: [&str; 4] = ["a", "b", "c", "D"];
const CAPACITY: usize = 3;

#[derive(Clone, Debug)]
enum Action {
    Ask(usize, Want),
    AtHand(usize),
    /// An exchange ends with a token of so many seconds, or of an unknown life.
    Land(usize, Option<u64>),
    Fail(usize, Code),
    /// Whoever ran it went away.
    Abandon(usize),
    Forget(usize),
    ForgetAll,
    Written,
    Deleted(usize),
    /// So many seconds pass, and the calendar is set by so many.
    Pass(u64, i64),
}

#[derive(Clone, Copy, Debug)]
enum Want {
    Anything,
    /// Not the token that this user was given last.
    Another,
    New,
}

fn action() -> impl Strategy<Value = Action> {
    let user = || 0..USERS.len();
    let life = prop_oneof![Just(None), (1_u64..1000).prop_map(Some)];
    let code = prop_oneof![Just(Code::NotFound), Just(Code::Forbidden), Just(Code::Server)];
    let want = prop_oneof![6 => Just(Want::Anything), 2 => Just(Want::Another), 1 => Just(Want::New)];
    let calendar = prop_oneof![8 => Just(0_i64), 1 => -100_000_i64..100_000];
    prop_oneof![
        8 => (user(), want).prop_map(|(user, want)| Action::Ask(user, want)),
        2 => user().prop_map(Action::AtHand),
        6 => (0_usize..8, life).prop_map(|(flight, life)| Action::Land(flight, life)),
        2 => (0_usize..8, code).prop_map(|(flight, code)| Action::Fail(flight, code)),
        1 => (0_usize..8).prop_map(Action::Abandon),
        1 => user().prop_map(Action::Forget),
        1 => Just(Action::ForgetAll),
        1 => Just(Action::Written),
        1 => user().prop_map(Action::Deleted),
        5 => (0_u64..600, calendar).prop_map(|(seconds, set)| Action::Pass(seconds, set)),
    ]
}

/// Who asked, and the token or the error.
type Answer = (usize, Result<String, Code>);

struct Model {
    now: Now,
    /// The one used last is at the end.
    entries: Vec<(usize, Entry)>,
    /// Under way: number, user, and whether its result will be stored.
    flights: Vec<(u64, usize, bool)>,
    waiting: Vec<(u64, usize)>,
    begun: u64,
    /// Refusals up to this flight are out of date.
    written: u64,
    asked: usize,
    last: [Option<String>; USERS.len()],
}

#[derive(Clone)]
enum Entry {
    Token(String, Now, u64),
    Refusal(Code, u64, Now),
}

impl Model {
    /// The token or the refusal that is known, and whether the token is to be renewed.
    fn find(&mut self, user: usize) -> Option<(Result<String, Code>, bool)> {
        let at = self.entries.iter().position(|(known, _)| *known == user)?;
        let (_, entry) = self.entries.remove(at);
        let age = |since: &Now| self.now.since(*since).as_secs_f64();
        let found = match &entry {
            Entry::Token(token, since, life) => {
                let life = *life as f64;
                let end = life - if life < 200.0 { life / 20.0 } else { 10.0 };
                let renewal = life - (life / 5.0).max(60.0).min(life / 2.0);
                (age(since) < end).then(|| (Ok(token.clone()), age(since) >= renewal))
            }
            Entry::Refusal(code, flight, at) => {
                (*flight > self.written && age(at) < 5.0).then_some((Err(*code), false))
            }
        };
        if found.is_some() {
            self.entries.push((user, entry));
        }
        found
    }

    fn under_way(&self, user: usize) -> Option<u64> {
        self.flights.iter().find(|(_, of, stored)| *of == user && *stored).map(|(flight, ..)| *flight)
    }

    fn begin(&mut self, user: usize) -> u64 {
        self.make_stale(|of| of == user);
        self.begun += 1;
        self.flights.push((self.begun, user, true));
        self.begun
    }

    /// Whether an exchange begins for a question, and what is answered at once.
    fn ask(&mut self, user: usize, want: Want) -> (Option<u64>, Vec<Answer>) {
        let asker = self.asked;
        self.asked += 1;
        let found = match want {
            Want::Anything => self.find(user),
            Want::Another => {
                let last = self.last[user].clone();
                self.entries.retain(|(of, entry)| {
                    *of != user || !matches!(entry, Entry::Token(token, ..) if Some(token) == last.as_ref())
                });
                self.find(user)
            }
            Want::New => None,
        };
        match found {
            Some((answer, renew)) => {
                let begins = renew && self.under_way(user).is_none();
                (begins.then(|| self.begin(user)), vec![(asker, answer)])
            }
            None => {
                let joined = self.under_way(user).filter(|flight| *flight > self.written);
                let joined = joined.filter(|_| !matches!(want, Want::New));
                let flight = joined.unwrap_or_else(|| self.begin(user));
                self.waiting.push((flight, asker));
                (joined.is_none().then_some(flight), Vec::new())
            }
        }
    }

    fn end(&mut self, flight: u64, result: Result<(String, Option<u64>), Code>) -> Vec<Answer> {
        let at = self.flights.iter().position(|(number, ..)| *number == flight).expect("it is under way");
        let (_, user, stored) = self.flights.remove(at);
        let entry = match &result {
            Ok((token, life)) => life.map(|life| Entry::Token(token.clone(), self.now, life)),
            Err(code @ (Code::NotFound | Code::Forbidden)) => Some(Entry::Refusal(*code, flight, self.now)),
            Err(_) => None,
        };
        if let Some(entry) = entry.filter(|_| stored) {
            self.entries.retain(|(of, _)| *of != user);
            self.entries.push((user, entry));
            let over = self.entries.len().saturating_sub(CAPACITY);
            self.entries.drain(..over);
        }
        let (told, waiting) = self.waiting.drain(..).partition(|(number, _)| *number == flight);
        self.waiting = waiting;
        let answer = result.map(|(token, _)| token);
        let told: Vec<(u64, usize)> = told;
        told.into_iter().map(|(_, asker)| (asker, answer.clone())).collect()
    }

    fn make_stale(&mut self, of: impl Fn(usize) -> bool) {
        self.flights.iter_mut().filter(|(_, user, _)| of(*user)).for_each(|(.., stored)| *stored = false);
    }

    fn forget(&mut self, of: impl Fn(usize) -> bool) {
        self.entries.retain(|(user, _)| !of(*user));
        self.make_stale(of);
    }
}

struct World {
    tokens: Arc<TokenCache>,
    exchanges: Vec<(Exchange, u64, usize)>,
    answers: Arc<Mutex<Vec<Answer>>>,
    tokens_made: usize,
    model: Model,
}

impl World {
    fn new() -> World {
        let model = Model {
            now: Now {
                instant: Now::read().instant,
                system: SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 31),
            },
            entries: Vec::new(),
            flights: Vec::new(),
            waiting: Vec::new(),
            begun: 0,
            written: 0,
            asked: 0,
            last: [const { None }; USERS.len()],
        };
        let tokens = Arc::new(TokenCache::new(CAPACITY, || 0.5));
        World { tokens, exchanges: Vec::new(), answers: Arc::default(), tokens_made: 0, model }
    }

    fn act(&mut self, action: Action) {
        let (tokens, now) = (self.tokens.clone(), self.model.now);
        let id = |user: usize| UserId::new(USERS[user]).unwrap();
        let expected = match action {
            Action::Ask(user, want) => {
                let not = match (want, &self.model.last[user]) {
                    (Want::Another, Some(token)) => Not::Refused(Token::new(token).unwrap()),
                    (Want::New, _) => Not::Old,
                    _ => Not::Nothing,
                };
                let question = TokenQuestion { user_id: id(user), not, timeout: Duration::from_secs(1) };
                let (answers, asker) = (self.answers.clone(), self.model.asked);
                let deliver = move |result: Result<Obtained>| {
                    let answer = result.map(|obtained| obtained.token.expose().to_owned());
                    answers.lock().push((asker, answer.map_err(|error| error.code())));
                };
                let exchange = tokens.ask(&question, now, Box::new(deliver));
                let (begun, answered) = self.model.ask(user, want);
                assert_eq!(exchange.is_some(), begun.is_some(), "whether an exchange begins");
                self.exchanges.extend(exchange.zip(begun).map(|(exchange, flight)| (exchange, flight, user)));
                if let [(_, Ok(token))] = &answered[..] {
                    self.model.last[user] = Some(token.clone());
                }
                answered
            }
            Action::AtHand(user) => {
                let found = tokens.at_hand(&id(user), now);
                let expected = self.model.find(user);
                let (token, renew) = match expected {
                    Some((Ok(token), renew)) => (Some(token), renew && self.model.under_way(user).is_none()),
                    _ => (None, false),
                };
                let exchange = found.as_ref().is_some_and(|(_, exchange)| exchange.is_some());
                assert_eq!(found.as_ref().map(|(token, _)| token.expose()), token.as_deref());
                assert_eq!(exchange, renew, "whether a renewal begins");
                if let Some((_, Some(exchange))) = found {
                    let flight = self.model.begin(user);
                    self.exchanges.push((exchange, flight, user));
                }
                Vec::new()
            }
            Action::Land(..) | Action::Fail(..) | Action::Abandon(_) if self.exchanges.is_empty() => return,
            Action::Land(which, life) => {
                let (exchange, flight, user) = self.exchanges.swap_remove(which % self.exchanges.len());
                self.tokens_made += 1;
                let name = format!("t{}", self.tokens_made);
                let token = match life {
                    Some(life) => Token::testing(&name, Duration::from_secs(life)),
                    None => Token::new(&format!("{name}.e30.sig")).unwrap(),
                };
                let text = token.expose().to_owned();
                exchange.finish(Ok(Obtained { token, attempts: 1 }), now);
                self.model.last[user] = Some(text.clone());
                self.model.end(flight, Ok((text, life)))
            }
            Action::Fail(which, code) => {
                let (exchange, flight, _) = self.exchanges.swap_remove(which % self.exchanges.len());
                exchange.finish(Err(Error::new(code, "")), now);
                self.model.end(flight, Err(code))
            }
            Action::Abandon(which) => {
                let (exchange, flight, _) = self.exchanges.swap_remove(which % self.exchanges.len());
                drop(exchange);
                self.model.end(flight, Err(Code::Closed))
            }
            Action::Forget(user) => {
                tokens.forget(&id(user));
                self.model.forget(|of| of == user);
                Vec::new()
            }
            Action::ForgetAll => {
                tokens.forget_all();
                self.model.forget(|_| true);
                Vec::new()
            }
            Action::Written => {
                tokens.users_written();
                self.model.written = self.model.begun;
                Vec::new()
            }
            Action::Deleted(user) => {
                tokens.user_deleted(&USERS[user].to_ascii_uppercase());
                self.model.forget(|of| of == user);
                self.model.written = self.model.begun;
                Vec::new()
            }
            Action::Pass(seconds, set) => {
                let Now { instant, system } = self.model.now;
                let (asleep, set_by) =
                    (Duration::from_secs(seconds), Duration::from_secs(set.unsigned_abs()));
                let system = system + asleep;
                let system = if set < 0 { system - set_by } else { system + set_by };
                self.model.now = Now { instant: instant + asleep, system };
                Vec::new()
            }
        };
        assert_eq!(*self.answers.lock(), expected, "who is told what");
        self.answers.lock().clear();
        assert_eq!(tokens.stats().size, self.model.entries.len(), "what is kept");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_cache_does_as_its_model_does(actions in vec(action(), 1..80)) {
        let mut world = World::new();
        actions.into_iter().for_each(|action| world.act(action));
        // Whoever still waits is told when the client goes.
        let waiting = world.model.waiting.len();
        drop(world.exchanges);
        prop_assert_eq!(world.answers.lock().len(), waiting);
    }
}
