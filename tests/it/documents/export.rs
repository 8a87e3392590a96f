//! Exports, from the link to the file: against the mock with its sample documents.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{Platform, Reply as Answer, token};
use larkspur::documents::{DocumentKind, DocumentRef, Error, Export, ExportFormat, ExportProgress, Exported, Result};
use larkspur::download::Overwrite;
use larkspur::error::{DownloadError, ErrorKind, PollingError};
use larkspur::{Client, RetryPolicy};
use larkspur_mock::{Failure, Mock, StubResponse, Task, sample_documents};
use serde_json::{Value, json};
use tempfile::TempDir;

const TEXT: &str = "https://sample.feishu.cn/docx/doxcnHandbook00000000000000";
const NODE: &str = "https://sample.feishu.cn/wiki/wikcnHandbook0001";
const SHEET: &str = "https://sample.feishu.cn/sheets/shtcnBudget0000000000000000?sheet=6e5ed3";
const TABLE: &str = "https://sample.feishu.cn/base/bascnTasks00000000000000000?table=tblTasks00001&view=vew1";

const CREATE: &str = "drive.v1.export_task.create";
const GET: &str = "drive.v1.export_task.get";
const DOWNLOAD: &str = "drive.v1.export_task.download";
const GET_NODE: &str = "wiki.v2.space.get_node";

const CONTENT: &str = "the handbook, as the platform exports it";

async fn mock() -> Mock {
    let mock = Mock::builder().content(sample_documents()).rate_limits(false);
    mock.start().await.unwrap()
}

fn client(mock: &Mock) -> Client {
    let client = Client::builder().base_url(mock.base_url());
    let client = client.app(mock.app_id(), mock.app_secret()).build().unwrap();
    client.with_retries(RetryPolicy::none())
}

/// An export that asks without pauses.
fn export(document: &str, format: ExportFormat) -> Export {
    let document = DocumentRef::parse(document, None).unwrap();
    Export::new(document, format).interval(Duration::from_millis(1))
}

