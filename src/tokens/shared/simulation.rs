//! A fleet in one thread: the rules as they are, over a clock and a network that are made up. Says what the service and the store
//! would see of processes and users that no machine here could run.
//!
//! `AGG_FLEET=processes,users,questions` sets its size; `cargo xtask bench fleet` runs it at full size.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::Shared;
use super::errand::{Errand, Step};
use super::fake::FakeStore;
use crate::config::Config;
use crate::operation::UserId;
use crate::secret::Token;
use crate::time::Now;
use crate::tokens::{Exchange, Not, Obtained, TokenCache, TokenQuestion};

const LIFE: Duration = Duration::from_secs(900);
/// All questions come within this time.
const SPAN: Duration = Duration::from_secs(120);
/// The store is gone from and until.
const OUTAGE: (Duration, Duration) = (Duration::from_secs(40), Duration::from_secs(55));

/// What is asked of the service and of the store in each second.
#[derive(Default)]
struct Seen {
    exchanges: BTreeMap<u64, u64>,
    commands: BTreeMap<u64, u64>,
}

struct Process {
    tokens: Arc<TokenCache>,
    /// The store is left alone until then.
    rests_until: Duration,
}

struct Task {
    process: usize,
    errand: Option<Errand>,
    exchange: Option<Exchange>,
    exchanging: bool,
}

struct Fleet {
    start: Now,
    time: Duration,
    random: fastrand::Rng,
    processes: Vec<Process>,
    store: Option<FakeStore>,
    tasks: Vec<Task>,
    free: Vec<usize>,
    due: BinaryHeap<Reverse<(Duration, usize)>>,
    seen: Rc<RefCell<Seen>>,
    issued: u64,
    answered: Arc<AtomicU64>,
}

impl Fleet {
    fn new(processes: usize, shares: bool) -> Fleet {
        let config = Config::builder().tenant_id("t").api_key("k").token_store("redis://localhost");
        let config = config.token_store_key("x".repeat(32)).build_with(|_| None).unwrap();
        let store = config.token_store().unwrap();
        let keys = Arc::new(config.key_ring());
        let shared = || shares.then(|| Arc::new(Shared::new(store, "t", &keys)));
        let process = |_| Process {
            tokens: Arc::new(TokenCache::new(1_000_000, || 0.5).sharing(shared())),
            rests_until: Duration::ZERO,
        };
        Fleet {
            start: Now::read(),
            time: Duration::ZERO,
            random: fastrand::Rng::with_seed(7),
            processes: (0..processes).map(process).collect(),
            store: shares.then(FakeStore::default),
            tasks: Vec::new(),
            free: Vec::new(),
            due: BinaryHeap::new(),
            seen: Rc::default(),
            issued: 0,
            answered: Arc::default(),
        }
    }

    fn now(&self) -> Now {
        Now { instant: self.start.instant + self.time, system: self.start.system + self.time }
    }

    /// Has users ask, each question at a process that chance picks, until all are answered.
    fn run(&mut self, users: u64, questions: u64) {
        let every = SPAN / u32::try_from(questions).unwrap();
        for number in 0..questions {
            let next = every * u32::try_from(number).unwrap();
            self.until(Some(next));
            self.time = next;
            self.ask(users);
        }
        self.until(None);
    }

    fn until(&mut self, end: Option<Duration>) {
        while let Some(Reverse((at, _))) = self.due.peek()
            && end.is_none_or(|end| *at <= end)
        {
            let Some(Reverse((at, task))) = self.due.pop() else { return };
            self.time = at;
            self.go_on(task);
        }
    }

    fn ask(&mut self, users: u64) {
        let process = self.random.usize(..self.processes.len());
        let user_id = UserId::new(self.random.u64(..users).to_string()).unwrap();
        let question = TokenQuestion { user_id, not: Not::Nothing, timeout: LIFE };
        let answered = self.answered.clone();
        let deliver = Box::new(move |answer: Result<_, _>| {
            answered.fetch_add(u64::from(answer.is_ok()), Relaxed);
        });
        let now = self.now();
        if let Some(exchange) = self.processes[process].tokens.ask(&question, now, deliver) {
            let errand = exchange.errand();
            let task = Task { process, exchanging: errand.is_none(), errand, exchange: Some(exchange) };
            let at = self.free.pop().unwrap_or_else(|| {
                self.tasks.push(Task { process, errand: None, exchange: None, exchanging: false });
                self.tasks.len() - 1
            });
            self.tasks[at] = task;
            if self.tasks[at].exchanging { self.exchange(at) } else { self.go_on(at) }
        }
    }

