use std::fs;
use std::process::Stdio;

use serde_json::Value;

use crate::support::run::{Outcome, Ran, command, larkspur, run};

fn export(arguments: &[&str]) -> std::io::Result<Ran> {
    larkspur(&[&["spec", "export", "--format", "json"], arguments].concat())
}

fn endpoint<'a>(export: &'a Value, id: &str) -> Result<&'a Value, String> {
    let endpoints = export["endpoints"].as_array().ok_or("no list of endpoints")?;
    let found = endpoints.iter().find(|endpoint| endpoint["id"] == id);
    found.ok_or_else(|| format!("no endpoint {id}"))
}

#[test]
fn every_endpoint_of_the_repository_is_exported() -> Outcome {
    let ran = export(&[])?;
    let json: Value = serde_json::from_str(&ran.out)?;
    for id in [
        "auth.v3.tenant_access_token.internal",
        "baike.v1.file.download",
        "drive.v1.export_task.download",
        "drive.v1.media.batch_get_tmp_download_url",
        "drive.v1.media.download",
        "im.v1.file.get",
    ] {
        endpoint(&json, id)?;
    }
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    Ok(())
}

#[test]
fn an_exported_endpoint_has_every_documented_key() -> Outcome {
    let json: Value = serde_json::from_str(&export(&[])?.out)?;
    let media = endpoint(&json, "drive.v1.media.download")?;
    for key in KEYS {
        assert!(media.get(key).is_some(), "{key}: {media:#}");
    }
    Ok(())
}

const KEYS: [&str; 11] = [
    "id",
    "method",
    "path",
    "tokens",
    "apps",
    "scopes",
    "limits",
    "parameters",
    "response",
    "errors",
    "docs",
];

#[test]
fn exports_built_in_spec_outside_repository() -> Outcome {
    let elsewhere = tempfile::tempdir()?;
    let ran = run(command(&["spec", "export"]).current_dir(elsewhere.path()))?;
    assert_eq!(ran.out, export(&[])?.out);
    Ok(())
}

#[test]
fn export_shows_findings_and_exits_with_1() -> Outcome {
    let directory = tempfile::tempdir()?;
    fs::create_dir_all(directory.path().join("im/v1"))?;
    let text = "doc: Files.\nendpoints:\n  get:\n    htpp: GET /open-apis/im/v1/files\n";
    fs::write(directory.path().join("im/v1/file.yaml"), text)?;
    let ran = export(&["--spec", &directory.path().to_string_lossy()])?;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    for part in ["spec/im/v1/file.yaml:4:5", "htpp: GET", "^"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    Ok(())
}

#[test]
fn a_spec_that_is_not_there_ends_with_two() -> Outcome {
    let empty = tempfile::tempdir()?;
    for directory in [empty.path().to_path_buf(), empty.path().join("missing")] {
        let place = directory.to_string_lossy();
        let ran = export(&["--spec", &place])?;
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains(&*place), "{}", ran.err);
    }
    Ok(())
}

#[test]
fn closed_pipe_is_not_a_failure() -> Outcome {
    let (reader, writer) = std::io::pipe()?;
    drop(reader);
    let output = command(&["spec", "export"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()?
        .wait_with_output()?;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    Ok(())
}

#[test]
fn exports_openapi_with_every_endpoint() -> Outcome {
    let ran = larkspur(&["spec", "export", "--format", "openapi"])?;
    let document: Value = serde_json::from_str(&ran.out)?;
    assert_eq!(document["openapi"], "3.1.0");
    let mut operations = Vec::new();
    for item in document["paths"]
        .as_object()
        .into_iter()
        .flat_map(|paths| paths.values())
    {
        let methods = item.as_object().into_iter().flat_map(|item| item.values());
        operations.extend(methods.filter_map(|operation| operation["operationId"].as_str()));
    }
    operations.sort_unstable();
    let json: Value = serde_json::from_str(&export(&[])?.out)?;
    let mut endpoints: Vec<_> = json["endpoints"].as_array().ok_or("a list")?.iter().collect();
    endpoints.sort_by_key(|endpoint| endpoint["id"].as_str());
    assert_eq!(
        operations,
        Vec::from_iter(endpoints.iter().filter_map(|endpoint| endpoint["id"].as_str()))
    );
    Ok(())
}
