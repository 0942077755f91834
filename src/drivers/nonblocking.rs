//! Runs calls on one runtime for the whole process.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::call::{Call, Invocation, SigningKeysQuestion, StandingQuestion, Step};
use crate::completion::Completion;
use crate::drivers::runtime::runtime;
use crate::drivers::sharing;
use crate::error::{Error, Result};
use crate::keys::KeyWork;
use crate::observation::Observation;
use crate::operation::{Operation, TokenCheck, UserId};
use crate::reply::Reply;
use crate::secret::Token;
use crate::session::Session;
use crate::time::Now;
use crate::tokens::{Exchange, Obtained, TokenQuestion};
use crate::turns;
use crate::verify::{Claims, Deliver, Inquiry, Judgement, KeyFetch, Verdict};

/// A call under way. Dropping it changes nothing.
#[derive(Clone, Debug)]
pub struct RunningCall(Option<AbortHandle>);

impl RunningCall {
    /// Stops the call, which reports [`Code::Cancelled`](crate::Code::Cancelled) unless it is already over.
    pub fn cancel(&self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Starts an operation and returns at once. `report` is called exactly once: with the result, or with
/// [`Code::Cancelled`], [`Code::Closed`] or [`Code::Panic`]. It runs on a thread that drives I/O for every call in the
/// process, so it may hand the result on and nothing more.
///
/// [`Code::Cancelled`]: crate::Code::Cancelled
/// [`Code::Closed`]: crate::Code::Closed
/// [`Code::Panic`]: crate::Code::Panic
pub fn start(
    session: Arc<Session>,
    invocation: impl Into<Invocation>,
    report: impl FnOnce(Result<Reply>) + Send + 'static,
) -> RunningCall {
    let invocation = invocation.into();
    let completion = Completion::new(report);
    let runtime = match runtime(&session) {
        Ok(runtime) => runtime,
        Err(error) => {
            completion.finish(Err(error));
            return RunningCall(None);
        }
    };
    listen(&session);
    // Fields drop in this order, so the session is released before the report also when the task is aborted.
    let task = Task { session, completion };
    // Boxed: the runtime moves what it holds several times, and this is some KiB.
    let task = runtime.spawn(Box::pin(async move {
        // And in this order: what is named last is dropped first.
        let Task { completion, session } = task;
        let result = {
            // Dropped in here: its span ends before whoever waits goes on.
            let now = Now::read();
            let mut call = Some(Call::new(invocation, session.context(), now));
            tokio::select! {
                // First, because closing may also end what a call waits for, such as a key source.
                biased;
                () = session.until_closed() => Err(call.as_mut().map_or_else(Error::closed, Call::closed)),
                result = run(&session, &mut call, now) => result,
            }
        };
        drop(session);
        turns::begin();
        completion.finish(result);
    }));
    RunningCall(Some(task.abort_handle()))
}

/// Whether calls can be started at all: whether there is a thread to run them, which is started now if there is none.
///
/// # Errors
/// [`Code::Connect`](crate::Code::Connect) where the system starts no more threads, or gives no more files.
pub fn ready(session: &Session) -> Result<()> {
    runtime(session).map(drop)
}

struct Task<F: FnOnce(Result<Reply>)> {
    session: Arc<Session>,
    completion: Completion<F>,
}

/// The user's token, when it is at hand: never waits and sends nothing itself, but has the token renewed in the background
/// when it is time.
pub fn cached_token(session: &Arc<Session>, user_id: &UserId) -> Option<Token> {
    let (token, renewal) = session.tokens().at_hand(user_id, Now::read())?;
    if let Some(renewal) = renewal {
        exchange(session, renewal, None);
    }
    Some(token)
}

/// Asks the cache for a user's token, and has an exchange run if nobody does yet.
pub(super) fn ask_for_token(
    session: &Arc<Session>,
    question: &TokenQuestion,
    observation: Option<Observation>,
    now: Now,
    deliver: Box<dyn FnOnce(Result<Obtained>) + Send>,
) {
    if let Some(started) = session.tokens().ask(question, now, deliver) {
        exchange(session, started, observation);
    }
}

/// Has a token exchange run in the background, for everyone who waits for it; in the trace of the call that began it.
fn exchange(session: &Arc<Session>, exchange: Exchange, observation: Option<Observation>) {
    if let Some(observation) = &observation {
        observation.exchanges();
    }
    let runtime = match runtime(session) {
        Ok(runtime) => runtime,
        Err(error) => {
            exchange.finish(Err(error), Now::read());
            return;
        }
    };
    let session = session.clone();
    if let Some(errand) = exchange.errand() {
        let watched = observation.clone();
        let exchanging = move |session, user_id| exchanged(session, user_id, observation);
        runtime.spawn(sharing::obtain(session, errand, exchange, watched, exchanging));
        return;
    }
    runtime.spawn(async move {
        let obtained = exchanged(session, exchange.user_id.clone(), observation).await;
        exchange.finish(obtained, Now::read());
    });
}

/// The exchange itself. The session is released before anybody is told.
async fn exchanged(
    session: Arc<Session>,
    user_id: UserId,
    observation: Option<Observation>,
) -> Result<Obtained> {
    let now = Now::read();
    let call = Call::exchange(&user_id, session.context(), now).helping(observation, now);
    let reply = run_until_closed(&session, call, now).await?;
    match reply.token() {
        Some(token) => Ok(Obtained { token: token.clone(), attempts: reply.attempts() }),
        None => Err(Error::panic("the token exchange")),
    }
}

/// A verdict on a token, when what it takes is at hand: never waits and sends nothing itself, but has the signing keys renewed
/// in the background when it is time. `None` when keys have to be fetched first, or the service asked about the user: by a call.
pub fn verified_at_hand(
    session: &Arc<Session>,
    token: &str,
    check: Option<TokenCheck>,
) -> Option<Result<Claims>> {
    let (context, now) = (session.context(), Now::read());
    let (verdict, renewal) = context.verifier.judge(token, now);
    if let Some(renewal) = renewal {
        fetch_signing_keys(session, renewal, None);
    }
    let claims = match verdict {
        Verdict::KeysWanted(_) => return None,
        Verdict::Known(Err(error)) => return Some(Err(error)),
        Verdict::Known(Ok(claims)) => claims,
    };
    match context.standings.judge(&claims, check, now) {
        Judgement::Known(verdict) => Some(verdict.map(|()| claims)),
        Judgement::Unknown(_) => None,
    }
}

/// Asks the verifier for keys, and has them fetched if nobody does yet.
pub(super) fn ask_for_signing_keys(
    session: &Arc<Session>,
    wanted: &SigningKeysQuestion,
    observation: Option<Observation>,
    deliver: Deliver,
) {
    if let Some(fetch) = session.context().verifier.ask(wanted.question, Now::read(), deliver) {
        fetch_signing_keys(session, fetch, observation);
    }
}

/// Has the signing keys fetched in the background, for everyone who waits for them; in the trace of the call that began it.
pub(super) fn fetch_signing_keys(session: &Arc<Session>, fetch: KeyFetch, observation: Option<Observation>) {
    let runtime = match runtime(session) {
        Ok(runtime) => runtime,
        Err(error) => return drop(fetch.took(Err(error), Now::read())),
    };
    let session = Arc::downgrade(session);
    runtime.spawn(async move {
        let mut fetch = Some(fetch);
        while let Some(under_way) = fetch {
            // A fetch that is dropped says that the client was closed.
            let Some(session) = session.upgrade() else { return };
            let now = Now::read();
            let call = Call::open(under_way.endpoint(), session.context(), now);
            let call = call.helping(observation.clone(), now);
            let answer = run_until_closed(&session, call, now).await;
            // Before anybody is told.
            drop(session);
            fetch = under_way.took(answer, Now::read());
        }
    });
}

/// Has the service asked about a token's user, if nobody does yet.
pub(super) fn ask_for_standing(
    session: &Arc<Session>,
    question: StandingQuestion,
    observation: Option<Observation>,
    deliver: Deliver,
) {
    if let Some(inquiry) = session.context().standings.ask(question.user_id, deliver) {
        inquire(session, inquiry, observation);
    }
}

/// Asks the service about a user in the background, for everyone who waits for it; in the trace of the call that began it.
fn inquire(session: &Arc<Session>, inquiry: Inquiry, observation: Option<Observation>) {
    let runtime = match runtime(session) {
        Ok(runtime) => runtime,
        Err(error) => return inquiry.finish(Err(error), Now::read()),
    };
    let session = session.clone();
    runtime.spawn(async move {
        let question = Operation::GetUser(inquiry.user_id.clone());
        let now = Now::read();
        let call = Call::new(question, session.context(), now).helping(observation, now);
        let answer = run_until_closed(&session, call, now).await;
        drop(session);
        inquiry.finish(answer, Now::read());
    });
}

/// Runs a call that nobody may cancel but whoever closes the client.
async fn run_until_closed(session: &Arc<Session>, call: Call, now: Now) -> Result<Reply> {
    let mut call = Some(call);
    tokio::select! {
        // First, because closing may also end what a call waits for, such as a key source.
        biased;
        () = session.until_closed() => Err(call.as_mut().map_or_else(Error::closed, Call::closed)),
        answer = run(session, &mut call, now) => answer,
    }
}

/// Begins to listen to other processes, if there are any and nobody does.
pub(super) fn listen(session: &Session) {
    // Without its thread every call says so.
    if let Some(listening) = sharing::listening(session)
        && let Ok(runtime) = runtime(session)
    {
        runtime.spawn(listening);
    }
}

/// Has idle connections of blocking calls closed, as long as there are any.
pub(super) fn sweep_lanes(session: &Arc<Session>) {
    // Without its thread they are closed by the calls to come.
    let Ok(runtime) = runtime(session) else { return };
    let (session, pause) = (Arc::downgrade(session), session.config().idle_timeout() / 4);
    runtime.spawn(async move {
        loop {
            tokio::time::sleep(pause).await;
            let Some(session) = session.upgrade() else { return };
            if !session.transports().close_idle_lanes() {
                return;
            }
        }
    });
}

/// A body over this size is looked through elsewhere: others would wait for milliseconds.
const LARGE: usize = 256 * 1024;

/// The call is elsewhere, too, while a large body is looked through. The clock is read once after each thing that takes time: that is
/// dear beside a call that has all at hand.
async fn run(session: &Arc<Session>, slot: &mut Option<Call>, mut now: Now) -> Result<Reply> {
    loop {
        let call = slot.as_mut().expect("a call that was taken comes back");
        match call.step(now) {
            Step::Send(request) => match session.transports().send(request).await {
                Ok(Ok(response)) if response.body.len() > LARGE => {
                    let mut call = slot.take().expect("it is there");
                    let looking = tokio::task::spawn_blocking(move || {
                        call.received(Ok(response), Now::read());
                        call
                    });
                    match looking.await {
                        Ok(call) => *slot = Some(call),
                        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
                    }
                }
                Ok(outcome) => {
                    now = Now::read();
                    call.received(outcome, now);
                    continue;
                }
                Err(error) => return Err(call.ended(error)),
            },
            Step::Wait(time) => tokio::time::sleep(time).await,
            Step::ReloadKeys(work, limit) => match reload(work, limit).await {
                Some(outcome) => call.reloaded(outcome),
                None => call.reload_is_late(),
            },
            Step::Token(question) => {
                let observation = call.observation();
                let ask = |deliver| ask_for_token(session, &question, observation, now, deliver);
                match told(question.timeout, "the token cache", ask).await {
                    Some(outcome) => call.obtained(outcome),
                    None => call.obtaining_is_late(),
                }
            }
            Step::SigningKeys(wanted) => {
                let observation = call.observation();
                let ask = |deliver| ask_for_signing_keys(session, &wanted, observation, deliver);
                match told(wanted.timeout, "the verifier", ask).await {
                    Some(outcome) => call.signing_keys_came(outcome),
                    None => call.signing_keys_are_late(),
                }
            }
            Step::Standing(question) => {
                let (timeout, observation) = (question.timeout, call.observation());
                let ask = |deliver| ask_for_standing(session, question, observation, deliver);
                match told(timeout, "a question for a user", ask).await {
                    Some(outcome) => call.standing_came(outcome),
                    None => call.standing_is_late(),
                }
            }
            Step::RenewSigningKeys(fetch) => fetch_signing_keys(session, fetch, None),
            Step::Done(result) => return result,
        }
        now = Now::read();
    }
}

/// Has the keys read, on a thread that may block; `None` when that takes longer than the call can wait.
async fn reload(work: KeyWork, limit: Duration) -> Option<Result<(), String>> {
    let (outcome, reading) = work.begin();
    if let Some(reading) = reading {
        tokio::task::spawn_blocking(|| reading.run());
    }
    tokio::time::timeout(limit, outcome.wait()).await.ok()
}

/// The same for a thread outside the runtime, which is told the outcome.
pub(super) fn reload_in_background(
    session: &Session,
    work: KeyWork,
    report: impl FnOnce(Result<(), String>) + Send + 'static,
) -> Result<()> {
    runtime(session)?.spawn(async move {
        let (outcome, reading) = work.begin();
        if let Some(reading) = reading {
            tokio::task::spawn_blocking(|| reading.run());
        }
        report(outcome.wait().await);
    });
    Ok(())
}

/// Waits for what those who are asked will tell; `None` when it does not come in time.
async fn told<T: Send + 'static>(
    timeout: Duration,
    by: &str,
    ask: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>),
) -> Option<Result<T>> {
    let (sender, receiver) = oneshot::channel();
    // The receiver is gone when the caller gave up.
    ask(Box::new(move |result| drop(sender.send(result))));
    let received = tokio::time::timeout(timeout, receiver).await.ok()?;
    Some(received.unwrap_or_else(|_| Err(Error::panic(by))))
}
