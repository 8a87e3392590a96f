//! What decoding costs beside a serde derive: the same answer into the same fields.
fn main() {}
