//! A login as text, for the stores that keep texts.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::StoredLogin;

/// What logins are written as; another version is refused, not guessed at.
const VERSION: u64 = 1;

/// The login as one JSON object, so that the two tokens of a pair are never apart.
pub(crate) fn write(login: &StoredLogin) -> SecretString {
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

/// The login that was written so; `None` where this is something else.
pub(crate) fn read(text: &[u8]) -> Option<StoredLogin> {
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

/// Milliseconds since 1970; a time before that is as expired as 1970.
fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_login_of_this_version_is_none() {
        let login = StoredLogin {
            access_token: "u-1".into(),
            access_expires: UNIX_EPOCH,
            refresh_token: None,
            refresh_expires: None,
            scope: String::new(),
        };
        let text = write(&login).expose_secret().to_owned();
        assert!(read(text.as_bytes()).is_some());
        for other in [
            text.replace("\"version\":1", "\"version\":2"),
            text.replace("access_expires_ms\":0", "access_expires_ms\":-1"),
            text.replace("\"u-1\"", "7"),
            text[1..].to_owned(),
        ] {
            assert!(read(other.as_bytes()).is_none(), "{other}");
        }
    }
}
