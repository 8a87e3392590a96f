//! `larkspur export`, against the mock with its sample documents.

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

/// A mock with documents, and a directory in which the command runs.
struct Office {
    mock: Mock,
    directory: TempDir,
}

impl Office {
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
async fn a_document_is_written_under_its_name_and_that_is_all_that_is_said() -> Outcome {
    let office = Office::open().await?;
    let ran = office.run(&[NODE, "--as", "pdf"])?;
    assert_eq!(ran.out, format!("./{NAME} ({} bytes)\n", CONTENT.len()), "{ran:?}");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert_eq!(office.names()?, [NAME]);
    assert_eq!(fs::read_to_string(office.directory.path().join(NAME))?, CONTENT);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_or_a_directory_of_ones_own_takes_it() -> Outcome {
    let office = Office::open().await?;
    fs::create_dir(office.directory.path().join("exports"))?;
    assert_eq!(office.run(&[TEXT, "--as", "pdf", "--to", "exports"])?.code, Some(0));
    assert_eq!(
        office.run(&[SHEET, "--as", "csv", "-o", "exports/prices.csv"])?.code,
        Some(0)
    );
    for name in [NAME, "prices.csv"] {
        assert!(office.directory.path().join("exports").join(name).is_file(), "{name}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_there_stays_unless_it_is_to_be_replaced() -> Outcome {
    let office = Office::open().await?;
    let mine = office.directory.path().join("mine.pdf");
    fs::write(&mine, "mine")?;
    let ran = office.run(&[TEXT, "--as", "pdf", "-o", "mine.pdf"])?;
    assert_eq!((ran.code, office.mock.calls(CREATE)), (Some(1), 0), "{ran:?}");
    assert_eq!(fs::read_to_string(&mine)?, "mine");
    let ran = office.run(&[TEXT, "--as", "pdf", "-o", "mine.pdf", "--overwrite"])?;
    assert_eq!(
        (ran.code, fs::read_to_string(&mine)?.as_str()),
        (Some(0), CONTENT),
        "{ran:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_export_gets_a_number() -> Outcome {
    let office = Office::open().await?;
    for _ in 0..2 {
        assert_eq!(office.run(&[TEXT, "--as", "pdf"])?.code, Some(0));
    }
    assert_eq!(office.names()?, ["员工手册 Handbook (1).pdf", NAME]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_exported_so_ends_with_two_and_what_can_be() -> Outcome {
    let office = Office::open().await?;
    for (arguments, says) in [
        (&[TEXT, "--as", "xlsx"][..], "docx, pdf"),
        (&[SHEET, "--as", "pdf"], "xlsx, csv"),
        (&[TEXT, "--as", "epub"], "docx, pdf, xlsx, csv"),
        (&["shtcnBudget0000000000000000", "--as", "csv"], "?sheet=ID"),
        (&[TEXT, "--as", "pdf", "--part", "6e5ed3"], "leave \"6e5ed3\" out"),
        (&["Fm7osyjtMh5o7Ktrv32c73abcef", "--as", "pdf"], "--type docx"),
        (&[TEXT, "--as", "pdf", "--to", "nowhere"], "nowhere"),
    ] {
        let ran = office.run(arguments)?;
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(says), "{arguments:?}: {}", ran.err);
    }
    assert!(office.mock.requests().is_empty() && office.names()?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_fails_ends_with_one_and_leaves_nothing() -> Outcome {
    let office = Office::open().await?;
    office.mock.next_task(CREATE, Task::failed())?;
    let ran = office.run(&[TEXT, "--as", "pdf"])?;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.err.contains("the task failed with state 3"), "{}", ran.err);
    assert!(office.names()?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_gone_is_made_anew() -> Outcome {
    let office = Office::open().await?;
    office.mock.fail_next(DOWNLOAD, Failure::status(404))?;
    let ran = office.run(&[TEXT, "--as", "pdf"])?;
    assert_eq!((ran.code, office.mock.calls(CREATE)), (Some(0), 2), "{ran:?}");
    assert_eq!(office.names()?, [NAME]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_says_nothing_where_all_is_well() -> Outcome {
    let office = Office::open().await?;
    let ran = office.run(&[TEXT, "--as", "pdf", "--quiet"])?;
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "", ""));
    Ok(())
}
