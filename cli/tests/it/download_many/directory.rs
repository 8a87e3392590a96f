use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use super::site::{JOURNAL, MEDIA, Site, content};
use crate::support::run::Outcome;

const LINES: [&str; 2] = ["boxcn0", "boxcn1"];

/// Returns a site with two downloaded files.
async fn finished() -> Result<Site, Box<dyn std::error::Error>> {
    let site = Site::start().await?;
    site.put(&LINES.map(str::to_owned));
    let ran = site.run(MEDIA, &LINES, &[])?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    Ok(site)
}

#[tokio::test(flavor = "multi_thread")]
async fn second_run_fetches_nothing() -> Outcome {
    let site = finished().await?;
    let before = site.mock.requests().len();
    let ran = site.run(MEDIA, &LINES, &[])?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("2 already present"), "{}", ran.out);
    assert_eq!(site.mock.requests().len(), before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refetches_deleted_file() -> Outcome {
    let site = finished().await?;
    fs::remove_file(site.path("boxcn1.bin"))?;
    assert_eq!(site.run(MEDIA, &LINES, &[])?.code, Some(0));
    assert_eq!((site.fetched("boxcn0"), site.fetched("boxcn1")), (1, 2));
    assert_eq!(fs::read_to_string(site.path("boxcn1.bin"))?, content("boxcn1"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_changed_file_without_replacing() -> Outcome {
    let site = finished().await?;
    fs::write(site.path("boxcn1.bin"), "notes of my own")?;
    let ran = site.run(MEDIA, &LINES, &[])?;
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(
        ran.out.contains("boxcn1.bin was changed locally and is not replaced"),
        "{}",
        ran.out
    );
    assert_eq!(fs::read_to_string(site.path("boxcn1.bin"))?, "notes of my own");
    assert_eq!(site.fetched("boxcn1"), 1);

    fs::rename(site.path("boxcn1.bin"), site.parent().join("notes"))?;
    assert_eq!(site.run(MEDIA, &LINES, &[])?.code, Some(0));
    assert_eq!(fs::read_to_string(site.path("boxcn1.bin"))?, content("boxcn1"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ignores_incomplete_last_journal_line() -> Outcome {
    let site = finished().await?;
    let whole = fs::read(site.path(JOURNAL))?;
    let last = whole
        .split_inclusive(|byte| *byte == b'\n')
        .next_back()
        .unwrap_or_default();
    for cut in [1, 2, last.len() / 2, last.len() - 1] {
        fs::write(site.path(JOURNAL), &whole[..whole.len() - cut])?;
        let ran = site.run(MEDIA, &LINES, &[])?;
        assert_eq!(ran.code, Some(0), "{cut}: {}", ran.err);
        assert_eq!(fs::read(site.path(JOURNAL))?, whole, "{cut}");
    }
    assert_eq!((site.fetched("boxcn0"), site.fetched("boxcn1")), (1, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_refetch_file_renamed_before_kill() -> Outcome {
    let site = finished().await?;
    let journal = fs::read_to_string(site.path(JOURNAL))?;
    let without_done = journal.lines().filter(|line| !line.contains("\"done\""));
    fs::write(
        site.path(JOURNAL),
        without_done.map(|line| format!("{line}\n")).collect::<String>(),
    )?;
    assert_eq!(site.run(MEDIA, &LINES, &[])?.code, Some(0));
    assert_eq!((site.fetched("boxcn0"), site.fetched("boxcn1")), (1, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_invalid_journal_line() -> Outcome {
    let site = finished().await?;
    let mut journal = OpenOptions::new().append(true).open(site.path(JOURNAL))?;
    journal.write_all(b"{\"item\": 1}\n")?;
    let ran = site.run(MEDIA, &LINES, &[])?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("line 6: invalid record"), "{}", ran.err);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_concurrent_runs_in_directory() -> Outcome {
    let site = finished().await?;
    let journal = File::open(site.path(JOURNAL))?;
    journal.try_lock()?;
    let ran = site.run(MEDIA, &LINES, &[])?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("another run is using this directory"), "{}", ran.err);
    drop(journal);
    assert_eq!(site.run(MEDIA, &LINES, &[])?.code, Some(0));
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn journal_is_private_and_has_no_credentials() -> Outcome {
    use std::os::unix::fs::PermissionsExt as _;

    let site = finished().await?;
    let mode = fs::metadata(site.path(JOURNAL))?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let journal = fs::read_to_string(site.path(JOURNAL))?;
    for secret in [site.mock.app_id(), site.mock.app_secret(), "t-mock", "Bearer"] {
        assert!(!journal.contains(secret), "{secret}: {journal}");
    }
    Ok(())
}

/// Runs with a journal that another program made, and checks that it is refused unchanged.
async fn refuses_journal(problem: &str, text: &str, place: impl Fn(&Path, &Path) -> io::Result<()>) -> Outcome {
    let site = Site::start().await?;
    let elsewhere = site.parent().join("elsewhere");
    fs::write(&elsewhere, text)?;
    place(&elsewhere, &site.path(JOURNAL))?;
    let ran = site.run(MEDIA, &LINES, &[])?;
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    let expected = format!("{}: {problem}", site.path(JOURNAL).display());
    assert!(ran.err.contains(&expected), "{}", ran.err);
    assert_eq!(fs::read_to_string(elsewhere)?, text);
    assert_eq!(site.mock.calls(MEDIA), 0);
    Ok(())
}

/// The texts of other files: empty, without a line break, and those that a journal begins with.
const OTHER_TEXTS: [&str; 3] = ["", "my notes", "{\"larkspur_journal\":1}\n{\"item"];

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn refuses_symlinked_journal() -> Outcome {
    let problem = "cannot open journal: it is a symbolic link: move or remove it";
    for text in OTHER_TEXTS {
        refuses_journal(problem, text, |from, to| std::os::unix::fs::symlink(from, to)).await?;
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn refuses_journal_with_other_names() -> Outcome {
    let problem = "cannot open journal: it has more than one hard link: move or remove it";
    for text in OTHER_TEXTS {
        refuses_journal(problem, text, |from, to| fs::hard_link(from, to)).await?;
    }
    Ok(())
}

/// Only root can give a file to another user.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn refuses_journal_of_another_user() -> Outcome {
    let problem = "cannot open journal: it belongs to another user: move or remove it";
    let is_root = std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self")?) == 0;
    for text in OTHER_TEXTS.into_iter().filter(|_| is_root) {
        refuses_journal(problem, text, |from, to| {
            fs::copy(from, to)?;
            std::os::unix::fs::chown(to, Some(12_345), None)
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_journal_that_is_another_file() -> Outcome {
    for text in ["my notes", "{\"larkspur\"", "my notes\nof today"] {
        let site = Site::start().await?;
        fs::write(site.path(JOURNAL), text)?;
        let ran = site.run(MEDIA, &LINES, &[])?;
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(ran.err.contains("not a journal: move the file"), "{}", ran.err);
        assert_eq!(fs::read_to_string(site.path(JOURNAL))?, text);
    }
    Ok(())
}

/// A run that was killed while it wrote the header.
#[tokio::test(flavor = "multi_thread")]
async fn continues_journal_with_torn_header() -> Outcome {
    for text in ["", "{\"larkspur_jour"] {
        let site = Site::start().await?;
        site.put(&LINES.map(str::to_owned));
        fs::write(site.path(JOURNAL), text)?;
        let ran = site.run(MEDIA, &LINES, &[])?;
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(fs::read_to_string(site.path(JOURNAL))?.starts_with("{\"larkspur_journal\":1}\n{"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_directory_exits_2_before_sending() -> Outcome {
    let site = Site::start().await?;
    fs::remove_dir(site.directory())?;
    let ran = site.run(MEDIA, &LINES, &[])?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("create it first"), "{}", ran.err);
    assert!(site.mock.requests().is_empty());
    Ok(())
}
