//! What an upload leaves for a later one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use larkspur::error::{ErrorKind, UploadError};
use larkspur::{Client, UploadSource};

use crate::support::drive::{Drive, FORGOTTEN, Stored, Whole, content};
use crate::support::{Reply, form};

/// A file of three parts, and a drive that rejects the last of them until it is repaired.
struct Broken {
    drive: Drive,
    directory: tempfile::TempDir,
    mended: Arc<AtomicBool>,
}

impl Broken {
    async fn at(step: &'static str) -> Self {
        let mended = Arc::new(AtomicBool::new(false));
        let whole = mended.clone();
        let drive = Drive::faulty(move |request| {
            let at = match request.target.as_str() {
                "/part" => format!("part {}", form::text(request, "seq").unwrap()),
                other => other.trim_start_matches('/').to_owned(),
            };
            let broken = at == step && !whole.load(Ordering::SeqCst);
            broken.then(|| Reply::json(503, "busy"))
        })
        .await;
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("film.mp4"), content(150)).unwrap();
        Self {
            drive,
            directory,
            mended,
        }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("film.mp4")
    }

    fn state(&self) -> PathBuf {
        self.directory.path().join("film.mp4.larkspur-upload")
    }

    fn request(&self) -> Whole {
        Whole::new("fld", UploadSource::path(self.path()))
    }

    async fn upload(&self) -> larkspur::Result<Stored> {
        self.client().upload(self.request()).resume().await
    }

    fn client(&self) -> Client {
        crate::support::drive::client(&self.drive.platform.base_url())
    }

    fn mend(&self) {
        self.mended.store(true, Ordering::SeqCst);
        self.drive.platform.forget();
    }
}

