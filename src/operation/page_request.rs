//! Which page of the users to ask for.

use super::trail::Trail;
use crate::error::{Error, Result};

/// A page by number and size, within what the service accepts (`service.md`, "Users").
///
/// ```
/// use agglestone::PageRequest;
///
/// assert_eq!(PageRequest::default().size(), 10);
/// assert!(PageRequest::new(1, 101).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    number: u32,
    size: u32,
    trail: Option<Trail>,
}

impl PageRequest {
    /// The largest page the service gives.
    pub const MAX_SIZE: u32 = 100;

    /// Page `number`, counted from 1, of at most `size` users (1 to 100).
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `page_number` or `page_size`.
    pub fn new(number: i64, size: i64) -> Result<PageRequest> {
        let number = u32::try_from(number).ok().filter(|number| *number >= 1).ok_or_else(|| {
            Error::argument("page_number", format_args!("is {number}; 1 to {} are accepted", u32::MAX))
        })?;
        let size =
            u32::try_from(size).ok().filter(|size| (1..=Self::MAX_SIZE).contains(size)).ok_or_else(|| {
                Error::argument("page_size", format_args!("is {size}; 1 to {} are accepted", Self::MAX_SIZE))
            })?;
        Ok(PageRequest { number, size, trail: None })
    }

    /// The page's number, counted from 1.
    pub fn number(self) -> u32 {
        self.number
    }

    /// How many users the page holds at most.
    pub fn size(self) -> u32 {
        self.size
    }

    /// What is known of the pages before it.
    pub(crate) fn trail(self) -> Option<Trail> {
        self.trail
    }

    /// The page behind this one, with a trail that includes this one; `None` past the last number there is.
    pub(crate) fn following(self, trail: Trail) -> Option<PageRequest> {
        Some(PageRequest { number: self.number.checked_add(1)?, trail: Some(trail), ..self })
    }
}

/// The service's own defaults: page 1 of 10 users.
impl Default for PageRequest {
    fn default() -> PageRequest {
        PageRequest { number: 1, size: 10, trail: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outside_the_services_range_are_refused_by_name() {
        for (number, size, argument) in [
            (0, 10, "page_number"),
            (-1, 10, "page_number"),
            (1 << 32, 10, "page_number"),
            (1, 0, "page_size"),
            (1, -1, "page_size"),
            (1, 101, "page_size"),
            (1, 1 << 32, "page_size"),
        ] {
            let error = PageRequest::new(number, size).unwrap_err();
            assert_eq!(error.argument_name(), Some(argument), "{number} {size}");
        }
        assert!(PageRequest::new(1, 1).is_ok() && PageRequest::new(i64::from(u32::MAX), 100).is_ok());
    }
}
