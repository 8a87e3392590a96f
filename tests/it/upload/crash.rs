//! A process that is killed during an upload. It is this program, run for one test.

use crate::support::child;
use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use larkspur::UploadSource;

use crate::support::drive::{Drive, Whole, client, content};
use crate::support::{Reply, form};

const URL: &str = "LARKSPUR_TEST_URL";
const PATH: &str = "LARKSPUR_TEST_PATH";

/// What the process that is killed does; without the variables, nothing.
#[tokio::test]
async fn child_process() {
    let (Ok(url), Ok(path)) = (std::env::var(URL), std::env::var(PATH)) else {
        return;
    };
    let request = Whole::new("fld", UploadSource::path(path));
    client(&url).upload(request).resume().await.unwrap();
}

/// Kills a process once this call is received, without a response, and lets another upload resume.
async fn after_a_death_at(step: &'static str) -> (Drive, Vec<u8>, larkspur::Result<()>) {
    let mended = Arc::new(AtomicBool::new(false));
    let living = mended.clone();
    let drive = Drive::faulty(move |request| {
        let at = match request.target.as_str() {
            "/part" => format!("part {}", form::text(request, "seq").unwrap()),
            other => other.trim_start_matches('/').to_owned(),
        };
        (at == step && !living.load(Ordering::SeqCst)).then(|| Reply::data("").hang())
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("film.mp4");
    fs::write(&path, content(300)).unwrap();
    let mut child = child::test(module_path!(), "child_process")
        .env(URL, drive.platform.base_url())
        .env(PATH, &path)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while drive.calls().last().map(String::as_str) != Some(step) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    mended.store(true, Ordering::SeqCst);
    drive.platform.forget();
    let request = Whole::new("fld", UploadSource::path(&path));
    let ended = drive.client().upload(request).resume().await.map(drop);
    (drive, content(300), ended)
}

#[tokio::test]
async fn resumes_after_kill() {
    for (step, calls) in [
        (
            "prepare",
            vec!["prepare", "part 0", "part 1", "part 2", "part 3", "part 4", "finish"],
        ),
        (
            "part 0",
            vec!["part 0", "part 1", "part 2", "part 3", "part 4", "finish"],
        ),
        ("part 3", vec!["part 3", "part 4", "finish"]),
        ("finish", vec!["finish"]),
    ] {
        let (drive, content, ended) = after_a_death_at(step).await;
        ended.unwrap();
        assert_eq!(drive.calls(), calls, "{step}");
        assert_eq!(drive.files(), [("film.mp4".to_owned(), content)], "{step}");
    }
}
