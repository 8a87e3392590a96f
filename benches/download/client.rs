//! The two sides: a transfer, and a bare loop over reqwest that writes with std.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;

use larkspur::Client;
use larkspur::drive::v1::media;
use ring::digest::{Context, SHA256};

use crate::Outcome;
use crate::setting::line;

/// Fetches one file by its arguments: the client, address of the host, token of the file, target, certificate. Prints
/// how much memory it had at most.
pub fn run(arguments: &[String]) -> Outcome<()> {
    let [way, base, token, target, certificate] = arguments else {
        return Err("fetch needs a way, a base URL, a token, a target and a certificate".into());
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (target, certificate) = (Path::new(target), fs::read(certificate)?);
    runtime.block_on(async {
        match way.split_once('+').unwrap_or((way, "")) {
            ("larkspur", extra) => transfer(base, token, target, certificate, extra).await,
            ("reqwest", extra) => bare(base, token, target, &certificate, extra).await,
            _ => Err(format!("there is no way {way}").into()),
        }
    })?;
    println!(
        "{}",
        line("/proc/self/status", "VmHWM").ok_or("the system does not report memory")?
    );
    Ok(())
}

async fn transfer(base: &str, token: &str, target: &Path, certificate: Vec<u8>, extra: &str) -> Outcome<()> {
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(base)
        .root_certificate(certificate)
        .build()?;
    let transfer = client.download(media::Download::new(token));
    let transfer = match extra {
        "" => transfer,
        "sha256" => transfer.sha256(),
        "4" => transfer.connections(4),
        _ => return Err(format!("a transfer has no {extra}").into()),
    };
    transfer.to(target).await?;
    Ok(())
}

async fn bare(base: &str, token: &str, target: &Path, certificate: &[u8], extra: &str) -> Outcome<()> {
    // Fails where another has been installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .add_root_certificate(reqwest::Certificate::from_pem(certificate)?)
        .no_proxy()
        .build()?;
    let url = format!("{base}/open-apis/drive/v1/medias/{token}/download");
    let mut response = client.get(url).send().await?.error_for_status()?;
    let mut file = File::create(target)?;
    let mut digest = (extra == "sha256").then(|| Context::new(&SHA256));
    while let Some(chunk) = response.chunk().await? {
        file.write_all(&chunk)?;
        if let Some(digest) = &mut digest {
            digest.update(&chunk);
        }
    }
    if extra == "sync" {
        file.sync_all()?;
    }
    std::hint::black_box(digest.map(Context::finish));
    Ok(())
}

/// Whether this file is as long as it should be.
pub fn check(target: &Path, bytes: u64) -> Outcome<()> {
    let mut first = [0; 1];
    File::open(target)?.read_exact(&mut first)?;
    let length = target.metadata()?.len();
    match length == bytes {
        true => Ok(()),
        false => Err(format!("received {length} of {bytes} bytes").into()),
    }
}
