//! Command line of larkspur.

fn main() {}
