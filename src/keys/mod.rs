//! The tenant's API keys: a pair that is replaced as one, a memory of which works, and where new ones come from.

mod reading;
mod retired;
mod ring;
mod set;
mod source;
mod usage;

pub use reading::KeyWork;
pub use ring::KeyRing;
pub use set::Keys;
pub(crate) use set::{KeySet, KeySlot, Moment};
pub use source::GivenKeys;
pub(crate) use source::{Found, Look, Place, Source};
pub use usage::{CheckedKey, KeyCheck, KeyUsage, SlotUsage};

#[cfg(test)]
mod file_tests;
