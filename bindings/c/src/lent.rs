//! Pointers that a caller lends: carried to the caller's own functions and given back, never looked at.

use std::ffi::c_void;

/// Is called once, on any thread, when a callback will not be called any more: frees what `user_data` points to.
pub type agg_release = Option<extern "C" fn(user_data: *mut c_void)>;

/// The caller's pointer on its way through the library, which never looks at what it points to.
#[derive(Clone, Copy)]
pub struct UserData(pub *mut c_void);

// SAFETY: the pointer is only carried to the callback. That what it points to may be used on the dispatcher thread is the
// caller's promise, stated at `agg_client_start`.
unsafe impl Send for UserData {}

/// The caller's pointer, and how it is given back when nothing needs it any more.
pub struct Lent {
    pub user_data: UserData,
    pub release: agg_release,
}

// SAFETY: the pointer is only handed to the caller's own functions, whose contract names the threads they are called on.
unsafe impl Sync for Lent {}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            release(self.user_data.0);
        }
    }
}
