//! Unpacks bodies, and never more of one than is allowed.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::http::{Failure, FailureKind};
use crate::turns;

/// After so much of a body others have their turn.
const TURN: u64 = 256 * 1024;

/// The unpacked body.
pub(super) async fn unpack(packed: &[u8], max: usize) -> Result<Vec<u8>, Failure> {
    let (mut body, mut unpacked) = (Vec::new(), MultiGzDecoder::new(packed));
    while body.len() <= max {
        match unpacked.by_ref().take(TURN.min((max - body.len()) as u64 + 1)).read_to_end(&mut body) {
            Ok(0) => return Ok(body),
            Ok(read) if read as u64 == TURN => turns::pass().await,
            Ok(_) => {}
            Err(error) => {
                return Err(Failure {
                    kind: FailureKind::Unreadable,
                    sent: true,
                    reused: false,
                    detail: error.to_string(),
                });
            }
        }
    }
    Err(Failure::too_large())
}
