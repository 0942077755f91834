//! What the emulator is told: faults and seeds.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for outcome in [agglestone_emulator::read_fault(bytes), agglestone_emulator::read_seed(bytes)] {
        if let Err(why) = outcome {
            assert!(!why.is_empty());
        }
    }
});
