//! The cache in every order that its callers' threads can take.

use loom::thread;

use super::*;

type Answer = Result<String, Code>;

struct World {
    tokens: Arc<TokenCache>,
    answers: Mutex<Vec<Answer>>,
}

impl World {
    fn new() -> Arc<World> {
        let tokens = Arc::new(TokenCache::new(2, || 0.5));
        Arc::new(World { tokens, answers: Mutex::default() })
    }

    fn ask(self: &Arc<Self>, not: Not) -> Option<Exchange> {
        let world = self.clone();
        let deliver = move |result: Result<Obtained>| {
            let answer = result.map(|obtained| obtained.token.expose().to_owned());
            world.answers.lock().push(answer.map_err(|error| error.code()));
        };
        let question = TokenQuestion { user_id: user(), not, timeout: Duration::from_secs(1) };
        self.tokens.ask(&question, Now::read(), Box::new(deliver))
    }

    /// Asks, and gets `token` by an exchange where one is wanted; whether it was.
    fn asks_and_exchanges(self: &Arc<Self>, not: Not, token: &Token) -> bool {
        let exchange = self.ask(not);
        exchange.map(|exchange| finish(exchange, token)).is_some()
    }

    /// What everyone was told, in an order that does not matter.
    fn answers(&self) -> Vec<Answer> {
        let mut answers = std::mem::take(&mut *self.answers.lock());
        answers.sort_by_key(|answer| answer.clone().unwrap_or_default());
        answers
    }

    fn at_hand(self: &Arc<Self>) -> Option<String> {
        let (token, renewal) = self.tokens.at_hand(&user(), Now::read())?;
        assert!(renewal.is_none(), "it is new");
        Some(token.expose().to_owned())
    }
}

fn user() -> UserId {
    UserId::new("u").unwrap()
}

fn token(name: &str) -> Token {
    Token::testing(name, Duration::from_secs(900))
}

fn got(name: &str) -> Answer {
    Ok(token(name).expose().to_owned())
}

fn finish(exchange: Exchange, token: &Token) {
    exchange.finish(Ok(Obtained { token: token.clone(), attempts: 1 }), Now::read());
}

#[test]
fn whoever_comes_when_there_is_one_exchange() {
    loom::model(|| {
        let world = World::new();
        let askers = [(); 2].map(|()| {
            let world = world.clone();
            thread::spawn(move || world.asks_and_exchanges(Not::Nothing, &token("a")))
        });
        let exchanges = askers.map(|asker| asker.join().unwrap());
        assert_eq!(exchanges.iter().filter(|exchanged| **exchanged).count(), 1);
        assert_eq!(world.answers(), [got("a"), got("a")]);
        assert_eq!(world.at_hand(), got("a").ok());
    });
}

#[test]
fn two_that_were_refused_share_the_next_exchange() {
    loom::model(|| {
        let world = World::new();
        let old = token("old");
        assert!(world.asks_and_exchanges(Not::Nothing, &old));
        world.answers();
        let askers = [(); 2].map(|()| {
            let (world, old) = (world.clone(), old.clone());
            thread::spawn(move || world.asks_and_exchanges(Not::Refused(old), &token("new")))
        });
        let exchanges = askers.map(|asker| asker.join().unwrap());
        assert_eq!(exchanges.iter().filter(|exchanged| **exchanged).count(), 1);
        assert_eq!(world.answers(), [got("new"), got("new")]);
    });
}

#[test]
fn what_was_under_way_when_a_token_was_forgotten_is_not_kept() {
    loom::model(|| {
        let world = World::new();
        let under_way = world.ask(Not::Nothing).unwrap();
        let finishing = thread::spawn(move || finish(under_way, &token("old")));
        let (forgetting, exchanged) = (world.clone(), world.clone());
        let asking = thread::spawn(move || {
            forgetting.tokens.forget(&user());
            exchanged.asks_and_exchanges(Not::Nothing, &token("new"))
        });
        finishing.join().unwrap();
        assert!(asking.join().unwrap(), "what came before is no answer");
        let mut wanted = [got("new"), got("old")];
        wanted.sort_by_key(|answer| answer.clone().unwrap_or_default());
        assert_eq!(world.answers(), wanted);
        assert_eq!(world.at_hand(), got("new").ok());
    });
}

#[test]
fn an_exchange_that_is_dropped_answers_everyone() {
    loom::model(|| {
        let world = World::new();
        let under_way = world.ask(Not::Nothing).unwrap();
        let dropping = thread::spawn(move || drop(under_way));
        let asker = world.clone();
        let asking = thread::spawn(move || asker.asks_and_exchanges(Not::Nothing, &token("a")));
        dropping.join().unwrap();
        let second = match asking.join().unwrap() {
            true => got("a"),
            false => Err(Code::Closed),
        };
        assert_eq!(world.answers(), [Err(Code::Closed), second]);
    });
}
