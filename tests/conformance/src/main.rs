//! Runs the conformance cases in every language.
fn main() {}
