//! Lists that come in pages, over HTTP.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;
use larkspur::drive::v1::file::{File, List};
use larkspur::error::{ErrorKind, PaginationError};
use larkspur::pagination::{Items, Pages};
use larkspur::{Client, Error, RateLimitMode, RetryPolicy};
use larkspur_mock::{Failure, Mock};

use crate::support::{Platform, Recorded, Reply, token};

const LIST: &str = "drive.v1.file.list";

fn client_of(mock: &Mock) -> Client {
    Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url())
        .retries(RetryPolicy::new().initial_backoff(Duration::from_millis(2)))
        .build()
        .unwrap()
}

/// The page token of a call; empty for the first page.
fn asked(call: &Recorded) -> String {
    let (_, query) = call.target.split_once('?').unwrap_or_default();
    let token = query.split('&').find_map(|pair| pair.strip_prefix("page_token="));
    token.unwrap_or_default().to_owned()
}

/// Responds with the page that `page` returns for its token.
async fn platform(page: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Platform {
    Platform::start(move |call| match call.is_for_a_token() {
        true => token(7200),
        false => page(&asked(call)),
    })
    .await
}

/// A page with these files and the token of the next; empty for the last page.
fn page(files: &[&str], next: &str) -> Reply {
    let files: Vec<_> = files
        .iter()
        .map(|token| format!(r#"{{"token":"{token}","name":"","type":"file"}}"#))
        .collect();
    let more = !next.is_empty();
    Reply::data(&format!(
        r#"{{"files":[{}],"has_more":{more},"next_page_token":"{next}"}}"#,
        files.join(",")
    ))
}

/// Three pages, of which the one in the middle is empty.
fn three(token: &str) -> Reply {
    match token {
        "" => page(&["a", "b"], "second"),
        "second" => page(&[], "third"),
        _ => page(&["c"], ""),
    }
}

fn name(file: &File) -> String {
    file.token.clone()
}

/// What comes until the end or an error.
async fn drain(items: &mut Items<List>) -> (Vec<String>, Option<Error>) {
    let mut names = Vec::new();
    while let Some(item) = items.next().await {
        match item {
            Ok(file) => names.push(name(&file)),
            Err(error) => return (names, Some(error)),
        }
    }
    (names, None)
}

/// How many pages come until the end or an error.
async fn count(pages: &mut Pages<List>) -> (usize, Option<Error>) {
    let mut count = 0;
    while let Some(page) = pages.next().await {
        match page {
            Ok(_) => count += 1,
            Err(error) => return (count, Some(error)),
        }
    }
    (count, None)
}

fn fault(error: Option<Error>) -> PaginationError {
    let error = error.expect("it ends in an error");
    assert_eq!(error.endpoint().unwrap().id, LIST);
    match error.kind() {
        ErrorKind::Pagination(fault) => fault.clone(),
        _ => panic!("{error}"),
    }
}

#[tokio::test]
async fn streams_pages_in_order_with_parameters() {
    let mock = Mock::start().await.unwrap();
    let mut pages = List::new().page_size(4).pages(&client_of(&mock));
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().files.len());
    }
    assert_eq!(sizes, [4, 4, 2]);
    let requests = mock.requests();
    let of_list = requests
        .iter()
        .filter(|request| request.endpoint.as_deref() == Some(LIST));
    let queries: Vec<_> = of_list.map(|request| request.query.clone()).collect();
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let size = pair("page_size", "4");
    assert_eq!(queries[0], std::slice::from_ref(&size));
    for (query, token) in queries[1..].iter().zip(["page-1", "page-2"]) {
        assert_eq!(*query, [size.clone(), pair("page_token", token)]);
    }
    assert!(pages.next().await.is_none() && pages.resume_request().is_none());
}

#[tokio::test]
async fn streams_items_of_all_pages_once() {
    let mock = Mock::start().await.unwrap();
    let (names, error) = drain(&mut List::new().page_size(4).items(&client_of(&mock))).await;
    assert!(error.is_none());
    assert_eq!((names.len(), names.iter().collect::<BTreeSet<_>>().len()), (10, 10));
}

#[tokio::test]
async fn continues_after_empty_page() {
    let platform = platform(three).await;
    let (names, error) = drain(&mut List::new().items(&platform.client())).await;
    assert_eq!((names.join(" "), error.is_none()), ("a b c".to_owned(), true));
    assert_eq!(count(&mut List::new().pages(&platform.client())).await.0, 3);
}

#[tokio::test]
async fn a_list_may_be_read_from_a_page_in_its_middle() {
    let platform = platform(three).await;
    let (names, _) = drain(&mut List::new().page_token("third").items(&platform.client())).await;
    assert_eq!(names, ["c"]);
}

#[tokio::test]
async fn fetches_page_when_previous_is_consumed() {
    let platform = platform(three).await;
    let mut items = List::new().items(&platform.client());
    assert!(platform.calls().is_empty());
    items.next().await.unwrap().unwrap();
    items.next().await.unwrap().unwrap();
    assert_eq!(platform.calls().len(), 1);
}

#[tokio::test]
async fn streams_are_send() {
    async fn all<T, S: Stream<Item = larkspur::Result<T>> + Send + Unpin + 'static>(mut stream: S) -> usize {
        let mut count = 0;
        while let Some(item) = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
            item.unwrap();
            count += 1;
        }
        count
    }
    let platform = platform(three).await;
    let client = platform.client();
    let pages = tokio::spawn(all(List::new().pages(&client)));
    let items = tokio::spawn(all(List::new().items(&client)));
    assert_eq!((pages.await.unwrap(), items.await.unwrap()), (3, 3));
}

