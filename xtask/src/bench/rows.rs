//! What is counted: one row for each way to call, ours and those of the libraries that people would use instead.

use super::nginx::Offer;
use super::programs::Program::{self, *};

/// How a row's program is run, and what of it can be counted.
pub struct Row {
    /// As it is called in tables and in the file of figures.
    pub name: &'static str,
    /// What makes the calls.
    pub program: Program,
    /// The program's first argument.
    pub way: &'static str,
    /// How many calls are under way at a time.
    pub at_once: usize,
    /// The shorter and the longer run; a call costs their difference, divided.
    pub calls: [usize; 2],
    /// Over TLS instead of plain HTTP.
    pub tls: Option<Offer>,
    /// Whether callgrind can run the program.
    pub under_valgrind: bool,
}

const WARM_UP: usize = 2_000;

const fn row(name: &'static str, program: Program, way: &'static str) -> Row {
    Row { name, program, way, at_once: 1, calls: [200, 1_200], tls: None, under_valgrind: true }
}

impl Row {
    /// More calls: how many connections are opened is chance, and each costs as much as some calls.
    const fn at_once(mut self, at_once: usize) -> Self {
        self.at_once = at_once;
        self.calls = [600, 3_600];
        self
    }

    const fn over_tls(mut self, offer: Offer) -> Self {
        self.tls = Some(offer);
        self
    }

    /// For calls that are over at once.
    const fn short_calls(mut self) -> Self {
        self.calls = [2_000, 22_000];
        self
    }

    /// For runtimes that compile while they run: what is run first is not what is run later.
    const fn warmed_up(mut self) -> Self {
        self.calls = [self.calls[0] + WARM_UP, self.calls[1] + WARM_UP];
        self
    }

    const fn without_valgrind(mut self) -> Self {
        self.under_valgrind = false;
        self
    }
}

/// The client's own.
pub const OURS: [Row; 25] = [
    row("C: agg_client_call", C, "call"),
    row("C: agg_client_call, observed", C, "observed"),
    row("C: agg_client_start, 64 at once", C, "start").at_once(64),
    row("C: agg_client_start, 64 at once, TLS", C, "start").at_once(64).over_tls(Offer::Http1),
    row("C: agg_client_start, 64 at once, HTTP/2", C, "start").at_once(64).over_tls(Offer::Http2),
    row("C: agg_client_call, cached token", C, "cached").short_calls(),
    row("C: agg_client_cached_token", C, "cached-token").short_calls(),
    row("C: agg_client_verified_token", C, "verified").short_calls(),
    row("C#: blocking", Csharp, "blocking").warmed_up().without_valgrind(),
    row("C#: awaited, 64 at once", Csharp, "awaited").at_once(64).warmed_up().without_valgrind(),
    row("C#: cached token", Csharp, "cached").short_calls().without_valgrind(),
    row("Node: awaited, 64 at once", Node, "awaited").at_once(64).warmed_up(),
    row("Node: cached token", Node, "cached").short_calls().warmed_up(),
    row("Node: verified token", Node, "verified").short_calls().warmed_up(),
    row("Python: blocking", Python, "blocking"),
    row("Python: blocking, watched", PythonObserved, "on"),
    row("Python: asyncio, 64 at once", Python, "asyncio").at_once(64),
    row("Python: cached token", Python, "cached").short_calls(),
    row("Python: asyncio, cached token", Python, "asyncio-cached").short_calls(),
    row("Python: verified token", Python, "verified").short_calls(),
    row("Rust: blocking", Rust, "blocking"),
    row("Rust: async, 64 at once", Rust, "async").at_once(64),
    row("Rust: blocking, cached token", Rust, "cached").short_calls(),
    row("Rust: async, cached token", Rust, "async-cached").short_calls(),
    row("Rust: verified token", Rust, "verified").short_calls(),
];

/// The others, counted on demand.
pub const PEERS: [Row; 14] = [
    row("C: libcurl easy", Curl, "easy"),
    row("C: libcurl multi, 64 at once", Curl, "multi").at_once(64),
    row("Rust: reqwest blocking", Bare, "reqwest-blocking"),
    row("Rust: reqwest async, 64 at once", Bare, "reqwest").at_once(64),
    row("Rust: hyper-util, 64 at once", Bare, "hyper-util").at_once(64),
    row("Python: blocking, unwatched", PythonObserved, "off"),
    row("Python: blocking, watched by hand", PythonObserved, "hand"),
    row("Python: pyreqwest blocking", PythonPeers, "pyreqwest-blocking"),
    row("Python: urllib3", PythonPeers, "urllib3"),
    row("Python: httpx", PythonPeers, "httpx"),
    row("Python: requests", PythonPeers, "requests"),
    row("Python: pyreqwest, 64 at once", PythonPeers, "pyreqwest").at_once(64),
    row("Python: aiohttp, 64 at once", PythonPeers, "aiohttp").at_once(64),
    row("Node: fetch, 64 at once", NodePeers, "fetch").at_once(64).warmed_up(),
];
