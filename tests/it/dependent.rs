//! What somebody else's crate compiles when it depends on larkspur.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const MANIFEST: &str = r#"
[package]
name = "outside"
version = "0.0.0"
edition = "2024"

[dependencies]
larkspur = { path = "LARKSPUR" }

[workspace]
"#;

const PROGRAM: &str = r#"
fn main() {
    let request = larkspur::drive::v1::media::Download::new("boxcn");
    println!("{request:?}");
}
"#;

/// Checks a small crate outside the repository and returns the names of all packages that were compiled for it.
fn packages_compiled_for_a_dependent(repository: &Path) -> BTreeSet<String> {
    let outside = tempfile::tempdir().expect("a temporary directory");
    let manifest = MANIFEST.replace("LARKSPUR", &repository.display().to_string().replace('\\', "/"));
    std::fs::write(outside.path().join("Cargo.toml"), manifest).expect("manifest is written");
    // The versions that the repository is tested with.
    std::fs::copy(repository.join("Cargo.lock"), outside.path().join("Cargo.lock")).expect("lock file is copied");
    std::fs::create_dir(outside.path().join("src")).expect("src is made");
    std::fs::write(outside.path().join("src/main.rs"), PROGRAM).expect("program is written");

    let output = Command::new(env!("CARGO"))
        .args(["check", "--message-format=json"])
        .current_dir(outside.path())
        // Shared with the other tests that build crates of their own.
        .env(
            "CARGO_TARGET_DIR",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/outside-target"),
        )
        // Cargo sets it for tests that run inside the repository; a user's build does not have it.
        .env_remove("LARKSPUR_REPOSITORY")
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter_map(|message| message["target"]["name"].as_str().map(|name| name.replace('-', "_")))
        .collect()
}

#[test]
fn a_dependent_compiles_nothing_of_the_generator() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let compiled = packages_compiled_for_a_dependent(repository);

    assert!(
        compiled.contains("larkspur"),
        "the SDK itself was compiled: {compiled:?}"
    );
    for generator in [
        "larkspur_codegen",
        "prettyplease",
        "serde_saphyr",
        "annotate_snippets",
        "heck",
    ] {
        assert!(
            !compiled.contains(generator),
            "{generator} was compiled for a dependent: {compiled:?}"
        );
    }
}

#[test]
fn packages_runtime_and_generated_code_only() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--package", "larkspur"])
        .current_dir(repository)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files = String::from_utf8_lossy(&output.stdout).replace('\\', "/");
    let packaged: Vec<&str> = files.lines().collect();

    assert!(packaged.contains(&"src/lib.rs"), "{files}");
    assert!(packaged.contains(&"generated/drive/v1/media.rs"), "{files}");
    for left_out in ["spec/", "codegen/", "mock/", "cli/", "build.rs"] {
        assert!(
            !packaged.iter().any(|file| file.starts_with(left_out)),
            "{left_out} is packaged:\n{files}"
        );
    }
}
