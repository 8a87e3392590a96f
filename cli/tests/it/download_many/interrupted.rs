use std::process::{Child, Command, Stdio};
use std::time::Duration;

use larkspur_mock::Mock;

use super::site::{JOURNAL, MEDIA, QUICK, Site, content, tokens};
use crate::support::run::{Outcome, run};

const COUNT: usize = 20;
const JOBS: usize = 2;

fn start(command: &mut Command) -> std::io::Result<Child> {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

/// Waits until an endpoint has received this many requests.
async fn wait_for_calls(mock: &Mock, endpoint: &str, count: usize) {
    while mock.calls(endpoint) < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_run_refetches_no_finished_file() -> Outcome {
    for moment in [1, 2, 5, 9, 14, COUNT] {
        let site = Site::start().await?;
        let tokens = tokens(COUNT);
        site.put(&tokens);
        let lines: Vec<_> = tokens.iter().map(String::as_str).collect();
        let mut command = site.command(QUICK, &lines, &["--jobs", &JOBS.to_string()])?;
        let mut child = start(&mut command)?;
        wait_for_calls(&site.mock, QUICK, moment).await;
        child.kill()?;
        child.wait()?;

        let finished: Vec<_> = site.files()?.into_keys().collect();
        let ran = run(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
        assert_eq!(ran.code, Some(0), "{moment}: {}", ran.err);
        for name in finished {
            let token = name.trim_end_matches(".bin");
            assert_eq!(site.fetched(token), 1, "killed after {moment}: {token}");
        }
        assert!(
            site.mock.calls(QUICK) <= COUNT + JOBS,
            "{moment}: {}",
            site.mock.calls(QUICK)
        );
        let expected = tokens
            .iter()
            .map(|token| (format!("{token}.bin"), content(token).into_bytes()));
        assert_eq!(site.files()?, expected.collect(), "{moment}");
        assert_eq!(site.names()?.len(), COUNT + 1, "{moment}: {:?}", site.names()?);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn completes_large_partial_file_in_next_run() -> Outcome {
    let site = Site::start().await?;
    let large = vec![7; 64 * 1024 * 1024];
    site.mock
        .put_file("large", "large.bin", "application/octet-stream", large.clone());
    let mut command = site.command(MEDIA, &["large"], &[])?;
    let mut child = start(&mut command)?;
    while site.names()?.iter().all(|name| !name.ends_with(".json")) && child.try_wait()?.is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    child.kill()?;
    child.wait()?;
    let ran = run(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(site.names()?, [JOURNAL, "large.bin"]);
    assert!(site.files()?.values().all(|bytes| *bytes == large));
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn interrupt_exits_130_and_run_resumes() -> Outcome {
    // The rate limit of five files per second keeps the run busy until the interrupt.
    let site = Site::of(Mock::builder()).await?;
    let tokens = tokens(12);
    site.put(&tokens);
    let lines: Vec<_> = tokens.iter().map(String::as_str).collect();
    let mut command = site.command(MEDIA, &lines, &[])?;
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    wait_for_calls(&site.mock, MEDIA, 5).await;
    Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
    let output = child.wait_with_output()?;
    assert_eq!(output.status.code(), Some(130));
    let output = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.contains("interrupted: run the same command again to resume"),
        "{output}"
    );

    let ran = run(&mut command)?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(site.files()?.len(), tokens.len());
    assert_eq!(site.names()?.len(), tokens.len() + 1);
    Ok(())
}
