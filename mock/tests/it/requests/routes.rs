use larkspur_mock::Mock;

use crate::support::client::{Outcome, ask, get};
use crate::support::spec;

#[tokio::test]
async fn a_path_that_no_endpoint_has_is_not_found_in_plain_text() -> Outcome {
    let mock = Mock::start().await?;
    for path in [
        "/",
        "/open-apis/im/v1/files",
        "/open-apis/im/v1/files/",
        "/open-apis/im/v1/files/a/b",
    ] {
        let reply = get(mock.base_url(), path).send().await?;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.body, "404 page not found", "{path}");
        assert_eq!(reply.header("content-type").as_deref(), Some("text/plain"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_method_that_the_endpoint_does_not_have_is_not_found() -> Outcome {
    let mock = Mock::start().await?;
    let reply = ask("PUT", mock.base_url(), "/open-apis/im/v1/files/file_1")
        .send()
        .await?;
    assert_eq!(reply.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_literal_segment_wins_over_a_parameter() -> Outcome {
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
async fn an_encoded_slash_stays_in_its_segment() -> Outcome {
    let mock = spec::notes().start().await?;
    mock.put_file("a/b?", "n", "text/plain", "slashed");
    let reply = get(mock.base_url(), "/open-apis/test/v1/notes/a%2Fb%3F").send().await?;
    assert_eq!(reply.body, "slashed");
    Ok(())
}

#[tokio::test]
async fn a_dot_segment_is_no_value_of_a_parameter() -> Outcome {
    let mock = spec::notes().start().await?;
    for segment in [".", "..", "%2e", "%2E%2e", ".%2e"] {
        let path = format!("/open-apis/test/v1/notes/{segment}");
        assert_eq!(get(mock.base_url(), &path).send().await?.status, 404, "{segment}");
    }
    Ok(())
}

#[tokio::test]
async fn every_answer_has_a_log_id_of_its_own() -> Outcome {
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
