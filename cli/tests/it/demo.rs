use std::path::Path;

use crate::support::run::{Outcome, larkspur};

#[test]
fn the_demo_calls_the_five_endpoints_and_finds_every_byte_right() -> Outcome {
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
fn the_files_of_the_demo_are_those_of_its_table() -> Outcome {
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
fn a_documented_error_is_matched_on() -> Outcome {
    let directory = tempfile::tempdir()?;
    let ran = larkspur(&["demo", "--to", &directory.path().to_string_lossy()])?;
    assert!(ran.out.contains("GetError::Deleted"), "{}", ran.out);
    Ok(())
}

#[test]
fn without_a_directory_the_demo_makes_one_and_keeps_it() -> Outcome {
    let ran = larkspur(&["demo"])?;
    let line = ran
        .out
        .lines()
        .find_map(|line| line.strip_prefix("Files are written to "));
    let directory = line
        .ok_or("the demo does not say where its files go")?
        .trim_end_matches('.');
    assert_eq!(names(Path::new(directory))?.len(), 5);
    std::fs::remove_dir_all(directory)?;
    Ok(())
}

#[test]
fn a_directory_that_cannot_be_made_is_named() -> Outcome {
    let file = tempfile::NamedTempFile::new()?;
    let below = file.path().join("below");
    let ran = larkspur(&["demo", "--to", &below.to_string_lossy()])?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains(&*below.to_string_lossy()), "{}", ran.err);
    Ok(())
}

#[test]
fn output_that_is_no_terminal_has_no_colour() -> Outcome {
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
