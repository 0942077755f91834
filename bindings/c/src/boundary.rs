//! Everything that happens at every entry: NULL checks, text checks, panics, writing of outputs.

use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};

use client_core::Error;
use client_core::Result;

use crate::error::agg_error;
use crate::status::agg_status;

/// Runs the body of an entry. Errors and panics become a status, and an [`agg_error`] where the caller wants one.
pub fn run(error: *mut *mut agg_error, body: impl FnOnce() -> Result<()>) -> agg_status {
    let result =
        catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(Error::panic("the C interface")));
    match result {
        Ok(()) => agg_status::AGG_OK,
        Err(failure) => {
            let status = failure.code().into();
            let _ = put("error", error, agg_error::new(failure));
            status
        }
    }
}

/// A handle that must be there.
pub fn needed<T>(argument: &'static str, handle: Option<T>) -> Result<T> {
    handle.ok_or_else(|| Error::argument(argument, "is NULL"))
}

/// Makes a handle and gives it to the caller. `make` runs only when there is a place for it.
pub fn give<T>(argument: &'static str, place: *mut *mut T, make: impl FnOnce() -> Result<T>) -> Result<()> {
    if place.is_null() {
        return needed(argument, None);
    }
    put(argument, place, make()?)
}

/// Gives a handle to the caller, or NULL for nothing.
pub fn give_or_null<T>(argument: &'static str, place: *mut *mut T, value: Option<T>) -> Result<()> {
    if place.is_null() {
        return needed(argument, None);
    }
    let handle = value.map_or(std::ptr::null_mut(), |value| Box::into_raw(Box::new(value)));
    // SAFETY: not NULL, and every entry's contract says that its outputs may be written while it runs. Nothing is read:
    // the memory may hold anything before.
    unsafe { place.write(handle) };
    Ok(())
}

/// Gives a handle to the caller, where the caller has a place for it.
pub fn put<T>(argument: &'static str, place: *mut *mut T, value: T) -> Result<()> {
    give_or_null(argument, place, Some(value))
}

/// The caller's bytes, for the duration of the entry.
pub fn bytes<'a>(argument: &'static str, data: *const c_char, length: usize) -> Result<&'a [u8]> {
    if data.is_null() {
        return match length {
            0 => Ok(&[]),
            _ => Err(Error::argument(argument, "is NULL with a length")),
        };
    }
    if length > isize::MAX as usize {
        return Err(Error::argument(argument, "is longer than the address space"));
    }
    // SAFETY: not NULL, and every entry's contract says that `length` bytes are readable while it runs. The lifetime is
    // the entry's own: results are copied into owned values before it returns.
    Ok(unsafe { std::slice::from_raw_parts(data.cast(), length) })
}

/// The caller's text, which must be UTF-8.
pub fn text<'a>(argument: &'static str, data: *const c_char, length: usize) -> Result<&'a str> {
    std::str::from_utf8(bytes(argument, data, length)?).map_err(|_| Error::argument(argument, "is not UTF-8"))
}
