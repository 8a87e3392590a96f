//! `--all`.

use std::fs;
use std::io::Write as _;

use larkspur_mock::Failure;
use serde_json::Value;

use super::site::{MESSAGES, OF_A_CHAT, Site};
use crate::download_many::server::serve;
use crate::support::run::{Outcome, run};

/// The numbers at the end of the ids of the messages on these lines: the stand-in counts them.
fn numbers(lines: &str) -> Result<Vec<String>, serde_json::Error> {
    let number = |line| {
        let item: Value = serde_json::from_str(line)?;
        let id = item["message_id"].as_str().unwrap_or_default();
        Ok(id.rsplit('-').next().unwrap_or_default().to_owned())
    };
    lines.lines().map(number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_item_of_every_page_is_a_line() -> Outcome {
    let site = Site::start().await?;
    let ran = site.call(MESSAGES, &[&OF_A_CHAT[..], &["-p", "page_size=2", "--all"]].concat())?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    // The stand-in has two full pages and a half.
    assert_eq!(numbers(&ran.out)?, ["0", "1", "2", "3", "4"]);
    assert_eq!(site.mock.calls(MESSAGES), 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_may_be_a_later_one() -> Outcome {
    let site = Site::start().await?;
    let from = ["-p", "page_size=2", "-p", "page_token=page-2", "--all"];
    let ran = site.call(MESSAGES, &[&OF_A_CHAT[..], &from].concat())?;
    assert_eq!(numbers(&ran.out)?, ["4"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_fails_leaves_no_half_of_a_file() -> Outcome {
    let site = Site::start().await?;
    let to = site.path("all.jsonl").to_string_lossy().into_owned();
    let arguments = [&OF_A_CHAT[..], &["--all", "-o", &to]].concat();
    site.mock.fail_next(MESSAGES, Failure::status(403))?;
    assert_eq!(site.call(MESSAGES, &arguments)?.code, Some(1));
    assert!(site.names()?.is_empty());

    assert_eq!(site.call(MESSAGES, &arguments)?.code, Some(0));
    assert_eq!(numbers(&fs::read_to_string(to)?)?.len(), 25);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_go_round_in_a_circle_or_lead_nowhere_are_told_behind_their_items() -> Outcome {
    let site = Site::start().await?;
    for (token, told) in [("\"again\"", "a second time"), ("null", "gives no token")] {
        let page = format!("{{\"has_more\":true,\"page_token\":{token},\"items\":[{{\"message_id\":\"1\"}}]}}");
        let body = format!("{{\"code\":0,\"msg\":\"ok\",\"data\":{page}}}");
        let url = serve(move |_, connection| {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
            write!(connection, "{head} {}\r\n\r\n{body}", body.len())
        })?;
        let mut command = site.command(MESSAGES, &[&OF_A_CHAT[..], &["--all"]].concat());
        let ran = run(command.env("LARKSPUR_BASE_URL", url))?;
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert!(ran.err.contains(told), "{}", ran.err);
        assert_eq!(numbers(&ran.out)?.first().map(String::as_str), Some("1"));
    }
    Ok(())
}
