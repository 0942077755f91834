//! Who is compared: the client and, language by language, the libraries that people would use instead.

use super::super::programs::Program::{self, *};
use crate::faces::Face;

/// A library in one language, and what its program calls the ways to call it.
pub struct Contestant {
    /// As tables and charts call it.
    pub name: &'static str,
    /// What makes the calls.
    pub program: Program,
    /// One call after the other.
    pub one: Option<&'static str>,
    /// Threads that wait.
    pub threads: Option<&'static str>,
    /// Many under way without a thread each.
    pub many: Option<&'static str>,
    /// One call after the other, while somebody watches.
    pub watched: Option<&'static str>,
    /// What it can speak besides HTTP/1.1 without TLS.
    pub speaks: Speaks,
    /// How many calls it can have under way.
    pub most: usize,
}

/// What a library can speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speaks {
    /// Neither TLS nor HTTP/2, as it is used here.
    Plain,
    /// TLS.
    Tls,
    /// TLS and HTTP/2.
    Http2,
}

/// How the client is called everywhere.
pub const OURS: &str = "agglestone";

const fn contestant(
    name: &'static str,
    program: Program,
    ways: [&'static str; 3],
    speaks: Speaks,
) -> Contestant {
    let [one, threads, many] = ways;
    Contestant {
        name,
        program,
        one: way(one),
        threads: way(threads),
        many: way(many),
        watched: None,
        speaks,
        most: usize::MAX,
    }
}

/// Of what it costs to be watched.
const fn watched(name: &'static str, program: Program, way: &'static str) -> Contestant {
    Contestant { watched: Some(way), ..contestant(name, program, ["", "", ""], Plain) }
}

impl Contestant {
    const fn at_most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }
}

/// None for a way that a library does not have.
const fn way(name: &'static str) -> Option<&'static str> {
    if name.is_empty() { None } else { Some(name) }
}

use Speaks::{Http2, Plain, Tls};

/// A call that nobody watches, and the same within spans and measurements that the program makes by hand: what the client makes of
/// its own costs what it takes more than that.
const UNWATCHED: &str = "nobody watches";
const BY_HAND: &str = "watched by hand";

/// All, the client first in each language.
pub const CONTESTANTS: [Contestant; 28] = [
    contestant(OURS, C, ["call", "threads", "start"], Http2),
    contestant("libcurl easy", Curl, ["easy", "threads", ""], Http2),
    contestant("libcurl multi", Curl, ["", "", "multi"], Http2),
    contestant(OURS, Csharp, ["awaited", "blocking", "awaited"], Http2),
    contestant("HttpClient", CsharpPeers, ["httpclient", "", "httpclient"], Http2),
    contestant(OURS, Node, ["awaited", "", "awaited"], Http2),
    contestant("fetch", NodePeers, ["fetch", "", "fetch"], Tls),
    contestant("undici.request", NodePeers, ["undici", "", "undici"], Http2),
    contestant("axios", NodePeers, ["axios", "", "axios"], Tls),
    contestant(OURS, Python, ["blocking", "threads", "asyncio"], Http2),
    contestant(
        "pyreqwest",
        PythonPeers,
        ["pyreqwest-blocking", "threads-pyreqwest-blocking", "pyreqwest"],
        Http2,
    ),
    contestant("urllib3", PythonPeers, ["urllib3", "threads-urllib3", ""], Tls),
    contestant("aiohttp", PythonPeers, ["aiohttp", "", "aiohttp"], Tls),
    // With more its pool looks for a connection for so long that opening one times out.
    contestant("httpx", PythonPeers, ["httpx", "threads-httpx", "httpx-async"], Http2).at_most(64),
    contestant("requests", PythonPeers, ["requests", "threads-requests", ""], Tls),
    contestant(OURS, Rust, ["blocking", "threads", "async"], Http2),
    contestant("reqwest", Bare, ["reqwest-blocking", "reqwest-blocking", "reqwest"], Http2),
    contestant("hyper-util", Bare, ["hyper-util", "", "hyper-util"], Plain),
    contestant("a socket alone", Bare, ["socket", "socket", ""], Plain),
    watched(OURS, CsharpObserved, "on"),
    watched(UNWATCHED, CsharpObserved, "off"),
    watched(BY_HAND, CsharpObserved, "hand"),
    watched(OURS, NodeObserved, "on"),
    watched(UNWATCHED, NodeObserved, "off"),
    watched(BY_HAND, NodeObserved, "hand"),
    watched(OURS, PythonObserved, "on"),
    watched(UNWATCHED, PythonObserved, "off"),
    watched(BY_HAND, PythonObserved, "hand"),
];

impl Contestant {
    /// Whether it is the client.
    pub fn is_ours(&self) -> bool {
        self.name == OURS
    }

    /// Whether its runtime compiles while it runs: then it is given longer to warm up.
    pub fn compiles_late(&self) -> bool {
        matches!(self.program.face(), Face::Node | Face::Csharp)
    }
}
