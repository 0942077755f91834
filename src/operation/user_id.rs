//! The id of a user: any text that can be exactly one segment of a path.

use crate::error::{Error, Result};
use crate::path;

/// A user's id. GUIDs in every sample of the service; other texts are sent as one encoded segment.
///
/// ```
/// use agglestone::UserId;
///
/// assert!(UserId::new("3fa85f64-5717-4562-b3fc-2c963f66afa6").is_ok());
/// assert!(UserId::new("../groups").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserId(String);

impl UserId {
    /// Checks the id.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `user_id`: empty, longer than 1024 bytes, with
    /// control characters or invisible marks, or with a dot segment in any spelling.
    pub fn new(id: impl Into<String>) -> Result<UserId> {
        let id = id.into();
        path::check_segment(&id).map_err(|what| Error::argument("user_id", what))?;
        Ok(UserId(id))
    }

    /// The id as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn segment(&self) -> String {
        path::encode_segment(&self.0)
    }
}
