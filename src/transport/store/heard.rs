//! What the server says unasked.

/// A message, or that there will be none any more.
pub(super) enum Heard {
    Message { channel: String, message: Vec<u8> },
    Lost,
}