fn left(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn later_upload_sends_missing_parts() {
    let broken = Broken::at("part 2").await;
    broken.upload().await.unwrap_err();
    broken.mend();
    let stored = broken.upload().await.unwrap();
    assert_eq!(stored.file_token.as_deref(), Some("box-1"));
    assert_eq!(broken.drive.calls(), ["part 2", "finish"]);
    assert_eq!(broken.drive.files(), [("film.mp4".to_owned(), content(150))]);
    assert_eq!(left(broken.directory.path()), ["film.mp4"]);
}

#[tokio::test]
async fn leaves_no_state_without_resume() {
    let broken = Broken::at("part 2").await;
    broken.client().upload(broken.request()).await.unwrap_err();
    assert_eq!(left(broken.directory.path()), ["film.mp4"]);
}

#[tokio::test]
async fn saved_state_has_no_secrets() {
    let broken = Broken::at("part 2").await;
    let mut request = broken.request();
    request.folder = "fld-of-somebody".to_owned();
    broken.client().upload(request).resume().await.unwrap_err();
    let text = fs::read_to_string(broken.state()).unwrap();
    assert!(!text.contains("fld-of-somebody") && !text.contains("t-1"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(broken.state()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn restarts_for_changed_file() {
    for same_time in [false, true] {
        let broken = Broken::at("part 2").await;
        broken.upload().await.unwrap_err();
        broken.mend();
        let time = fs::metadata(broken.path()).unwrap().modified().unwrap();
        let mut other = content(150);
        other[70] ^= 1;
        fs::write(broken.path(), &other).unwrap();
        if same_time {
            let file = fs::File::options().append(true).open(broken.path()).unwrap();
            file.set_modified(time).unwrap();
        }
        broken.upload().await.unwrap();
        assert_eq!(broken.drive.calls()[0], "prepare");
        assert_eq!(broken.drive.files()[0].1, other);
    }
}

#[tokio::test]
async fn ignores_state_of_another_request() {
    let broken = Broken::at("part 2").await;
    broken.upload().await.unwrap_err();
    broken.mend();
    let mut request = broken.request();
    request.folder = "other".to_owned();
    broken.client().upload(request).resume().await.unwrap();
    assert_eq!(broken.drive.calls()[0], "prepare");
}

#[tokio::test]
async fn restarts_if_platform_forgot_upload() {
    let broken = Broken::at("part 2").await;
    broken.upload().await.unwrap_err();
    broken.mend();
    broken.drive.forget();
    broken.upload().await.unwrap();
    let calls = ["part 2", "prepare", "part 0", "part 1", "part 2", "finish"];
    assert_eq!(broken.drive.calls(), calls);
    assert_eq!(broken.drive.files()[0].1, content(150));
}

#[tokio::test]
async fn ignores_expired_state() {
    let broken = Broken::at("part 2").await;
    broken.upload().await.unwrap_err();
    broken.mend();
    age(&broken.state());
    broken.upload().await.unwrap();
    assert_eq!(
        broken.drive.calls(),
        ["prepare", "part 0", "part 1", "part 2", "finish"]
    );
}

/// Makes what was left two days old.
fn age(state: &Path) {
    let text = fs::read_to_string(state).unwrap();
    let json = text.lines().nth(1).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(json).unwrap();
    let started = value["started"].as_u64().unwrap();
    value["started"] = (started - 2 * 86400).into();
    let json = value.to_string();
    let digest = ring::digest::digest(&ring::digest::SHA256, json.as_bytes());
    let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(state, format!("larkspur upload 1 {digest}\n{json}\n")).unwrap();
}

#[tokio::test]
async fn repeats_only_the_last_step() {
    let broken = Broken::at("finish").await;
    broken.upload().await.unwrap_err();
    broken.mend();
    broken.upload().await.unwrap();
    assert_eq!(broken.drive.calls(), ["finish"]);
}

/// Nobody knows whether the file is there already.
#[tokio::test]
async fn uncertain_finish_is_not_repeated() {
    let broken = Broken::at("finish").await;
    broken.upload().await.unwrap_err();
    broken.mend();
    broken.drive.forget();
    let error = broken.upload().await.unwrap_err();
    assert_eq!(error.code(), Some(FORGOTTEN));
    assert_eq!(broken.drive.calls(), ["finish"]);
    assert_eq!(left(broken.directory.path()), ["film.mp4"]);
}

#[tokio::test]
async fn concurrent_uploads_do_not_share_state() {
    let broken = Broken::at("part 2").await;
    broken.upload().await.unwrap_err();
    broken.mend();
    broken.drive.platform.hold_calls();
    let first = tokio::spawn({
        let (client, request) = (broken.client(), broken.request());
        async move { client.upload(request).resume().await }
    });
    while broken.drive.platform.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    let error = broken.upload().await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Upload(UploadError::Busy { .. })),
        "{error}"
    );
    broken.drive.platform.answer_calls(100);
    first.await.unwrap().unwrap();
    assert_eq!(broken.drive.files().len(), 1);
}

#[tokio::test]
async fn in_memory_upload_saves_state_at_path() {
    let broken = Broken::at("part 2").await;
    let state = broken.directory.path().join("state");
    let request = || Whole::new("fld", UploadSource::bytes("film.mp4", content(150)));
    let upload = || broken.client().upload(request()).resume_at(&state);
    upload().await.unwrap_err();
    broken.mend();
    upload().await.unwrap();
    assert_eq!(broken.drive.calls(), ["part 2", "finish"]);
    let error = broken.client().upload(request()).resume().await.unwrap_err();
    assert!(error.to_string().contains("resume_at"), "{error}");
}

#[tokio::test]
async fn never_overwrites_foreign_file() {
    let broken = Broken::at("part 2").await;
    let notes = broken.directory.path().join("notes.txt");
    fs::write(&notes, "my notes").unwrap();
    let error = broken
        .client()
        .upload(broken.request())
        .resume_at(&notes)
        .await
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
    assert_eq!(fs::read_to_string(&notes).unwrap(), "my notes");
    assert_eq!(broken.drive.calls(), [""; 0]);
}
