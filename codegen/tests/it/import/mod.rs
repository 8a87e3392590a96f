//! Tests of `spec import`.

mod large;
mod pages;
mod real_pages;
mod roundtrip;
mod seeds;
mod sharing;
