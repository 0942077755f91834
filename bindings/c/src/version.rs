//! Which library this is, for programs that check before they call.

use std::ffi::{CStr, c_char};

use client_core::binding;

/// The library's version at the time the program was compiled: major part.
pub const AGG_VERSION_MAJOR: u32 = 0;
/// The library's version at the time the program was compiled: minor part.
pub const AGG_VERSION_MINOR: u32 = 1;
/// The library's version at the time the program was compiled: patch part.
pub const AGG_VERSION_PATCH: u32 = 0;

/// The version of this interface. It grows by one when a program compiled against an older header would misbehave.
pub const AGG_ABI_VERSION: u32 = 1;

// The header generator copies literals only, so the numbers stand above and are compared here.
const _: () = assert!(
    AGG_VERSION_MAJOR == number(env!("CARGO_PKG_VERSION_MAJOR"))
        && AGG_VERSION_MINOR == number(env!("CARGO_PKG_VERSION_MINOR"))
        && AGG_VERSION_PATCH == number(env!("CARGO_PKG_VERSION_PATCH")),
    "the version macros differ from Cargo.toml"
);
const _: () =
    assert!(AGG_ABI_VERSION == number(env!("AGG_ABI")), "the name of the library has another version");

// Like `VERSION`, evaluated by the compiler: a panic is a build that fails.
const fn number(text: &str) -> u32 {
    match u32::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("a version's parts are numbers"),
    }
}

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(text) => text,
    Err(_) => panic!("a version holds no NUL"),
};

/// The version of the loaded library as text, such as "1.2.3". Static: never freed, valid for ever.
#[unsafe(no_mangle)]
pub extern "C" fn agg_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The interface version of the loaded library. A program that loads the library at run time compares it with
/// AGG_ABI_VERSION and refuses to go on when they differ.
#[unsafe(no_mangle)]
pub extern "C" fn agg_abi_version() -> u32 {
    AGG_ABI_VERSION
}

/// How many handles and calls exist in this process: clients, configurations, operations, replies, errors, calls under
/// way. 0 after everything was freed; for tests that look for leaks. What a forked child inherited stays counted there. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn agg_live_handles() -> usize {
    binding::live_handles()
}
