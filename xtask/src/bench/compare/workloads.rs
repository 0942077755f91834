//! What is compared.

use super::contestants::{Contestant, Speaks};

/// Which server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The one with fixed answers, at once.
    Plain,
    /// The same, after 10 ms.
    Delayed,
    /// The same, after so long that all calls are under way together.
    Slow,
    /// nginx by TLS and HTTP/1.1.
    Tls,
    /// nginx by TLS and HTTP/2.
    Http2,
}

/// How calls are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// One after the other.
    One,
    /// One after the other, watched: two spans and two measurements each, with exporters within the process.
    Watched,
    /// By threads that wait.
    Threads(usize),
    /// So many under way.
    Many(usize),
    /// One, by a process that does nothing else.
    Cold,
    /// So many at once; memory counts, not time.
    Memory(usize),
}

/// One comparison.
pub struct Workload {
    /// For `--workload`, files and JSON.
    pub id: &'static str,
    /// As people read it.
    pub title: &'static str,
    /// How calls are made.
    pub how: How,
    /// Which server answers.
    pub from: From,
    /// How many users a page has.
    pub users: usize,
    /// Whether the client has all cores, the server's too.
    pub on_all_cores: bool,
}

const fn workload(id: &'static str, title: &'static str, how: How, from: From) -> Workload {
    Workload { id, title, how, from, users: 10, on_all_cores: false }
}

const fn on_all(mut workload: Workload) -> Workload {
    workload.on_all_cores = true;
    workload
}

const fn large(mut workload: Workload) -> Workload {
    workload.users = 100;
    workload
}

/// All of them.
pub const WORKLOADS: [Workload; 16] = [
    workload("one", "One after another", How::One, From::Plain),
    on_all(workload("one-all-cores", "One after another, all cores", How::One, From::Plain)),
    workload("threads-32", "32 threads", How::Threads(32), From::Plain),
    on_all(workload("threads-32-all-cores", "32 threads, all cores", How::Threads(32), From::Plain)),
    workload("many-64", "64 at once", How::Many(64), From::Plain),
    on_all(workload("many-64-all-cores", "64 at once, all cores", How::Many(64), From::Plain)),
    workload("many-512", "512 at once", How::Many(512), From::Plain),
    on_all(workload("many-512-all-cores", "512 at once, all cores", How::Many(512), From::Plain)),
    workload("delay-10ms", "64 at once, the server answers after 10 ms", How::Many(64), From::Delayed),
    large(workload("users-100", "One after another, 100 users a page", How::One, From::Plain)),
    workload("tls-one", "One after another, TLS, HTTP/1.1", How::One, From::Tls),
    workload("tls-64", "64 at once, TLS, HTTP/1.1", How::Many(64), From::Tls),
    workload("http2-64", "64 at once, TLS, HTTP/2", How::Many(64), From::Http2),
    workload("watched", "One after another, with spans and metrics", How::Watched, From::Plain),
    workload("cold", "Import and first call of a cold process", How::Cold, From::Plain),
    workload("memory-512", "Memory with 512 under way", How::Memory(512), From::Slow),
];

impl Workload {
    /// How many calls are under way.
    pub fn at_once(&self) -> usize {
        match self.how {
            How::One | How::Watched | How::Cold => 1,
            How::Threads(count) | How::Many(count) | How::Memory(count) => count,
        }
    }

    /// The way in which `contestant` does it, if it can.
    pub fn way_of(&self, contestant: &Contestant) -> Option<&'static str> {
        let needed = match self.from {
            From::Plain | From::Delayed | From::Slow => Speaks::Plain,
            From::Tls => Speaks::Tls,
            From::Http2 => Speaks::Http2,
        };
        if contestant.speaks < needed || contestant.most < self.at_once() {
            return None;
        }
        match self.how {
            How::One => contestant.one,
            How::Watched => contestant.watched,
            How::Cold => contestant.one.or(contestant.many),
            How::Threads(_) => contestant.threads,
            How::Many(_) | How::Memory(_) => contestant.many,
        }
    }

    /// What of a run is compared first.
    pub fn measures_memory(&self) -> bool {
        matches!(self.how, How::Memory(_))
    }
}
