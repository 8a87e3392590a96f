use crate::diff::pair::Pair;

const NAME: &str = "      name: { type: string, required: true }\n";
const SIZE: &str = "      size: { type: int, required: true }\n";
const DEPTH: &str = "depth: { type: int }";
const SECONDS: &str = "depth: { type: int, format: seconds }";
const BITS: &str = "    body:
      bits: { type: int, flags: [{ value: 1, name: one }, { value: 2, name: two }] }
";
const LEVELS: &str = "    body:
      bits: { type: int, enum: [{ value: 1, name: one }, { value: 2, name: two }] }
";
const BODY: &str = "    body:
";
const DEEP: &str = "fn deep(filter: Filter) -> Filter { filter.depth(3) }";
const MODE: &str = "mode: { type: string, enum: [fast, exact] }";
const FAST: &str = "fn fast(find: Find) -> Find { find.mode(FindMode::Fast) }";
const FIND: &str = "fn find() -> Find { Find::new(\"shelf\", \"name\", 3) }";
const FILTERS: &str = "fn filter() -> Filter { Filter::new(\"red\") }";

pub const PAIRS: &[Pair] = &[
    Pair::new(
        "required-field-added",
        &[(
            "    body:\n",
            "    body:\n      kind: { type: string, required: true }\n",
        )],
    )
    .user(FIND),
    Pair::new(
        "required-field-added",
        &[(
            DEPTH,
            "depth: { type: int }\n      width: { type: int, required: true }",
        )],
    )
    .user(FILTERS),
    Pair::new(
        "optional-field-added",
        &[("    body:\n", "    body:\n      kind: { type: string }\n")],
    ),
    Pair::new(
        "field-became-required",
        &[(DEPTH, "depth: { type: int, required: true }")],
    )
    .user(FILTERS),
    Pair::new(
        "field-became-required",
        &[("filter: { type: Filter }", "filter: { type: Filter, required: true }")],
    )
    .user(FIND),
    Pair::new("field-became-optional", &[(SIZE, "      size: { type: int }\n")]).user(FIND),
    Pair::new("request-field-removed", &[("      depth: { type: int }\n", "")]).user(DEEP),
    Pair::new(
        "field-renamed",
        &[("      depth: { type: int }\n", "      depths: { type: int }\n")],
    )
    .user(DEEP),
    Pair::new(
        "field-moved",
        &[
            ("      page_token: { type: string }\n      mode:", "      mode:"),
            ("    body:\n", "    body:\n      page_token: { type: string }\n"),
        ],
    ),
    Pair::new(
        "path-parameter-renamed",
        &[
            ("shelves/:shelf_id", "shelves/:shelf"),
            ("      shelf_id:", "      shelf:"),
        ],
    )
    .user("fn shelf(find: Find) -> String { find.shelf_id }"),
    Pair::new(
        "required-order-changed",
        &[
            (NAME, ""),
            (
                SIZE,
                "      size: { type: int, required: true }\n      name: { type: string, required: true }\n",
            ),
        ],
    )
    .user(FIND),
    Pair::new(
        "request-type-narrowed",
        &[("weight: { type: float", "weight: { type: int")],
    )
    .before(&[("weight: { type: int", "weight: { type: float")])
    .user("fn half(find: Find) -> Find { find.weight(0.5) }"),
    Pair::new("request-type-narrowed", &[("mode: { type: string }", MODE)])
        .before(&[(MODE, "mode: { type: string }")])
        .user("fn fast(find: Find) -> Find { find.mode(\"fast\") }"),
    Pair::new("request-type-widened", &[(DEPTH, "depth: { type: float }")]).user(DEEP),
    Pair::new("request-type-widened", &[(MODE, "mode: { type: string }")]).user(FAST),
    Pair::new("request-type-changed", &[(DEPTH, "depth: { type: bool }")]).user(DEEP),
    Pair::new("request-type-changed", &[(DEPTH, "depth: { type: \"[int]\" }")]).user(DEEP),
    Pair::new("request-bound-tighter", &[("max: 50", "max: 40")]),
    Pair::new("request-bound-tighter", &[(DEPTH, "depth: { type: int, min: 1 }")]),
    Pair::new("request-bound-looser", &[("max: 50", "max: 60")]),
    Pair::new("request-bound-looser", &[("max: 50, ", "")]),
    Pair::new("request-enum-value-removed", &[("[fast, exact]", "[exact]")]).user(FAST),
    Pair::new("request-enum-value-added", &[("[fast, exact]", "[fast, exact, slow]")]),
    Pair::new(
        "request-bound-tighter",
        &[("name: { type: string,", "name: { type: string, pattern: a,")],
    ),
    Pair::new("request-bound-tighter", &[("pattern: a", "pattern: b")])
        .before(&[("name: { type: string,", "name: { type: string, pattern: a,")]),
    Pair::new("request-bound-looser", &[("pattern: a, ", "")])
        .before(&[("name: { type: string,", "name: { type: string, pattern: a,")]),
    Pair::new("request-type-changed", &[(LEVELS, BITS)])
        .before(&[(BODY, LEVELS)])
        .user("fn one(find: Find) -> Find { find.bits(FindBits::One) }"),
    Pair::new(
        "request-enum-value-added",
        &[("name: two }]", "name: two }, { value: 4, name: four }]")],
    )
    .before(&[(BODY, BITS)]),
    Pair::new("time-format-added", &[(DEPTH, "depth: { type: int, format: seconds }")]),
    Pair::new(
        "time-format-changed",
        &[(SECONDS, "depth: { type: int, format: milliseconds }")],
    )
    .before(&[(DEPTH, SECONDS)]),
    Pair::new("time-format-removed", &[(SECONDS, DEPTH)])
        .before(&[(DEPTH, SECONDS)])
        .user("fn now(filter: Filter) -> Filter { filter.depth_from_system_time(std::time::SystemTime::now()) }"),
    Pair::new("default-changed", &[("default: 10", "default: 20")]),
];
