//! `agg_account`: what an observed call did.

use client_core::binding::Tracked;
use client_core::{Account, Attempt, Code, TokenFrom};

use crate::view::agg_view;

/// What a call did so far, or altogether once it is over. Made by agg_observation_account, owned by the caller, freed with
/// agg_account_free. Immutable: any thread may read it. Texts live as long as it does, and are empty where there is nothing to say, as
/// all of them are before the call begins. No id, query, body or secret is in it. Newer versions may add fields at the end, so it is
/// read where it is and never copied.
#[repr(C)]
pub struct agg_account {
    /// "GET" and so on. Empty for a call that has not begun.
    pub method: agg_view,
    /// The route template, such as "users/{userId}".
    pub route: agg_view,
    /// The host of the service.
    pub server_address: agg_view,
    /// The name of the status that the call failed with, without AGG_, such as "TIMEOUT".
    pub error: agg_view,
    /// Where a user's token came from, for a call that needed one: "cache", "cacheRenewed", "store" or "exchange".
    pub token: agg_view,
    /// For such a call, how the token store was, if there is one: "up" or "down".
    pub token_store: agg_view,
    /// The port of the service.
    pub server_port: u16,
    /// The HTTP status of the response that decided, or 0.
    pub status: u16,
    /// How often the other key was tried because one was refused.
    pub failovers: u32,
    /// How long it took altogether in microseconds, counted from agg_observation_new; -1 before it is over.
    pub duration: i64,
    /// How many attempts there were.
    pub attempt_count: usize,
    /// Pointers to them, in the order in which they began, those of an exchange that the call began among them.
    pub attempts: *const *const agg_attempt,
    /// The library's own.
    pub memory: Box<agg_account_memory>,
}

/// One attempt of a call, within an agg_account. Times are microseconds.
#[repr(C)]
pub struct agg_attempt {
    /// "GET" and so on.
    pub method: agg_view,
    /// The route template.
    pub route: agg_view,
    /// The name of the status that says why there was no response, without AGG_.
    pub error: agg_view,
    /// The same, or the HTTP status where that is 400 or more: OpenTelemetry's "error.type".
    pub error_type: agg_view,
    /// "primary", "secondary" or "token".
    pub credential: agg_view,
    /// Of the key: the first 8 hex digits of its SHA-256.
    pub fingerprint: agg_view,
    /// The service's name for the request.
    pub request_id: agg_view,
    /// When it began, counted from agg_observation_new.
    pub start: i64,
    /// How long it took, -1 while it is under way.
    pub duration: i64,
    /// How long it waited for a connection, -1 where that is not known.
    pub connection_wait: i64,
    /// How many attempts of its call came before it.
    pub resends: u32,
    /// The HTTP status of the response, or 0.
    pub status: u16,
}

/// Where the texts and the attempts of an account are.
pub struct agg_account_memory {
    _texts: Texts,
    _attempts: Box<[agg_attempt]>,
    _places: Box<[*const agg_attempt]>,
    _tracked: Tracked,
}

impl agg_account {
    pub fn new(account: &Account) -> agg_account {
        let mut texts = Texts::with_room_for(account);
        let [method, route, server_address, error, token, token_store] =
            texts_of(account).map(|text| texts.add(text));
        let attempts: Box<[_]> =
            account.attempts.iter().map(|attempt| agg_attempt::new(attempt, &mut texts)).collect();
        let places: Box<[_]> = attempts.iter().map(std::ptr::from_ref).collect();
        agg_account {
            method,
            route,
            server_address,
            error,
            token,
            token_store,
            server_port: account.server_port,
            status: account.status.unwrap_or_default(),
            failovers: account.failovers,
            duration: micros(account.duration),
            attempt_count: places.len(),
            attempts: places.as_ptr(),
            memory: Box::new(agg_account_memory {
                _texts: texts,
                _attempts: attempts,
                _places: places,
                _tracked: Tracked::new(),
            }),
        }
    }
}

impl agg_attempt {
    fn new(attempt: &Attempt, texts: &mut Texts) -> agg_attempt {
        let [method, route, error, error_type, credential, fingerprint, request_id] =
            texts_of_attempt(attempt).map(|text| texts.add(text));
        agg_attempt {
            method,
            route,
            error,
            error_type,
            credential,
            fingerprint,
            request_id,
            start: micros(Some(attempt.start)),
            duration: micros(attempt.duration),
            connection_wait: micros(attempt.connection_wait),
            resends: attempt.resends,
            status: attempt.status.unwrap_or_default(),
        }
    }
}

fn micros(time: Option<u64>) -> i64 {
    time.map_or(-1, |time| i64::try_from(time).unwrap_or(i64::MAX))
}

fn texts_of(account: &Account) -> [&str; 6] {
    [
        account.method,
        &account.route,
        &account.server_address,
        account.error.map_or("", Code::name),
        account.token.map_or("", TokenFrom::name),
        account.token_store.unwrap_or_default(),
    ]
}

fn texts_of_attempt(attempt: &Attempt) -> [&str; 7] {
    [
        attempt.method,
        &attempt.route,
        attempt.error.map_or("", Code::name),
        attempt.error_type.as_deref().unwrap_or_default(),
        attempt.credential.unwrap_or_default(),
        attempt.fingerprint.as_deref().unwrap_or_default(),
        attempt.request_id.as_deref().unwrap_or_default(),
    ]
}

/// Texts one behind the other, each with a NUL at its end, in memory that never moves.
struct Texts(Vec<u8>);

impl Texts {
    fn with_room_for(account: &Account) -> Texts {
        let room = |texts: &[&str]| texts.iter().map(|text| text.len() + 1).sum::<usize>();
        let of_attempts = account.attempts.iter().map(|attempt| room(&texts_of_attempt(attempt)));
        Texts(Vec::with_capacity(room(&texts_of(account)) + of_attempts.sum::<usize>()))
    }

    fn add(&mut self, text: &str) -> agg_view {
        let start = self.0.len();
        assert!(start + text.len() < self.0.capacity(), "there is room for each text");
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(0);
        agg_view::of(&self.0[start..])
    }
}

/// Frees an account. NULL is a no-op.
#[unsafe(no_mangle)]
pub extern "C" fn agg_account_free(account: Option<Box<agg_account>>) {
    drop(account);
}
