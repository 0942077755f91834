//! Calls and the keys they share beside a model of them, through whatever callers, answers, reloads, clocks and cancellations do
//! in any order.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use proptest::collection::vec;
use proptest::prelude::*;

use super::tests::{answer, user, users};
use super::*;
use crate::config::Config;
use crate::http::{Failure, FailureKind};
use crate::keys::GivenKeys;
use crate::secret::{ApiKey, Token};
use crate::sync::Mutex;
use crate::tokens::Not;

/// Which keys: the first and perhaps another.
type Pair = (usize, Option<usize>);

#[derive(Clone, Debug)]
enum Action {
    Begin,
    BeginAsUser,
    /// A call goes on: its next step is taken, or what it waits for has come.
    Go(usize, Outcome),
    /// Nobody wants it any more.
    Drop(usize),
    Set(Pair),
    /// What the source says when it is asked.
    Source(Option<Pair>),
    Pass(u64),
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Answer(u16),
    Lost,
    Late,
}

fn action() -> impl Strategy<Value = Action> {
    let pair = || {
        (0_usize..5, proptest::option::of(0_usize..5))
            .prop_map(|(one, other)| (one, other.filter(|it| *it != one)))
    };
    let status = prop_oneof![4 => Just(200), 6 => Just(401), 1 => Just(403), 1 => Just(404), 1 => Just(500), 1 => Just(503)];
    let outcome = prop_oneof![8 => status.prop_map(Outcome::Answer), 1 => Just(Outcome::Lost), 1 => Just(Outcome::Late)];
    prop_oneof![
        3 => Just(Action::Begin),
        1 => Just(Action::BeginAsUser),
        16 => (0_usize..12, outcome).prop_map(|(call, outcome)| Action::Go(call, outcome)),
        1 => (0_usize..12).prop_map(Action::Drop),
        1 => pair().prop_map(Action::Set),
        1 => proptest::option::weighted(0.8, pair()).prop_map(Action::Source),
        1 => (0_u64..40).prop_map(Action::Pass),
    ]
}

/// A key in a pair, and what was counted for it there.
#[derive(Default)]
struct Slot {
    key: usize,
    requests: u64,
    refusals: u64,
}

/// What is known of the keys. Slots are numbered as they come and never go.
#[derive(Default)]
struct Ring {
    slots: Vec<Slot>,
    /// The pair in use.
    pair: Vec<usize>,
    /// The slot in use.
    active: usize,
    pairs: u64,
    /// How often the slot in use has changed.
    changes: u64,
    loads: u64,
    failovers: u64,
    replacements: u64,
}

impl Ring {
    fn replace(&mut self, (one, other): Pair) {
        let keys: Vec<usize> = [one].into_iter().chain(other).collect();
        let before: Vec<usize> = self.pair.iter().map(|slot| self.slots[*slot].key).collect();
        if keys == before {
            return;
        }
        let mut pair = Vec::new();
        for key in keys {
            let known = self.pair.iter().copied().find(|slot| self.slots[*slot].key == key);
            pair.push(known.unwrap_or_else(|| {
                self.slots.push(Slot { key, ..Slot::default() });
                self.slots.len() - 1
            }));
        }
        // A new primary is how an operator says which key to use.
        let stays = self.pair.first() == pair.first() && pair.contains(&self.active);
        self.active = if stays { self.active } else { pair[0] };
        self.replacements += u64::from(!self.pair.is_empty());
        self.pair = pair;
        self.pairs += 1;
        self.changes += 1;
    }
}

/// One call, and what it has to do next.
struct Running {
    call: Call,
    next: Next,
    ends_at: Instant,
    /// The slot in use when the call looked at this pair, and how often that had changed.
    looked: Option<(u64, usize, u64)>,
    refused: Vec<usize>,
    asked: bool,
    tries: usize,
    tokens: Vec<Token>,
}

