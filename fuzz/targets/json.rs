//! The JSON scan: what it takes, serde_json takes, and it never panics.
#![no_main]

use agglestone::binding::is_json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // A name that means something to serde_json alone.
    let is_special = bytes.windows(13).any(|name| name == b"$serde_json::");
    if is_json(bytes) && !is_special {
        serde_json::from_slice::<serde_json::Value>(bytes).expect("serde_json takes it");
    }
});
