//! Token stores of a case: a real Valkey or Redis server, and servers that speak its protocol and misbehave.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Child;

use anyhow::{Context, Error, Result};
use serde::Deserialize;

use crate::placeholders::Placeholders;
use crate::store_server;

/// What a store of a case is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Store {
    /// A server of its own: the program that `AGG_REDIS` names, or whichever is installed.
    Real,
    /// Accepts and says nothing.
    Stalls,
    /// Greets, and hangs up when it is asked for something.
    Resets,
    /// Has an entry for everything, which nobody wrote.
    Lies,
    /// Answers 7 to everything.
    Babbles,
}

/// Those of one case. A real one ends with it.
#[derive(Default)]
pub struct Stores(Vec<Child>);

impl Stores {
    /// Starts them. A store `x` is `${x.url}`.
    pub fn start(stores: &BTreeMap<String, Store>, known: &mut Placeholders) -> Result<Stores> {
        let mut running = Stores::default();
        for (name, store) in stores {
            let port = match store {
                Store::Real => running.real()?,
                store => misbehaving(*store)?,
            };
            known.set(&format!("{name}.url"), &format!("redis://127.0.0.1:{port}"));
        }
        Ok(running)
    }

    fn real(&mut self) -> Result<u16> {
        let port = store_server::free_port();
        let mut command = store_server::command().map_err(Error::msg)?;
        command.args(["--port", &port.to_string(), "--save", "", "--appendonly", "no"]);
        self.0.push(store_server::start(&mut command, port).map_err(Error::msg)?);
        Ok(port)
    }
}

impl Drop for Stores {
    fn drop(&mut self) {
        for server in &mut self.0 {
            // It may have ended by itself.
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// Serves until the process ends; what it is asked is not kept.
fn misbehaving(store: Store) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // A connection that fails is the client's to notice.
            std::thread::spawn(move || drop(talk(store, stream)));
        }
    });
    Ok(port)
}

fn talk(store: Store, mut stream: TcpStream) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let command = read(&mut reader)?;
        let first = command.first().map(|word| word.to_ascii_uppercase()).unwrap_or_default();
        let answer = match (store, first.as_slice()) {
            (Store::Stalls, _) => continue,
            (_, b"HELLO") => "%1\r\n$5\r\nproto\r\n:3\r\n".to_owned(),
            (_, b"SUBSCRIBE") => format!(
                ">3\r\n$9\r\nsubscribe\r\n${}\r\n{}\r\n:1\r\n",
                command[1].len(),
                String::from_utf8_lossy(&command[1])
            ),
            (Store::Resets, _) => return Ok(()),
            (Store::Lies, b"EVAL") if command.len() > 7 => {
                "*3\r\n:0\r\n:900000\r\n$41\r\nnobody wrote this, and nobody can read it\r\n".to_owned()
            }
            (Store::Lies, b"GET") => "$3\r\n999\r\n".to_owned(),
            (Store::Lies, b"LRANGE") => "*1\r\n$12\r\nnobody's too\r\n".to_owned(),
            (Store::Lies, _) => ":1\r\n".to_owned(),
            _ => ":7\r\n".to_owned(),
        };
        stream.write_all(answer.as_bytes())?;
    }
}

/// One command: an array of texts.
fn read(reader: &mut impl BufRead) -> Result<Vec<Vec<u8>>> {
    (0..number(reader, '*')?)
        .map(|_| {
            let mut word = vec![0; number(reader, '$')? + 2];
            reader.read_exact(&mut word)?;
            word.truncate(word.len() - 2);
            Ok(word)
        })
        .collect()
}

fn number(reader: &mut impl BufRead, kind: char) -> Result<usize> {
    let mut line = String::new();
    reader.take(32).read_line(&mut line)?;
    line.trim_end().strip_prefix(kind).context("another command than expected")?.parse().context("a length")
}
