//! Commands of this project.
fn main() {}
