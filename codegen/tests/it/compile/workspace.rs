//! A copy of the repository, whose spec is edited, and a crate that depends on it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use crate::support::outside::{cargo, expect_failure, expect_success, put, repository, scratch};

const ADDED: &str = "\
doc: Something that was added.

endpoints:
  count:
    summary: Count some things.
    http: GET /open-apis/drive/v1/added/:owner/count
    tokens: [tenant]
    path:
      owner: { type: string, required: true, doc: Whose things. }
    query:
      kind: { type: string, doc: Which of them., enum: [big, small] }
    response:
      total: { type: int, required: true, doc: How many there are. }
";

const CALL: &str = "\
#![deny(warnings)]
use larkspur::drive::v1::added;

/// Compiles only if request, optional field, enum and response are generated.
pub async fn total(client: &larkspur::Client) -> larkspur::Result<i64> {
    let request = added::Count::new(\"me\").kind(added::CountKind::Big);
    Ok(request.send(client).await?.total)
}
";

const DEPENDENT: &str = "\
[package]
name = \"dependent\"
edition = \"2024\"

[dependencies]
larkspur = { path = \"../workspace\", default-features = false, features = [\"drive\"] }

[workspace]
";

/// The one copy, as it is in the repository, exclusive to its holder.
struct Workspace {
    root: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl Workspace {
    fn copy() -> Self {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let root = scratch("workspace");
        sync(&repository(), &root).expect("the repository can be copied");
        Self { root, _alone: alone }
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_default()
    }

    /// Cargo, which checks the SDK with these features in the copy. Its build script runs the generator of this build.
    fn check(&self, features: &str) -> Command {
        let mut command = cargo(&self.root);
        command.args([
            "check",
            "--package",
            "larkspur",
            "--no-default-features",
            "--features",
            features,
        ]);
        if let Some(generator) = option_env!("CARGO_BIN_EXE_larkspur-spec") {
            command.env("LARKSPUR_GENERATE", generator);
        }
        command
    }

    /// A crate next to the copy that depends on it.
    fn dependent(&self) -> PathBuf {
        let root = scratch("dependent");
        put(&root.join("Cargo.toml"), DEPENDENT);
        put(&root.join("src/lib.rs"), CALL);
        root
    }
}

/// Makes `to` what `from` is, without what was built. What is the same is not touched: cargo looks at times.
fn sync(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let names = |directory: &Path| -> io::Result<BTreeSet<_>> {
        let names = fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name()));
        names
            .filter(|name| !matches!(name, Ok(name) if name == "target" || name == ".git"))
            .collect()
    };
    let wanted = names(from)?;
    for gone in names(to)?.difference(&wanted) {
        let path = to.join(gone);
        if path.is_dir() {
            fs::remove_dir_all(path)?
        } else {
            fs::remove_file(path)?
        }
    }
    for name in wanted {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            sync(&from, &to)?;
        } else if fs::read(&to).ok() != Some(fs::read(&from)?) {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

#[test]
fn adding_endpoint_needs_only_spec_entry() {
    let workspace = Workspace::copy();
    put(&workspace.root.join("spec/drive/v1/added.yaml"), ADDED);
    expect_success(&mut workspace.check("drive"));
    assert!(workspace.text("generated/drive/v1/mod.rs").contains("pub mod added;"));
    expect_success(cargo(&workspace.dependent()).arg("check"));
}

#[test]
fn new_project_requires_second_build() {
    let workspace = Workspace::copy();
    put(&workspace.root.join("spec/added/v1/added.yaml"), ADDED);
    let said = expect_success(&mut workspace.check(""));
    assert!(workspace.text("Cargo.toml").contains("\nadded = []\n"));
    assert!(said.contains("build again"), "{said}");
    assert!(!said.contains("unexpected `cfg`"), "{said}");
}

#[test]
fn invalid_spec_fails_build_with_location() {
    let workspace = Workspace::copy();
    let before = workspace.text("generated/drive/v1/mod.rs");
    put(
        &workspace.root.join("spec/drive/v1/added.yaml"),
        &ADDED.replace("tokens", "tokns"),
    );
    let said = expect_failure(&mut workspace.check(""));
    let place = workspace.root.join("spec/drive/v1/added.yaml:7:5: unknown-key: ");
    let error = format!("error: larkspur@0.1.0: {}", place.display());
    assert!(said.lines().any(|line| line.starts_with(&error)), "{said}");
    assert_eq!(workspace.text("generated/drive/v1/mod.rs"), before);
}

#[test]
fn switched_off_build_keeps_generated_code() {
    let workspace = Workspace::copy();
    let before = workspace.text("generated/drive/v1/mod.rs");
    put(&workspace.root.join("spec/drive/v1/added.yaml"), ADDED);
    expect_success(workspace.check("").env("LARKSPUR_GENERATE", "off"));
    assert_eq!(workspace.text("generated/drive/v1/mod.rs"), before);
}

#[test]
fn outside_build_does_not_run_generator() {
    let workspace = Workspace::copy();
    let before = workspace.text("generated/drive/v1/mod.rs");
    put(&workspace.root.join("spec/drive/v1/added.yaml"), ADDED);
    let dependent = workspace.dependent();
    put(
        &dependent.join("src/lib.rs"),
        "pub use larkspur::drive::v1::media::Download;\n",
    );
    let said = expect_success(cargo(&dependent).arg("check"));
    assert!(!said.contains("larkspur-codegen"), "{said}");
    assert_eq!(workspace.text("generated/drive/v1/mod.rs"), before);
}
