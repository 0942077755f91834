//! Unpacks bodies, and never more of one than is allowed.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::http::{Failure, FailureKind};

/// The unpacked body.
pub(super) fn unpack(packed: &[u8], max: usize) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    match MultiGzDecoder::new(packed).take(max as u64 + 1).read_to_end(&mut body) {
        Ok(read) if read > max => Err(Failure::too_large()),
        Ok(_) => Ok(body),
        Err(error) => Err(Failure {
            kind: FailureKind::Unreadable,
            sent: true,
            reused: false,
            detail: error.to_string(),
        }),
    }
}
