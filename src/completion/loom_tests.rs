//! The queue and its bell in every order that threads can take, as far as [`ORDERS`] goes. A reader that waits for ever is a deadlock
//! to loom.

use loom::model::Builder;
use loom::sync::{Condvar, Mutex};
use loom::thread;

use super::*;

/// So often a thread may be interrupted where it need not wait. Mistakes show with one or two.
const ORDERS: usize = 3;

/// A file descriptor that a loop watches: rings add up, and silence takes them all.
#[derive(Default)]
struct Watched {
    rings: Mutex<u32>,
    rung: Condvar,
}

impl Watched {
    fn ring(&self) {
        *self.rings.lock().unwrap() += 1;
        self.rung.notify_one();
    }

    fn wait(&self) {
        let mut rings = self.rings.lock().unwrap();
        while *rings == 0 {
            rings = self.rung.wait(rings).unwrap();
        }
    }

    fn silence(&self) {
        *self.rings.lock().unwrap() = 0;
    }
}

fn every_order(test: impl Fn() + Sync + Send + 'static) {
    let mut orders = Builder::new();
    orders.preemption_bound = Some(ORDERS);
    orders.check(test);
}

/// Two items from a thread that wakes at once, one or two from a thread that drives I/O, read by a loop with `look`.
fn all_arrive(look: fn(&Watched, &CompletionQueue<u8>) -> Vec<u8>) {
    every_order(move || {
        let bell = Arc::new(Watched::default());
        let rung = bell.clone();
        let queue = CompletionQueue::new(move || rung.ring());
        let (plain, driving) = (queue.clone(), queue.clone());
        let plain = thread::spawn(move || [1, 2].into_iter().for_each(|item| plain.push(item)));
        let driving = thread::spawn(move || {
            turns::begin();
            [11, 12].into_iter().for_each(|item| driving.push(item));
            turns::over();
        });
        let mut taken = Vec::new();
        while taken.len() < 4 {
            bell.wait();
            taken.extend(look(&bell, &queue));
        }
        let from = |tens: u8| taken.iter().copied().filter(move |item| item / 10 == tens);
        assert!(from(0).eq([1, 2]) && from(1).eq([11, 12]), "{taken:?}: each once, in order");
        plain.join().unwrap();
        driving.join().unwrap();
    });
}

#[test]
fn a_loop_that_silences_first_gets_all() {
    all_arrive(|bell, queue| {
        bell.silence();
        queue.drain()
    });
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_loop_that_drains_first_would_miss_some() {
    all_arrive(|bell, queue| {
        let items = queue.drain();
        bell.silence();
        items
    });
}

#[test]
fn a_reader_that_is_quicker_than_the_turn_still_hears_of_the_rest() {
    every_order(|| {
        let bell = Arc::new(Watched::default());
        let rung = bell.clone();
        let queue = CompletionQueue::new(move || rung.ring());
        let driving = queue.clone();
        let driving = thread::spawn(move || {
            turns::begin();
            driving.push(1);
            turns::over();
            driving.push(2);
            turns::over();
        });
        // Awake for another reason.
        let mut taken = queue.drain();
        while taken.len() < 2 {
            bell.wait();
            bell.silence();
            taken.extend(queue.drain());
        }
        assert_eq!(taken, [1, 2]);
        driving.join().unwrap();
    });
}
