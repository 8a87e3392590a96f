use larkspur_mock::Failure;

use super::site::{EXPORT, MEDIA, QUICK, Site};
use crate::support::run::Outcome;

#[tokio::test(flavor = "multi_thread")]
async fn failure_has_row_and_others_continue() -> Outcome {
    let site = Site::start().await?;
    site.mock.fail_next(MEDIA, Failure::status(404))?;
    let ran = site.run(MEDIA, &["boxcn0", "boxcn1", "boxcn2"], &["--jobs", "1"])?;
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let row = ran
        .out
        .lines()
        .find(|line| line.starts_with("boxcn0"))
        .unwrap_or_default();
    assert!(row.contains("HTTP 404"), "{}", ran.out);
    assert!(
        row.contains("The token is wrong, or the media has been deleted."),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("2 downloaded") && ran.out.contains("1 failed"),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("1 of 3 files failed"), "{}", ran.err);
    assert_eq!(site.files()?.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_export_has_advice() -> Outcome {
    let site = Site::start().await?;
    for failure in [Failure::status(404), Failure::status(410), Failure::code(1_060_001)] {
        site.mock.fail_next(EXPORT, failure)?;
        let summary = site.run_json(EXPORT, &["boxcn0"], &[])?;
        assert_eq!(summary.ran.code, Some(1), "{}", summary.ran.err);
        let failure = &summary.json["failures"][0];
        assert_eq!(failure["kind"], "expired", "{failure}");
        let advice = failure["advice"].as_str().unwrap_or_default();
        assert!(
            advice.ends_with("the exported file expires after 10 minutes: export it again"),
            "{advice}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refusal_of_export_shows_missing_scope() -> Outcome {
    let site = Site::start().await?;
    site.mock.fail_next(EXPORT, Failure::code(99_991_672))?;
    let summary = site.run_json(EXPORT, &["boxcn0"], &[])?;
    let failure = &summary.json["failures"][0];
    assert_eq!(failure["kind"], "refused", "{failure}");
    assert!(
        failure["advice"]
            .as_str()
            .is_some_and(|advice| advice.contains("drive:export:readonly")),
        "{failure}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn next_run_fetches_failed_files() -> Outcome {
    let site = Site::start().await?;
    site.mock.fail_next(MEDIA, Failure::status(403))?;
    assert_eq!(site.run(MEDIA, &["boxcn0"], &[])?.code, Some(1));
    assert_eq!(site.run(MEDIA, &["boxcn0"], &[])?.code, Some(0));
    assert_eq!(site.fetched("boxcn0"), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_failed_fetches_only_failed_files() -> Outcome {
    let site = Site::start().await?;
    site.mock.fail_next(MEDIA, Failure::status(403))?;
    assert_eq!(site.run(MEDIA, &["boxcn0", "boxcn1"], &["--jobs", "1"])?.code, Some(1));
    let summary = site.run_json(MEDIA, &["boxcn0", "boxcn1", "new"], &["--retry-failed"])?;
    assert_eq!(summary.ran.code, Some(0), "{}", summary.ran.err);
    assert_eq!(
        (site.fetched("boxcn0"), site.fetched("boxcn1"), site.fetched("new")),
        (2, 1, 0)
    );
    assert_eq!(summary.json["left"], 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_app_aborts_run() -> Outcome {
    let site = Site::start().await?;
    let lines = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut command = site.command(MEDIA, &lines, &["--jobs", "1"])?;
    let ran = crate::support::run::run(command.env("LARKSPUR_APP_SECRET", "not-the-secret"))?;
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(
        ran.err.contains("10015") && !ran.err.contains("not-the-secret"),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("7 left"), "{}", ran.out);
    assert_eq!(site.mock.requests().len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_scope_aborts_run() -> Outcome {
    let site = Site::start().await?;
    site.mock.fail_next(MEDIA, Failure::code(99_991_672).times(9))?;
    let ran = site.run(MEDIA, &["a", "b", "c"], &["--jobs", "1"])?;
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(
        ran.err.contains("aborted: ") && ran.err.contains("drive:drive"),
        "{}",
        ran.err
    );
    assert_eq!(site.mock.calls(MEDIA), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn unreachable_platform_aborts_run() -> Outcome {
    let site = Site::start().await?;
    let lines: Vec<_> = (0..40).map(|number| format!("boxcn{number}")).collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let mut command = site.command(QUICK, &lines, &["--jobs", "8"])?;
    // No server listens on port 1.
    let ran = crate::support::run::run(command.env("LARKSPUR_BASE_URL", "http://127.0.0.1:1"))?;
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("the platform is unreachable"), "{}", ran.err);
    Ok(())
}
