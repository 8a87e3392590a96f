use larkspur_mock::{Mock, sample};

use crate::support::client::{Outcome, TestRequest, get};
use crate::support::spec;

fn media(mock: &Mock, token: &str) -> TestRequest {
    let path = format!("/open-apis/drive/v1/medias/{token}/download");
    get(mock.base_url(), &path).token(mock.tenant_token())
}

#[tokio::test]
async fn serves_stored_file() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_file("boxcn1", "封面.png", "image/png", "bytes");
    let response = media(&mock, "boxcn1").send().await?;
    assert_eq!(response.body, "bytes");
    assert_eq!(response.header("content-type").as_deref(), Some("image/png"));
    Ok(())
}

#[tokio::test]
async fn sends_file_name_as_raw_utf_8() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_file("boxcn1", "封面 \"1\".png", "image/png", "bytes");
    let response = media(&mock, "boxcn1").send().await?;
    let disposition = response.header("content-disposition");
    assert_eq!(disposition.as_deref(), Some(r#"attachment; filename="封面 \"1\".png""#));
    Ok(())
}

#[tokio::test]
async fn serves_sample_without_stored_file() -> Outcome {
    let mock = Mock::start().await?;
    let response = media(&mock, "boxcn2").send().await?;
    let expected = sample("drive.v1.media.download", "boxcn2");
    assert_eq!(response.body, expected.bytes);
    assert_eq!(response.header("content-type"), Some(expected.content_type));
    Ok(())
}

#[tokio::test]
async fn samples_are_large_enough_for_ranges() {
    for token in ["a", "b", "c", "d", "e", "f"] {
        assert!(sample("im.v1.file.get", token).bytes.len() > 4096);
    }
}

#[tokio::test]
async fn range_returns_206_and_content_range() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_file("boxcn1", "n", "text/plain", "0123456789");
    let response = media(&mock, "boxcn1").header("range", "bytes=2-5").send().await?;
    assert_eq!((response.status, &response.body[..]), (206, &b"2345"[..]));
    assert_eq!(response.header("content-range").as_deref(), Some("bytes 2-5/10"));
    assert_eq!(response.header("content-length").as_deref(), Some("4"));
    Ok(())
}

#[tokio::test]
async fn range_outside_file_returns_416_and_size() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_file("boxcn1", "n", "text/plain", "0123456789");
    let response = media(&mock, "boxcn1").header("range", "bytes=10-").send().await?;
    assert_eq!(response.status, 416);
    assert_eq!(response.header("content-range").as_deref(), Some("bytes */10"));
    Ok(())
}

#[tokio::test]
async fn ignores_range_if_spec_has_no_ranges() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_file("file_1", "n", "text/plain", "0123456789");
    let request = get(mock.base_url(), "/open-apis/im/v1/files/file_1").token(mock.tenant_token());
    let response = request.header("range", "bytes=2-5").send().await?;
    assert_eq!((response.status, &response.body[..]), (200, &b"0123456789"[..]));
    Ok(())
}

#[tokio::test]
async fn rejects_file_above_documented_size() -> Outcome {
    let mock = spec::notes().start().await?;
    mock.put_file("fits", "n", "text/plain", "12345678");
    mock.put_file("large", "n", "text/plain", "123456789");
    let fits = get(mock.base_url(), "/open-apis/test/v1/notes/fits").send().await?;
    let large = get(mock.base_url(), "/open-apis/test/v1/notes/large").send().await?;
    assert_eq!((fits.status, large.outcome()), (200, (400, Some(777))));
    Ok(())
}

#[tokio::test]
async fn file_name_requires_documented_header() -> Outcome {
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