async fn to_dir(mock: &Mock, document: &str, format: ExportFormat) -> (TempDir, Result<Exported>) {
    let directory = tempfile::tempdir().unwrap();
    let exported = export(document, format).to_dir(&client(mock), directory.path()).await;
    (directory, exported)
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Bodies of the calls that start an export.
fn asked_for(mock: &Mock) -> Vec<Value> {
    let requests = mock.requests().into_iter();
    let of_create = requests.filter(|request| request.endpoint.as_deref() == Some(CREATE));
    of_create
        .map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect()
}

#[tokio::test]
async fn saves_document_under_its_title() {
    let mock = mock().await;
    let (directory, exported) = to_dir(&mock, TEXT, ExportFormat::Pdf).await;
    let exported = exported.unwrap();
    assert_eq!(names_in(directory.path()), ["员工手册 Handbook.pdf"]);
    assert_eq!(exported.path, directory.path().join("员工手册 Handbook.pdf"));
    assert_eq!(fs::read_to_string(&exported.path).unwrap(), CONTENT);
    assert_eq!(
        (exported.bytes, exported.format),
        (CONTENT.len() as u64, ExportFormat::Pdf)
    );
}

#[tokio::test]
async fn polls_until_task_is_done() {
    let mock = mock().await;
    to_dir(&mock, TEXT, ExportFormat::Docx).await.1.unwrap();
    assert_eq!((mock.calls(CREATE), mock.calls(GET), mock.calls(DOWNLOAD)), (1, 3, 1));
}

#[tokio::test]
async fn exports_document_of_wiki_node() {
    let mock = mock().await;
    let (directory, exported) = to_dir(&mock, NODE, ExportFormat::Pdf).await;
    assert_eq!(exported.unwrap().document, DocumentRef::parse(TEXT, None).unwrap());
    assert_eq!(names_in(directory.path()), ["员工手册 Handbook.pdf"]);
    let asked = json!({ "file_extension": "pdf", "token": "doxcnHandbook00000000000000", "type": "docx" });
    assert_eq!(asked_for(&mock), [asked]);
}

#[tokio::test]
async fn csv_exports_linked_sheet_or_table() {
    let mock = mock().await;
    for (document, part) in [(SHEET, "6e5ed3"), (TABLE, "tblTasks00001")] {
        to_dir(&mock, document, ExportFormat::Csv).await.1.unwrap();
        let asked = asked_for(&mock).pop().unwrap();
        assert_eq!(
            (&asked["file_extension"], &asked["sub_id"]),
            (&json!("csv"), &json!(part))
        );
    }
}

#[tokio::test]
async fn explicit_part_overrides_link() {
    let mock = mock().await;
    let directory = tempfile::tempdir().unwrap();
    let export = export(SHEET, ExportFormat::Csv).part("4FRjKE");
    export.to_dir(&client(&mock), directory.path()).await.unwrap();
    assert_eq!(asked_for(&mock)[0]["sub_id"], "4FRjKE");
    assert_eq!(names_in(directory.path()), ["Budget.csv"]);
}

#[tokio::test]
async fn linked_sheet_applies_to_csv_only() {
    let mock = mock().await;
    to_dir(&mock, SHEET, ExportFormat::Xlsx).await.1.unwrap();
    assert_eq!(asked_for(&mock)[0].get("sub_id"), None);
}

#[tokio::test]
async fn rejects_unsupported_kind_before_sending() {
    let mock = mock().await;
    for (document, format, says) in [
        (TEXT, ExportFormat::Xlsx, "supported formats of a docx are docx, pdf"),
        (SHEET, ExportFormat::Pdf, "supported formats of a sheet are xlsx, csv"),
        (
            TABLE,
            ExportFormat::Docx,
            "supported formats of a bitable are xlsx, csv",
        ),
        (
            "bmncnABC123",
            ExportFormat::Pdf,
            "supported are docx (docx, pdf), doc (docx, pdf), sheet (xlsx, csv)",
        ),
        ("boxcnABC123", ExportFormat::Pdf, "drive.v1.file.download"),
    ] {
        let error = to_dir(&mock, document, format).await.1.unwrap_err();
        assert!(
            matches!(error, Error::ExportUnsupported { .. }) && error.to_string().contains(says),
            "{error}"
        );
    }
    assert!(mock.requests().is_empty());
}

#[tokio::test]
async fn rejects_unsupported_wiki_node_before_export() {
    let mock = mock().await;
    let error = to_dir(&mock, "wikcnMindmap00001", ExportFormat::Pdf)
        .await
        .1
        .unwrap_err();
    assert!(matches!(error, Error::ExportUnsupported { .. }), "{error}");
    assert_eq!((mock.calls(GET_NODE), mock.calls(CREATE)), (1, 0));
}

#[tokio::test]
async fn csv_and_part_require_each_other() {
    let mock = mock().await;
    let (directory, error) = to_dir(&mock, "shtcnBudget0000000000000000", ExportFormat::Csv).await;
    let error = error.unwrap_err();
    assert!(
        matches!(error, Error::MissingPart { .. }) && error.to_string().contains("?sheet=ID"),
        "{error}"
    );
    let export = export(TEXT, ExportFormat::Pdf).part("6e5ed3");
    let error = export.to_dir(&client(&mock), directory.path()).await.unwrap_err();
    assert!(
        matches!(error, Error::UnexpectedPart { .. }) && error.to_string().contains("6e5ed3"),
        "{error}"
    );
    assert!(mock.requests().is_empty());
}

#[tokio::test]
async fn failed_task_has_reason_and_no_file() {
    let mock = mock().await;
    mock.next_task(CREATE, Task::failed()).unwrap();
    let result = json!({ "result": { "job_error_msg": "too many pictures", "job_status": 3 } });
    mock.put_response(GET, StubResponse::data(result)).unwrap();
    let (directory, exported) = to_dir(&mock, TEXT, ExportFormat::Pdf).await;
    let error = exported.unwrap_err();
    let Error::Call(call) = &error else { panic!("{error}") };
    let failed = matches!(call.kind(), ErrorKind::Polling(PollingError::Failed { reason: Some(reason), .. }) if reason == "too many pictures");
    assert!(failed && error.to_string().contains("too many pictures"), "{error}");
    assert!(names_in(directory.path()).is_empty());
}

#[tokio::test]
async fn recreates_expired_file() {
    for gone in [Failure::status(404), Failure::status(410), Failure::code(1_060_001)] {
        let mock = mock().await;
        mock.fail_next(DOWNLOAD, gone.clone()).unwrap();
        let (directory, exported) = to_dir(&mock, TEXT, ExportFormat::Pdf).await;
        assert!(exported.is_ok(), "{gone:?}: {exported:?}");
        assert_eq!(names_in(directory.path()), ["员工手册 Handbook.pdf"]);
        assert_eq!((mock.calls(CREATE), mock.calls(DOWNLOAD)), (2, 2), "{gone:?}");
    }
}

/// A wiki node leads to a token of the platform's choice, and the export has no name.
#[tokio::test]
async fn hostile_token_stays_in_directory() {
    let platform = Platform::start(|request| {
        if request.is_for_a_token() {
            token(7200)
        } else if request.target.contains("/get_node") {
            let node = r#"{"space_id":"1","node_token":"wikcn1","obj_type":"docx","obj_token":"../../evil"}"#;
            Answer::data(&format!(r#"{{"node":{node}}}"#))
        } else if request.method == "POST" {
            Answer::data(r#"{"ticket":"6933"}"#)
        } else if !request.target.contains("/file/") {
            Answer::data(r#"{"result":{"job_status":0,"file_name":"","file_token":"boxcn1"}}"#)
        } else {
            Answer::new(200, "content").length()
        }
    })
    .await;
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("a/b/c");
    fs::create_dir_all(&directory).unwrap();
    let exported = export(NODE, ExportFormat::Pdf)
        .to_dir(&platform.client(), &directory)
        .await;
    assert_eq!(exported.unwrap().path, directory.join("_.._evil.pdf"));
    assert_eq!(names_in(&directory), ["_.._evil.pdf"]);
    assert_eq!(names_in(parent.path()), ["a"]);
}

#[tokio::test]
async fn discards_partial_of_expired_file() {
    let downloads = AtomicUsize::new(0);
    let platform = Platform::start(move |request| {
        if request.is_for_a_token() {
            token(7200)
        } else if request.method == "POST" {
            Answer::data(r#"{"ticket":"6933"}"#)
        } else if !request.target.contains("/file/") {
            Answer::data(r#"{"result":{"job_status":0,"file_name":"a","file_token":"boxcn1"}}"#)
        } else {
            match downloads.fetch_add(1, Ordering::SeqCst) {
                0 => Answer::new(200, "the first one").header("etag", "\"1\"").cut_in_half(),
                1 => Answer::new(404, ""),
                _ => Answer::new(200, "another").header("etag", "\"2\"").length(),
            }
        }
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    let client = platform
        .client()
        .with_retries(RetryPolicy::new().max_backoff(Duration::from_millis(1)));
    let export = export(TEXT, ExportFormat::Pdf);
    export.to_dir(&client, directory.path()).await.unwrap();
    assert_eq!(names_in(directory.path()), ["a.pdf"]);
    assert_eq!(fs::read_to_string(directory.path().join("a.pdf")).unwrap(), "another");
}

#[tokio::test]
async fn fails_if_file_expires_twice() {
    let mock = mock().await;
    mock.fail_next(DOWNLOAD, Failure::status(404).times(9)).unwrap();
    let (directory, exported) = to_dir(&mock, TEXT, ExportFormat::Pdf).await;
    let error = exported.unwrap_err();
    assert!(
        matches!(error, Error::FileExpired { .. }) && error.to_string().contains("10 minutes"),
        "{error}"
    );
    assert_eq!((mock.calls(CREATE), mock.calls(DOWNLOAD)), (2, 2));
    assert!(names_in(directory.path()).is_empty());
}

#[tokio::test]
async fn other_download_failure_is_final() {
    let mock = mock().await;
    mock.fail_next(DOWNLOAD, Failure::status(403)).unwrap();
    let error = to_dir(&mock, TEXT, ExportFormat::Pdf).await.1.unwrap_err();
    assert!(
        matches!(&error, Error::Call(call) if call.status() == Some(403)),
        "{error}"
    );
    assert_eq!(mock.calls(CREATE), 1);
}

#[tokio::test]
async fn second_export_is_numbered_or_replaces() {
    let mock = mock().await;
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        export(TEXT, ExportFormat::Pdf)
            .to_dir(&client(&mock), directory.path())
            .await
            .unwrap();
    }
    assert_eq!(
        names_in(directory.path()),
        ["员工手册 Handbook (1).pdf", "员工手册 Handbook.pdf"]
    );
    let replacing = export(TEXT, ExportFormat::Pdf).overwrite(Overwrite::Replace);
    replacing.to_dir(&client(&mock), directory.path()).await.unwrap();
    assert_eq!(names_in(directory.path()).len(), 2);
}

#[tokio::test]
async fn rejects_invalid_path_before_sending() {
    let mock = mock().await;
    let directory = tempfile::tempdir().unwrap();
    let there = directory.path().join("there.pdf");
    fs::write(&there, "somebody's own").unwrap();
    let error = export(TEXT, ExportFormat::Pdf)
        .to(&client(&mock), &there)
        .await
        .unwrap_err();
    let Error::Call(call) = &error else { panic!("{error}") };
    assert!(
        matches!(call.kind(), ErrorKind::Download(DownloadError::Exists { .. })),
        "{error}"
    );
    for nowhere in [directory.path().join("nowhere"), there.clone()] {
        let error = export(TEXT, ExportFormat::Pdf)
            .to_dir(&client(&mock), &nowhere)
            .await
            .unwrap_err();
        assert!(
            matches!(&error, Error::Call(call) if matches!(call.kind(), ErrorKind::Io { .. })),
            "{error}"
        );
        let error = export(TEXT, ExportFormat::Pdf)
            .to(&client(&mock), nowhere.join("a.pdf"))
            .await
            .unwrap_err();
        assert!(error.to_string().contains(&*nowhere.to_string_lossy()), "{error}");
    }
    assert!(mock.requests().is_empty());
    assert_eq!(fs::read_to_string(&there).unwrap(), "somebody's own");
}

#[tokio::test]
async fn saves_at_explicit_path() {
    let mock = mock().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mine.bin");
    let exported = export(TEXT, ExportFormat::Pdf).to(&client(&mock), &path).await.unwrap();
    assert_eq!(exported.path, path);
    assert_eq!(fs::read_to_string(&path).unwrap(), CONTENT);
}

#[tokio::test]
async fn platform_name_stays_in_directory() {
    let mock = mock().await;
    let result =
        json!({ "result": { "file_name": "../../etc/passwd", "file_token": "boxcnExport0001", "job_status": 0 } });
    mock.put_response(GET, StubResponse::data(result)).unwrap();
    let (directory, exported) = to_dir(&mock, TEXT, ExportFormat::Pdf).await;
    assert_eq!(exported.unwrap().path.parent(), Some(directory.path()));
    assert_eq!(names_in(directory.path()), ["_.._etc_passwd.pdf"]);
}

#[tokio::test]
async fn finished_task_without_file_is_an_error() {
    let mock = mock().await;
    let result = json!({ "result": { "file_name": "a", "file_token": "", "job_status": 0 } });
    mock.put_response(GET, StubResponse::data(result)).unwrap();
    let error = to_dir(&mock, TEXT, ExportFormat::Pdf).await.1.unwrap_err();
    assert!(matches!(error, Error::MissingFile { .. }), "{error}");
}

#[tokio::test]
async fn reports_each_step() {
    let mock = mock().await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    let export = export(TEXT, ExportFormat::Pdf).progress(move |step| listener.lock().unwrap().push(step));
    let directory = tempfile::tempdir().unwrap();
    export.to_dir(&client(&mock), directory.path()).await.unwrap();
    let told = told.lock().unwrap();
    assert_eq!(told.first(), Some(&ExportProgress::Exporting));
    assert!(
        matches!(told.last(), Some(ExportProgress::Downloading(now)) if now.bytes == CONTENT.len() as u64),
        "{told:?}"
    );
}

#[test]
fn exportable_kinds_have_formats() {
    use ExportFormat::*;

    let formats = DocumentKind::ALL.map(|kind| (kind, ExportFormat::supported_by(kind)));
    let exported = formats.into_iter().filter(|(_, formats)| !formats.is_empty());
    let expected: [(_, &[ExportFormat]); 4] = [
        (DocumentKind::Docx, &[Docx, Pdf]),
        (DocumentKind::Sheet, &[Xlsx, Csv]),
        (DocumentKind::Bitable, &[Xlsx, Csv]),
        (DocumentKind::Doc, &[Docx, Pdf]),
    ];
    assert_eq!(exported.collect::<Vec<_>>(), expected);
}
