//! The error table: the one list of codes that every language's errors are made from.

/// Declares the codes once: enum, numbers, names and texts can't drift apart.
macro_rules! codes {
    ($($number:literal $variant:ident $name:literal $summary:literal)*) => {
        /// What went wrong, by class. Numbers and names are stable for ever; new ones may be added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Code {
            $(#[doc = $summary] $variant = $number,)*
        }

        impl Code {
            /// Every code, in the order of their numbers.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The stable name, such as `NOT_FOUND`.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// One line that says when this code is used.
            pub const fn summary(self) -> &'static str {
                match self { $(Code::$variant => $summary,)* }
            }
        }
    };
}

codes! {
    100 InvalidArgument "INVALID_ARGUMENT" "Invalid argument; nothing was sent."
    101 InvalidConfig "INVALID_CONFIG" "Invalid configuration; the message lists every problem."
    102 Closed "CLOSED" "The client was closed."
    200 Connect "CONNECT" "DNS failure, connection failure, or a connection that closed before the response was complete."
    201 Tls "TLS" "TLS handshake or certificate verification failed."
    202 Timeout "TIMEOUT" "An attempt or the whole call took longer than allowed."
    203 Cancelled "CANCELLED" "The caller cancelled the call."
    204 TooLarge "TOO_LARGE" "The response exceeds the size limit."
    205 UnexpectedRedirect "UNEXPECTED_REDIRECT" "The service returned a redirect, which is never followed."
    300 BadRequest "BAD_REQUEST" "The service returned 400 or 422."
    301 Unauthorized "UNAUTHORIZED" "The service returned 401 for every credential."
    303 Forbidden "FORBIDDEN" "The service returned 403."
    304 NotFound "NOT_FOUND" "The service returned 404."
    309 Conflict "CONFLICT" "The service returned 409."
    310 InvalidToken "INVALID_TOKEN" "A token that was verified is not to be believed; `reason` says why."
    311 KeysUnavailable "KEYS_UNAVAILABLE" "There are no signing keys to verify a token with."
    312 CheckUnavailable "CHECK_UNAVAILABLE" "The service can't be asked whether the user of a verified token may still."
    329 RateLimited "RATE_LIMITED" "The service returned 429."
    350 Server "SERVER" "The service returned 5xx."
    399 UnexpectedStatus "UNEXPECTED_STATUS" "The service returned a status that has no code of its own."
    400 InvalidResponse "INVALID_RESPONSE" "A 2xx response with an unexpected body."
    900 Panic "PANIC" "A bug in this library."
}

impl Code {
    /// The stable number, the same in every language.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The code of an answer with this HTTP status, `None` for a success.
    pub const fn from_status(status: u16) -> Option<Code> {
        Some(match status {
            200..=299 => return None,
            300..=399 => Code::UnexpectedRedirect,
            400 | 422 => Code::BadRequest,
            401 => Code::Unauthorized,
            403 => Code::Forbidden,
            404 => Code::NotFound,
            409 => Code::Conflict,
            429 => Code::RateLimited,
            500..=599 => Code::Server,
            _ => Code::UnexpectedStatus,
        })
    }

    /// Whether the same call may well succeed later, with nothing changed by the caller.
    pub const fn retryable(self) -> bool {
        matches!(
            self,
            Code::Connect
                | Code::Timeout
                | Code::KeysUnavailable
                | Code::CheckUnavailable
                | Code::RateLimited
                | Code::Server
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_names_and_order_are_the_published_ones() {
        let table: Vec<_> = Code::ALL.iter().map(|code| (code.number(), code.name())).collect();
        let published = [
            (100, "INVALID_ARGUMENT"),
            (101, "INVALID_CONFIG"),
            (102, "CLOSED"),
            (200, "CONNECT"),
            (201, "TLS"),
            (202, "TIMEOUT"),
            (203, "CANCELLED"),
            (204, "TOO_LARGE"),
            (205, "UNEXPECTED_REDIRECT"),
            (300, "BAD_REQUEST"),
            (301, "UNAUTHORIZED"),
            (303, "FORBIDDEN"),
            (304, "NOT_FOUND"),
            (309, "CONFLICT"),
            (310, "INVALID_TOKEN"),
            (311, "KEYS_UNAVAILABLE"),
            (312, "CHECK_UNAVAILABLE"),
            (329, "RATE_LIMITED"),
            (350, "SERVER"),
            (399, "UNEXPECTED_STATUS"),
            (400, "INVALID_RESPONSE"),
            (900, "PANIC"),
        ];
        assert_eq!(table, published);
    }

    #[test]
    fn every_status_outside_2xx_has_a_code() {
        for status in 100..1000 {
            assert_eq!(Code::from_status(status).is_none(), (200..300).contains(&status), "{status}");
        }
    }
}
