//! Logins in files: whole or not at all, for their owner alone, renewed by one process at a time.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use larkspur::secret::ExposeSecret;
use larkspur::store::{FileLogins, LoginStore, StoredLogin};

const LONGEST: Duration = Duration::from_secs(60);

fn login(token: &str) -> StoredLogin {
    StoredLogin {
        access_token: token.into(),
        access_expires: SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000),
        refresh_token: Some("r-1".into()),
        refresh_expires: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000)),
        scope: "offline_access".to_owned(),
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

#[tokio::test]
async fn login_persists_across_processes() {
    let directory = tempfile::tempdir().unwrap();
    let saved = login("u-1");
    FileLogins::new(directory.path())
        .unwrap()
        .save("ada", &saved)
        .await
        .unwrap();
    let store = FileLogins::new(directory.path()).unwrap();
    let loaded = store.load("ada").await.unwrap().unwrap();
    assert_eq!(loaded.access_token.expose_secret(), "u-1");
    assert_eq!(loaded.refresh_token.unwrap().expose_secret(), "r-1");
    assert_eq!(loaded.access_expires, saved.access_expires);
    assert_eq!(loaded.refresh_expires, saved.refresh_expires);
    assert_eq!(loaded.scope, saved.scope);
    assert!(store.load("grace").await.unwrap().is_none());
}

#[tokio::test]
async fn user_name_is_never_a_path() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("logins");
    let store = FileLogins::new(&directory).unwrap();
    let long = "a".repeat(10_000);
    for user in ["../outside", "/etc/passwd", "a/b", "", ".", "NUL", "ada\0", &long] {
        store.save(user, &login(user.get(..3).unwrap_or("u"))).await.unwrap();
        assert!(store.load(user).await.unwrap().is_some());
    }
    assert_eq!(files(&directory).len(), 8);
    assert_eq!(files(parent.path()), [directory]);
}

#[cfg(unix)]
#[tokio::test]
async fn login_file_is_private_to_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("logins");
    let store = FileLogins::new(&directory).unwrap();
    store.save("ada", &login("u-1")).await.unwrap();
    let _lease = store.lock("ada", LONGEST).await.unwrap().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    let files = files(&directory);
    assert_eq!(files.len(), 2);
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn refresh_lock_is_exclusive_and_ends_with_lease() {
    let directory = tempfile::tempdir().unwrap();
    let (one, other) = (
        FileLogins::new(directory.path()).unwrap(),
        FileLogins::new(directory.path()).unwrap(),
    );
    let lease = one.lock("ada", LONGEST).await.unwrap();
    assert!(lease.is_some());
    assert!(other.lock("ada", LONGEST).await.unwrap().is_none());
    assert!(other.lock("grace", LONGEST).await.unwrap().is_some());
    drop(lease);
    assert!(other.lock("ada", LONGEST).await.unwrap().is_some());
}

#[tokio::test]
async fn invalid_file_is_named_without_content() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileLogins::new(directory.path()).unwrap();
    store.save("ada", &login("u-1")).await.unwrap();
    let file = &files(directory.path())[0];
    for text in ["", "{\"access_token\":\"u-canary\"}", "u-canary"] {
        fs::write(file, text).unwrap();
        let error = store.load("ada").await.unwrap_err().to_string();
        assert!(error.contains(file.to_str().unwrap()), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn failed_write_keeps_previous_login() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileLogins::new(directory.path()).unwrap();
    store.save("ada", &login("u-1")).await.unwrap();
    let file = files(directory.path()).remove(0);
    // A directory in the place of the file cannot be replaced by one.
    let before = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let error = store.save("ada", &login("u-2")).await.unwrap_err().to_string();
    assert!(error.contains("writing") && !error.contains("u-2"), "{error}");
    fs::remove_dir(&file).unwrap();
    fs::write(&file, before).unwrap();
    assert!(store.load("ada").await.unwrap().is_some());
    // And nothing is left lying about.
    assert_eq!(files(directory.path()), [file]);
}

#[cfg(unix)]
#[tokio::test]
async fn refuses_linked_login_and_lock() {
    let parent = tempfile::tempdir().unwrap();
    let (directory, elsewhere) = (parent.path().join("logins"), parent.path().join("elsewhere"));
    let store = FileLogins::new(&directory).unwrap();
    store.save("ada", &login("u-1")).await.unwrap();
    let saved = files(&directory).remove(0);
    fs::rename(&saved, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &saved).unwrap();
    let refused = store.load("ada").await.unwrap_err().to_string();
    assert!(
        refused.contains("it is a symbolic link: move or remove it"),
        "{refused}"
    );

    let lock = saved.with_extension("lock");
    fs::hard_link(&elsewhere, &lock).unwrap();
    let refused = store.lock("ada", LONGEST).await.map(drop).unwrap_err().to_string();
    assert!(
        refused.contains("it has more than one hard link: move or remove it"),
        "{refused}"
    );
    assert!(refused.contains(lock.to_str().unwrap()), "{refused}");
}
