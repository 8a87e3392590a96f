//! What memory an upload takes.
//!
//! `cargo bench --bench upload` sends a file of 1 GiB in parts, and one of 20 MiB in one call, to a server in this process that
//! discards the bytes, and prints the most memory that the process had meanwhile (Linux).

mod server;

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use larkspur::drive::v1::file::{ParentType, UploadAll};
use larkspur::{Client, RateLimitMode, UploadSource};

const MIB: u64 = 1024 * 1024;

#[tokio::main]
#[allow(clippy::print_stdout)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder().tenant_token("t-1").rate_limits(RateLimitMode::Off);
    let client = client.base_url(server::start().await?).build()?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("file.bin");
    // What the client and the first connection need is there before.
    send(&client, &path, MIB).await?;
    for size in [20 * MIB, 1024 * MIB] {
        let before = resident("VmRSS:")?;
        forget_the_most()?;
        let started = Instant::now();
        send(&client, &path, size).await?;
        let elapsed = started.elapsed();
        println!(
            "{} MiB in {elapsed:.2?}: {:.1} MiB on top of {:.1} MiB",
            size / MIB,
            mib(resident("VmHWM:")?.saturating_sub(before)),
            mib(before),
        );
    }
    Ok(())
}

async fn send(client: &Client, path: &Path, size: u64) -> Result<(), Box<dyn std::error::Error>> {
    // A file with nothing but a length: it takes no room on the disk.
    File::create(path)?.set_len(size)?;
    let request = UploadAll::new(ParentType::Explorer, "fld", UploadSource::path(path));
    client.upload(request).await?;
    Ok(())
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// A line of the kernel's status of this process, in KiB; 0 on other systems than Linux.
fn resident(name: &str) -> std::io::Result<u64> {
    let status = match std::fs::read_to_string("/proc/self/status") {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        other => other?,
    };
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    Ok(number.unwrap_or_default())
}

/// Sets the most memory back to what there is now.
fn forget_the_most() -> std::io::Result<()> {
    match std::fs::write("/proc/self/clear_refs", "5") {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
