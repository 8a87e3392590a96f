//! `larkspur download` of one file: the same engine as for a list.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use larkspur_mock::{Failure, Mock, sample};

use crate::download_many::server::{FirstEnd, serve, serve_file};
use crate::support::run::{Outcome, command, run};

const MEDIA: &str = "drive.v1.media.download";
const SIZE: usize = 1024 * 1024;
/// More than one write, so that the partial file has a sidecar.
const FIRST: usize = 700_000;

fn content() -> Vec<u8> {
    (0..SIZE as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

/// Returns the command with an app of a server.
fn with_app(mut command: Command, url: &str) -> Command {
    for (name, value) in [("BASE_URL", url), ("APP_ID", "cli_1"), ("APP_SECRET", "s")] {
        command.env(format!("LARKSPUR_{name}"), value);
    }
    command
}

fn download(url: &str, to: &Path, arguments: &[&str]) -> Command {
    let mut command = command(&["download", "--endpoint", MEDIA, "boxcn1", "--to"]);
    command.arg(to).args(arguments);
    with_app(command, url)
}

fn of_mock(mock: &Mock, to: &Path, arguments: &[&str]) -> Command {
    let mut command = download(mock.base_url(), to, arguments);
    command.env("LARKSPUR_APP_ID", mock.app_id());
    command.env("LARKSPUR_APP_SECRET", mock.app_secret());
    command
}

fn names(directory: &Path) -> std::io::Result<Vec<String>> {
    fs::read_dir(directory)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// Returns the number of bytes in partial files.
fn partial_bytes(directory: &Path) -> std::io::Result<u64> {
    let partial = names(directory)?.into_iter().filter(|name| name.ends_with(".part"));
    Ok(partial
        .filter_map(|name| Some(directory.join(name).metadata().ok()?.len()))
        .sum())
}

#[test]
fn resumes_after_lost_connection() -> Outcome {
    let (url, starts) = serve_file(content(), FIRST, FirstEnd::Cut)?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("f");
    let ran = run(&mut download(&url, &path, &[]))?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(fs::read(&path)? == content(), "the file is corrupt");
    let starts = starts.lock().map_err(|_| "the server panicked")?;
    assert!(matches!(starts[..], [0, from] if from > 0), "{starts:?}");
    assert_eq!(names(directory.path())?, ["f"]);
    Ok(())
}

#[cfg(unix)]
#[test]
fn interrupted_file_is_resumed_by_next_run() -> Outcome {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let (url, starts) = serve_file(content(), FIRST, FirstEnd::Stall)?;
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("f");
        let mut command = download(&url, &path, &[]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        while partial_bytes(directory.path())? < FIRST as u64 / 2 {
            assert!(child.try_wait()?.is_none(), "the command ended before the signal");
            thread::sleep(Duration::from_millis(5));
        }
        Command::new("kill").args([signal, &child.id().to_string()]).status()?;
        let output = child.wait_with_output()?;
        assert_eq!(output.status.code(), Some(code));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            text.contains("interrupted: run the same command again to resume"),
            "{text}"
        );

        let ran = run(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(fs::read(&path)? == content(), "the file is corrupt");
        let starts = starts.lock().map_err(|_| "the server panicked")?;
        assert!(matches!(starts[..], [0, from] if from > 0), "{starts:?}");
        assert_eq!(names(directory.path())?, ["f"]);
    }
    Ok(())
}

/// Nothing can be resumed: a range, and a response before its first byte.
#[cfg(unix)]
#[test]
fn interrupt_removes_useless_partial_file() -> Outcome {
    for (bytes, arguments) in [(0, &[][..]), (10, &["--range", "0-99"])] {
        let url = serve(move |_, connection| {
            let head = "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-99/1000\r\ncontent-length: 100";
            let head = if bytes == 0 {
                "HTTP/1.1 200 OK\r\ncontent-length: 100"
            } else {
                head
            };
            write!(connection, "{head}\r\nconnection: close\r\n\r\n")?;
            connection.write_all(&vec![7; bytes])?;
            thread::sleep(Duration::from_secs(60));
            Ok(())
        })?;
        let directory = tempfile::tempdir()?;
        let mut command = download(&url, &directory.path().join("f"), arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        while names(directory.path())?.is_empty() {
            assert!(child.try_wait()?.is_none(), "the command ended before the signal");
            thread::sleep(Duration::from_millis(5));
        }
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
        assert_eq!(child.wait()?.code(), Some(143));
        assert!(names(directory.path())?.is_empty(), "{:?}", names(directory.path())?);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn dash_is_standard_output() -> Outcome {
    let mock = Mock::start().await?;
    let whole = sample(MEDIA, "boxcn1").bytes;
    let output = of_mock(&mock, Path::new("-"), &[]).output()?;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, whole);
    let output = of_mock(&mock, Path::new("-"), &["--range", "0-9"]).output()?;
    assert_eq!(output.stdout, whole[..10]);
    Ok(())
}

#[test]
fn standard_output_resumes_after_lost_body() -> Outcome {
    let (url, _) = serve_file(content(), FIRST, FirstEnd::Cut)?;
    let output = download(&url, Path::new("-"), &[]).output()?;
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout == content(), "the output is corrupt");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn existing_file_needs_overwrite() -> Outcome {
    let mock = Mock::start().await?;
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("file");
    let whole = sample(MEDIA, "boxcn1").bytes;
    for (arguments, expected) in [(&[][..], &whole[..]), (&["--range", "0-9"], &whole[..10])] {
        fs::write(&file, "old")?;
        let requests = mock.requests().len();
        let ran = run(&mut of_mock(&mock, &file, arguments))?;
        assert_eq!((ran.code, mock.requests().len()), (Some(2), requests), "{}", ran.err);
        assert!(ran.err.contains("--overwrite"), "{}", ran.err);
        assert_eq!(fs::read(&file)?, b"old");

        let ran = run(&mut of_mock(&mock, &file, &[arguments, &["--overwrite"]].concat()))?;
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert_eq!(fs::read(&file)?, expected);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn directory_gets_numbers_or_overwrites() -> Outcome {
    let mock = Mock::start().await?;
    let directory = tempfile::tempdir()?;
    for (arguments, files) in [(&[][..], 1), (&[], 2), (&["--overwrite"], 2), (&["--range", "0-9"], 3)] {
        let ran = run(&mut of_mock(&mock, directory.path(), arguments))?;
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert_eq!(names(directory.path())?.len(), files, "{arguments:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_secret_has_same_advice_as_in_list() -> Outcome {
    let mock = Mock::start().await?;
    let directory = tempfile::tempdir()?;
    let list = directory.path().join("list");
    fs::write(&list, "boxcn1\n")?;
    let mut many = command(&["download", "--endpoint", MEDIA, "--tokens-from"]);
    many.arg(list).arg("--to").arg(directory.path());
    let many = with_app(many, mock.base_url());
    let one = download(mock.base_url(), directory.path(), &[]);
    for mut command in [one, many] {
        command.env("LARKSPUR_APP_ID", mock.app_id());
        let ran = run(command.env("LARKSPUR_APP_SECRET", "not-the-secret"))?;
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        let advice = "check LARKSPUR_APP_ID, LARKSPUR_APP_SECRET and LARKSPUR_BASE_URL";
        assert!(ran.err.contains(advice), "{}", ran.err);
        assert!(!ran.err.contains("not-the-secret"), "{}", ran.err);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn long_delay_ends_single_download() -> Outcome {
    let mock = Mock::start().await?;
    let directory = tempfile::tempdir()?;
    mock.fail_next(MEDIA, Failure::code(99_991_400).http(429).reset(86_400).times(9))?;
    let ran = run(&mut of_mock(&mock, directory.path(), &[]))?;
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(
        ran.err.contains("the next request is allowed at ") && ran.err.contains("--max-wait 24h"),
        "{}",
        ran.err
    );
    assert_eq!(mock.calls(MEDIA), 1);
    assert!(names(directory.path())?.is_empty());
    Ok(())
}
