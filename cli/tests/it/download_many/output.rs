use larkspur_mock::Failure;

use super::site::{MEDIA, Site, content};
use crate::support::run::Outcome;

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_terminal_progress_is_plain_lines_without_escape_codes() -> Outcome {
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
async fn nothing_that_the_platform_says_moves_the_cursor() -> Outcome {
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
async fn quiet_says_nothing_where_all_is_well() -> Outcome {
    let site = Site::start().await?;
    let ran = site.run(MEDIA, &["boxcn0"], &["--quiet"])?;
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "", ""));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_still_tells_of_failures() -> Outcome {
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
async fn json_tells_each_file_and_each_failure() -> Outcome {
    let site = Site::start().await?;
    site.put(&["boxcn0".to_owned(), "boxcn1".to_owned()]);
    assert_eq!(site.run(MEDIA, &["boxcn0"], &[])?.code, Some(0));
    site.mock.fail_next(MEDIA, Failure::status(403))?;
    let told = site.tell(MEDIA, &["boxcn0", "bad", "boxcn1"], &["--jobs", "1"])?;
    let bytes = content("boxcn0").len();
    let expected = serde_json::json!([
        {"token": "boxcn0", "name": "boxcn0.bin", "bytes": bytes, "new": false},
        {"token": "boxcn1", "name": "boxcn1.bin", "bytes": bytes, "new": true},
    ]);
    assert_eq!(told.json["files"], expected);
    let failure = &told.json["failures"][0];
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
