//! Refusals and delays that every file of a list would meet.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use larkspur_mock::Failure;

use super::server::serve;
use super::site::{MEDIA, QUICK, Site, tokens};
use crate::support::run::Outcome;

#[tokio::test(flavor = "multi_thread")]
async fn refused_caller_ends_run_after_one_file() -> Outcome {
    for (code, requests, advice) in [
        (99_991_677, 1, "LARKSPUR_USER_TOKEN"),
        (99_991_668, 1, "LARKSPUR_USER_TOKEN"),
        // The client replaces a tenant token once.
        (99_991_663, 2, "--caller"),
        (99_991_672, 1, "drive:drive"),
        (99_991_679, 1, "drive:drive"),
        (99_991_543, 1, "LARKSPUR_APP_SECRET"),
    ] {
        let site = Site::start().await?;
        site.mock.fail_next(MEDIA, Failure::code(code).times(99))?;
        let tokens = tokens(30);
        let lines: Vec<_> = tokens.iter().map(String::as_str).collect();
        let ran = site.run(MEDIA, &lines, &["--jobs", "8"])?;
        assert_eq!(ran.code, Some(2), "{code}: {}", ran.err);
        assert!(site.mock.calls(MEDIA) <= requests, "{code}: {}", site.mock.calls(MEDIA));
        assert!(
            ran.err.contains("aborted: ") && ran.err.contains(advice),
            "{code}: {}",
            ran.err
        );
        assert!(ran.out.contains("29 left"), "{code}: {}", ran.out);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refusal_of_one_file_does_not_end_run() -> Outcome {
    let site = Site::start().await?;
    site.mock.fail_next(MEDIA, Failure::status(403))?;
    let ran = site.run(MEDIA, &["boxcn0", "boxcn1", "boxcn2"], &[])?;
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.out.contains("2 downloaded"), "{}", ran.out);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn delay_beyond_max_wait_ends_run() -> Outcome {
    let site = Site::start().await?;
    site.mock
        .fail_next(QUICK, Failure::code(99_991_400).http(429).reset(86_400).times(99))?;
    let ran = site.run(QUICK, &["a", "b", "c"], &["--max-wait", "2h"])?;
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert_eq!(site.mock.calls(QUICK), 1);
    for part in ["aborted: ", "the next request is allowed at ", "--max-wait 24h"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn reports_wait_and_its_end_once() -> Outcome {
    let site = Site::start().await?;
    site.mock
        .fail_next(QUICK, Failure::code(99_991_400).http(429).reset(86_400).times(99))?;
    let mut command = site.command(QUICK, &["a", "b", "c"], &["--max-wait", "2d", "--jobs", "3"])?;
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(child.stderr.take().ok_or("no standard error")?).lines();
    let line = lines.next().ok_or("no line")??;
    assert!(
        line.contains(QUICK) && line.contains("waiting for the rate limit until ") && line.contains(" GMT (2"),
        "{line}"
    );
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
    let rest: Vec<_> = lines.map_while(Result::ok).collect();
    assert_eq!(child.wait()?.code(), Some(143));
    assert!(rest.iter().all(|line| !line.contains("waiting")), "{rest:?}");
    Ok(())
}

/// Responses that were changed in transit: the platform's support cannot help, and neither can another run.
#[test]
fn advice_fits_the_response() -> Outcome {
    let ok = "HTTP/1.1 200 OK\r\ncontent-type: image/png";
    for (response, advice) in [
        (
            format!("{ok}\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\ngzip"),
            "proxies",
        ),
        (
            "HTTP/1.1 302 Found\r\nlocation: https://login.example.com/\r\ncontent-length: 0\r\n\r\n".to_owned(),
            "LARKSPUR_BASE_URL",
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n".to_owned(), "proxies"),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 19\r\n\r\n<html>Log in</html>".to_owned(),
            "login",
        ),
        (
            "HTTP/1.0 200 OK\r\ncontent-type: image/png\r\n\r\nbody".to_owned(),
            "proxies",
        ),
    ] {
        let url = serve(move |_, connection| connection.write_all(response.as_bytes()))?;
        let parent = tempfile::tempdir()?;
        let (list, files) = (parent.path().join("list"), parent.path().join("files"));
        std::fs::write(&list, "boxcn1\n")?;
        std::fs::create_dir(&files)?;
        let mut command = crate::support::run::command(&["download", "--endpoint", QUICK, "--format", "json"]);
        command.arg("--tokens-from").arg(list).arg("--to").arg(&files);
        for (name, value) in [("BASE_URL", url.as_str()), ("APP_ID", "cli_1"), ("APP_SECRET", "s")] {
            command.env(format!("LARKSPUR_{name}"), value);
        }
        let ran = crate::support::run::run(&mut command)?;
        let summary: serde_json::Value = serde_json::from_str(&ran.out)?;
        let found = summary["failures"][0]["advice"].as_str().unwrap_or_default();
        assert!(found.contains(advice), "{found}: {summary}");
        assert!(!found.contains("support") && !found.contains("again"), "{found}");
        assert_eq!(ran.code, Some(1), "{}", ran.err);
    }
    Ok(())
}
