//! Another Rust library in the same program, with a standard library of its own inside.

/// Catches a panic of its own; 1 when it could.
#[unsafe(no_mangle)]
pub extern "C" fn other_catches_a_panic() -> i32 {
    let numbers: Vec<i32> = Vec::new();
    std::panic::catch_unwind(|| numbers[1]).is_err().into()
}
