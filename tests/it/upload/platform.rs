//! The drive of the platform, as its spec has it.

use larkspur::drive::v1::{file, media};
use larkspur::error::ErrorKind;
use larkspur::{Client, RateLimitMode, UploadSource, im};
use larkspur_mock::{Failure, Mock};

use crate::support::drive::content;

/// More than what goes in one call.
const LARGE: usize = 21 * 1024 * 1024;

fn client(mock: &Mock) -> Client {
    let builder = Client::builder().app(mock.app_id(), mock.app_secret());
    builder
        .base_url(mock.base_url())
        .rate_limits(RateLimitMode::Off)
        .build()
        .unwrap()
}

fn request(content: Vec<u8>) -> file::UploadAll {
    let file = UploadSource::bytes("影片.mp4", content);
    file::UploadAll::new(file::ParentType::Explorer, "fldbcO1UuPz8VwnpPx5a92abcef", file)
}

#[tokio::test]
async fn multipart_file_round_trips() {
    let mock = Mock::builder().rate_limits(false).start().await.unwrap();
    let client = client(&mock);
    // A part may be refused for a while.
    mock.fail_next("drive.v1.file.upload_part", Failure::code(1_061_045))
        .unwrap();
    let content = content(LARGE);
    let stored = client.upload(request(content.clone())).await.unwrap();
    assert_eq!(mock.calls("drive.v1.file.upload_part"), 7);
    let downloaded = file::Download::new(stored.file_token).send(&client).await.unwrap();
    assert!(downloaded.bytes().await.unwrap() == content);
}

#[tokio::test]
async fn media_and_small_files_round_trip() {
    let mock = Mock::builder().rate_limits(false).start().await.unwrap();
    let client = client(&mock);
    let upload = UploadSource::bytes("a.png", "small");
    let media = media::UploadAll::new(media::ParentType::DocxImage, "doxcn", upload.clone());
    let media = client.upload(media).await.unwrap();
    let downloaded = media::Download::new(media.file_token).send(&client).await.unwrap();
    assert_eq!(downloaded.bytes().await.unwrap(), "small");
    let image = im::v1::image::Create::new(im::v1::image::CreateImageType::Message, upload);
    let image = image.send(&client).await.unwrap();
    let downloaded = im::v1::image::Get::new(image.image_key).send(&client).await.unwrap();
    assert_eq!(downloaded.bytes().await.unwrap(), "small");
}

#[tokio::test]
async fn never_sends_oversized_file_in_one_call() {
    let mock = Mock::builder().rate_limits(false).start().await.unwrap();
    let error = request(content(LARGE)).send(&client(&mock)).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Validation(_)));
    assert!(
        error.report().to_string().contains("client.upload"),
        "{}",
        error.report()
    );
    assert_eq!(mock.calls("drive.v1.file.upload_all"), 0);
}
