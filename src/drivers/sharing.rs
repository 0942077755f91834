//! Gets a user's token where other processes may have one, and keeps the connection to where they put theirs.

use std::sync::Arc;

use crate::error::Result;
use crate::observation::Observation;
use crate::operation::UserId;
use crate::session::Session;
use crate::time::Now;
use crate::tokens::shared::{Command, Errand, Step};
use crate::tokens::{Exchange, Obtained};

/// Listens to other processes for as long as the session lives: something to run in the background, with the first call. `None`
/// where there is nobody to listen to, and when somebody does already.
pub(super) fn listening(session: &Session) -> Option<impl Future<Output = ()> + Send + 'static> {
    let store = session.transports().store()?;
    if !store.wants_keeping() {
        return None;
    }
    let (context, store, closing) = (session.context().clone(), store.clone(), session.closing());
    let retired = context.keys.retirements();
    let learn = move |news| context.learn(news, Now::read());
    Some(async move {
        tokio::select! {
            () = closing => {}
            () = store.keep(retired, learn) => {}
        }
    })
}

/// Gets the token: from others, or by `exchanging`, whose outcome is shared with them.
pub(super) async fn obtain<F: Future<Output = Result<Obtained>>>(
    session: Arc<Session>,
    mut errand: Errand,
    exchange: Exchange,
    observation: Option<Observation>,
    exchanging: impl FnOnce(Arc<Session>, UserId) -> F,
) {
    let store = session.transports().store().cloned();
    let run = async |commands: &[Command]| match &store {
        Some(store) => store.run(commands).await,
        None => None,
    };
    let outcome = loop {
        match errand.step((session.context().random)()) {
            Step::Ask(commands) => errand.answered(run(&commands).await, Now::read()),
            Step::Wait(time) => {
                let closed = tokio::time::timeout(time, session.until_closed()).await.is_ok();
                if closed || !exchange.is_wanted() {
                    return;
                }
            }
            Step::Found(token) => {
                if let Some(observation) = &observation {
                    observation.found_in_store();
                }
                exchange.finish_with_others(token.clone(), Now::read());
                let rest = errand.rest(&[], &token, Now::read());
                run(&rest).await;
                return;
            }
            Step::Exchange => break exchanging(session, exchange.user_id.clone()).await,
        }
    };
    let token = outcome.as_ref().ok().map(|obtained| obtained.token.clone());
    let kept = exchange.finish(outcome, Now::read());
    let token = token.filter(|_| kept);
    let answers = run(&errand.exchanged(token.as_ref(), Now::read())).await;
    if let (Some(token), Some(answers)) = (token, answers) {
        run(&errand.rest(&answers, &token, Now::read())).await;
    }
}
