//! `--spec`.

use std::error::Error;
use std::fs;

use larkspur_codegen::Source;
use larkspur_mock::{Failure, Mock};
use tempfile::TempDir;

use super::site::Site;
use crate::support::run::Outcome;

const THINGS: &str = "\
doc: Things.
endpoints:
  add:
    http: POST /open-apis/shop/v1/shelves/:name/things
    tokens: [tenant]
    idempotency: key
    path:
      name: { type: string, required: true, rust: shelf }
    body:
      name: { type: string, required: true, rust: thing }
      key: { type: string }
      size: { type: Size }
      counts: { type: \"{string: int}\" }
types:
  Size:
    fields:
      height: { type: float, required: true, max: 3 }
      words: { type: \"[string]\", max_items: 2 }
";
const ADD: &str = "shop.v1.thing.add";

/// Returns a mock server with the spec, and the directory of the spec.
async fn shop() -> Result<(Site, TempDir), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    fs::create_dir_all(directory.path().join("shop/v1"))?;
    fs::write(directory.path().join("shop/v1/thing.yaml"), THINGS)?;
    let spec = Source::read_dir(directory.path())?;
    Ok((Site::of(Mock::builder().add_spec(spec)).await?, directory))
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_endpoint_of_another_spec() -> Outcome {
    let (site, spec) = shop().await?;
    let spec = spec.path().to_string_lossy();
    let arguments = [
        "--spec",
        &spec,
        "-p",
        "shelf=top",
        "-p",
        "thing=ball",
        "-p",
        "counts:={\"red\":1}",
    ];
    let ran = site.call(ADD, &arguments)?;
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "{}\n"), "{}", ran.err);
    let sent = site.sent(ADD)?;
    assert_eq!(sent.path, "/open-apis/shop/v1/shelves/top/things");
    assert_eq!(sent.body, r#"{"name":"ball","counts":{"red":1}}"#);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ambiguous_name_needs_rust_name() -> Outcome {
    let (site, spec) = shop().await?;
    let ran = site.call(ADD, &["--spec", &spec.path().to_string_lossy(), "-p", "name=ball"])?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("`shelf` and `thing`"), "{}", ran.err);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_paths_of_nested_violations() -> Outcome {
    let (site, spec) = shop().await?;
    let body = r#"{"name":"ball","size":{"height":4,"words":["a",2,null],"colour":1},"counts":{"red":"x"}}"#;
    let body = site.file("body.json", body)?;
    let spec = spec.path().to_string_lossy();
    let ran = site.call(ADD, &["--spec", &spec, "-p", "shelf=top", "--json", &body])?;
    assert_eq!(ran.code, Some(2));
    for part in [
        "6 invalid fields",
        "`size.height` is 4, maximum 3",
        "`size.words[1]` is a number, expected a string (value: \"2\")",
        "`size.words[2]` is null",
        "`size.words` has 3 elements, maximum 2",
        "`size.colour` is an unknown field",
        "`counts.red` is a string, expected a 64-bit integer (value: \"x\")",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert!(site.mock.requests().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_calls_with_idempotency_key() -> Outcome {
    for (key, calls) in [(None, 1), (Some("key=once"), 2)] {
        let (site, spec) = shop().await?;
        site.mock.fail_next(ADD, Failure::status(502))?;
        let spec = spec.path().to_string_lossy();
        let key: Vec<_> = key.into_iter().flat_map(|key| ["-p", key]).collect();
        let arguments = ["--spec", &spec, "-p", "shelf=top", "-p", "thing=ball"];
        site.call(ADD, &[&arguments[..], &key].concat())?;
        assert_eq!(site.mock.calls(ADD), calls, "{key:?}");
    }
    Ok(())
}
