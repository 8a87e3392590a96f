use crate::diff::pair::Pair;

const READS_OWNER: &str = "fn owner(response: FindResponse) -> Option<String> { response.owner }";
const LABEL: &str = "      text: { type: string }\n";

pub const PAIRS: &[Pair] = &[
    Pair::new(
        "type-renamed",
        &[
            ("items: { type: \"[Thing]\" }", "items: { type: \"[Item]\" }"),
            ("  Thing:\n", "  Item:\n"),
        ],
    )
    .user("fn first(response: FindResponse) -> Option<Thing> { response.items.into_iter().next() }"),
    Pair::new(
        "field-name-changed",
        &[("owner: { type: string,", "owner: { type: string, rust: proprietor,")],
    )
    .user(READS_OWNER),
    Pair::new(
        "variant-renamed",
        &[("[open, closed]", "[{ value: open, name: opened }, closed]")],
    )
    .user("fn open(state: FindResponseState) -> bool { state == FindResponseState::Open }"),
    Pair::new(
        "secret-changed",
        &[("owner: { type: string,", "owner: { type: string, secret: true,")],
    )
    .user(READS_OWNER),
    Pair::new(
        "boxing-changed",
        &[(LABEL, "      text: { type: string }\n      thing: { type: Thing }\n")],
    )
    .before(&[
        ("      label: { type: Label }\n  Thing:", "  Thing:"),
        ("filter: { type: Filter }", "filter: { type: Filter }"),
    ])
    .also(&["response-field-added"])
    .user("fn label(thing: Thing) -> Option<Label> { thing.label }"),
    Pair::new(
        "type-now-sent",
        &[(
            "size: { type: int, required: true }",
            "size: { type: int, required: true }\n      thing: { type: Thing }",
        )],
    )
    .also(&["optional-field-added"])
    .user("fn tags(thing: Thing) -> Vec<String> { thing.tags }"),
    Pair::new(
        "type-no-longer-sent",
        &[(
            "      depth: { type: int }\n      label: { type: Label }\n",
            "      depth: { type: int }\n",
        )],
    )
    .also(&["request-field-removed"])
    .user("fn label() -> Label { Label::new() }"),
    Pair::new(
        "type-no-longer-received",
        &[("      label: { type: Label }\n  Label:", "  Label:")],
    )
    .also(&["response-field-removed"])
    .user("fn unknown(label: &Label) -> &larkspur::wire::Unknown { &label.unknown }"),
    Pair::new(
        "field-deprecated",
        &[("depth: { type: int }", "depth: { type: int, deprecated: use width }")],
    ),
    Pair::new(
        "field-undeprecated",
        &[("depth: { type: int, deprecated: use width }", "depth: { type: int }")],
    )
    .before(&[("depth: { type: int }", "depth: { type: int, deprecated: use width }")]),
    Pair::new("field-scope-needed", &[("owner: {", "owner: { scopes: [demo:owner],")]),
    Pair::new(
        "field-scope-needed",
        &[("[open, closed]", "[{ value: open, scopes: [demo:state] }, closed]")],
    ),
    Pair::new("field-scope-relaxed", &[("owner: { scopes: [demo:owner],", "owner: {")])
        .before(&[("owner: {", "owner: { scopes: [demo:owner],")]),
];
