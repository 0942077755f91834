//! The turns of a thread that drives I/O: what it has to wake, it wakes once a turn, before it sleeps.

use std::cell::RefCell;
use std::sync::Arc;

/// Somebody to be woken. Being woken for nothing does no harm.
pub(crate) trait Wake: Send + Sync {
    /// Wakes, if there is still a reason to.
    fn wake(&self);
}

/// After so many items the turn counts as over: a busy thread may not sleep for long.
const MOST: u32 = 16;

#[derive(Default)]
struct Turn {
    waiting: Vec<Arc<dyn Wake>>,
    pushed: u32,
}

// `None` on every thread that has no turns.
#[cfg(not(all(test, agglestone_loom)))]
thread_local! {
    static TURN: RefCell<Option<Turn>> = const { RefCell::new(None) };
}
#[cfg(all(test, agglestone_loom))]
loom::thread_local! {
    static TURN: RefCell<Option<Turn>> = RefCell::new(None);
}

fn with_turn<T>(act: impl FnOnce(&mut Option<Turn>) -> T) -> T {
    TURN.with(|turn| act(&mut turn.borrow_mut()))
}

/// An item was pushed; `reader` has to be woken for it. On a thread without turns that is done at once.
pub(crate) fn pushed(reader: Option<Arc<dyn Wake>>) {
    let at_once = with_turn(|turn| {
        let Some(turn) = turn else { return reader.into_iter().collect() };
        // A reader that took what was there in this very turn is on the list already.
        let is_new = |reader: &Arc<dyn Wake>| !turn.waiting.iter().any(|known| Arc::ptr_eq(known, reader));
        let new = reader.filter(is_new);
        turn.waiting.extend(new);
        turn.pushed += 1;
        if turn.pushed < MOST { Vec::new() } else { take(turn) }
    });
    wake(at_once);
}

/// This thread drives I/O. It says so itself, with its first call at the latest: one that always has something to do never sleeps,
/// and would wake for each item.
pub(crate) fn begin() {
    with_turn(|turn| _ = turn.get_or_insert_default());
}

/// This thread, which drives I/O, is about to sleep.
pub(crate) fn over() {
    wake(with_turn(|turn| take(turn.get_or_insert_default())));
}

/// Lets the other tasks of this thread have their turn. While one of them always passes, the thread never sleeps, so its own turn
/// ends here.
pub(crate) async fn pass() {
    end();
    tokio::task::yield_now().await;
}

/// The turn of this thread is over, if it has turns.
pub(crate) fn end() {
    wake(with_turn(|turn| turn.as_mut().map(take).unwrap_or_default()));
}

fn take(turn: &mut Turn) -> Vec<Arc<dyn Wake>> {
    turn.pushed = 0;
    std::mem::take(&mut turn.waiting)
}

/// Outside the borrow: who is woken may push again.
fn wake(readers: Vec<Arc<dyn Wake>>) {
    readers.iter().for_each(|reader| reader.wake());
}
