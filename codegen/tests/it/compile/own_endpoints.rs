//! Crates with endpoints of their own: what their build script generates, and cargo's errors for an invalid spec.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::outside::{cargo, expect_failure, expect_success, put, repository, scratch};

const BUILD: &str = "fn main() { larkspur_codegen::build::generate(\"spec\"); }\n";

const LIB: &str = "\
//! A crate that would not take a warning.
#![deny(warnings, missing_docs, unreachable_pub)]

/// What was generated.
pub mod api {
    include!(concat!(env!(\"OUT_DIR\"), \"/larkspur.rs\"));
}
";

const MAIN: &str = "\
#![deny(warnings)]
mod api {
    include!(concat!(env!(\"OUT_DIR\"), \"/larkspur.rs\"));
}
fn main() {}
";

const WRONG: &str = "\
endpoints:
  get:
    htp: GET /open-apis/crm/v1/contacts
    http: GET /open-apis/crm/v1/contacts
    tokens: [tenant, usr]
";

/// Writes a crate of that name; whether it depends on the SDK itself makes no difference to its build script.
fn user_crate(name: &str, with_sdk: bool) -> PathBuf {
    let root = scratch(name);
    let _ = fs::remove_dir_all(&root);
    let at = |directory: &str| format!("{:?}", repository().join(directory));
    let (sdk, codegen) = (at(""), at("codegen"));
    let sdk = if with_sdk {
        format!("[dependencies]\nlarkspur = {{ path = {sdk}, default-features = false }}\n")
    } else {
        String::new()
    };
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n{sdk}\n\
         [build-dependencies]\nlarkspur-codegen = {{ path = {codegen} }}\n\n[workspace]\n"
    );
    put(&root.join("Cargo.toml"), &manifest);
    put(&root.join("build.rs"), BUILD);
    root
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a directory") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            put(&to, &fs::read_to_string(&path).expect("a text"));
        }
    }
}

/// The lines that cargo prints as errors of its own.
fn errors(said: &str) -> Vec<&str> {
    said.lines().filter(|line| line.starts_with("error: ")).collect()
}

#[test]
fn cursed_spec_compiles_as_included_file() {
    let root = user_crate("cursed-user", true);
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cursed/spec");
    copy(&fixture, &root.join("spec"));
    put(&root.join("src/lib.rs"), LIB);
    // A program that leaves all of it unused.
    put(&root.join("src/main.rs"), MAIN);
    expect_success(cargo(&root).arg("check"));
    expect_success(cargo(&root).args(["test", "--doc"]));
}

#[test]
fn findings_become_cargo_errors_with_location() {
    let root = user_crate("wrong-user", false);
    put(&root.join("spec/crm/v1/contact.yaml"), WRONG);
    put(&root.join("src/lib.rs"), LIB);
    let said = expect_failure(cargo(&root).arg("check"));
    let file = root.join("spec").join("crm/v1/contact.yaml");
    for (place, rule) in [("3:5", "unknown-key"), ("5:22", "unknown-word")] {
        let expected = format!("{}:{place}: {rule}: crm.v1.contact.get", file.display());
        assert!(errors(&said).iter().any(|line| line.contains(&expected)), "{said}");
    }
}

#[test]
fn empty_spec_directory_is_error() {
    let root = user_crate("empty-user", false);
    fs::create_dir_all(root.join("spec")).expect("a directory");
    put(&root.join("src/lib.rs"), LIB);
    let said = expect_failure(cargo(&root).arg("check"));
    let expected = "contains no spec: create spec/<project>/<version>/<resource>.yaml";
    assert!(errors(&said).iter().any(|line| line.ends_with(expected)), "{said}");
}
