//! `larkspur download`: a file from any endpoint that gives one.

mod request;

use std::path::{Path, PathBuf};

use clap::Args;
use larkspur::endpoint::{Endpoint, ResponseKind};
use larkspur::{ByteRange, Client, Saved};

use self::request::{Extra, Wanted};
use crate::output;
use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur download --endpoint drive.v1.media.download boxcnrHpsg1QDqXAAAyachabcef
  larkspur download --endpoint im.v1.file.get file_456a92d6 --to report.pdf
  larkspur download --endpoint drive.v1.media.download boxcn1 --range 0-1023 --to head.bin

The app comes from the environment alone: LARKSPUR_APP_ID, LARKSPUR_APP_SECRET, and LARKSPUR_BASE_URL
for anything but Feishu. Arguments would end up in the history of the shell.";

/// Download a file.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Id of the endpoint.
    #[arg(long, value_name = "ID")]
    endpoint: String,
    /// Token or key of the file: the path parameters of the endpoint, in their order.
    #[arg(required = true, value_name = "TOKEN")]
    values: Vec<String>,
    /// File to write, or directory to write into under the name that the platform gives.
    #[arg(long, value_name = "PATH_OR_DIR", default_value = ".")]
    to: PathBuf,
    /// Only these bytes: `0-1023`, `1024-`, or `-512` for the last ones.
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true)]
    range: Option<ByteRange>,
    /// A parameter of the query, such as `extra=...`; may be given several times.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    query: Vec<(String, String)>,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    let endpoint = find(&arguments.endpoint)?;
    let extra = Extra {
        range: arguments.range,
        query: arguments.query.clone(),
    };
    let request = Wanted::new(endpoint, arguments.values.clone(), extra)?;
    can_take_a_file(&arguments.to)?;
    let client = Client::from_env().map_err(Stop::unable)?;
    let download = client.fetch(&request).await.map_err(Stop::failed)?;
    let saved = if arguments.to.is_dir() {
        download.save_in(&arguments.to).await
    } else {
        download.save(&arguments.to).await
    };
    let Saved { path, bytes, .. } = saved.map_err(Stop::failed)?;
    output::line(format!("{} ({bytes} bytes)", path.display()))?;
    Ok(())
}

/// Looks before anything is sent: a large download must not end in a slip of the path.
fn can_take_a_file(to: &Path) -> Result<(), Stop> {
    if to.is_dir() {
        return Ok(());
    }
    let missing = match to.parent() {
        // `new/` means a directory, and `Path` would take it for a file `new`.
        _ if to.as_os_str().to_string_lossy().ends_with(std::path::is_separator) => to,
        Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => parent,
        _ => return Ok(()),
    };
    Err(Stop::unable(format!(
        "there is no directory {}: make it first, or give another --to",
        missing.display()
    )))
}

fn find(id: &str) -> Result<&'static Endpoint, Stop> {
    let mut binary = larkspur::catalog::ENDPOINTS
        .iter()
        .copied()
        .filter(|endpoint| gives_a_file(endpoint));
    let found = binary.clone().find(|endpoint| endpoint.id == id);
    found.ok_or_else(|| {
        let ids: Vec<_> = binary.by_ref().map(|endpoint| endpoint.id).collect();
        Stop::unable(format!(
            "no endpoint {id:?} gives a file; these do:\n  {}",
            ids.join("\n  ")
        ))
    })
}

fn gives_a_file(endpoint: &Endpoint) -> bool {
    matches!(endpoint.response, ResponseKind::Binary { .. })
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
