//! What the emulator promises, seen from outside: over real sockets, through the Rust API, and as a program.

mod access;
mod addresses;
mod cli;
mod clock;
mod control;
mod fault_bodies;
mod faults;
mod hostile;
mod http;
mod in_process;
mod portal;
mod rate_limit;
mod raw_faults;
mod settings;
mod state;
mod swagger;
mod tls;
mod tokens;
mod users;
