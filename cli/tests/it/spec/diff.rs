use std::path::Path;
use std::process::Command;
use std::{fs, io};

use serde_json::Value;

use crate::support::run::{Outcome, Ran, command, root, run};

const SPEC: &str = "\
endpoints:
  find:
    http: GET /open-apis/demo/v1/things
    query:
      count: { type: int, max: 50 }
    response:
      owner: { type: string }
";

/// A directory whose spec has this text.
fn spec(at: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(at.join("demo/v1"))?;
    fs::write(at.join("demo/v1/thing.yaml"), text)
}

/// The reported difference between two texts.
fn diff(old: &str, new: &str, arguments: &[&str]) -> io::Result<Ran> {
    let directory = tempfile::tempdir()?;
    spec(&directory.path().join("old"), old)?;
    spec(&directory.path().join("new"), new)?;
    run(command(&[&["spec", "diff", "old", "new"], arguments].concat()).current_dir(directory.path()))
}

fn git(directory: &Path, arguments: &[&str]) -> Result<(), Box<dyn std::error::Error>> {
    let mut command = Command::new("git");
    // Neither the user's settings nor the repository of a calling git command.
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env_remove("GIT_DIR");
    command.args(["-c", "user.name=test", "-c", "user.email=test@example.com"]);
    let output = command.args(arguments).current_dir(directory).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into())
}

/// The repository of a user with two commits: `SPEC`, and the same with a lower bound.
fn repository() -> Result<tempfile::TempDir, Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let at = directory.path();
    fs::create_dir_all(at.join("src"))?;
    fs::write(at.join("src/lib.rs"), "")?;
    git(at, &["init", "--quiet", "--initial-branch=trunk"])?;
    for text in [SPEC, &SPEC.replace("50", "40")] {
        spec(&at.join("spec"), text)?;
        git(at, &["add", "."])?;
        git(at, &["commit", "--quiet", "--message=spec"])?;
    }
    Ok(directory)
}

#[test]
fn what_breaks_nothing_ends_with_zero() -> Outcome {
    let ran = diff(SPEC, &SPEC.replace("50", "60"), &[])?;
    assert!(ran.out.contains("request-bound-looser"), "{ran:?}");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    Ok(())
}

#[test]
fn breaking_change_exits_with_1_and_count() -> Outcome {
    let ran = diff(SPEC, &SPEC.replace("50", "40"), &[])?;
    assert!(ran.out.contains("request-bound-tighter"), "{ran:?}");
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), "1 breaking change\n"));
    Ok(())
}

#[test]
fn what_breaks_source_only_ends_with_one() -> Outcome {
    let ran = diff(SPEC, &SPEC.replace("find:", "list:"), &[])?;
    assert!(ran.out.contains("endpoint-renamed"), "{ran:?}");
    assert_eq!(ran.code, Some(1));
    Ok(())
}

#[test]
fn the_same_spec_has_no_change() -> Outcome {
    let ran = diff(SPEC, SPEC, &[])?;
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "no change; version: no new version\n")
    );
    Ok(())
}

#[test]
fn the_change_is_printed_as_markdown() -> Outcome {
    let ran = diff(SPEC, &SPEC.replace("50", "40"), &["--format", "markdown"])?;
    assert!(
        ran.out.starts_with("## Spec changes: 1 breaking on the wire\n"),
        "{ran:?}"
    );
    Ok(())
}

#[test]
fn the_change_is_printed_as_json() -> Outcome {
    let ran = diff(SPEC, &SPEC.replace("50", "40"), &["--format", "json"])?;
    let json: Value = serde_json::from_str(&ran.out)?;
    assert_eq!(json["changes"][0]["rule"], "request-bound-tighter");
    Ok(())
}

#[test]
fn compares_revisions_without_checkout() -> Outcome {
    let repository = repository()?;
    spec(&repository.path().join("spec"), "not a spec")?;
    let ran = run(command(&["spec", "diff", "HEAD~1", "trunk"]).current_dir(repository.path()))?;
    assert!(ran.out.contains("count: max `50` → `40`"), "{ran:?}");
    assert_eq!(ran.code, Some(1));
    Ok(())
}

#[test]
fn a_revision_is_compared_with_a_directory() -> Outcome {
    let repository = repository()?;
    let inside = repository.path().join("src");
    let ran = run(command(&["spec", "diff", "HEAD", "../spec"]).current_dir(inside))?;
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "no change; version: no new version\n")
    );
    Ok(())
}

