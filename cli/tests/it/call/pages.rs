//! `--all`.

use std::fs;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use larkspur_mock::Failure;
use serde_json::Value;

use super::site::{CHAT_MESSAGES, MESSAGES, Site};
use crate::download_many::server::serve;
use crate::support::run::{Outcome, Ran, run};

/// Returns the numbers at the end of the message ids on these lines, which the mock server counts.
fn numbers(lines: &str) -> Result<Vec<String>, serde_json::Error> {
    let number = |line| {
        let item: Value = serde_json::from_str(line)?;
        let id = item["message_id"].as_str().unwrap_or_default();
        Ok(id.rsplit('-').next().unwrap_or_default().to_owned())
    };
    lines.lines().map(number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_prints_item_per_line() -> Outcome {
    let site = Site::start().await?;
    let ran = site.call(
        MESSAGES,
        &[&CHAT_MESSAGES[..], &["-p", "page_size=2", "--all"]].concat(),
    )?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    // The mock server has two complete pages and one half page.
    assert_eq!(numbers(&ran.out)?, ["0", "1", "2", "3", "4"]);
    assert_eq!(site.mock.calls(MESSAGES), 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn starts_at_given_page_token() -> Outcome {
    let site = Site::start().await?;
    let from = ["-p", "page_size=2", "-p", "page_token=page-2", "--all"];
    let ran = site.call(MESSAGES, &[&CHAT_MESSAGES[..], &from].concat())?;
    assert_eq!(numbers(&ran.out)?, ["4"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_page_leaves_no_partial_file() -> Outcome {
    let site = Site::start().await?;
    let to = site.path("all.jsonl").to_string_lossy().into_owned();
    let arguments = [&CHAT_MESSAGES[..], &["--all", "-o", &to]].concat();
    site.mock.fail_next(MESSAGES, Failure::status(403))?;
    assert_eq!(site.call(MESSAGES, &arguments)?.code, Some(1));
    assert!(site.names()?.is_empty());

    assert_eq!(site.call(MESSAGES, &arguments)?.code, Some(0));
    assert_eq!(numbers(&fs::read_to_string(to)?)?.len(), 25);
    Ok(())
}

/// Runs `call --all` against a server that responds with these pages, one after the other.
fn read_pages(site: &Site, pages: &'static [&'static str]) -> Result<Ran, Box<dyn std::error::Error>> {
    let served = AtomicUsize::new(0);
    let url = serve(move |_, connection| {
        let page = pages[served.fetch_add(1, Ordering::SeqCst).min(pages.len() - 1)];
        let body = format!("{{\"code\":0,\"msg\":\"ok\",\"data\":{page}}}");
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
        write!(connection, "{head} {}\r\n\r\n{body}", body.len())
    })?;
    let mut command = site.command(MESSAGES, &[&CHAT_MESSAGES[..], &["--all"]].concat());
    Ok(run(command.env("LARKSPUR_BASE_URL", url))?)
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_page_cycle_after_items() -> Outcome {
    let site = Site::start().await?;
    for (page, expected) in [
        (
            r#"{"has_more":true,"page_token":"again","items":[{"message_id":"1"}]}"#,
            "a page token twice",
        ),
        (
            r#"{"has_more":true,"page_token":null,"items":[{"message_id":"1"}]}"#,
            "missing page token",
        ),
        (
            r#"{"has_more":"maybe","items":[{"message_id":"1"}]}"#,
            "unexpected type of `has_more`",
        ),
        (
            r#"{"page_token":{},"items":[{"message_id":"1"}]}"#,
            "unexpected type of `page_token`",
        ),
    ] {
        let ran = read_pages(&site, Box::leak(Box::new([page])))?;
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert!(ran.err.contains(expected), "{}", ran.err);
        assert_eq!(numbers(&ran.out)?.first().map(String::as_str), Some("1"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn continues_after_token_without_has_more() -> Outcome {
    let site = Site::start().await?;
    let ran = read_pages(
        &site,
        &[
            r#"{"page_token":"2","items":[{"message_id":"1"}]}"#,
            r#"{"has_more":true,"page_token":"3","items":[]}"#,
            r#"{"has_more":false,"page_token":"0||7027","items":[{"message_id":"2"}]}"#,
        ],
    )?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(numbers(&ran.out)?, ["1", "2"]);
    Ok(())
}
