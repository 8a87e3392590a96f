//! Any bytes as a spec. What must hold stands beside the tests of the generator, which run it too.

#![no_main]

#[path = "../../codegen/tests/it/support/any_spec.rs"]
mod any_spec;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    any_spec::run(bytes);
});
