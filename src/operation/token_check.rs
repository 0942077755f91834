//! What is to be asked about a token beside the token itself.

use crate::error::{Error, Result};

/// What a verdict on a token is to rest on beside its signature and claims, which say what was true when it was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenCheck {
    /// The service's word that the token's user is there and enabled. It counts for a minute, for all who ask.
    Service,
}

impl TokenCheck {
    /// The check of this name; for bindings.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `check`.
    #[doc(hidden)]
    pub fn named(name: &str) -> Result<TokenCheck> {
        match name {
            "service" => Ok(TokenCheck::Service),
            _ => Err(Error::argument("check", "can only be \"service\", or left out")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_has_one_name_exactly() {
        assert_eq!(TokenCheck::named("service").unwrap(), TokenCheck::Service);
        for name in ["", "Service", "service ", "none"] {
            assert_eq!(TokenCheck::named(name).unwrap_err().argument_name(), Some("check"), "{name}");
        }
    }
}
