//! Tests of `spec import`.

mod pages;
mod real_pages;
mod roundtrip;
mod seeds;
