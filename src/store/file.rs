//! A store for logins in files, and the JSON format of a stored login.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::{Lease, LoginStore, Pending, StoreError, StoredLogin};
use crate::secret::sha256_hex;
use crate::transfer::{Directory, OwnFile};

/// A login store with one file per user in a directory. Logins survive the process, and processes of one machine can
/// share them.
///
/// Files contain plain tokens: a file is readable by its owner only (mode 0600 on Unix), and a directory created by
/// this store is private (mode 0700). If that is not enough, implement [`LoginStore`] on top of a secret store. Files
/// are replaced atomically: a login is written and synced to a new file that is then renamed. A file that is a link, has other
/// names or belongs to another user is refused.
///
/// The lock of a login is a file lock, which the operating system releases with the process, but not while a process
/// hangs. The directory must be on a file system with reliable locks, as local ones have.
#[derive(Debug, Clone)]
pub struct FileLogins {
    directory: PathBuf,
}

impl FileLogins {
    /// Creates a store in this directory, which is created if missing.
    ///
    /// # Errors
    ///
    /// If the directory cannot be created.
    pub fn new(directory: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let directory = directory.into();
        make_directory(&directory).map_err(|error| at(&directory, "creating", &error))?;
        Ok(Self { directory })
    }

    /// Returns the path of a user's file. The name is a digest, so any identifier is a valid file name.
    fn file(&self, user: &str, ending: &str) -> PathBuf {
        self.directory.join(format!("{}.{ending}", sha256_hex(user)))
    }
}

impl LoginStore for FileLogins {
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>> {
        let path = self.file(user, "json");
        blocking(move || match OwnFile::read(&path) {
            Ok(text) => decode_login(&text)
                .map(Some)
                .ok_or_else(|| StoreError::new(format!("{} is not a login file of format version 1", path.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&path, "reading", &error)),
        })
    }

    fn save<'a>(&'a self, user: &'a str, login: &'a StoredLogin) -> Pending<'a, Result<(), StoreError>> {
        let (path, login, directory) = (self.file(user, "json"), login.clone(), self.directory.clone());
        blocking(move || replace(&directory, &path, &login).map_err(|error| at(&path, "writing", &error)))
    }

    fn lock<'a>(&'a self, user: &'a str, _ttl: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        let path = self.file(user, "lock");
        blocking(move || {
            // The file stays, since another process may have it open.
            let file = OwnFile::lock(&path).map_err(|error| at(&path, "locking", &error))?;
            Ok(file.map(|file| Lease::new(move || drop(file))))
        })
    }
}

/// Runs blocking work on the blocking thread pool.
fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Pending<'static, Result<T, StoreError>> {
    Box::pin(async move {
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|_| {
            Err(StoreError::new(
                "the operation was cancelled: the runtime has shut down",
            ))
        })
    })
}

/// Replaces the file atomically: writes and syncs a new file, then renames it.
fn replace(directory: &Path, path: &Path, login: &StoredLogin) -> io::Result<()> {
    // Mode 0600 on Unix.
    let mut file = tempfile::Builder::new().prefix(".login-").tempfile_in(directory)?;
    file.write_all(encode_login(login).expose_secret().as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Directory::open(directory)?.sync()
}

fn make_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

fn at(path: &Path, action: &str, error: &io::Error) -> StoreError {
    StoreError::new(format!("{action} {} failed: {error}", path.display()))
}

/// Version of the format; other versions are rejected.
const VERSION: u64 = 1;

/// Encodes a login as one JSON object, so that both tokens are always replaced together.
pub(crate) fn encode_login(login: &StoredLogin) -> SecretString {
    let object = json!({
        "version": VERSION,
        "access_token": login.access_token.expose_secret(),
        "access_expires_ms": millis(login.access_expires),
        "refresh_token": login.refresh_token.as_ref().map(|token| token.expose_secret()),
        "refresh_expires_ms": login.refresh_expires.map(millis),
        "scope": login.scope,
    });
    object.to_string().into()
}

/// Decodes a login; `None` if the text is anything else.
pub(crate) fn decode_login(text: &[u8]) -> Option<StoredLogin> {
    let object: Value = serde_json::from_slice(text).ok()?;
    let text = |key: &str| Some(object.get(key)?.as_str()?.to_owned());
    let time = |key: &str| UNIX_EPOCH.checked_add(Duration::from_millis(object.get(key)?.as_u64()?));
    if object.get("version")?.as_u64()? != VERSION {
        return None;
    }
    Some(StoredLogin {
        access_token: text("access_token")?.into(),
        access_expires: time("access_expires_ms")?,
        refresh_token: text("refresh_token").map(SecretString::from),
        refresh_expires: time("refresh_expires_ms"),
        scope: text("scope").unwrap_or_default(),
    })
}

/// Returns milliseconds since 1970; earlier times count as 1970, which has expired too.
fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_other_formats() {
        let login = StoredLogin {
            access_token: "u-1".into(),
            access_expires: UNIX_EPOCH,
            refresh_token: None,
            refresh_expires: None,
            scope: String::new(),
        };
        let text = encode_login(&login).expose_secret().to_owned();
        assert!(decode_login(text.as_bytes()).is_some());
        for other in [
            text.replace("\"version\":1", "\"version\":2"),
            text.replace("access_expires_ms\":0", "access_expires_ms\":-1"),
            text.replace("\"u-1\"", "7"),
            text[1..].to_owned(),
        ] {
            assert!(decode_login(other.as_bytes()).is_none(), "{other}");
        }
    }
}
