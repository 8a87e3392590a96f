//! Setting up how temporary links are followed.

use std::sync::Arc;

use reqwest::dns::Resolve;

use super::ClientBuilder;

impl ClientBuilder {
    /// Lets [`Client::download_link`](crate::Client::download_link) follow links to addresses that are not on the public
    /// internet, in clear text too: for a platform in your own network, and for stand-ins. Not allowed unless set.
    ///
    /// A link and its redirects come from outside, and a process often reaches what nobody outside does. So each address is
    /// looked at before something connects to it, those that names have included. It is not so behind a proxy that
    /// [`ClientBuilder::proxy`] was given, which resolves names itself; that of the environment is not used for links.
    pub fn allow_private_links(mut self, allow: bool) -> Self {
        self.links.allow_private = allow;
        self
    }

    /// What tells the addresses of the hosts that links lead to (a resolver of reqwest 0.13); that of the operating system
    /// unless set.
    pub fn link_resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.links.resolver = Some(resolver);
        self
    }
}
