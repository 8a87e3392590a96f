//! docs/spec/diff-rules.md lists the rules; `BLESS=1 cargo test` writes it.

use std::fmt::Write as _;
use std::fs;

use larkspur_codegen::diff::{Class, Rule, rules};

use crate::support::outside::repository;

const HEAD: &str = "\
# Rules of `cargo spec diff`

<!-- Written by `BLESS=1 cargo test -p larkspur-codegen --test it diff`; the texts are in codegen/src/diff/rule_table.rs. -->

`cargo spec diff OLD NEW` judges every change between two specs by a rule.
Rule ids are stable.

- **Breaking on the wire**: the platform rejects or misinterprets existing programs, or they no longer receive what the old spec guarantees.
- **Breaking for Rust source only**: existing programs keep working; their source may not compile with the new version.
- **Warning**: source compiles and calls are accepted; the change requires a review.
- **Information**: no action is necessary.

The direction of a value matters.
A request may accept more without harm, and a response may contain less; the opposite breaks.
A type in requests and responses is judged in both directions.

The column *source* states whether existing source may not compile.
For each such rule, a test compiles a program with the old code and checks that it does not compile with the new code.
The column *version* applies from 1.0 on; before 1.0, major becomes minor and minor becomes patch.

`--format json` prints one object; keys may be added, and none is removed or renamed:

- `breaking`: whether any change is breaking; the exit code is then 1
- `bump`: `stable` and `before_1_0`, each `major`, `minor` or `patch`, or null without changes
- `counts`: the number of changes of each class (`wire`, `source`, `warning`, `information`)
- `changes`: the changes, the most severe first: `rule`, `class`, `breaks_source`, `bump`, `subject`, `entry` (its endpoint or type), `message`, `reason`, `place` (`side`: `old` or `new`, `file`, `line`; null if unknown) and `used_by` (the ids of the endpoints that use a changed type)
- `accepted`: the accepted changes, with the reason in `accepted`
- `unused_acceptances`: `rule`, `subject` and `line` of each acceptance of a change that does not exist

`--format github` prints workflow commands of GitHub Actions, which annotate the changed lines of a pull request.

## Accepted changes

A breaking change that a reviewer has accepted is listed in a file, `accepted-changes.yaml` next to `spec/`, or that of `--accepted FILE`:

```yaml
accepted:
  - rule: request-bound-tighter
    subject: drive.v1.media.download query.extra
    reason: The platform has rejected longer values since May.
```

Rule and subject are those of the report.
An accepted change is reported with its reason, counts for the version, and does not count for the exit code.
An entry without such a change is reported, and the exit code is 1: remove it once the change is part of the old spec.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for class in Class::ALL {
        let _ = writeln!(
            page,
            "\n## {}\n\n| rule | change | reason | source | version |\n|---|---|---|---|---|",
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
    let path = repository().join("docs/spec/diff-rules.md");
    let expected = page();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &expected).expect("the page can be written");
    }
    let seen = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        seen == expected,
        "docs/spec/diff-rules.md is out of date: run with BLESS=1 and read `git diff`"
    );
}
