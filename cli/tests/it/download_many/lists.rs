use super::site::{MEDIA, Site};
use crate::support::run::Outcome;

#[tokio::test(flavor = "multi_thread")]
async fn skips_comments_blanks_and_duplicates() -> Outcome {
    let site = Site::start().await?;
    let lines = ["\u{feff}# of the base", "", "boxcn0\r", "  boxcn1  ", "boxcn0", "   "];
    let ran = site.run(MEDIA, &lines, &[])?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!((site.fetched("boxcn0"), site.fetched("boxcn1")), (1, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_list_succeeds_without_requests() -> Outcome {
    let site = Site::start().await?;
    assert_eq!(site.run(MEDIA, &["# nothing"], &[])?.code, Some(0));
    assert!(site.mock.requests().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_list_from_stdin() -> Outcome {
    let site = Site::start().await?;
    let ran = site.command_with_input("boxcn0\nboxcn1\n")?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(site.mock.calls(MEDIA), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn json_lines_set_endpoint_parameters() -> Outcome {
    let site = Site::start().await?;
    let lines = [
        r#"{"token": "boxcn0", "extra": "{\"a\":1}"}"#,
        r#"{"file_token": "boxcn1", "extra": null}"#,
        "boxcn2",
    ];
    let ran = site.run(MEDIA, &lines, &["--query", "extra=for all", "--jobs", "1"])?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let requests = site.mock.requests();
    let of_media = requests
        .iter()
        .filter(|request| request.endpoint.as_deref() == Some(MEDIA));
    let sent: Vec<_> = of_media
        .flat_map(|request| &request.query)
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(sent, ["{\"a\":1}", "for all", "for all"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_all_invalid_lines_before_sending() -> Outcome {
    let site = Site::start().await?;
    let wrong = [
        ("two tokens", "contains white space"),
        (r#"{"token": "boxcn0", "extar": "1"}"#, "has no parameter \"extar\""),
        (r#"{"name": "a.pdf"}"#, "missing `file_token`"),
        (r#"{"token": ""}"#, "missing `file_token`"),
        (r#"{"token": "a", "file_token": "b"}"#, "remove one of them"),
        (r#"{"token": ["a"]}"#, "is a list or an object"),
        (r#"{"token": "a""#, "invalid JSON object"),
        (r#"{"token": "a", "name": ".."}"#, "`name` is not a valid file name"),
        ("bell\u{7}", "control character"),
    ];
    let lines: Vec<_> = ["boxcn1"].into_iter().chain(wrong.map(|(line, _)| line)).collect();
    let ran = site.run(MEDIA, &lines, &[])?;
    assert_eq!(ran.code, Some(2));
    for (index, (line, problem)) in wrong.iter().enumerate() {
        let place = format!("list:{}: ", index + 2);
        let found = ran
            .err
            .lines()
            .any(|output| output.contains(&place) && output.contains(problem));
        assert!(found, "{line}: {problem}\n{}", ran.err);
    }
    assert!(site.mock.requests().is_empty());
    assert!(site.names()?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_one_file_with_two_names() -> Outcome {
    let site = Site::start().await?;
    let lines = [
        r#"{"token": "boxcn0", "name": "a"}"#,
        r#"{"token": "boxcn0", "name": "b"}"#,
    ];
    let ran = site.run(MEDIA, &lines, &[])?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("list:2: the file of line 1"), "{}", ran.err);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_unknown_query_parameter() -> Outcome {
    let site = Site::start().await?;
    let ran = site.run(MEDIA, &["boxcn0"], &["--query", "extar=1"])?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("has no parameter \"extar\""), "{}", ran.err);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn list_conflicts_with_single_file_options() -> Outcome {
    let site = Site::start().await?;
    for argument in [&["boxcn1"][..], &["--range", "0-9"], &["--jobs", "0"]] {
        let ran = site.run(MEDIA, &["boxcn0"], argument)?;
        assert_eq!(ran.code, Some(2), "{argument:?}");
    }
    assert!(site.mock.requests().is_empty());
    Ok(())
}
