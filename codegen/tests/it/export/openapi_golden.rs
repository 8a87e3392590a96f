//! Complete OpenAPI documents. `BLESS=1` updates the golden files.

use std::path::{Path, PathBuf};
use std::{env, fs};

use larkspur_codegen::export::OpenApiOptions;
use larkspur_codegen::{Source, export, load};

/// The entries of the repository that are held. They are named, so that adding an endpoint changes
/// nothing here.
const FILES: [&str; 8] = [
    "auth/v3/tenant_access_token.yaml",
    "baike/v1/errors.yaml",
    "baike/v1/file.yaml",
    "drive/v1/errors.yaml",
    "drive/v1/export_task.yaml",
    "drive/v1/media.yaml",
    "im/v1/errors.yaml",
    "im/v1/file.yaml",
];

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn document(source: &Source) -> String {
    let api = load(source).unwrap_or_else(|findings| panic!("the spec is right, but:\n{findings}"));
    let text =
        serde_json::to_string_pretty(&export::openapi(&api, &OpenApiOptions::default())).expect("a document is JSON");
    text + "\n"
}

fn is_what_was_blessed(name: &str, source: &Source) {
    let path = here(&format!("tests/golden/openapi/{name}.json"));
    let document = document(source);
    if env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, &document).expect("a file");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        document == expected,
        "{} is not what was blessed: run with BLESS=1 and read the diff",
        path.display()
    );
}

#[test]
fn repository_spec_matches_golden() {
    let mut source = Source::new();
    for file in FILES {
        let text = fs::read(here("../spec").join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        source.add(format!("spec/{file}"), text);
    }
    is_what_was_blessed("repository", &source);
}

#[test]
fn cursed_spec_matches_golden() {
    let source = Source::read_dir(&here("tests/fixtures/cursed/spec")).expect("the fixture is there");
    is_what_was_blessed("cursed", &source);
}
