use std::fs;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use super::server::serve;
use super::site::{QUICK, tokens};
use crate::support::run::{Outcome, command, run};

const JOBS: usize = 3;

#[test]
fn jobs_limit_parallel_downloads() -> Outcome {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let (calls, together) = (AtomicUsize::new(0), Barrier::new(JOBS));
    let url = serve(move |_, connection| {
        seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        if calls.fetch_add(1, Ordering::SeqCst) < JOBS {
            together.wait();
        }
        // Long enough for further requests to arrive.
        thread::sleep(Duration::from_millis(50));
        now.fetch_sub(1, Ordering::SeqCst);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\nconnection: close\r\ncontent-length: 4";
        write!(connection, "{head}\r\n\r\nfile")
    })?;
    let parent = tempfile::tempdir()?;
    let (list, files) = (parent.path().join("list"), parent.path().join("files"));
    fs::write(&list, tokens(12).join("\n"))?;
    fs::create_dir(&files)?;
    let mut command = command(&[
        "download",
        "--endpoint",
        QUICK,
        "--jobs",
        &JOBS.to_string(),
        "--tokens-from",
    ]);
    command.arg(list).arg("--to").arg(&files);
    for (name, value) in [("BASE_URL", url.as_str()), ("APP_ID", "cli_1"), ("APP_SECRET", "s")] {
        command.env(format!("LARKSPUR_{name}"), value);
    }
    let ran = run(&mut command)?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    // The server sends no names, so that the tokens and the media type are used.
    assert_eq!(fs::read(files.join("boxcn11.png"))?, b"file");
    assert_eq!(most.load(Ordering::SeqCst), JOBS);
    Ok(())
}
