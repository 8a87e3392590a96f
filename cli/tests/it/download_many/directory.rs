use std::fs::{self, File, OpenOptions};
use std::io::Write as _;

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

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn does_not_follow_symlinked_journal() -> Outcome {
    let site = Site::start().await?;
    let elsewhere = site.parent().join("elsewhere");
    fs::write(&elsewhere, "")?;
    std::os::unix::fs::symlink(&elsewhere, site.path(JOURNAL))?;
    let ran = site.run(MEDIA, &LINES, &[])?;
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert_eq!(fs::read_to_string(elsewhere)?, "");
    assert_eq!(site.mock.calls(MEDIA), 0);
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
