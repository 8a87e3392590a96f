//! The same call by hand: the HTTP client, a URL, a header, and serde's derive.

use serde::Deserialize;

use crate::Failure;

/// What one would write for one endpoint, without checks, token renewal, limits, retries or errors that tell a cause.
pub struct Bare {
    http: reqwest::Client,
    url: String,
}

#[derive(Deserialize)]
struct Envelope {
    code: i64,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    tmp_download_urls: Vec<Link>,
}

#[derive(Deserialize)]
#[allow(dead_code)] // Decoded, as ours are.
struct Link {
    file_token: String,
    tmp_download_url: String,
}

impl Bare {
    pub fn new(base_url: &str) -> Result<Self, Failure> {
        Ok(Self {
            http: reqwest::Client::builder()
                .no_proxy()
                .tls_backend_preconfigured(tls()?)
                .build()?,
            url: format!("{base_url}/open-apis/drive/v1/medias/batch_get_tmp_download_url"),
        })
    }

    pub async fn call(&self, tokens: &[&str]) -> Result<usize, Failure> {
        let mut url = reqwest::Url::parse(&self.url)?;
        url.query_pairs_mut()
            .extend_pairs(tokens.iter().map(|token| ("file_tokens", token)));
        let request = self
            .http
            .get(url)
            .bearer_auth("t-caecc734c2e3328a62489fe0648c4b98779515d3");
        let body = request.send().await?.error_for_status()?.bytes().await?;
        let envelope: Envelope = serde_json::from_slice(&body)?;
        if envelope.code != 0 {
            return Err(format!("code {}", envelope.code).into());
        }
        Ok(envelope.data.tmp_download_urls.len())
    }
}

/// The HTTP client of this build has no TLS provider of its own.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}
