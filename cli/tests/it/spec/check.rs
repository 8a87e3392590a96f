//! `larkspur spec check`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::run::{Outcome, Ran, command, larkspur, root, run};

/// An endpoint that breaks nothing, then a field that is named like a secret.
const WARNING: &str = "\
doc: Files.
endpoints:
  get:
    http: GET /open-apis/im/v1/files
    summary: Gets a file.
    docs: https://open.feishu.cn/document/im-v1/file/get
    tokens: [tenant]
    scopes: []
    limits: [special]
    query:
      文件_secret: { type: string, doc: A secret. }
";

/// A spec with these files.
fn spec(files: &[(&str, &[u8])]) -> std::io::Result<tempfile::TempDir> {
    let directory = tempfile::tempdir()?;
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
        fs::write(path, text)?;
    }
    Ok(directory)
}

fn check(directory: &Path, arguments: &[&str]) -> std::io::Result<Ran> {
    let directory = directory.to_string_lossy();
    larkspur(&[&["spec", "check", "--spec", &directory], arguments].concat())
}

#[test]
fn the_spec_of_the_repository_is_clean() -> Outcome {
    let ran = larkspur(&["spec", "check"])?;
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    Ok(())
}

#[test]
fn check_shows_line_and_caret_and_exits_with_1() -> Outcome {
    let spec = spec(&[("im/v1/file.yaml", WARNING.as_bytes())])?;
    let ran = check(spec.path(), &[])?;
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    for part in [
        "warning[secret-field]",
        "spec/im/v1/file.yaml:11:7",
        "文件_secret: {",
        "^^^",
        "secret: true",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    assert!(ran.err.contains("0 errors, 1 warning, 0 notes"), "{}", ran.err);
    Ok(())
}

#[test]
fn notes_alone_do_not_fail() -> Outcome {
    let text = WARNING
        .replace("_secret", "")
        .replace(", doc: A secret.", ", rust: file");
    let spec = spec(&[("im/v1/file.yaml", text.as_bytes())])?;
    let ran = check(spec.path(), &[])?;
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(ran.out.contains("note[missing-field-doc]"), "{}", ran.out);
    Ok(())
}

#[test]
fn json_has_every_documented_key() -> Outcome {
    let spec = spec(&[("im/v1/file.yaml", WARNING.as_bytes())])?;
    let ran = check(spec.path(), &["--format", "json"])?;
    let json: Value = serde_json::from_str(&ran.out)?;
    assert_eq!((&json["schema"], &json["warnings"]), (&1.into(), &1.into()));
    let finding = &json["findings"][0];
    for (key, value) in [
        ("rule", "secret-field".into()),
        ("severity", "warning".into()),
        ("path", "spec/im/v1/file.yaml".into()),
        ("line", 11.into()),
        ("column", 7.into()),
        ("end_column", Value::from(16)),
    ] {
        assert_eq!(finding[key], value, "{key}");
    }
    assert!(finding["message"].is_string() && finding["help"].is_string());
    Ok(())
}

#[test]
fn sarif_has_rule_region_and_suppressions() -> Outcome {
    let allowed = WARNING.replace("doc: Files.", "allow: { secret-field: It is public. }");
    let text = WARNING.replace("/files", "/others");
    let spec = spec(&[
        ("im/v1/file.yaml", allowed.as_bytes()),
        ("im/v1/other.yaml", text.as_bytes()),
    ])?;
    let ran = check(spec.path(), &["--format", "sarif"])?;
    let sarif: Value = serde_json::from_str(&ran.out)?;
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let (found, allowed) = (&run["results"][0], &run["results"][1]);
    let place = &found["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "spec/im/v1/other.yaml");
    assert_eq!(place["region"]["startLine"], 11);
    let index = usize::try_from(found["ruleIndex"].as_u64().unwrap_or(u64::MAX))?;
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], found["ruleId"]);
    assert_eq!(found["suppressions"], Value::Null);
    assert_eq!(allowed["suppressions"][0]["justification"], "It is public.");
    Ok(())
}

