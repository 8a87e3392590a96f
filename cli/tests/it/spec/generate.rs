use std::fs;
use std::path::Path;

use crate::support::run::{Outcome, larkspur, root};

/// A repository with the spec of this one, and nothing generated.
fn copy() -> std::io::Result<tempfile::TempDir> {
    let copy = tempfile::tempdir()?;
    copy_all(&root().join("spec"), &copy.path().join("spec"))?;
    fs::copy(root().join("Cargo.toml"), copy.path().join("Cargo.toml"))?;
    Ok(copy)
}

fn copy_all(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

#[test]
fn missing_files_fail_check_and_are_written() -> Outcome {
    let copy = copy()?;
    let root = copy.path().to_string_lossy();
    let check = larkspur(&["spec", "gen", "--check", "--root", &root])?;
    assert_eq!(check.code, Some(1));
    assert!(
        check.err.contains("generated/im/v1/file.rs") && check.err.contains("cargo spec gen"),
        "{}",
        check.err
    );
    assert!(!copy.path().join("generated").exists());

    let written = larkspur(&["spec", "gen", "--root", &root])?;
    assert_eq!(written.code, Some(0), "{}", written.err);
    assert!(written.out.contains("wrote generated/im/v1/file.rs"), "{}", written.out);
    assert_eq!(larkspur(&["spec", "gen", "--check", "--root", &root])?.code, Some(0));
    assert_eq!(larkspur(&["spec", "gen", "--root", &root])?.out, "");
    Ok(())
}

#[test]
fn a_directory_without_a_spec_ends_with_two() -> Outcome {
    let empty = tempfile::tempdir()?;
    let ran = larkspur(&["spec", "gen", "--check", "--root", &empty.path().to_string_lossy()])?;
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    Ok(())
}
