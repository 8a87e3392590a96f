//! `larkspur media` with the sample documents of the mock server.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::process::Command;

use larkspur_mock::{Failure, Mock, StubResponse, sample_documents};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::run::{Outcome, Ran, command, run};

const TEXT: &str = "https://sample.feishu.cn/docx/doxcnHandbook00000000000000";
const SPREADSHEET: &str = "shtcnBudget0000000000000000";
const BASE: &str = "https://sample.feishu.cn/base/bascnTasks00000000000000000?table=tblTasks00001&view=vew1";
const LOCKED: &str = "bascnLocked0000000000000000";

const DOWNLOAD: &str = "drive.v1.media.download";

/// A mock server with documents, and a target directory.
struct TestSite {
    mock: Mock,
    directory: TempDir,
}

impl TestSite {
    async fn open() -> Result<Self, Box<dyn Error>> {
        let mock = Mock::builder().content(sample_documents()).rate_limits(false);
        Ok(Self {
            mock: mock.start().await?,
            directory: tempfile::tempdir()?,
        })
    }

    fn command(&self, document: &str, arguments: &[&str]) -> Command {
        let mut command = command(&["media", document, "--to"]);
        command.arg(self.directory.path()).args(arguments);
        self.with_app(&mut command);
        command
    }

    fn with_app<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("LARKSPUR_BASE_URL", self.mock.base_url());
        command.env("LARKSPUR_APP_ID", self.mock.app_id());
        command.env("LARKSPUR_APP_SECRET", self.mock.app_secret())
    }

    fn run(&self, document: &str, arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
        Ok(run(&mut self.command(document, arguments))?)
    }

    /// Returns the content of each file that is not hidden.
    fn files(&self) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(self.directory.path())? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                let content = fs::read_to_string(self.directory.path().join(&name))?;
                files.insert(name, content);
            }
        }
        Ok(files)
    }

    fn names(&self) -> Result<Vec<String>, Box<dyn Error>> {
        Ok(self.files()?.into_keys().collect())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_all_media_of_a_text() -> Outcome {
    let site = TestSite::open().await?;
    let ran = site.run(TEXT, &[])?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let expected = [
        "desk.jpg",
        "floor plan.png",
        "form.docx",
        "logo.png",
        "receipt (1).pdf",
        "receipt.pdf",
        "收据 desk.pdf",
        "规章制度.pdf",
    ];
    assert_eq!(site.names()?, expected);
    assert_eq!(site.files()?["规章制度.pdf"], "the rules of the house");
    assert!(ran.out.contains("8 downloaded"), "{}", ran.out);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn table_link_downloads_whole_base() -> Outcome {
    let site = TestSite::open().await?;
    let ran = site.run(BASE, &[])?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(site.names()?, ["offer (1).pdf", "offer.pdf", "photo.jpg", "墙面.jpeg"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_from_base_with_permissions() -> Outcome {
    let site = TestSite::open().await?;
    let ran = site.run(LOCKED, &[])?;
    assert_eq!((ran.code, site.names()?.len()), (Some(0), 2), "{ran:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn second_run_ignores_changed_base_revision() -> Outcome {
    let site = TestSite::open().await?;
    assert_eq!(site.run(LOCKED, &[])?.code, Some(0));
    let fetched = site.mock.calls(DOWNLOAD);
    // The proof of access contains the revision.
    let attachment = json!({
        "file_token": "boxcnContract1",
        "name": "contract.pdf",
        "url": "https://open.feishu.cn/x?extra=%7B%22bitablePerm%22%3A%7B%22rev%22%3A33%7D%7D",
    });
    let page = json!({ "items": [{ "record_id": "r", "fields": { "Contract": [attachment] } }], "has_more": false });
    site.mock
        .put_response("bitable.v1.app.table.record.search", StubResponse::data(page))?;
    let ran = site.run(LOCKED, &[])?;
    assert_eq!((ran.code, site.mock.calls(DOWNLOAD)), (Some(0), fetched), "{ran:?}");
    assert!(
        ran.out.contains("0 downloaded (0 bytes), 1 already present"),
        "{}",
        ran.out
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_failed_downloads_failed_media() -> Outcome {
    let site = TestSite::open().await?;
    // The request and those with the document in `extra`; the mock server has no previews.
    site.mock.fail_next(DOWNLOAD, Failure::status(403).times(3))?;
    let ran = site.run(TEXT, &["--jobs", "1"])?;
    assert_eq!((ran.code, site.names()?.len()), (Some(1), 7), "{ran:?}");
    assert!(ran.out.contains("boxcnLogo0001  HTTP 403"), "{}", ran.out);
    assert!(
        ran.out.contains("3 other requests for the file were refused too."),
        "{}",
        ran.out
    );
    let ran = site.run(TEXT, &["--retry-failed"])?;
    assert_eq!((ran.code, site.names()?.len()), (Some(0), 8), "{ran:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_unreadable_part_after_downloads() -> Outcome {
    let site = TestSite::open().await?;
    site.mock.put_response(
        "sheets.v3.spreadsheet.sheet.query",
        StubResponse::failure(Failure::code(1_310_213)),
    )?;
    let ran = site.run(TEXT, &[])?;
    assert_eq!((ran.code, site.names()?.len()), (Some(1), 4), "{ran:?}");
    assert!(ran.err.contains("parts of the document are missing"), "{}", ran.err);
    assert!(
        ran.err.contains("sheets.v3.spreadsheet.sheet.query") && ran.err.contains("1310213"),
        "{}",
        ran.err
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn skipped_parts_exit_1_and_are_named() -> Outcome {
    let site = TestSite::open().await?;
    let skipped = "skipped base (sheet 9xYzAb): the platform has no endpoint for it: download it in the browser";
    let mut list = command(&["media", SPREADSHEET, "--list", "--format", "json"]);
    for ran in [
        site.run(SPREADSHEET, &["--format", "json"])?,
        run(site.with_app(&mut list))?,
    ] {
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.err.contains(skipped), "{}", ran.err);
        let summary: Value = serde_json::from_str(&ran.out)?;
        assert_eq!(summary["skipped"], json!([skipped]), "{summary}");
    }
    assert_eq!(site.names()?.len(), 5);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_values_are_warnings_and_lose_no_media() -> Outcome {
    let site = TestSite::open().await?;
    let image = |block: &str, token: &str| json!({ "block_id": block, "block_type": 27, "image": { "token": token, "caption": "text" } });
    let page = json!({ "items": [image("b1", "boxcnLogo0001"), image("b2", "boxcnPlan0001")], "has_more": false });
    site.mock
        .put_response("docx.v1.document.block.list", StubResponse::data(page))?;
    let ran = site.run(TEXT, &[])?;
    assert_eq!((ran.code, site.names()?.len()), (Some(0), 2), "{ran:?}");
    let warnings: Vec<_> = ran.err.lines().filter(|line| line.starts_with("warning: ")).collect();
    let [warning] = warnings[..] else {
        panic!("{}", ran.err);
    };
    assert!(warning.contains("docx.v1.document.block.list"), "{warning}");
    assert!(warning.contains("items[0].image.caption"), "{warning}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whiteboards_are_downloaded_as_images() -> Outcome {
    let site = TestSite::open().await?;
    let board = json!({ "block_id": "b", "block_type": 43, "board": { "token": "wbcn1" } });
    let page = json!({ "items": [board], "has_more": false });
    site.mock
        .put_response("docx.v1.document.block.list", StubResponse::data(page))?;
    let ran = site.run(TEXT, &[])?;
    assert_eq!((ran.code, site.names()?.len()), (Some(0), 1), "{ran:?}");
    assert_eq!(site.mock.calls("board.v1.whiteboard.download_as_image"), 1);
    let again = site.run(TEXT, &[])?;
    assert!(again.out.contains("1 already present"), "{again:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn json_summary_is_only_stdout() -> Outcome {
    let site = TestSite::open().await?;
    let ran = site.run(BASE, &["--format", "json"])?;
    let summary: Value = serde_json::from_str(&ran.out)?;
    assert_eq!(summary["files"].as_array().map(Vec::len), Some(4), "{summary}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn document_without_media_succeeds() -> Outcome {
    let site = TestSite::open().await?;
    let page = json!({ "items": [{ "block_id": "b", "block_type": 2 }], "has_more": false });
    site.mock
        .put_response("docx.v1.document.block.list", StubResponse::data(page))?;
    let ran = site.run(TEXT, &[])?;
    assert_eq!(
        (ran.code, ran.out.trim()),
        (Some(0), "0 downloaded (0 bytes), 0 already present"),
        "{ran:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sanitizes_names_from_document() -> Outcome {
    let site = TestSite::open().await?;
    let attachment = |token: &str, name: &str| json!({ "file_token": token, "name": name, "url": "https://a.b/c" });
    let fields = json!({ "F": [attachment("boxcnPaint0001", "../../up.pdf"), attachment("boxcnPaint0002", "..")] });
    let page = json!({ "items": [{ "record_id": "r", "fields": fields }], "has_more": false });
    site.mock
        .put_response("bitable.v1.app.table.record.search", StubResponse::data(page))?;
    let ran = site.run(BASE, &[])?;
    assert_eq!(
        (ran.code, site.names()?),
        (Some(0), vec!["_.._up.pdf".to_owned(), "offer.pdf".to_owned()]),
        "{ran:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn unsupported_documents_exit_2_with_advice() -> Outcome {
    let site = TestSite::open().await?;
    for (document, arguments, expected) in [
        ("Fm7osyjtMh5o7Ktrv32c73abcef", &[][..], "--type docx"),
        (
            "https://sample.feishu.cn/wiki/space/703450264145549724",
            &[],
            "/wiki/space/703450264145549724",
        ),
        (
            "https://sample.feishu.cn/file/boxcnFile00000001",
            &[],
            "drive.v1.file.download",
        ),
        (
            "https://sample.feishu.cn/wiki/wikcnMindmap00001",
            &[],
            "docx, sheet, bitable",
        ),
        (TEXT, &["--type", "sheet"], "omit the kind"),
        (TEXT, &["--type", "text"], "docx, sheet, bitable"),
    ] {
        let ran = site.run(document, arguments)?;
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{document}: {ran:?}");
        assert!(ran.err.contains(expected), "{document}: {}", ran.err);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn list_prints_media_and_places_only() -> Outcome {
    let site = TestSite::open().await?;
    let mut command = command(&["media", BASE, "--list"]);
    let ran = run(site.with_app(&mut command))?;
    assert_eq!((ran.code, site.mock.calls(DOWNLOAD)), (Some(0), 0), "{ran:?}");
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 5, "{}", ran.out);
    let place = r#"field "附件" of record recTask000001 in table tblTasks00001"#;
    assert_eq!(lines[1], format!("boxcnPaint0001  墙面.jpeg  {place}"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn json_list_contains_extra() -> Outcome {
    let site = TestSite::open().await?;
    let mut command = command(&["media", LOCKED, "--list", "--format", "json"]);
    let ran = run(site.with_app(&mut command))?;
    let summary: Value = serde_json::from_str(&ran.out)?;
    let first = &summary["media"][0];
    assert_eq!(
        (&first["token"], &first["name"]),
        (&json!("boxcnContract1"), &json!("contract.pdf"))
    );
    let extra: Value = serde_json::from_str(first["extra"].as_str().unwrap_or_default())?;
    assert_eq!(extra["bitablePerm"]["tableId"], "tblSalary0001");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_missing_directory_before_sending() -> Outcome {
    let site = TestSite::open().await?;
    let mut command = command(&["media", TEXT, "--to", "nowhere/at/all"]);
    command.env("LARKSPUR_BASE_URL", site.mock.base_url());
    let ran = run(&mut command)?;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err.contains("nowhere/at/all") && site.mock.requests().is_empty(),
        "{}",
        ran.err
    );
    Ok(())
}
