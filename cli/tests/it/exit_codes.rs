//! The exit codes of docs/cli/exit-codes.md are the same in all commands.

use std::fs;
use std::process::Command;

use larkspur_mock::{Failure, Mock, sample_documents};

use crate::support::run::{Outcome, command, larkspur, root, run};

const MEDIA: &str = "drive.v1.media.download";
const TEXT: &str = "https://sample.feishu.cn/docx/doxcnHandbook00000000000000";

/// The commands that send a request to the platform, with a directory for their files.
fn commands(directory: &str) -> [Vec<String>; 6] {
    let list = format!("{directory}/list");
    [
        vec!["download", "--endpoint", MEDIA, "boxcn1", "--to", directory],
        vec![
            "download",
            "--endpoint",
            MEDIA,
            "boxcn1",
            "--range",
            "0-9",
            "--to",
            directory,
        ],
        vec![
            "download",
            "--endpoint",
            MEDIA,
            "--tokens-from",
            &list,
            "--to",
            directory,
        ],
        vec!["call", MEDIA, "-p", "file_token=boxcn1", "-o", directory],
        vec!["export", TEXT, "--as", "pdf", "--to", directory],
        vec!["media", TEXT, "--to", directory],
    ]
    .map(|arguments| arguments.into_iter().map(str::to_owned).collect())
}

async fn mock() -> Result<Mock, Box<dyn std::error::Error>> {
    let mock = Mock::builder().content(sample_documents()).rate_limits(false).polls(0);
    Ok(mock.start().await?)
}

/// Returns a command with the app of a mock server.
fn of_mock(mock: &Mock, arguments: &[String]) -> Command {
    let mut command = command(&[]);
    command.args(arguments);
    command.env("LARKSPUR_BASE_URL", mock.base_url());
    command.env("LARKSPUR_APP_ID", mock.app_id());
    command.env("LARKSPUR_APP_SECRET", mock.app_secret());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_exit_2_in_all_commands() -> Outcome {
    let mock = mock().await?;
    let directory = tempfile::tempdir()?;
    fs::write(directory.path().join("list"), "boxcn1\n")?;
    for arguments in commands(&directory.path().to_string_lossy()) {
        let mut command = of_mock(&mock, &arguments);
        let ran = run(command.env("LARKSPUR_APP_SECRET", "wrong"))?;
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains("check LARKSPUR_APP_ID"), "{arguments:?}: {}", ran.err);

        let ran = run(of_mock(&mock, &arguments).env_remove("LARKSPUR_APP_ID"))?;
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.err);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_request_exits_1_in_all_commands() -> Outcome {
    let directory = tempfile::tempdir()?;
    fs::write(directory.path().join("list"), "boxcn1\n")?;
    for arguments in commands(&directory.path().to_string_lossy()) {
        let mock = mock().await?;
        for endpoint in [MEDIA, "drive.v1.export_task.create"] {
            mock.fail_next(endpoint, Failure::status(403).times(99))?;
        }
        let ran = run(&mut of_mock(&mock, &arguments))?;
        assert_eq!(ran.code, Some(1), "{arguments:?}: {}", ran.err);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_directory_exits_2_in_all_commands() -> Outcome {
    let mock = mock().await?;
    for arguments in commands("no/such/directory/") {
        let ran = run(&mut of_mock(&mock, &arguments))?;
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.err);
    }
    assert!(mock.requests().is_empty());
    Ok(())
}

/// A debug build can let the disk fail.
#[cfg(all(unix, debug_assertions))]
#[tokio::test(flavor = "multi_thread")]
async fn full_disk_exits_2_in_all_forms() -> Outcome {
    let mock = mock().await?;
    let directory = tempfile::tempdir()?;
    fs::write(directory.path().join("list"), "boxcn1\n")?;
    let commands = commands(&directory.path().to_string_lossy());
    // A range is written by another way, which has no fault injection.
    for arguments in commands
        .iter()
        .filter(|arguments| !arguments.contains(&"--range".to_owned()))
    {
        let ran = run(of_mock(&mock, arguments).env("LARKSPUR_INJECT", "ENOSPC:1"))?;
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.err);
    }
    Ok(())
}

#[test]
fn unknown_endpoint_exits_2_in_all_commands() -> Outcome {
    for arguments in [
        &["spec", "show", "no.such.endpoint"][..],
        &["call", "no.such.endpoint"],
        &["download", "--endpoint", "no.such.endpoint", "boxcn1"],
    ] {
        let ran = larkspur(arguments)?;
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains("no.such.endpoint"), "{}", ran.err);
    }
    Ok(())
}

#[test]
fn help_and_page_have_the_table() -> Outcome {
    let page = fs::read_to_string(root().join("docs/cli/exit-codes.md"))?;
    for code in ["0", "1", "2", "130", "143"] {
        assert!(page.contains(&format!("| {code} |")), "{code}");
    }
    let tables = [&[][..], &["download"], &["call"], &["export"], &["media"], &["list"]].map(|command| {
        let help = larkspur(&[command, &["--help"]].concat())?.out;
        let start = help
            .find("Exit codes of all commands:")
            .ok_or(format!("{command:?}: {help}"))?;
        Ok::<_, Box<dyn std::error::Error>>(help[start..].to_owned())
    });
    let tables = tables.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert!(tables.iter().all(|table| *table == tables[0]), "{tables:?}");
    assert!(tables[0].contains("143"), "{}", tables[0]);
    Ok(())
}
