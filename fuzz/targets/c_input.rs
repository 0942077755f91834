//! The C functions: whatever they are given, in whatever order, they answer as the header says. `c_input.c` reads the input as a
//! program.
#![no_main]

use agglestone_c as _;
use libfuzzer_sys::fuzz_target;

unsafe extern "C" {
    fn run_program(input: *const u8, length: usize);
}

fuzz_target!(|input: &[u8]| {
    // SAFETY: it reads the input and keeps nothing of it.
    unsafe { run_program(input.as_ptr(), input.len()) }
});
