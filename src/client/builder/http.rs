//! Setting up the way to the platform.

use std::time::Duration;

use super::ClientBuilder;

impl ClientBuilder {
    /// Longest wait for a connection, 10 seconds unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.transport.connect_timeout = Some(timeout);
        self
    }

    /// A proxy (of reqwest 0.13) to go through, in place of the one that the environment names. There may be several;
    /// the first that fits is taken. Unlike that of the environment, it is used for a base URL on this machine too.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let proxy = reqwest::Proxy::https("http://proxy.example:3128")?.basic_auth("user", "password");
    /// let client = larkspur::Client::builder().tenant_token("t-xxx").proxy(proxy).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn proxy(mut self, proxy: reqwest::Proxy) -> Self {
        self.transport.proxies.push(proxy);
        self
    }

    /// Root certificates to trust beside those of the operating system: the content of a PEM file, which may hold
    /// several.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.transport.roots.push(pem.into());
        self
    }

    /// An HTTP client of your own (of reqwest 0.13). It is taken as it is; [`ClientBuilder::connect_timeout`],
    /// [`ClientBuilder::proxy`] and [`ClientBuilder::root_certificate`] have no effect on it.
    ///
    /// Switch its redirects off (`redirect::Policy::none()`): an answer from another host than the
    /// platform's is refused, but by then that host has had headers of the call, and after a 307 the
    /// body with the app's secret. Switch its retries off as well (`retry::never()`): they know no budget.
    pub fn http(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// Largest JSON answer that is taken into memory, in bytes; 64 MiB unless set. A larger one is an error. Files have
    /// no such limit: they are streamed.
    pub fn max_json_bytes(mut self, bytes: u64) -> Self {
        self.max_json_bytes = Some(bytes);
        self
    }
}
