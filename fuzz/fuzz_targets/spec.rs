//! Any bytes as a spec. The invariants are in the tests of the generator, which check them too.

#![no_main]

#[path = "../../codegen/tests/it/support/any_spec.rs"]
mod any_spec;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    any_spec::run(bytes);
});
