//! What a server has seen, and which answer is next.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::spec::{Answer, Server};

/// One request, in either version of HTTP.
#[derive(Debug, Default)]
pub struct Request {
    pub version: &'static str,
    pub method: String,
    /// As it came: a path, or what a proxy gets.
    pub target: String,
    /// Lower-case names; values of one name are joined by a comma.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// A server at work.
#[derive(Debug)]
pub struct Log {
    pub server: Server,
    connections: AtomicUsize,
    requests: Mutex<Vec<Value>>,
    /// It is time for the restart.
    pub goes: Notify,
}

impl Log {
    /// Nothing was seen yet.
    pub fn new(server: Server) -> Self {
        Self { server, connections: AtomicUsize::new(0), requests: Mutex::default(), goes: Notify::new() }
    }

    /// Takes note of a connection.
    pub fn connected(&self) {
        self.connections.fetch_add(1, SeqCst);
    }

    /// Takes note of a request; gives its answer, if the server has any.
    pub fn asked(&self, request: &Request) -> Option<&Answer> {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.push(json!({
            "version": request.version,
            "method": request.method,
            "path": path,
            "query": query,
            "headers": request.headers,
            "body": String::from_utf8_lossy(&request.body),
        }));
        let answers = &self.server.answers;
        answers.get(requests.len() - 1).or(answers.last())
    }

    /// Takes note that the last request was answered.
    pub fn answered(&self) {
        if self.server.restarts.is_some_and(|restart| restart.after == self.requests().len()) {
            self.goes.notify_one();
        }
    }

    /// How many connections there were, also those that brought no request.
    pub fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Value> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Request {
    /// Adds a header.
    pub fn header(&mut self, name: &str, value: &[u8]) {
        let value = String::from_utf8_lossy(value);
        let held = self.headers.entry(name.to_ascii_lowercase()).or_default();
        if !held.is_empty() {
            held.push_str(", ");
        }
        held.push_str(&value);
    }
}
