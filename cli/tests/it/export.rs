//! `larkspur export` with the sample documents of the mock server.

use std::error::Error;
use std::fs;
use std::process::Command;

use larkspur_mock::{Failure, Mock, Task, sample_documents};
use tempfile::TempDir;

use crate::support::run::{Outcome, Ran, command, run};

const TEXT: &str = "https://sample.feishu.cn/docx/doxcnHandbook00000000000000";
const NODE: &str = "https://sample.feishu.cn/wiki/wikcnHandbook0001";
const SHEET: &str = "https://sample.feishu.cn/sheets/shtcnBudget0000000000000000?sheet=6e5ed3";

const CREATE: &str = "drive.v1.export_task.create";
const DOWNLOAD: &str = "drive.v1.export_task.download";

const NAME: &str = "员工手册 Handbook.pdf";
const CONTENT: &str = "the handbook, as the platform exports it";

/// A mock server with documents, and the working directory of the command.
struct TestSite {
    mock: Mock,
    directory: TempDir,
}

impl TestSite {
    async fn open() -> Result<Self, Box<dyn Error>> {
        let mock = Mock::builder().content(sample_documents()).rate_limits(false).polls(0);
        Ok(Self {
            mock: mock.start().await?,
            directory: tempfile::tempdir()?,
        })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&["export"]);
        command.args(arguments).current_dir(self.directory.path());
        command.env("LARKSPUR_BASE_URL", self.mock.base_url());
        command.env("LARKSPUR_APP_ID", self.mock.app_id());
        command.env("LARKSPUR_APP_SECRET", self.mock.app_secret());
        command
    }

    fn run(&self, arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
        Ok(run(&mut self.command(arguments))?)
    }

    fn names(&self) -> Result<Vec<String>, Box<dyn Error>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.directory.path())? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_document_under_its_name() -> Outcome {
    let site = TestSite::open().await?;
    let ran = site.run(&[NODE, "--as", "pdf"])?;
    assert_eq!(ran.out, format!("./{NAME} ({} bytes)\n", CONTENT.len()), "{ran:?}");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert_eq!(site.names()?, [NAME]);
    assert_eq!(fs::read_to_string(site.directory.path().join(NAME))?, CONTENT);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_to_given_file_or_directory() -> Outcome {
    let site = TestSite::open().await?;
    fs::create_dir(site.directory.path().join("exports"))?;
    assert_eq!(site.run(&[TEXT, "--as", "pdf", "--to", "exports"])?.code, Some(0));
    assert_eq!(
        site.run(&[SHEET, "--as", "csv", "-o", "exports/prices.csv"])?.code,
        Some(0)
    );
    for name in [NAME, "prices.csv"] {
        assert!(site.directory.path().join("exports").join(name).is_file(), "{name}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn existing_file_needs_overwrite() -> Outcome {
    let site = TestSite::open().await?;
    let mine = site.directory.path().join("mine.pdf");
    fs::write(&mine, "mine")?;
    let ran = site.run(&[TEXT, "--as", "pdf", "-o", "mine.pdf"])?;
    assert_eq!((ran.code, site.mock.calls(CREATE)), (Some(2), 0), "{ran:?}");
    assert_eq!(fs::read_to_string(&mine)?, "mine");
    let ran = site.run(&[TEXT, "--as", "pdf", "-o", "mine.pdf", "--overwrite"])?;
    assert_eq!(
        (ran.code, fs::read_to_string(&mine)?.as_str()),
        (Some(0), CONTENT),
        "{ran:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn dash_is_standard_output() -> Outcome {
    let site = TestSite::open().await?;
    for option in ["-o", "--to"] {
        let ran = site.run(&[TEXT, "--as", "pdf", option, "-"])?;
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), CONTENT), "{ran:?}");
    }
    assert!(site.names()?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_download_leaves_no_partial_file() -> Outcome {
    let site = TestSite::open().await?;
    site.mock.fail_next(DOWNLOAD, Failure::status(403).times(9))?;
    assert_eq!(site.run(&[TEXT, "--as", "pdf", "-o", "mine.pdf"])?.code, Some(1));
    assert!(site.names()?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn second_export_gets_number() -> Outcome {
    let site = TestSite::open().await?;
    for _ in 0..2 {
        assert_eq!(site.run(&[TEXT, "--as", "pdf"])?.code, Some(0));
    }
    assert_eq!(site.names()?, ["员工手册 Handbook (1).pdf", NAME]);
    assert_eq!(site.run(&[TEXT, "--as", "pdf", "--overwrite"])?.code, Some(0));
    assert_eq!(site.names()?, ["员工手册 Handbook (1).pdf", NAME]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn unsupported_formats_exit_2_with_alternatives() -> Outcome {
    let site = TestSite::open().await?;
    for (arguments, expected) in [
        (&[TEXT, "--as", "xlsx"][..], "docx, pdf"),
        (&[SHEET, "--as", "pdf"], "xlsx, csv"),
        (&[TEXT, "--as", "epub"], "docx, pdf, xlsx, csv"),
        (&["shtcnBudget0000000000000000", "--as", "csv"], "?sheet=ID"),
        (&[TEXT, "--as", "pdf", "--part", "6e5ed3"], "unexpected part \"6e5ed3\""),
        (&["Fm7osyjtMh5o7Ktrv32c73abcef", "--as", "pdf"], "--type docx"),
        (&[TEXT, "--as", "pdf", "--to", "nowhere"], "nowhere"),
    ] {
        let ran = site.run(arguments)?;
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(expected), "{arguments:?}: {}", ran.err);
    }
    assert!(site.mock.requests().is_empty() && site.names()?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_task_exits_1_and_leaves_nothing() -> Outcome {
    let site = TestSite::open().await?;
    site.mock.next_task(CREATE, Task::failed())?;
    let ran = site.run(&[TEXT, "--as", "pdf"])?;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.err.contains("the task failed with state 3"), "{}", ran.err);
    assert!(site.names()?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_export_of_expired_file() -> Outcome {
    let site = TestSite::open().await?;
    site.mock.fail_next(DOWNLOAD, Failure::status(404))?;
    let ran = site.run(&[TEXT, "--as", "pdf"])?;
    assert_eq!((ran.code, site.mock.calls(CREATE)), (Some(0), 2), "{ran:?}");
    assert_eq!(site.names()?, [NAME]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_prints_nothing_on_success() -> Outcome {
    let site = TestSite::open().await?;
    let ran = site.run(&[TEXT, "--as", "pdf", "--quiet"])?;
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "", ""));
    Ok(())
}
