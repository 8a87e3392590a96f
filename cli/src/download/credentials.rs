//! The app to call as: from the environment, or from a file that only its owner may read.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use larkspur::Client;

use crate::stop::Stop;

const APP_ID: &str = "LARKSPUR_APP_ID";
const APP_SECRET: &str = "LARKSPUR_APP_SECRET";
const BASE_URL: &str = "LARKSPUR_BASE_URL";

/// Longest file that is taken for one with credentials, in bytes.
const LONGEST: u64 = 64 * 1024;

/// What a file says.
#[derive(Default)]
struct Variables {
    app_id: Option<String>,
    app_secret: Option<String>,
    base_url: Option<String>,
}

/// A client for the app of this file, else of the environment. What is in the file never goes together with what is in
/// the environment: the secret of the one must not be sent to the host of the other.
pub(crate) fn client(file: Option<&Path>) -> Result<Client, Stop> {
    let Some(path) = file else {
        return Client::from_env().map_err(Stop::unable);
    };
    let place = path.display();
    let text = text_of(path).map_err(|problem| Stop::unable(format!("{place}: {problem}")))?;
    let variables = parse(&text).map_err(|problem| Stop::unable(format!("{place}:{problem}")))?;
    let missing = |name| Stop::unable(format!("{place}: there is no line {name}=...: add it"));
    let id = variables.app_id.ok_or_else(|| missing(APP_ID))?;
    let secret = variables.app_secret.ok_or_else(|| missing(APP_SECRET))?;
    let builder = Client::builder().app(id, secret);
    let builder = match variables.base_url {
        Some(url) => builder.base_url(url),
        None => builder,
    };
    builder.build().map_err(Stop::unable)
}

fn text_of(path: &Path) -> Result<String, String> {
    let cannot = |error: io::Error| format!("cannot be read: {error}");
    let file = File::open(path).map_err(cannot)?;
    refuse_others(path, &file)?;
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(cannot)?;
    Ok(text)
}

/// A secret that others can read is none. The open file is looked at, which cannot be exchanged meanwhile.
#[cfg(unix)]
fn refuse_others(path: &Path, file: &File) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;

    let metadata = file
        .metadata()
        .map_err(|error| format!("cannot be looked at: {error}"))?;
    let mode = metadata.permissions().mode() & 0o777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(format!(
            "others than its owner can get at the secret in it (mode {mode:04o}): chmod 600 {}",
            path.display()
        )),
    }
}

#[cfg(not(unix))]
fn refuse_others(_: &Path, _: &File) -> Result<(), String> {
    Ok(())
}

/// Lines `NAME=value`, with `export` in front or without, empty ones and comments. A problem begins with the number of
/// its line, and never tells what stands there.
fn parse(text: &str) -> Result<Variables, String> {
    let mut variables = Variables::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let refuse = |problem: &str| Err(format!("{}: {problem}", index + 1));
        let Some((name, value)) = line.split_once('=') else {
            return refuse("write it as NAME=value");
        };
        let variable = match name.trim() {
            APP_ID => &mut variables.app_id,
            APP_SECRET => &mut variables.app_secret,
            BASE_URL => &mut variables.base_url,
            _ => return refuse(&format!("the names are {APP_ID}, {APP_SECRET} and {BASE_URL}")),
        };
        if variable.is_some() {
            return refuse(&format!("{} stands here a second time", name.trim()));
        }
        *variable = Some(unquoted(value.trim()).to_owned()).filter(|value| !value.is_empty());
    }
    Ok(variables)
}

/// Without the quotes that a shell would take off.
fn unquoted(value: &str) -> &str {
    let inner = |quote| {
        value
            .strip_prefix(quote)
            .and_then(|rest: &str| rest.strip_suffix(quote))
    };
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}
