//! `spec share`.

use std::fs;

use crate::support::run::{Outcome, Ran, command, run};

const FILE: &str = "endpoints:\n  get:\n    http: GET /open-apis/im/v1/files\n    query:\n      \
                    order: { type: string, enum: [asc, desc] }\n";

/// A directory with a spec of two resources that have an equal enum.
fn directory() -> std::io::Result<tempfile::TempDir> {
    let directory = tempfile::tempdir()?;
    for name in ["file", "image"] {
        let path = directory.path().join("spec/im/v1");
        fs::create_dir_all(&path)?;
        fs::write(path.join(format!("{name}.yaml")), FILE.replace("files", name))?;
    }
    Ok(directory)
}

fn share(directory: &tempfile::TempDir, arguments: &[&str]) -> std::io::Result<Ran> {
    let arguments = [&["spec", "share"], arguments].concat();
    run(command(&arguments).current_dir(directory.path()))
}

#[test]
fn lists_then_moves_then_finds_nothing() -> Outcome {
    let directory = directory()?;
    let line = "Order in spec/im/v1/types.yaml replaces im.v1.file.GetOrder, im.v1.image.GetOrder\n";
    let dry = share(&directory, &["--dry-run"])?;
    let expected = format!("{line}2 types would become 1; nothing was written\n");
    assert_eq!((dry.code, dry.out), (Some(0), expected));
    assert!(!directory.path().join("spec/im/v1/types.yaml").exists());

    let ran = share(&directory, &[])?;
    assert!(ran.code == Some(0) && ran.out.starts_with(line), "{ran:?}");
    assert!(
        ran.out
            .contains("\nwrote spec/im/v1/types.yaml\nwrote spec/im/v1/file.yaml\n"),
        "{ran:?}"
    );
    let text = fs::read_to_string(directory.path().join("spec/im/v1/image.yaml"))?;
    assert!(text.contains("order: { type: Order }"), "{text}");

    let again = share(&directory, &[])?;
    assert_eq!((again.code, again.out.as_str()), (Some(0), "no duplicate types\n"));
    Ok(())
}

#[test]
fn spec_with_errors_is_unchanged() -> Outcome {
    let directory = directory()?;
    let path = directory.path().join("spec/im/v1/file.yaml");
    fs::write(&path, FILE.replace("asc, desc", "asc, asc"))?;
    let ran = share(&directory, &[])?;
    assert!(ran.code == Some(1) && ran.err.contains("duplicate-value"), "{ran:?}");
    assert!(!directory.path().join("spec/im/v1/types.yaml").exists());
    Ok(())
}

#[cfg(unix)]
#[test]
fn writes_nothing_through_a_symbolic_link() -> Outcome {
    let directory = directory()?;
    let path = directory.path().join("spec/im/v1/types.yaml");
    std::os::unix::fs::symlink(directory.path().join("elsewhere.yaml"), &path)?;
    let ran = share(&directory, &[])?;
    assert!(ran.code == Some(2) && ran.err.contains("symbolic link"), "{ran:?}");
    let text = fs::read_to_string(directory.path().join("spec/im/v1/file.yaml"))?;
    assert_eq!(text, FILE.replace("files", "file"));
    Ok(())
}
