//! An account of one call: what it did and where its time went. Kept while the call runs and readable at any time, also by those
//! who gave the call up.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tracing::Span;

use crate::error::Code;
use crate::sync::Mutex;
use crate::time::Now;
use crate::trace_context::TraceContext;

/// Watches one call, which sends its trace context and keeps the account. Cloning it gives another look at the same account.
#[derive(Clone, Debug)]
pub struct Observation(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    trace: TraceContext,
    /// Disabled in every language but Rust.
    span: Span,
    begun: Instant,
    account: Mutex<Account>,
}

/// What a call did, without ids, queries, bodies and secrets. Times are microseconds, from the moment when the observation was made.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Account {
    /// The method; empty for a call that has not begun.
    pub method: &'static str,
    /// The route template.
    pub route: Cow<'static, str>,
    /// The host of the service.
    pub server_address: Arc<str>,
    /// And its port.
    pub server_port: u16,
    /// The status of the response that decided.
    pub status: Option<u16>,
    /// What the call failed with.
    pub error: Option<Code>,
    /// Where a user's token came from, for a call that needed one.
    pub token: Option<TokenFrom>,
    /// For such a call, whether the token store was `up` or `down`; not there without one.
    pub token_store: Option<&'static str>,
    /// How long it took altogether; not there before it is over.
    pub duration: Option<u64>,
    /// How often the key in use was refused and the other one was tried.
    pub failovers: u32,
    /// Attempts in the order in which they began, those of an exchange that the call began among them.
    pub attempts: Vec<Attempt>,
    /// Whether it had a token exchanged.
    pub(crate) exchanges: bool,
    /// Whether the token store had it.
    pub(crate) from_store: bool,
}

/// Where a call had a user's token from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFrom {
    /// It was at hand.
    Cache,
    /// It was at hand, and this call had it renewed in the background.
    CacheRenewed,
    /// From another process, by the token store.
    Store,
    /// By an exchange.
    Exchange,
}

/// One attempt.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Attempt {
    /// The method.
    pub method: &'static str,
    /// The route template.
    pub route: Cow<'static, str>,
    /// When it began.
    pub start: u64,
    /// How long it took; not there while it is under way.
    pub duration: Option<u64>,
    /// How long it waited for a connection, where that is known.
    pub connection_wait: Option<u64>,
    /// How many attempts of its call came before it.
    pub resends: u32,
    /// The status of the response.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<Code>,
    /// What was wrong, as OpenTelemetry has it: the name of the error, or the status where that is 400 or more.
    pub error_type: Option<Cow<'static, str>>,
    /// `primary`, `secondary` or `token`.
    pub credential: Option<&'static str>,
    /// Of the key.
    pub fingerprint: Option<Arc<str>>,
    /// The service's name for the request.
    pub request_id: Option<String>,
    /// How it waits.
    pub(crate) wait: Wait,
}

impl Observation {
    /// Begins an account. The call that it is given to sends the trace context.
    pub fn new(trace: TraceContext) -> Observation {
        Observation::within(Span::none(), trace)
    }

    /// The same, with a span in which attempts are spans of their own.
    pub(crate) fn within(span: Span, trace: TraceContext) -> Observation {
        let inner = Inner { trace, span, begun: Now::read().instant, account: Mutex::default() };
        Observation(Arc::new(inner))
    }

    /// The account as it stands now.
    pub fn account(&self) -> Account {
        self.read(Account::clone)
    }

    /// A look at the account as it stands now; for bindings.
    #[doc(hidden)]
    pub fn read<T>(&self, read: impl FnOnce(&Account) -> T) -> T {
        self.change(|account| {
            account
                .attempts
                .iter_mut()
                .filter(|attempt| attempt.duration.is_none())
                .for_each(Attempt::note_wait);
            read(account)
        })
    }

    /// The call has a token exchanged, for itself or for those that come later.
    pub(crate) fn exchanges(&self) {
        self.change(|account| account.exchanges = true);
    }

    /// Another process has had it exchanged.
    pub(crate) fn found_in_store(&self) {
        self.change(|account| account.from_store = true);
    }

    pub(crate) fn span(&self) -> &Span {
        &self.0.span
    }

    pub(crate) fn trace(&self) -> &TraceContext {
        &self.0.trace
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Account) -> T) -> T {
        change(&mut self.0.account.lock())
    }

    /// Microseconds since it was made.
    pub(crate) fn offset(&self, now: Now) -> u64 {
        micros(now.instant.saturating_duration_since(self.0.begun))
    }
}

impl TokenFrom {
    /// As a word: `cache`, `cacheRenewed`, `store` or `exchange`.
    pub const fn name(self) -> &'static str {
        match self {
            TokenFrom::Cache => "cache",
            TokenFrom::CacheRenewed => "cacheRenewed",
            TokenFrom::Store => "store",
            TokenFrom::Exchange => "exchange",
        }
    }
}

impl Attempt {
    /// It ended, with a response or without.
    pub(crate) fn came(&mut self, status: Option<u16>, error: Option<Code>) {
        (self.status, self.error) = (status, error);
        self.error_type = match (error, status) {
            (Some(code), _) => Some(code.name().into()),
            (None, Some(status @ 400..)) => Some(status.to_string().into()),
            _ => None,
        };
    }

    pub(crate) fn note_wait(&mut self) {
        self.connection_wait = self.wait.noted();
    }
}

/// How long a request waits for a connection, noted by whoever gives it one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wait(Option<Arc<(Instant, AtomicU64)>>);

impl Wait {
    pub fn begin(now: Now) -> Wait {
        Wait(Some(Arc::new((now.instant, AtomicU64::new(u64::MAX)))))
    }

    /// There is a connection.
    pub fn over(&self) {
        if let Some(wait) = &self.0 {
            wait.1.store(micros(Now::read().instant.saturating_duration_since(wait.0)), Relaxed);
        }
    }

    fn noted(&self) -> Option<u64> {
        let noted = self.0.as_ref()?.1.load(Relaxed);
        (noted < u64::MAX).then_some(noted)
    }
}

pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
