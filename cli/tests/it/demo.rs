use std::path::Path;

use crate::support::run::{Outcome, larkspur};

#[test]
fn demo_verifies_five_endpoints() -> Outcome {
    let directory = tempfile::tempdir()?;
    let ran = larkspur(&["demo", "--to", &directory.path().to_string_lossy()])?;
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    for id in [
        "drive.v1.media.download",
        "drive.v1.media.batch_get_tmp_download_url",
        "drive.v1.export_task.download",
        "im.v1.file.get",
        "baike.v1.file.download",
    ] {
        assert!(ran.out.contains(id), "{id}: {}", ran.out);
    }
    assert!(!ran.out.contains("WRONG"), "{}", ran.out);
    assert!(
        ran.out.contains("All 7 calls returned the expected results."),
        "{}",
        ran.out
    );
    Ok(())
}

#[test]
fn demo_writes_listed_files() -> Outcome {
    let directory = tempfile::tempdir()?;
    let ran = larkspur(&["demo", "--to", &directory.path().to_string_lossy()])?;
    let names = names(directory.path())?;
    assert_eq!(names.len(), 5, "{names:?}");
    for name in &names {
        assert!(ran.out.contains(name), "{name}: {}", ran.out);
    }
    assert_eq!(
        std::fs::metadata(directory.path().join("first-1024-bytes"))?.len(),
        1024
    );
    Ok(())
}

#[test]
fn matches_documented_error() -> Outcome {
    let directory = tempfile::tempdir()?;
    let ran = larkspur(&["demo", "--to", &directory.path().to_string_lossy()])?;
    assert!(ran.out.contains("ErrorCode::FileDeleted"), "{}", ran.out);
    Ok(())
}

#[test]
fn demo_creates_temporary_directory() -> Outcome {
    let ran = larkspur(&["demo"])?;
    let line = ran
        .out
        .lines()
        .find_map(|line| line.strip_prefix("Files are written to "));
    let directory = line
        .ok_or("the output does not contain the directory")?
        .trim_end_matches('.');
    assert_eq!(names(Path::new(directory))?.len(), 5);
    std::fs::remove_dir_all(directory)?;
    Ok(())
}

#[test]
fn reports_directory_that_cannot_be_created() -> Outcome {
    let file = tempfile::NamedTempFile::new()?;
    let below = file.path().join("below");
    let ran = larkspur(&["demo", "--to", &below.to_string_lossy()])?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains(&*below.to_string_lossy()), "{}", ran.err);
    Ok(())
}

#[test]
fn no_colour_without_terminal() -> Outcome {
    let directory = tempfile::tempdir()?;
    let ran = larkspur(&["demo", "--to", &directory.path().to_string_lossy()])?;
    assert!(!ran.out.contains('\u{1b}'), "{}", ran.out);
    Ok(())
}

fn names(directory: &Path) -> std::io::Result<Vec<String>> {
    let entries = std::fs::read_dir(directory)?;
    entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}
