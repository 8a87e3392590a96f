use larkspur_mock::{Mock, sample};

use crate::support::client::{Ask, Outcome, get};
use crate::support::spec;

fn media(mock: &Mock, token: &str) -> Ask {
    let path = format!("/open-apis/drive/v1/medias/{token}/download");
    get(mock.base_url(), &path).token(mock.tenant_token())
}

#[tokio::test]
async fn a_file_that_was_put_comes_back() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_file("boxcn1", "封面.png", "image/png", "bytes");
    let reply = media(&mock, "boxcn1").send().await?;
    assert_eq!(reply.body, "bytes");
    assert_eq!(reply.header("content-type").as_deref(), Some("image/png"));
    Ok(())
}

#[tokio::test]
async fn the_name_travels_as_raw_utf_8() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_file("boxcn1", "封面 \"1\".png", "image/png", "bytes");
    let reply = media(&mock, "boxcn1").send().await?;
    let disposition = reply.header("content-disposition");
    assert_eq!(disposition.as_deref(), Some(r#"attachment; filename="封面 \"1\".png""#));
    Ok(())
}

#[tokio::test]
async fn without_a_file_the_sample_comes() -> Outcome {
    let mock = Mock::start().await?;
    let reply = media(&mock, "boxcn2").send().await?;
    let expected = sample("drive.v1.media.download", "boxcn2");
    assert_eq!(reply.body, expected.bytes);
    assert_eq!(reply.header("content-type"), Some(expected.content_type));
    Ok(())
}

#[tokio::test]
async fn samples_are_large_enough_for_a_range_in_their_middle() {
    for token in ["a", "b", "c", "d", "e", "f"] {
        assert!(sample("im.v1.file.get", token).bytes.len() > 4096);
    }
}

#[tokio::test]
async fn a_range_is_answered_with_206_and_its_place() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_file("boxcn1", "n", "text/plain", "0123456789");
    let reply = media(&mock, "boxcn1").header("range", "bytes=2-5").send().await?;
    assert_eq!((reply.status, &reply.body[..]), (206, &b"2345"[..]));
    assert_eq!(reply.header("content-range").as_deref(), Some("bytes 2-5/10"));
    assert_eq!(reply.header("content-length").as_deref(), Some("4"));
    Ok(())
}

#[tokio::test]
async fn a_range_outside_of_the_file_is_answered_with_416_and_its_size() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_file("boxcn1", "n", "text/plain", "0123456789");
    let reply = media(&mock, "boxcn1").header("range", "bytes=10-").send().await?;
    assert_eq!(reply.status, 416);
    assert_eq!(reply.header("content-range").as_deref(), Some("bytes */10"));
    Ok(())
}

#[tokio::test]
async fn a_range_is_ignored_where_the_spec_promises_none() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_file("file_1", "n", "text/plain", "0123456789");
    let ask = get(mock.base_url(), "/open-apis/im/v1/files/file_1").token(mock.tenant_token());
    let reply = ask.header("range", "bytes=2-5").send().await?;
    assert_eq!((reply.status, &reply.body[..]), (200, &b"0123456789"[..]));
    Ok(())
}

#[tokio::test]
async fn a_file_above_the_documented_size_is_refused_as_documented() -> Outcome {
    let mock = spec::notes().start().await?;
    mock.put_file("fits", "n", "text/plain", "12345678");
    mock.put_file("large", "n", "text/plain", "123456789");
    let fits = get(mock.base_url(), "/open-apis/test/v1/notes/fits").send().await?;
    let large = get(mock.base_url(), "/open-apis/test/v1/notes/large").send().await?;
    assert_eq!((fits.status, large.outcome()), (200, (400, Some(777))));
    Ok(())
}

#[tokio::test]
async fn the_name_is_left_out_unless_the_request_carries_what_the_spec_names() -> Outcome {
    let mock = Mock::start().await?;
    let file = || get(mock.base_url(), "/open-apis/im/v1/files/file_1").token(mock.tenant_token());
    let without = file().send().await?;
    let other = file().header("content-type", "text/plain").send().await?;
    let with = file().header("content-type", "application/json").send().await?;
    assert_eq!(without.header("content-disposition"), None);
    assert_eq!(other.header("content-disposition"), None);
    assert!(with.header("content-disposition").is_some());
    Ok(())
}