#[test]
fn github_gets_an_annotation_for_each_finding() -> Outcome {
    let spec = spec(&[("im/v1/file.yaml", WARNING.as_bytes())])?;
    let ran = check(spec.path(), &["--format", "github"])?;
    let expected =
        "::warning file=spec/im/v1/file.yaml,line=11,col=7,endColumn=16,title=secret-field::im.v1.file.get: ";
    assert!(ran.out.starts_with(expected), "{}", ran.out);
    assert_eq!(ran.out.lines().count(), 1);
    Ok(())
}

#[test]
fn paths_filter_findings() -> Outcome {
    let other = WARNING.replace("/files", "/others");
    let spec = spec(&[
        ("im/v1/file.yaml", WARNING.as_bytes()),
        ("im/v1/other.yaml", other.as_bytes()),
        ("drive/v1/media.yaml", b"doc: Media."),
    ])?;
    let told = |path: &str| -> Result<Vec<String>, Box<dyn std::error::Error>> {
        let path = spec.path().join(path);
        let ran = check(spec.path(), &["--format", "json", &path.to_string_lossy()])?;
        let json: Value = serde_json::from_str(&ran.out)?;
        let findings = json["findings"].as_array().cloned().unwrap_or_default();
        Ok(findings.iter().map(|finding| finding["path"].to_string()).collect())
    };
    assert_eq!(told("im/v1/file.yaml")?, ["\"spec/im/v1/file.yaml\""]);
    assert_eq!(told("im")?.len(), 2);
    assert_eq!(told("drive")?.len(), 0);
    assert_eq!(told("..")?.len(), 2);
    Ok(())
}

#[test]
fn path_outside_spec_exits_with_2() -> Outcome {
    for path in ["src", "spec/drive/v9", "no/such/file"] {
        let ran = larkspur(&["spec", "check", path])?;
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{path}");
        let name = path.rsplit('/').next().unwrap_or(path);
        assert!(ran.err.contains(name), "{path}: {}", ran.err);
    }
    Ok(())
}

/// Text that is made to hurt, by the name of the file that holds it.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (one, next) in ('a'..'k').zip('b'..) {
        bomb.push_str(&format!(
            "{next}: &{next} [*{one}, *{one}, *{one}, *{one}, *{one}, *{one}]\n"
        ));
    }
    vec![
        ("drive/v1/aliases.yaml", bomb.into_bytes()),
        ("drive/v1/braces.yaml", "{a: ".repeat(100_000).into_bytes()),
        ("drive/v1/brackets.yaml", "[".repeat(100_000).into_bytes()),
        ("drive/v1/broken.yaml", b"endpoints: [\n".to_vec()),
        ("drive/v1/empty.yaml", Vec::new()),
        ("drive/v1/large.yaml", vec![b'#'; 300 * 1024 * 1024]),
        ("drive/v1/latin.yaml", b"doc: caf\xe9\n".to_vec()),
    ]
}

/// The limit is on all of the address space, so what is used is less still.
#[test]
#[cfg(target_os = "linux")]
fn hostile_files_are_findings_within_200_mb() -> Outcome {
    let hostile = hostile();
    let files: Vec<(&str, &[u8])> = hostile.iter().map(|(path, text)| (*path, text.as_slice())).collect();
    let spec = spec(&files)?;
    let mut limited = std::process::Command::new("sh");
    limited
        .args([
            "-c",
            "ulimit -v 200000 && exec \"$0\" spec check --format json --spec \"$1\"",
        ])
        .arg(env!("CARGO_BIN_EXE_larkspur"))
        .arg(spec.path());
    let ran = run(&mut limited)?;
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let json: Value = serde_json::from_str(&ran.out)?;
    let findings = json["findings"].as_array().cloned().unwrap_or_default();
    let paths: Vec<String> = files.iter().map(|(path, _)| format!("spec/{path}")).collect();
    let seen: Vec<&str> = findings.iter().filter_map(|finding| finding["path"].as_str()).collect();
    assert_eq!(seen, paths);
    for finding in findings {
        assert_eq!(finding["severity"], "error");
        assert!(
            finding["line"].as_u64() > Some(0) && finding["column"].as_u64() > Some(0),
            "{finding}"
        );
    }
    Ok(())
}

