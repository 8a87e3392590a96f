//! Id and secret of an app.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::tickets::TicketSource;
use crate::digest::hex;
use crate::endpoint::AppKind;

/// Id and secret of an app, and for a store app where its tickets come from.
#[derive(Clone)]
pub(crate) struct App {
    pub id: String,
    pub secret: SecretString,
    pub tickets: Option<Arc<dyn TicketSource>>,
}

impl App {
    pub(super) fn kind(&self) -> AppKind {
        match self.tickets {
            Some(_) => AppKind::Store,
            None => AppKind::Custom,
        }
    }

    /// The name under which processes share a token of this app. It is a digest keyed with the secret: who has
    /// a wrong secret finds no token that the right one got, and the name tells nothing of either.
    pub(super) fn share_name(&self, base_url: &str, kind: &str, tenant: &str) -> String {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, self.secret.expose_secret().as_bytes());
        let mut context = ring::hmac::Context::with_key(&key);
        for part in ["larkspur token 1", base_url, &self.id, kind, tenant] {
            // The length first: no two lists of parts are the same bytes.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        format!("token:{kind}:{}", hex(context.sign().as_ref()))
    }
}

/// Without the secret.
impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "App({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(base_url: &str, id: &str, secret: &str, tenant: &str) -> String {
        let app = App {
            id: id.to_owned(),
            secret: secret.into(),
            tickets: None,
        };
        app.share_name(base_url, "tenant", tenant)
    }

    #[test]
    fn a_token_is_shared_only_by_those_who_would_get_the_same() {
        let host = "https://open.feishu.cn";
        let shared = name(host, "cli_1", "right-secret", "");
        assert_eq!(shared, name(host, "cli_1", "right-secret", ""));
        for other in [
            name(host, "cli_1", "wrong-secret", ""),
            name("https://open.larksuite.com", "cli_1", "right-secret", ""),
            name(host, "cli_2", "right-secret", ""),
            name(host, "cli_1", "right-secret", "tenant"),
            name(host, "cli_1t", "right-secret", "enant"),
        ] {
            assert_ne!(shared, other);
        }
    }

    #[test]
    fn the_name_of_a_shared_token_holds_neither_id_nor_secret() {
        let shared = name("https://open.feishu.cn", "cli_1", "right-secret", "tenant-key");
        assert_eq!(shared.len(), "token:tenant:".len() + 64);
        for part in ["cli_1", "right-secret", "tenant-key"] {
            assert!(!shared.contains(part), "{shared}");
        }
    }
}