#[test]
fn default_is_head_against_working_tree() -> Outcome {
    let repository = repository()?;
    spec(&repository.path().join("spec"), &SPEC.replace("50", "30"))?;
    for (inside, arguments, expected) in [
        ("", &[][..], "max `40` → `30`"),
        ("src", &[], "max `40` → `30`"),
        ("", &["trunk"], "max `40` → `30`"),
        ("", &["HEAD~1"], "max `50` → `30`"),
        ("", &["HEAD", "spec"], "max `40` → `30`"),
        ("", &["HEAD~1", "."], "max `50` → `30`"),
        ("", &["HEAD~1", "--spec", "spec"], "max `50` → `30`"),
    ] {
        let mut command = command(&[&["spec", "diff"], arguments].concat());
        let ran = run(command.current_dir(repository.path().join(inside)))?;
        assert!(ran.out.contains(expected), "{inside} {arguments:?}: {ran:?}");
        assert_eq!(ran.code, Some(1));
    }
    Ok(())
}

#[test]
fn reads_revision_of_spec_in_inner_directory() -> Outcome {
    let repository = repository()?;
    let at = repository.path();
    for text in [SPEC, &SPEC.replace("50", "20")] {
        spec(&at.join("crates/mine/spec"), text)?;
        git(at, &["add", "."])?;
        git(at, &["commit", "--quiet", "--message=mine"])?;
    }
    let expected = "max `50` → `20`";
    let named = run(command(&["spec", "diff", "HEAD~1", "crates/mine/spec"]).current_dir(at))?;
    assert!(named.out.contains(expected), "{named:?}");
    let nearest = run(command(&["spec", "diff", "HEAD~1"]).current_dir(at.join("crates/mine")))?;
    assert!(nearest.out.contains(expected), "{nearest:?}");
    let absent = run(command(&["spec", "diff", "HEAD~2", "crates/mine/spec"]).current_dir(at))?;
    assert!(
        absent.code == Some(2)
            && absent
                .err
                .contains("`HEAD~2` contains no YAML file below crates/mine/spec"),
        "{absent:?}"
    );
    Ok(())
}

#[test]
fn works_where_git_dir_is_set() -> Outcome {
    let repository = repository()?;
    let mut command = command(&["spec", "diff", "HEAD~1"]);
    let ran = run(command.current_dir(repository.path()).env("GIT_DIR", ".git"))?;
    assert!(ran.out.contains("max `50` → `40`"), "{ran:?}");
    Ok(())
}

#[test]
fn a_revision_that_is_not_there_ends_with_two() -> Outcome {
    let repository = repository()?;
    for name in ["nowhere", "--help-me", "HEAD:spec", "HEAD~9"] {
        let ran = run(command(&["spec", "diff", "--", name, "HEAD"]).current_dir(repository.path()))?;
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{name}: {ran:?}");
        assert!(
            ran.err
                .contains(&format!("`{name}` is neither a directory nor a git revision")),
            "{ran:?}"
        );
    }
    Ok(())
}

#[test]
fn revision_outside_repository_exits_with_2() -> Outcome {
    let elsewhere = tempfile::tempdir()?;
    let ran = run(command(&["spec", "diff", "HEAD", "HEAD"]).current_dir(elsewhere.path()))?;
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("the working directory is not in a repository"),
        "{ran:?}"
    );
    Ok(())
}

#[test]
fn a_spec_that_is_not_right_cannot_be_compared() -> Outcome {
    let ran = diff(SPEC, &SPEC.replace("max", "maxx"), &[])?;
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(
        ran.err.contains("the spec of `new` has errors") && ran.err.contains("did you mean"),
        "{ran:?}"
    );
    Ok(())
}

#[test]
fn repository_spec_equals_itself() -> Outcome {
    let ran = run(command(&["spec", "diff", "spec", "spec"]).current_dir(root()))?;
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "no change; version: no new version\n")
    );
    Ok(())
}

#[test]
fn accepted_change_exits_0_and_unused_one_1() -> Outcome {
    let repository = repository()?;
    let accepted = "accepted:\n  - rule: request-bound-tighter\n    subject: demo.v1.thing.find query.count\n    reason: So documented.\n";
    fs::write(repository.path().join("accepted-changes.yaml"), accepted)?;
    let ran = run(command(&["spec", "diff", "HEAD~1", "HEAD"]).current_dir(repository.path()))?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("So documented."), "{ran:?}");
    let ran = run(command(&["spec", "diff"]).current_dir(repository.path()))?;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.out.contains("the accepted change in line 2 does not exist"),
        "{ran:?}"
    );
    fs::write(
        repository.path().join("accepted-changes.yaml"),
        "accepted:\n  - rule: a\n",
    )?;
    let ran = run(command(&["spec", "diff"]).current_dir(repository.path()))?;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err.contains("accepted-changes.yaml: line 2: `subject` is missing"),
        "{ran:?}"
    );
    Ok(())
}
