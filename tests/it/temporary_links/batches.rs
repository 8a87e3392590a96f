//! Any number of tokens, and what becomes of each.

use larkspur::error::TemporaryLinkError;
use larkspur::temporary_links::TemporaryLink;
use larkspur::{Client, Result, RetryPolicy};
use larkspur_mock::Mock;

use super::{client, entry, fault, host, linking, links, tokens_of};
use crate::support::Reply;

const BATCH: &str = "drive.v1.media.batch_get_tmp_download_url";

fn names(links: &[(String, Result<TemporaryLink>)]) -> Vec<&str> {
    links.iter().map(|(token, _)| token.as_str()).collect()
}

#[tokio::test]
async fn requests_links_in_ordered_batches_of_five() {
    let mock = Mock::builder().rate_limits(false).start().await.unwrap();
    let client = Client::builder().app(mock.app_id(), mock.app_secret());
    let client = client.base_url(mock.base_url()).build().unwrap();
    for (count, calls) in [(0, 0), (1, 1), (5, 1), (6, 2), (23, 5)] {
        let before = mock.calls(BATCH);
        let tokens: Vec<_> = (0..count).map(|number| format!("boxcn{number}")).collect();
        let links = larkspur::temporary_links::resolve(&client, &tokens).await;
        assert_eq!(names(&links), tokens);
        for (token, link) in &links {
            let link = link.as_ref().unwrap();
            assert_eq!(link.file_token(), token);
        }
        assert_eq!(mock.calls(BATCH) - before, calls, "{count} tokens");
    }
}

#[tokio::test]
async fn requests_duplicate_token_once() {
    let platform = linking("https://example.com/x").await;
    let links = larkspur::temporary_links::resolve(&client(&platform), ["a", "b", "a"]).await;
    assert_eq!(names(&links), ["a", "b", "a"]);
    assert!(links.iter().all(|(_, link)| link.is_ok()));
    assert_eq!(tokens_of(&platform.call()), ["a", "b"]);
}

#[tokio::test]
async fn omitted_token_fails_alone() {
    let platform = host(|request| {
        let tokens = tokens_of(request).into_iter().rev().filter(|token| token != "gone");
        links(
            tokens
                .map(|token| entry(&token, "https://example.com/x"))
                .collect::<Vec<_>>(),
        )
    })
    .await;
    let links = larkspur::temporary_links::resolve(&client(&platform), ["a", "gone", "b"]).await;
    let ok: Vec<_> = links.iter().map(|(_, link)| link.is_ok()).collect();
    assert_eq!(ok, [true, false, true]);
    assert_eq!(fault(links[1].1.as_ref().unwrap_err()), &TemporaryLinkError::Missing);
}

#[tokio::test]
async fn rejected_token_fails_alone() {
    let platform = host(|request| {
        let tokens = tokens_of(request);
        match tokens.iter().any(|token| token == "secret") {
            true => Reply::json(403, r#"{"code":1061004,"msg":"forbidden"}"#),
            false => links(tokens.iter().map(|token| entry(token, "https://example.com/x"))),
        }
    })
    .await;
    let tokens = ["a", "b", "secret", "c", "d", "e"];
    let links = larkspur::temporary_links::resolve(&client(&platform), tokens).await;
    assert_eq!(names(&links), tokens);
    let ok: Vec<_> = links.iter().map(|(_, link)| link.is_ok()).collect();
    assert_eq!(ok, [true, true, false, true, true, true]);
    assert_eq!(links[2].1.as_ref().unwrap_err().code(), Some(1061004));
    assert_eq!(platform.calls().len(), 2 + 5);
}

#[tokio::test]
async fn transport_error_fails_its_own_batch() {
    let platform = host(|request| {
        let tokens = tokens_of(request);
        match tokens.contains(&"t3".to_owned()) {
            true => Reply::new(503, ""),
            false => links(tokens.iter().map(|token| entry(token, "https://example.com/x"))),
        }
    })
    .await;
    let client = client(&platform).with_retries(RetryPolicy::none());
    let tokens: Vec<_> = (0..12).map(|number| format!("t{number}")).collect();
    let links = larkspur::temporary_links::resolve(&client, tokens).await;
    let failed: Vec<_> = links.iter().map(|(_, link)| link.is_err()).collect();
    assert_eq!(failed, [[true; 5].as_slice(), &[false; 7]].concat());
    assert_eq!(platform.calls().len(), 3);
}

#[tokio::test]
async fn sends_access_proof_with_every_batch() {
    let platform = linking("https://example.com/x").await;
    let tokens: Vec<_> = (0..6).map(|number| number.to_string()).collect();
    larkspur::temporary_links::resolve_with_extra(&client(&platform), tokens, "{}").await;
    let calls = platform.calls();
    assert_eq!(calls.len(), 2);
    assert!(
        calls.iter().all(|call| call.target.contains("extra=%7B%7D")),
        "{calls:?}"
    );
}
