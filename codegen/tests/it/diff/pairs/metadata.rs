use crate::diff::pair::Pair;

const TOKENS: &str = "    tokens: [tenant, user]\n";
const SCOPES: &str = "    scopes: [demo:thing, demo:thing:readonly]\n";
const LIMITS: &str = "    limits: [100/minute]\n";

pub const PAIRS: &[Pair] = &[
    Pair::new("token-kind-removed", &[(TOKENS, "    tokens: [tenant]\n")]),
    Pair::new("token-kind-added", &[(TOKENS, "    tokens: [tenant, user, app]\n")]),
    Pair::new("token-needed", &[("    tokens: []\n", TOKENS)]).before(&[(TOKENS, "    tokens: []\n")]),
    Pair::new("token-no-longer-needed", &[(TOKENS, "    tokens: []\n")]),
    Pair::new(
        "token-kinds-stated",
        &[("    apps:", "    tokens: [tenant, user]\n    apps:")],
    )
    .before(&[(TOKENS, "")]),
    Pair::new("token-kinds-unstated", &[(TOKENS, "")]),
    Pair::new("app-kind-removed", &[("[custom, store]", "[custom]")]),
    Pair::new("app-kind-added", &[("apps: [custom]", "apps: [custom, store]")])
        .before(&[("[custom, store]", "[custom]")]),
    Pair::new("scope-needed", &[("    scopes: []\n", SCOPES)]).before(&[(SCOPES, "    scopes: []\n")]),
    Pair::new("scope-removed", &[(SCOPES, "    scopes: [demo:thing]\n")]),
    Pair::new("scope-added", &[("[demo:thing,", "[demo:other, demo:thing,")]),
    Pair::new("scope-added", &[(SCOPES, "    scopes: []\n")]),
    Pair::new("scopes-stated", &[("    apps:", "    scopes: [demo:thing]\n    apps:")]).before(&[(SCOPES, "")]),
    Pair::new("scopes-unstated", &[(SCOPES, "")]),
    Pair::new(
        "response-scope-added",
        &[(LIMITS, "    limits: [100/minute]\n    field_scopes: [demo:owner]\n")],
    ),
    Pair::new("response-scope-removed", &[("    field_scopes: [demo:owner]\n", "")])
        .before(&[(LIMITS, "    limits: [100/minute]\n    field_scopes: [demo:owner]\n")]),
    Pair::new(
        "ability-needed",
        &[(LIMITS, "    limits: [100/minute]\n    abilities: [bot]\n")],
    ),
    Pair::new("ability-no-longer-needed", &[("    abilities: [bot]\n", "")])
        .before(&[(LIMITS, "    limits: [100/minute]\n    abilities: [bot]\n")]),
    Pair::new("limit-lowered", &[(LIMITS, "    limits: [50/minute]\n")]),
    Pair::new("limit-lowered", &[(LIMITS, "    limits: [100/minute, 5/second]\n")]),
    Pair::new("limit-raised", &[(LIMITS, "    limits: [200/minute]\n")]),
    Pair::new("limit-stated", &[("    apps:", "    limits: [100/minute]\n    apps:")]).before(&[(LIMITS, "")]),
    Pair::new("limit-unstated", &[(LIMITS, "")]),
    Pair::new(
        "limit-special-changed",
        &[(LIMITS, "    limits: [special, 100/minute]\n")],
    ),
];
