use crate::diff::pair::Pair;

const NAMED: (&str, &str) = ("    pagination: {}\n", "    idempotency: name\n    pagination: {}\n");
const SAFE: (&str, &str) = ("    pagination: {}\n", "    repeatable: true\n    pagination: {}\n");

pub const PAIRS: &[Pair] = &[
    Pair::new("idempotency-added", &[NAMED]),
    Pair::new(
        "idempotency-changed",
        &[("idempotency: name", "idempotency: page_token")],
    )
    .before(&[NAMED]),
    Pair::new("idempotency-removed", &[("    idempotency: name\n", "")]).before(&[NAMED]),
    Pair::new("repeatable-added", &[SAFE]),
    Pair::new("repeatable-removed", &[("    repeatable: true\n", "")]).before(&[SAFE]),
];
