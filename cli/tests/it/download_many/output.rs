use larkspur_mock::Failure;

use super::site::{MEDIA, Site, content};
use crate::support::run::Outcome;

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_plain_lines_without_terminal() -> Outcome {
    let site = Site::start().await?;
    site.put(&["boxcn0".to_owned(), "boxcn1".to_owned()]);
    site.mock.fail_next(MEDIA, Failure::status(403))?;
    let ran = site.run(MEDIA, &["boxcn0", "boxcn1"], &["--jobs", "1"])?;
    assert!(ran.err.contains("[1/2] boxcn0: failed: "), "{}", ran.err);
    let bytes = content("boxcn1").len();
    assert!(
        ran.err.contains(&format!("[2/2] boxcn1: boxcn1.bin ({bytes} bytes)")),
        "{}",
        ran.err
    );
    for text in [&ran.out, &ran.err] {
        assert!(!text.contains(['\u{1b}', '\r']), "{text:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn escapes_control_characters_of_platform() -> Outcome {
    let site = Site::start().await?;
    site.mock.fail_next(
        MEDIA,
        Failure::code(1_061_002).msg("\u{1b}[31mred\u{7}\r\nboxcn9: all is well"),
    )?;
    let ran = site.run(MEDIA, &["boxcn0"], &[])?;
    assert_eq!(ran.code, Some(1));
    for text in [&ran.out, &ran.err] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\r']), "{text:?}");
        assert!(text.lines().all(|line| !line.starts_with("boxcn9")), "{text}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_prints_nothing_on_success() -> Outcome {
    let site = Site::start().await?;
    let ran = site.run(MEDIA, &["boxcn0"], &["--quiet"])?;
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "", ""));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_still_reports_failures() -> Outcome {
    let site = Site::start().await?;
    site.mock.fail_next(MEDIA, Failure::status(403))?;
    let ran = site.run(MEDIA, &["boxcn0"], &["--quiet"])?;
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.out.contains("boxcn0") && ran.out.contains("HTTP 403"),
        "{}",
        ran.out
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn json_summary_lists_files_and_failures() -> Outcome {
    let site = Site::start().await?;
    site.put(&["boxcn0".to_owned(), "boxcn1".to_owned()]);
    assert_eq!(site.run(MEDIA, &["boxcn0"], &[])?.code, Some(0));
    site.mock.fail_next(MEDIA, Failure::status(403))?;
    let summary = site.run_json(MEDIA, &["boxcn0", "bad", "boxcn1"], &["--jobs", "1"])?;
    let bytes = content("boxcn0").len();
    let expected = serde_json::json!([
        {"token": "boxcn0", "name": "boxcn0.bin", "bytes": bytes, "new": false},
        {"token": "boxcn1", "name": "boxcn1.bin", "bytes": bytes, "new": true},
    ]);
    assert_eq!(summary.json["files"], expected);
    let failure = &summary.json["failures"][0];
    assert_eq!(failure["token"], "bad");
    assert_eq!(failure["kind"], "refused");
    assert!(
        failure["code"]
            .as_str()
            .is_some_and(|code| code.starts_with("HTTP 403")),
        "{failure}"
    );
    assert!(failure["log_id"].is_string(), "{failure}");
    Ok(())
}
