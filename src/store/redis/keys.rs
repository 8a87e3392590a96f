//! The names of what is kept in Redis.

use std::fmt;
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::store::WindowKey;

/// What may stand in a part of a name. A tenant's key comes from outside: it must not end its part, nor be a
/// pattern, nor choose the node of a cluster.
const IN_A_PART: AsciiSet = NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'-');
/// What may stand in the prefix, which the program chooses.
const IN_THE_PREFIX: AsciiSet = IN_A_PART.remove(b':').remove(b'/');

/// What is kept under a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Token,
    TokenLock,
    Login,
    LoginLock,
}

/// Names that all begin alike.
#[derive(Clone)]
pub(super) struct Keys(Arc<str>);

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self(utf8_percent_encode(prefix, &IN_THE_PREFIX).to_string().into())
    }

    pub(super) fn prefix(&self) -> &str {
        &self.0
    }

    /// The name of a token, a login, or the lock of one.
    pub(super) fn of(&self, kind: Kind, name: &str) -> String {
        format!("{}:{kind}:{}", self.0, utf8_percent_encode(name, &IN_A_PART))
    }

    /// The names for the windows of this key. What stands in braces puts both on one node of a cluster, as a script
    /// that uses both needs.
    pub(super) fn windows(&self, key: WindowKey<'_>) -> WindowNames {
        let [app, tenant, endpoint] =
            [key.app, key.tenant, key.endpoint].map(|part| utf8_percent_encode(part, &IN_A_PART));
        let node = format!("{{{app}/{tenant}/{endpoint}}}");
        WindowNames {
            calls: format!("{}:calls:{node}", self.0),
            pause: format!("{}:pause:{node}", self.0),
        }
    }
}

/// Where the calls of an endpoint are counted, and whether they pause.
pub(super) struct WindowNames {
    pub(super) calls: String,
    pub(super) pause: String,
}

impl Default for Keys {
    fn default() -> Self {
        Self("larkspur".into())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token => "token",
            Self::TokenLock => "token-lock",
            Self::Login => "login",
            Self::LoginLock => "login-lock",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_tenant(tenant: &str) -> String {
        let names = Keys::default().windows(WindowKey {
            app: "cli_1",
            tenant,
            endpoint: "im.v1.file.get",
        });
        names.calls
    }

    #[test]
    fn a_part_cannot_end_itself_or_the_hash_tag() {
        assert_eq!(
            of_tenant("a/b}{:"),
            "larkspur:calls:{cli_1/a%2Fb%7D%7B%3A/im.v1.file.get}"
        );
    }

    #[test]
    fn an_encoded_part_is_not_the_same_as_its_plain_text() {
        assert_ne!(of_tenant("a/b"), of_tenant("a%2Fb"));
    }

    #[test]
    fn a_prefix_cannot_hold_a_hash_tag() {
        assert_eq!(
            Keys::new("crm/eu:{x}").of(Kind::Login, "ada@x"),
            "crm/eu:%7Bx%7D:login:ada%40x"
        );
    }
}
