//! Resume after an interrupt, with a server that sends ETags, which the mock server does not.
#![cfg(unix)]

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::server::{FirstEnd, serve_file};
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

#[test]
fn resumes_partial_file_after_interrupt() -> Outcome {
    let (url, asked) = serve_file(content(), FIRST, FirstEnd::Stall)?;
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
