use larkspur_mock::Mock;

use crate::support::client::{Outcome, get, request};
use crate::support::spec;

#[tokio::test]
async fn unknown_path_is_plain_text_404() -> Outcome {
    let mock = Mock::start().await?;
    for path in [
        "/",
        "/open-apis/im/v1/files",
        "/open-apis/im/v1/files/",
        "/open-apis/im/v1/files/a/b",
    ] {
        let response = get(mock.base_url(), path).send().await?;
        assert_eq!(response.status, 404, "{path}");
        assert_eq!(response.body, "404 page not found", "{path}");
        assert_eq!(response.header("content-type").as_deref(), Some("text/plain"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn unknown_method_is_not_found() -> Outcome {
    let mock = Mock::start().await?;
    let response = request("PUT", mock.base_url(), "/open-apis/im/v1/files/file_1")
        .send()
        .await?;
    assert_eq!(response.status, 404);
    Ok(())
}

#[tokio::test]
async fn literal_segment_precedes_parameter() -> Outcome {
    let mock = spec::notes().start().await?;
    get(mock.base_url(), "/open-apis/test/v1/notes/latest").send().await?;
    get(mock.base_url(), "/open-apis/test/v1/notes/other").send().await?;
    assert_eq!(
        (mock.calls("test.v1.note.latest"), mock.calls("test.v1.note.get")),
        (1, 1)
    );
    Ok(())
}

#[tokio::test]
async fn encoded_slash_stays_in_segment() -> Outcome {
    let mock = spec::notes().start().await?;
    mock.put_file("a/b?", "n", "text/plain", "slashed");
    let response = get(mock.base_url(), "/open-apis/test/v1/notes/a%2Fb%3F").send().await?;
    assert_eq!(response.body, "slashed");
    Ok(())
}

#[tokio::test]
async fn dot_segments_do_not_match_parameters() -> Outcome {
    let mock = spec::notes().start().await?;
    for segment in [".", "..", "%2e", "%2E%2e", ".%2e"] {
        let path = format!("/open-apis/test/v1/notes/{segment}");
        assert_eq!(get(mock.base_url(), &path).send().await?.status, 404, "{segment}");
    }
    Ok(())
}

#[tokio::test]
async fn responses_have_unique_log_ids() -> Outcome {
    let mock = Mock::start().await?;
    let first = get(mock.base_url(), "/nowhere").send().await?.header("x-tt-logid");
    let second = get(mock.base_url(), "/open-apis/im/v1/files/a")
        .send()
        .await?
        .header("x-tt-logid");
    assert!(first.is_some() && second.is_some());
    assert_ne!(first, second);
    Ok(())
}
