//! docs/diff-rules.md lists the rules. `BLESS=1 cargo test` writes it anew.

use std::fmt::Write as _;
use std::fs;

use larkspur_codegen::diff::{Class, Rule, rules};

use crate::support::outside::repository;

const HEAD: &str = "\
# Rules of `larkspur spec diff`

<!-- Written by `BLESS=1 cargo test -p larkspur-codegen --test it diff`; the texts stand in codegen/src/diff/rules/. -->

`larkspur spec diff OLD NEW` says what a change of the spec does to those who use the SDK. Rule ids are stable.

- **Breaking on the wire**: a program that runs today is refused or misled, or no longer gets what it was promised.
- **Breaking for Rust source only**: what runs keeps running; the source may not compile against the new version.
- **Warning**: everything compiles and is accepted; somebody should think about it nevertheless.
- **Information**: nothing has to be done.

Direction matters. What is sent may become wider without harm, what comes back may become narrower; the opposite
breaks. A type that travels both ways is judged twice, through each of its uses.

The column *source* says whether source that compiled may no longer compile; each such rule has a test that compiles a
user's program against the old code and shows that it fails against the new. The version is that from 1.0 on; before,
major becomes minor and minor becomes patch.

`--format json` prints one object; keys are only ever added:

- `breaking`: whether anything breaks, which is when the command exits with 1
- `bump`: `stable` and `before_1_0`, each `major`, `minor` or `patch`, or null where nothing changed
- `counts`: for each class (`wire`, `source`, `warning`, `information`) how many changes
- `changes`: the worst first, each with `rule`, `class`, `breaks_source`, `bump`, `subject`, `message`, `reason`,
  `place` (`side`: `old` or `new`, `file`, `line`; null where there is none) and `used_by`, for a change of a type the ids
  of the endpoints that use it
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for class in Class::ALL {
        let _ = writeln!(
            page,
            "\n## {}\n\n| rule | what changed | why it is judged so | source | version |\n|---|---|---|---|---|",
            class.title()
        );
        for rule in rules().into_iter().filter(|rule| rule.class == class) {
            let Rule {
                id, meaning, reason, ..
            } = rule;
            let source = if rule.breaks_source { "breaks" } else { "" };
            let _ = writeln!(
                page,
                "| `{id}` | {meaning} | {reason} | {source} | {} |",
                rule.bump.word()
            );
        }
    }
    page
}

#[test]
fn the_page_lists_every_rule_as_it_is() {
    let path = repository().join("docs/diff-rules.md");
    let expected = page();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &expected).expect("the page can be written");
    }
    let seen = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        seen == expected,
        "docs/diff-rules.md is not fresh; run with BLESS=1 and read `git diff`"
    );
}
