//! One call: where the bytes come from, and the fields that describe the file.

use crate::support::form;
use std::fs::{self, File};
use std::io::Write as _;
use std::time::UNIX_EPOCH;

use larkspur::UploadSource;
use larkspur::error::{ErrorKind, UploadError};

use crate::support::drive::{Drive, Free, MOST, Whole, client, content};

use super::slow::Slow;

fn request(file: UploadSource) -> Whole {
    Whole::new("fld", file)
}

#[tokio::test]
async fn sends_name_size_and_checksum_of_file() {
    let drive = Drive::start().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("报告 \"一\".txt");
    fs::write(&path, "Wikipedia").unwrap();
    request(UploadSource::path(&path)).send(&drive.client()).await.unwrap();
    let call = drive.platform.call();
    let told = ["file_name", "size", "checksum", "file"].map(|name| form::text(&call, name).unwrap());
    // The checksum of this word is that of RFC 1950's best known example.
    assert_eq!(told, ["报告 \"一\".txt", "9", "300286872", "Wikipedia"]);
    let parts = form::parts(&call);
    let file = parts.iter().find(|part| part.name == "file").unwrap();
    assert!(
        file.disposition.ends_with("; filename=\"报告 \\\"一\\\".txt\""),
        "{}",
        file.disposition
    );
    assert_eq!(call.header("content-length"), call.body.len().to_string());
    assert_eq!(call.header("transfer-encoding"), "");
}

#[tokio::test]
async fn caller_fields_take_precedence() {
    let drive = Drive::start().await;
    let mut request = request(UploadSource::bytes("a.txt", "abc"));
    request.file_name = Some("b.txt".to_owned());
    request.size = Some(7);
    request.checksum = Some("1".to_owned());
    request.send(&drive.client()).await.unwrap();
    let call = drive.platform.call();
    let told = ["file_name", "size", "checksum"].map(|name| form::text(&call, name).unwrap());
    assert_eq!(told, ["b.txt", "7", "1"]);
}

#[tokio::test]
async fn a_file_at_a_path_may_have_another_name() {
    let drive = Drive::start().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.txt");
    fs::write(&path, "abc").unwrap();
    let file = UploadSource::path(&path).named("b.txt");
    request(file).send(&drive.client()).await.unwrap();
    assert_eq!(drive.files(), [("b.txt".to_owned(), b"abc".to_vec())]);
}

#[tokio::test]
async fn rejects_oversized_and_empty_files() {
    let drive = Drive::start().await;
    for (length, rule) in [(MOST + 1, "max_bytes"), (0, "min_bytes")] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        fs::write(&path, content(length)).unwrap();
        for file in [UploadSource::path(&path), UploadSource::bytes("a.txt", content(length))] {
            let error = request(file).send(&drive.client()).await.unwrap_err();
            let rules: Vec<_> = error.violations().iter().map(|violation| violation.rule).collect();
            assert_eq!(rules, [rule]);
        }
    }
    assert_eq!(drive.calls(), [""; 0]);
}

#[tokio::test]
async fn validates_derived_file_name() {
    let drive = Drive::start().await;
    let file = UploadSource::bytes("a".repeat(21), "abc");
    let error = request(file).send(&drive.client()).await.unwrap_err();
    assert_eq!(error.violations()[0].field, "file_name");
}

#[tokio::test]
async fn missing_file_error_names_path() {
    let drive = Drive::start().await;
    let directory = tempfile::tempdir().unwrap();
    for path in [directory.path().join("missing.txt"), directory.path().to_owned()] {
        let error = request(UploadSource::path(&path))
            .send(&drive.client())
            .await
            .unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Io { path: at, .. } if *at == path),
            "{error}"
        );
        assert_eq!(error.attempts(), 0);
    }
}

#[tokio::test]
async fn rejects_file_changed_while_sending() {
    let server = Slow::start().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("large.bin");
    for change in ["longer", "shorter", "other"] {
        // More than what fits into the buffers in between.
        File::create(&path).unwrap().set_len(32 * 1024 * 1024).unwrap();
        let (client, request) = (client(&server.url), Free(UploadSource::path(&path)));
        let call = tokio::spawn(async move { client.call_empty(&request).await });
        server.begun.notified().await;
        let file = File::options().append(true).open(&path).unwrap();
        match change {
            "longer" => (&file).write_all(b"more").unwrap(),
            "shorter" => file.set_len(100).unwrap(),
            _ => file.set_modified(UNIX_EPOCH).unwrap(),
        }
        server.go_on.notify_one();
        let error = call.await.unwrap().unwrap_err();
        let changed = matches!(error.kind(), ErrorKind::Upload(UploadError::Changed { path: at, .. }) if *at == path);
        assert!(changed, "{change}: {error}");
        assert_eq!(error.attempts(), 1);
    }
}