enum Next {
    /// Begin, if there are keys.
    Begin,
    Send(usize),
    Sent(usize),
    /// Ask the source, which had been asked so often.
    Reload(u64),
    Reloading(KeyWork, u64),
    Token,
    Obtaining,
    SendToken,
    SentToken,
    Fail(Code),
    Succeed,
}

struct World {
    context: Arc<Context>,
    source: Arc<Mutex<Option<Pair>>>,
    asked: Arc<AtomicUsize>,
    now: Now,
    ring: Ring,
    calls: Vec<Running>,
    tokens_made: usize,
}

fn key(number: usize) -> String {
    format!("key-{number}")
}

fn given((one, other): Pair) -> GivenKeys {
    GivenKeys { primary: key(one).into(), secondary: other.map(|other| key(other).into()) }
}

impl World {
    /// With keys from the start, or with those of the source alone.
    fn new(has_keys: bool) -> World {
        let (source, asked) = (Arc::new(Mutex::new(Some((0, Some(1))))), Arc::new(AtomicUsize::new(0)));
        let (pair, count) = (source.clone(), asked.clone());
        let mut builder =
            Config::builder().tenant_id("t").max_retries(2).deadline(60.0).key_source(move || {
                count.fetch_add(1, SeqCst);
                pair.lock().map(given).ok_or_else(|| "vault is sealed".to_owned())
            });
        let mut ring = Ring::default();
        if has_keys {
            builder = builder.api_key(key(0)).secondary_api_key(key(1));
            ring.replace((0, Some(1)));
        }
        let context = Context::with_random(builder.build_with(|_| None).unwrap(), || 0.5);
        World { context, source, asked, now: Now::read(), ring, calls: Vec::new(), tokens_made: 0 }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Begin => self.begin(Call::new(users(), &self.context, self.now), Next::Begin),
            Action::BeginAsUser => {
                let id = UserId::new("u").unwrap();
                self.begin(Call::new(user("u").as_user(id).unwrap(), &self.context, self.now), Next::Token);
            }
            Action::Go(..) | Action::Drop(_) if self.calls.is_empty() => {}
            Action::Go(which, outcome) => {
                let mut running = self.calls.swap_remove(which % self.calls.len());
                if self.go(&mut running, outcome) {
                    self.calls.push(running);
                }
            }
            Action::Drop(which) => drop(self.calls.swap_remove(which % self.calls.len())),
            Action::Set(pair) => {
                let GivenKeys { primary, secondary } = given(pair);
                self.context.keys.set(&primary, secondary.as_ref()).unwrap();
                self.ring.replace(pair);
            }
            Action::Source(pair) => *self.source.lock() = pair,
            Action::Pass(seconds) => {
                let passed = Duration::from_secs(seconds);
                self.now = Now { instant: self.now.instant + passed, system: self.now.system + passed };
            }
        }
        self.compare();
    }

    fn begin(&mut self, call: Call, next: Next) {
        let ends_at = self.now.instant + Duration::from_secs(60);
        let (looked, refused, tokens) = (None, Vec::new(), Vec::new());
        self.calls.push(Running { call, next, ends_at, looked, refused, asked: false, tries: 0, tokens });
    }

    /// Whether the call goes on.
    fn go(&mut self, running: &mut Running, outcome: Outcome) -> bool {
        let next = std::mem::replace(&mut running.next, Next::Succeed);
        running.next = match next {
            Next::Begin if self.ring.pair.is_empty() => {
                return self.step(running, Next::Reload(self.ring.loads));
            }
            Next::Begin => {
                self.look(running);
                return self.step(running, Next::Send(self.ring.active));
            }
            Next::Sent(slot) => self.answered(running, slot, outcome),
            Next::SentToken => Self::answered_to_token(running, outcome),
            Next::Reloading(work, loads) => self.reloaded(running, work, loads, outcome),
            Next::Obtaining => self.obtained(running, outcome),
            next => return self.step(running, next),
        };
        true
    }

    /// Takes the next step, which must be the one that the model expects.
    fn step(&mut self, running: &mut Running, expected: Next) -> bool {
        let late = self.now.instant >= running.ends_at;
        match (running.call.step(self.now), expected) {
            (Step::Done(Err(error)), Next::Send(_) | Next::SendToken)
                if late && error.code() == Code::Timeout =>
            {
                return false;
            }
            (Step::Send(request), Next::Send(slot)) => {
                assert!(!late, "a request after the deadline");
                assert_eq!(request.headers["x-api-key"], key(self.ring.slots[slot].key));
                assert!(!request.headers.contains_key("authorization"));
                self.ring.slots[slot].requests += 1;
                running.next = Next::Sent(slot);
            }
            (Step::Send(request), Next::SendToken) => {
                assert!(!late, "a request after the deadline");
                let token = running.tokens.last().expect("a token was got");
                assert_eq!(request.headers["authorization"], format!("Bearer {}", token.expose()));
                assert!(!request.headers.contains_key("x-api-key"));
                running.next = Next::SentToken;
            }
            // A retry waits first; that it comes to one is another test's.
            (Step::Wait(_), next @ (Next::Send(_) | Next::SendToken)) => running.next = next,
            (Step::ReloadKeys(work, _), Next::Reload(loads)) => running.next = Next::Reloading(work, loads),
            (Step::Token(question), Next::Token) => {
                match (&question.not, &running.tokens[..]) {
                    (Not::Nothing, []) => {}
                    (Not::Refused(refused), [token]) => assert_eq!(refused, token),
                    (not, tokens) => panic!("{not:?} after {} tokens", tokens.len()),
                }
                running.next = Next::Obtaining;
            }
            (Step::Done(Err(error)), Next::Fail(code)) => {
                assert_eq!(error.code(), code);
                return false;
            }
            (Step::Done(Ok(_)), Next::Succeed) => return false,
            // Whether a failed attempt is worth another is another test's, too.
            (Step::Done(Err(error)), Next::Send(_) | Next::SendToken) if running.tries > 0 => {
                assert!(matches!(error.code(), Code::Server | Code::Connect), "{error}");
                return false;
            }
            (step, _) => panic!("{step:?} was not expected"),
        }
        true
    }

    fn look(&self, running: &mut Running) {
        if running.looked.is_none_or(|(pair, ..)| pair != self.ring.pairs) {
            running.looked = Some((self.ring.pairs, self.ring.active, self.ring.changes));
        }
    }

    /// Each key once, the one in use first, of the pair as it is now; then the source, once.
    fn next_key(&mut self, running: &mut Running) -> Next {
        let ring = &self.ring;
        let was_refused = |slot: &usize| {
            running.refused.iter().any(|known| ring.slots[*known].key == ring.slots[*slot].key)
        };
        let other = ring.pair.iter().copied().filter(|slot| *slot != ring.active);
        let untried = [ring.active].into_iter().chain(other).find(|slot| !was_refused(slot));
        match untried {
            Some(slot) => {
                self.look(running);
                Next::Send(slot)
            }
            None if running.asked => Next::Fail(Code::Unauthorized),
            None => {
                running.asked = true;
                Next::Reload(ring.loads)
            }
        }
    }

    fn answered(&mut self, running: &mut Running, slot: usize, outcome: Outcome) -> Next {
        running.call.received(Self::outcome(outcome), self.now);
        let Outcome::Answer(status) = outcome else {
            running.tries += 1;
            return Next::Send(slot);
        };
        match status {
            401 => {
                self.ring.slots[slot].refusals += 1;
                running.refused.push(slot);
                return self.next_key(running);
            }
            500.. => {
                running.tries += 1;
                return Next::Send(slot);
            }
            _ => {}
        }
        // It works, so it is the one in use from now on, unless that changed since the call looked.
        if let Some((_, first, changes)) = running.looked
            && first != slot
            && changes == self.ring.changes
        {
            self.ring.active = slot;
            self.ring.changes += 1;
            self.ring.failovers += 1;
        }
        Self::end(status)
    }

    fn answered_to_token(running: &mut Running, outcome: Outcome) -> Next {
        running.call.received(Self::outcome(outcome), Now::read());
        match outcome {
            Outcome::Answer(401) if running.tokens.len() == 1 => Next::Token,
            Outcome::Answer(401) => Next::Fail(Code::Unauthorized),
            Outcome::Answer(status @ ..500) => Self::end(status),
            _ => {
                running.tries += 1;
                Next::SendToken
            }
        }
    }

    fn outcome(outcome: Outcome) -> Result<crate::http::HttpResponse, Failure> {
        match outcome {
            Outcome::Answer(status) => Ok(answer(status, &[], r#"{"data":[],"userId":"u"}"#)),
            Outcome::Lost | Outcome::Late => Err(Failure::testing(FailureKind::Lost, true)),
        }
    }

    fn end(status: u16) -> Next {
        Code::from_status(status).map_or(Next::Succeed, Next::Fail)
    }

    fn reloaded(&mut self, running: &mut Running, work: KeyWork, loads: u64, outcome: Outcome) -> Next {
        let is_first = running.looked.is_none();
        if matches!(outcome, Outcome::Late) {
            running.call.reload_is_late();
            return match self.ring.pair[..] {
                [] => Next::Fail(Code::Timeout),
                _ if is_first => Next::Begin,
                _ => Next::Fail(Code::Timeout),
            };
        }
        // Whoever asked since has asked for everybody.
        let before = self.asked.load(SeqCst);
        let asks = self.ring.loads <= loads;
        running.call.reloaded(work.run());
        assert_eq!(self.asked.load(SeqCst) - before, usize::from(asks), "whether the source is asked");
        if asks {
            self.ring.loads += 1;
            if let Some(pair) = *self.source.lock() {
                self.ring.replace(pair);
            }
        }
        match (is_first, self.ring.pair.is_empty()) {
            (true, true) => Next::Fail(Code::InvalidConfig),
            (true, false) => Next::Begin,
            (false, _) => self.next_key(running),
        }
    }

    fn obtained(&mut self, running: &mut Running, outcome: Outcome) -> Next {
        match outcome {
            Outcome::Answer(status @ (200 | 401)) => {
                self.tokens_made += 1;
                let token =
                    Token::testing(&format!("t{}x{status}", self.tokens_made), Duration::from_secs(900));
                running.tokens.push(token.clone());
                running.call.obtained(Ok(Obtained { token, attempts: 1 }));
                Next::SendToken
            }
            Outcome::Answer(_) | Outcome::Lost => {
                running.call.obtained(Err(Error::new(Code::Forbidden, "")));
                Next::Fail(Code::Forbidden)
            }
            Outcome::Late => {
                running.call.obtaining_is_late();
                Next::Fail(Code::Timeout)
            }
        }
    }

    /// What an operator reads is what happened.
    fn compare(&self) {
        let usage = self.context.keys.usage();
        assert_eq!((usage.failovers, usage.replacements), (self.ring.failovers, self.ring.replacements));
        let slots = [usage.primary, usage.secondary].into_iter().flatten();
        let seen: Vec<_> =
            slots.map(|slot| (slot.fingerprint, slot.requests, slot.refusals, slot.active)).collect();
        let expected = self.ring.pair.iter().map(|number| {
            let slot = &self.ring.slots[*number];
            let fingerprint = ApiKey::new(&key(slot.key)).unwrap().fingerprint();
            (fingerprint, slot.requests, slot.refusals, *number == self.ring.active)
        });
        assert_eq!(seen, expected.collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn calls_and_their_keys_do_as_their_model_does(has_keys: bool, actions in vec(action(), 1..80)) {
        let mut world = World::new(has_keys);
        actions.into_iter().for_each(|action| world.act(action));
    }
}
