//! Files that are too large for one call.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use larkspur::UploadSource;
use larkspur::error::{ErrorKind, UploadError};

use crate::support::drive::{BLOCK, Drive, FORGOTTEN, MOST, Whole, content, refused};
use crate::support::{Reply, form};

fn request(length: usize) -> Whole {
    Whole::new("fld", UploadSource::bytes("报告.pdf", content(length)))
}

#[tokio::test]
async fn splits_files_above_single_call_limit() {
    for (length, calls) in [
        (MOST, vec!["whole"]),
        (MOST + 1, vec!["prepare", "part 0", "part 1", "finish"]),
        (2 * BLOCK, vec!["prepare", "part 0", "part 1", "finish"]),
        (2 * BLOCK + 1, vec!["prepare", "part 0", "part 1", "part 2", "finish"]),
    ] {
        let drive = Drive::start().await;
        let stored = drive.client().upload(request(length)).await.unwrap();
        assert_eq!(stored.file_token.as_deref(), Some("box-1"));
        assert_eq!(drive.calls(), calls, "{length}");
        assert_eq!(drive.files(), [("报告.pdf".to_owned(), content(length))]);
    }
}

#[tokio::test]
async fn prepare_receives_file_fields() {
    let drive = Drive::start().await;
    let mut request = request(1000);
    request.file_name = Some("other.pdf".to_owned());
    drive.client().upload(request).await.unwrap();
    let told: serde_json::Value = serde_json::from_slice(&drive.platform.calls()[0].body).unwrap();
    let expected = serde_json::json!({ "folder": "fld", "file_name": "other.pdf", "size": 1000 });
    assert_eq!(told, expected);
}

#[tokio::test]
async fn parts_have_number_size_and_checksum() {
    let drive = Drive::start().await;
    drive.client().upload(request(150)).await.unwrap();
    let calls = drive.platform.calls();
    let part = &calls[2];
    let told = ["upload_id", "seq", "size", "checksum"].map(|name| form::text(part, name).unwrap());
    let block = &content(150)[BLOCK..2 * BLOCK];
    let sum = adler2::adler32_slice(block).to_string();
    assert_eq!(told, ["upload-1", "1", "64", &sum]);
    assert_eq!(form::content(part, "file").unwrap(), block);
}

#[tokio::test]
async fn retries_failed_part_only() {
    for reply in [
        Reply::json(503, "busy"),
        Reply::json(200, r#"{"code":1061045,"msg":"can retry."}"#),
        Reply::data("{}").cut_in_half(),
    ] {
        let (count, reply) = (AtomicUsize::new(0), Mutex::new(Some(reply)));
        let drive = Drive::faulty(move |request| {
            let second = request.target == "/part" && count.fetch_add(1, Ordering::SeqCst) == 1;
            second.then(|| reply.lock().unwrap().take().unwrap())
        })
        .await;
        drive.client().upload(request(150)).await.unwrap();
        assert_eq!(
            drive.calls(),
            ["prepare", "part 0", "part 1", "part 1", "part 2", "finish"]
        );
        assert_eq!(drive.files()[0].1, content(150));
    }
}

#[tokio::test]
async fn prepare_and_finish_are_not_retried() {
    for step in ["prepare", "finish"] {
        let target = format!("/{step}");
        let drive = Drive::faulty(move |request| (request.target == target).then(|| Reply::json(503, "busy"))).await;
        let error = drive.client().upload(request(150)).await.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(503), 1), "{step}");
        assert_eq!(error.endpoint().unwrap().id, format!("test.v1.file.{step}"));
    }
}

#[tokio::test]
async fn restarts_forgotten_upload() {
    let count = AtomicUsize::new(0);
    let drive = Drive::faulty(move |request| {
        let third = request.target == "/part" && count.fetch_add(1, Ordering::SeqCst) == 2;
        third.then(|| refused(FORGOTTEN, "upload id expire."))
    })
    .await;
    drive.client().upload(request(150)).await.unwrap();
    let expected = [
        "prepare", "part 0", "part 1", "part 2", "prepare", "part 0", "part 1", "part 2", "finish",
    ];
    assert_eq!(drive.calls(), expected);
    assert_eq!(drive.files()[0].1, content(150));
}

#[tokio::test]
async fn fails_if_upload_is_never_recognized() {
    let drive =
        Drive::faulty(|request| (request.target == "/part").then(|| refused(FORGOTTEN, "upload id expire."))).await;
    let error = drive.client().upload(request(150)).await.unwrap_err();
    assert_eq!(error.code(), Some(FORGOTTEN));
    assert_eq!(drive.calls().iter().filter(|call| *call == "prepare").count(), 3);
}

#[tokio::test]
async fn rejects_invalid_part_layout() {
    for (size, count) in [
        ("0", "3"),
        ("64", "1"),
        ("64", "0"),
        ("64", "4"),
        ("1", "150000000"),
        ("\"x\"", "3"),
    ] {
        let answer = format!(r#"{{"upload_id":"u","block_size":{size},"block_num":{count}}}"#);
        let drive = Drive::faulty(move |request| (request.target == "/prepare").then(|| Reply::data(&answer))).await;
        let error = drive.client().upload(request(150)).await.unwrap_err();
        let refused = matches!(
            error.kind(),
            ErrorKind::Upload(UploadError::Division { length: 150, .. })
        );
        assert!(refused, "{error}");
        assert_eq!(drive.calls(), ["prepare"]);
    }
}

#[tokio::test]
async fn numbers_of_parts_may_come_as_text() {
    let drive = Drive::faulty(|request| {
        let answer = r#"{"upload_id":"u","block_size":"64","block_num":"3"}"#;
        match request.target.as_str() {
            "/prepare" => Some(Reply::data(answer)),
            "/part" => Some(Reply::data("{}")),
            _ => Some(Reply::data(r#"{"file_token":"box-1"}"#)),
        }
    })
    .await;
    drive.client().upload(request(150)).await.unwrap();
    assert_eq!(drive.calls(), ["prepare", "part 0", "part 1", "part 2", "finish"]);
}

#[tokio::test]
async fn rejects_file_changed_between_parts() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("film.mp4");
    fs::write(&path, content(150)).unwrap();
    let other = path.clone();
    let drive = Drive::faulty(move |request| {
        if form::text_of_form(request, "seq").as_deref() == Some("1") {
            fs::write(&other, content(151)).unwrap();
        }
        None
    })
    .await;
    let error = drive
        .client()
        .upload(Whole::new("fld", UploadSource::path(&path)))
        .await
        .unwrap_err();
    let changed = matches!(error.kind(), ErrorKind::Upload(UploadError::Changed { .. }));
    assert!(changed, "{error}");
    assert_eq!(drive.files(), []);
}

#[tokio::test]
async fn progress_reports_received_bytes() {
    let drive = Drive::start().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let upload = drive.client().upload(request(150));
    let upload = upload.progress(move |progress| told.lock().unwrap().push((progress.bytes, progress.total)));
    upload.await.unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        [(64, Some(150)), (128, Some(150)), (150, Some(150))]
    );
}

#[tokio::test]
async fn rejects_request_without_file() {
    let drive = Drive::start().await;
    let empty = Whole::new("fld", UploadSource::bytes("a.txt", ""));
    let error = drive.client().upload(empty).await.unwrap_err();
    assert_eq!(error.violations()[0].rule, "min_bytes");
}
