//! Resume after an interrupt, with a server that sends ETags, which the mock server does not.
#![cfg(unix)]

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::server::serve;
use super::site::MEDIA;
use crate::support::run::{Outcome, command, run};

const SIZE: usize = 2 * 1024 * 1024;
/// Bytes of the first response before it stalls.
const FIRST: usize = SIZE / 2;

fn content() -> Vec<u8> {
    (0..SIZE as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

/// Starts a server that stalls in the middle of the first response and completes later ones. Returns its address and the
/// first byte of each request.
fn hanging() -> std::io::Result<(String, Arc<Mutex<Vec<usize>>>)> {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let url = serve(move |from, connection| {
        let calls = {
            let mut log = log.lock().map_err(|_| std::io::ErrorKind::Other)?;
            log.push(from);
            log.len()
        };
        let status = match from {
            0 => "200 OK".to_owned(),
            from => format!("206 Partial Content\r\ncontent-range: bytes {from}-{}/{SIZE}", SIZE - 1),
        };
        let facts = "etag: \"v1\"\r\ncontent-disposition: attachment; filename=\"video.mp4\"\r\nconnection: close";
        let length = SIZE - from;
        write!(
            connection,
            "HTTP/1.1 {status}\r\n{facts}\r\ncontent-length: {length}\r\n\r\n"
        )?;
        let end = if calls == 1 { FIRST } else { SIZE };
        connection.write_all(&content()[from..end])?;
        if calls == 1 {
            thread::sleep(Duration::from_secs(60));
        }
        Ok(())
    })?;
    Ok((url, asked))
}

#[test]
fn resumes_partial_file_after_interrupt() -> Outcome {
    let (url, asked) = hanging()?;
    let parent = tempfile::tempdir()?;
    let (list, files) = (parent.path().join("list"), parent.path().join("files"));
    fs::write(&list, "boxcn1\n")?;
    fs::create_dir(&files)?;
    let mut command = command(&["download", "--endpoint", MEDIA, "--tokens-from"]);
    command.arg(list).arg("--to").arg(&files);
    for (name, value) in [("BASE_URL", url.as_str()), ("APP_ID", "cli_1"), ("APP_SECRET", "s")] {
        command.env(format!("LARKSPUR_{name}"), value);
    }
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let partial = |path: &std::path::Path| path.extension().is_some_and(|extension| extension == "part");
    let written = || -> std::io::Result<u64> {
        let paths = fs::read_dir(&files)?.flatten().map(|entry| entry.path());
        Ok(paths
            .filter(|path| partial(path))
            .filter_map(|path| Some(path.metadata().ok()?.len()))
            .sum())
    };
    while written()? < FIRST as u64 / 2 {
        assert!(child.try_wait()?.is_none(), "the run exited before the interrupt");
        thread::sleep(Duration::from_millis(5));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
    assert_eq!(child.wait()?.code(), Some(130));

    let ran = run(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(fs::read(files.join("video.mp4"))? == content(), "the file is corrupt");
    let asked = asked.lock().map_err(|_| "the server panicked")?;
    assert!(matches!(asked[..], [0, from] if from > 0), "{asked:?}");
    Ok(())
}
