//! The five languages, one file each: how its face is built, its example run and its conformance driver started.

pub mod c;
pub mod csharp;
pub mod native;
pub mod node;
pub mod python;
pub mod rust;

pub use crate::face::Face;