#[tokio::test]
async fn repeated_page_token_is_an_error() {
    let long = "again-and-again-and-again-and-again";
    let platform = platform(move |_| page(&["a"], long)).await;
    let mut pages = List::new().pages(&platform.client());
    let (given, error) = count(&mut pages).await;
    assert_eq!(
        (given, platform.calls().len()),
        (2, 2),
        "received items are returned, and no more requested"
    );
    let text = error.as_ref().unwrap().to_string();
    assert!(
        text.starts_with("drive.v1.file.list: pagination cycle: the platform returned a page token twice"),
        "{text}"
    );
    assert!(text.contains(r#"("again-and-again-and-agai…")"#), "{text}");
    assert!(!error.as_ref().unwrap().is_retryable());
    assert!(matches!(fault(error), PaginationError::Cycle { .. }));
    assert!(pages.next().await.is_none());
    assert_eq!(platform.calls().len(), 2);
}

#[tokio::test]
async fn cycle_of_page_tokens_is_an_error() {
    let platform = platform(|token| match token {
        "" | "c" => page(&["1"], "a"),
        "a" => page(&["2"], "b"),
        _ => page(&["3"], "c"),
    })
    .await;
    let (names, error) = drain(&mut List::new().items(&platform.client())).await;
    assert!(matches!(fault(error), PaginationError::Cycle { .. }));
    assert!(names.len() >= 4 && platform.calls().len() < 20, "{names:?}");
}

#[tokio::test]
async fn initial_page_token_counts_as_seen() {
    let platform = platform(|_| page(&["a"], "begun")).await;
    let (given, error) = count(&mut List::new().page_token("begun").pages(&platform.client())).await;
    assert_eq!(given, 1);
    assert!(matches!(fault(error), PaginationError::Cycle { .. }));
}

#[tokio::test]
async fn has_more_without_token_is_an_error() {
    for rest in [r#""has_more":true"#, r#""has_more":true,"next_page_token":"""#] {
        let platform = platform(move |_| {
            Reply::data(&format!(
                r#"{{"files":[{{"token":"a","name":"","type":"file"}}],{rest}}}"#
            ))
        })
        .await;
        let (names, error) = drain(&mut List::new().items(&platform.client())).await;
        assert_eq!(names, ["a"]);
        assert_eq!(fault(error), PaginationError::NoToken);
    }
}

/// Responds with one page per token: the first without one, the others by their token.
async fn pages_of(pages: &'static [(&'static str, &'static str)]) -> Platform {
    platform(move |token| {
        let page = pages.iter().find(|(of, _)| *of == token);
        Reply::data(page.map_or("{}", |(_, page)| page))
    })
    .await
}

#[tokio::test]
async fn continues_after_token_without_has_more() {
    let platform = pages_of(&[
        (
            "",
            r#"{"files":[{"token":"a","name":"","type":"file"}],"next_page_token":"2"}"#,
        ),
        ("2", r#"{"files":[],"has_more":null,"next_page_token":"3"}"#),
        (
            "3",
            r#"{"files":[{"token":"b","name":"","type":"file"}],"has_more":"maybe","next_page_token":"4"}"#,
        ),
        (
            "4",
            r#"{"files":[{"token":"c","name":"","type":"file"}],"has_more":false,"next_page_token":"0||7027"}"#,
        ),
    ])
    .await;
    let (names, error) = drain(&mut List::new().items(&platform.client())).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(names, ["a", "b", "c"]);
}

#[tokio::test]
async fn field_of_another_type_is_not_an_end() {
    for (page, key) in [
        (
            r#"{"files":[{"token":"a","name":"","type":"file"}],"has_more":"maybe"}"#,
            "has_more",
        ),
        (
            r#"{"files":[{"token":"a","name":"","type":"file"}],"next_page_token":{}}"#,
            "next_page_token",
        ),
        (
            r#"{"files":[{"token":"a","name":"","type":"file"}],"has_more":true,"next_page_token":[1]}"#,
            "next_page_token",
        ),
        (r#"{"files":{"token":"a"},"has_more":false}"#, "files"),
    ] {
        let platform = platform(move |_| Reply::data(page)).await;
        let client = platform.client();
        let (_, error) = drain(&mut List::new().items(&client)).await;
        assert_eq!(fault(error), PaginationError::Mismatch { key }, "{page}");
        let page = List::new().send(&client).await.unwrap();
        assert!(List::new().next(&page).is_err());
    }
}

#[tokio::test]
async fn resumes_from_failed_page() {
    let failures = std::sync::atomic::AtomicUsize::new(1);
    let platform = platform(move |token| {
        let fails = token == "second" && failures.swap(0, std::sync::atomic::Ordering::SeqCst) == 1;
        if fails {
            Reply::json(403, r#"{"code":1061004,"msg":"forbidden."}"#)
        } else {
            three(token)
        }
    })
    .await;
    let client = platform.client();
    let mut items = List::new().folder_token("fld").items(&client);
    let (before, error) = drain(&mut items).await;
    assert_eq!(error.unwrap().code(), Some(1061004));
    assert!(items.next().await.is_none(), "it has ended");

    let rest = items.resume_request().unwrap().clone();
    assert_eq!(
        (rest.page_token.as_deref(), rest.folder_token.as_deref()),
        (Some("second"), Some("fld"))
    );
    let mut items = rest.items(&client);
    let (after, error) = drain(&mut items).await;
    assert!(error.is_none() && items.resume_request().is_none());
    assert_eq!([before, after].concat(), ["a", "b", "c"]);
}

#[tokio::test]
async fn resumes_from_unfinished_page() {
    let platform = platform(three).await;
    let mut items = List::new().items(&platform.client());
    items.next().await.unwrap().unwrap();
    assert_eq!(items.resume_request().unwrap().page_token, None);
    items.next().await.unwrap().unwrap();
    assert_eq!(items.resume_request().unwrap().page_token.as_deref(), Some("second"));
}

#[tokio::test]
async fn transient_fault_is_retried() {
    let mock = Mock::start().await.unwrap();
    mock.fail_next(LIST, Failure::status(503).times(2)).unwrap();
    let (given, error) = count(&mut List::new().pages(&client_of(&mock))).await;
    assert_eq!((given, error.is_none()), (3, true));
}

#[tokio::test]
async fn dropped_next_loses_nothing() {
    let platform = platform(three).await;
    let client = platform.client();
    let mut items = List::new().items(&client);
    platform.hold_calls();
    tokio::select! {
        biased;
        _ = items.next() => panic!("the page was returned"),
        () = come(&platform) => {}
    }
    platform.answer_calls(1000);
    let (names, error) = drain(&mut items).await;
    assert_eq!((names.join(" "), error.is_none()), ("a b c".to_owned(), true));
    assert_eq!(platform.calls().len(), 3);
}

/// Returns once a call has come.
async fn come(platform: &Platform) {
    while platform.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_lists_share_rate_limit() {
    let mock = Mock::start().await.unwrap();
    let client = client_of(&mock);
    let mut lists = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let mut pages = List::new().pages(&client);
        lists.spawn(async move { count(&mut pages).await });
    }
    for (given, error) in lists.join_all().await {
        assert_eq!((given, error.map(|error| error.to_string())), (3, None));
    }
    assert_eq!(mock.calls(LIST), 30, "20 in a second, and none was refused");
}

#[tokio::test]
async fn resumes_from_rate_limited_page() {
    let platform = platform(|token| page(&["a"], &format!("{token}x"))).await;
    let client = platform.client().with_rate_limits(RateLimitMode::Fail);
    let mut pages = List::new().pages(&client);
    let (given, error) = count(&mut pages).await;
    assert!(matches!(error.unwrap().kind(), ErrorKind::RateLimited(_)));
    // 20 in a second; a machine that is slow enough makes more.
    assert!(given >= 20 && platform.calls().len() == given, "{given}");
    assert_eq!(pages.resume_request().unwrap().page_token, Some("x".repeat(given)));
}