#[test]
fn finds_spec_from_inner_directory() -> Outcome {
    let ran = run(command(&["spec", "check", "v1/media.yaml"]).current_dir(root().join("spec/drive")))?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    Ok(())
}

/// A valid entry, and one with an error.
const RIGHT: &str = "endpoints:\n  get:\n    summary: Gets it.\n    http: GET /open-apis/crm/v1/contacts\n";
const WRONG: &str = "endpoints:\n  get:\n    htpp: GET /open-apis/crm/v1/contacts\n";

/// Runs the command in a directory outside of this repository.
fn check_in(directory: &Path, arguments: &[&str]) -> std::io::Result<Ran> {
    run(command(&[&["spec", "check"], arguments].concat()).current_dir(directory))
}

#[test]
fn checks_spec_of_crate_outside_clone() -> Outcome {
    let crate_ = spec(&[("spec/crm/v1/contact.yaml", WRONG.as_bytes()), ("src/lib.rs", b"")])?;
    for (inside, arguments) in [
        ("", &[][..]),
        ("src", &[]),
        ("", &["spec"]),
        ("", &["spec/crm"]),
        ("", &["."]),
    ] {
        let ran = check_in(&crate_.path().join(inside), arguments)?;
        assert_eq!(ran.code, Some(1), "{inside} {arguments:?}: {ran:?}");
        assert!(ran.out.contains("spec/crm/v1/contact.yaml:3:5"), "{ran:?}");
        assert!(ran.err.contains(" in 1 file of "), "{ran:?}");
    }
    Ok(())
}

#[test]
fn never_checks_the_built_in_spec() -> Outcome {
    let empty = spec(&[("notes.txt", b"")])?;
    fs::create_dir(empty.path().join("spec"))?;
    for arguments in [&[][..], &["spec"], &["spec/drive"], &["."], &["--spec", "spec"]] {
        let ran = check_in(empty.path(), arguments)?;
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{arguments:?}: {ran:?}");
    }
    let ran = check_in(empty.path(), &["spec"])?;
    assert_eq!(ran.err, "spec contains no spec file\n");
    Ok(())
}

#[test]
fn example_in_clone_checks_its_own_spec() -> Outcome {
    let example = root().join("examples/own-endpoints");
    let ran = check_in(&example, &[])?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains(" in 3 files of spec"), "{ran:?}");
    for path in ["examples/own-endpoints/spec", "examples/own-endpoints"] {
        let ran = larkspur(&["spec", "check", path])?;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.out.contains(" in 3 files of "), "{ran:?}");
        assert!(ran.out.contains("examples/own-endpoints/spec"), "{ran:?}");
    }
    Ok(())
}

#[test]
fn output_names_directory_and_file_count() -> Outcome {
    let tree = spec(&[
        ("spec/crm/v1/contact.yaml", RIGHT.replace("Gets", "Get").as_bytes()),
        ("spec/crm/v1/types.yaml", b"types: {}\n"),
    ])?;
    let json = check_in(tree.path(), &["--format", "json"])?;
    let json: Value = serde_json::from_str(&json.out)?;
    assert_eq!((&json["spec"], &json["files"]), (&"spec".into(), &2.into()));
    let sarif = check_in(tree.path(), &["--format", "sarif"])?;
    let sarif: Value = serde_json::from_str(&sarif.out)?;
    assert_eq!(sarif["runs"][0]["properties"]["spec"], "spec");
    let part = check_in(tree.path(), &["spec/crm/v1/types.yaml", "--format", "github"])?;
    assert_eq!(part.out, "no errors or warnings in 1 of 2 files of spec\n", "{part:?}");
    Ok(())
}

#[test]
fn paths_of_two_specs_exit_with_2() -> Outcome {
    let tree = spec(&[
        ("one/spec/crm/v1/contact.yaml", RIGHT.as_bytes()),
        ("two/spec/crm/v1/contact.yaml", WRONG.as_bytes()),
    ])?;
    let ran = check_in(tree.path(), &["one", "two"])?;
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.err.contains("is not in the spec directory"), "{ran:?}");
    Ok(())
}