    fn later(&mut self, task: usize, least: u64, most: u64) {
        let wait = Duration::from_micros(self.random.u64(least..most));
        self.due.push(Reverse((self.time + wait, task)));
    }

    /// The service takes 20 to 60 ms.
    fn exchange(&mut self, task: usize) {
        *self.seen.borrow_mut().exchanges.entry(self.time.as_secs()).or_default() += 1;
        self.tasks[task].exchanging = true;
        self.later(task, 20_000, 60_000);
    }

    fn go_on(&mut self, task: usize) {
        if self.tasks[task].exchanging {
            return self.land(task);
        }
        let mut errand = self.tasks[task].errand.take().expect("it is under way");
        match errand.step(self.random.f64()) {
            Step::Ask(commands) => {
                let answers = self.ask_store(self.tasks[task].process, &commands);
                let now = self.now();
                errand.answered(answers, now);
                self.later(task, 200, 800);
            }
            Step::Wait(time) => self.due.push(Reverse((self.time + time, task))),
            Step::Exchange => self.exchange(task),
            Step::Found(token) => {
                let rest = errand.rest(&[], &token, self.now());
                self.ask_store(self.tasks[task].process, &rest);
                let now = self.now();
                self.tasks[task].exchange.take().expect("it is under way").finish_with_others(token, now);
                return self.free.push(task);
            }
        }
        self.tasks[task].errand = Some(errand);
    }

    fn land(&mut self, task: usize) {
        self.issued += 1;
        let token = Token::testing(&format!("t{}", self.issued), LIFE);
        let now = self.now();
        let exchange = self.tasks[task].exchange.take().expect("it is under way");
        let kept = exchange.finish(Ok(Obtained { token: token.clone(), attempts: 1 }), now);
        if let Some(mut errand) = self.tasks[task].errand.take() {
            let process = self.tasks[task].process;
            let commands = errand.exchanged(Some(&token).filter(|_| kept), now);
            if let Some(answers) = self.ask_store(process, &commands) {
                self.ask_store(process, &errand.rest(&answers, &token, now));
            }
        }
        self.free.push(task);
    }

    fn ask_store(&mut self, process: usize, commands: &[super::Command]) -> Option<Vec<super::Answer>> {
        if commands.is_empty() {
            return Some(Vec::new());
        }
        if self.processes[process].rests_until > self.time {
            return None;
        }
        if (OUTAGE.0..OUTAGE.1).contains(&self.time) {
            let rest = Duration::from_secs(5).mul_f64(0.8 + 0.4 * self.random.f64());
            self.processes[process].rests_until = self.time + rest;
            return None;
        }
        *self.seen.borrow_mut().commands.entry(self.time.as_secs()).or_default() += commands.len() as u64;
        let now = self.now().instant;
        Some(self.store.as_mut()?.run(commands, now))
    }
}

fn most(seen: &BTreeMap<u64, u64>, within: impl Fn(u64) -> bool) -> u64 {
    seen.iter().filter(|(second, _)| within(**second)).map(|(_, count)| *count).max().unwrap_or_default()
}

#[test]
fn a_fleet_of_any_size_makes_one_exchange_a_user() {
    let size = std::env::var("AGG_FLEET").unwrap_or_else(|_| "50,2000,20000".to_owned());
    let size: Vec<u64> = size.split(',').map(|number| number.parse().unwrap()).collect();
    let [processes, users, questions] = size[..] else { panic!("AGG_FLEET is processes,users,questions") };
    let mut exchanges = [0; 2];
    for shares in [false, true] {
        let mut fleet = Fleet::new(processes as usize, shares);
        fleet.run(users, questions);
        assert_eq!(fleet.answered.load(Relaxed), questions, "every question is answered");
        let seen = fleet.seen.borrow();
        let total: u64 = seen.exchanges.values().sum();
        exchanges[usize::from(shares)] = total;
        let outage = |second: u64| (OUTAGE.0.as_secs()..OUTAGE.1.as_secs()).contains(&second);
        let after = |second: u64| (OUTAGE.1.as_secs()..OUTAGE.1.as_secs() + 10).contains(&second);
        println!(
            "| {} | {processes} | {users} | {questions} | {total} | {} | {} | {} | {} |",
            if shares { "with the store" } else { "without" },
            most(&seen.exchanges, |second| !outage(second) && !after(second)),
            most(&seen.exchanges, outage),
            most(&seen.exchanges, after),
            most(&seen.commands, |_| true),
        );
    }
    let [alone, together] = exchanges;
    // In the outage, an eighth of the time, everybody is alone; whoever was first asked then is asked again after it.
    assert!(together < alone, "{together} {alone}");
    assert!(together <= users + users / 20 + alone / 4, "{together} exchanges for {users} users");
}
