//! `--all`.

use std::fs;
use std::io::Write as _;

use larkspur_mock::Failure;
use serde_json::Value;

use super::site::{CHAT_MESSAGES, MESSAGES, Site};
use crate::download_many::server::serve;
use crate::support::run::{Outcome, run};

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

#[tokio::test(flavor = "multi_thread")]
async fn reports_page_cycle_after_items() -> Outcome {
    let site = Site::start().await?;
    for (token, expected) in [("\"again\"", "a page token twice"), ("null", "missing page token")] {
        let page = format!("{{\"has_more\":true,\"page_token\":{token},\"items\":[{{\"message_id\":\"1\"}}]}}");
        let body = format!("{{\"code\":0,\"msg\":\"ok\",\"data\":{page}}}");
        let url = serve(move |_, connection| {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
            write!(connection, "{head} {}\r\n\r\n{body}", body.len())
        })?;
        let mut command = site.command(MESSAGES, &[&CHAT_MESSAGES[..], &["--all"]].concat());
        let ran = run(command.env("LARKSPUR_BASE_URL", url))?;
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert!(ran.err.contains(expected), "{}", ran.err);
        assert_eq!(numbers(&ran.out)?.first().map(String::as_str), Some("1"));
    }
    Ok(())
}
