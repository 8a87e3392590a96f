//! In whose name to call: the app and the user of the environment, or of a file that only its owner may read.

use std::env;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use larkspur::secret::SecretString;
use larkspur::{Client, ClientBuilder};

use crate::stop::Stop;

const APP_ID: &str = "LARKSPUR_APP_ID";
const APP_SECRET: &str = "LARKSPUR_APP_SECRET";
const BASE_URL: &str = "LARKSPUR_BASE_URL";
const USER_TOKEN: &str = "LARKSPUR_USER_TOKEN";

/// Longest file that is taken for one with credentials, in bytes.
const LONGEST: u64 = 64 * 1024;

/// In whose name a command calls.
#[derive(Args)]
pub(crate) struct Caller {
    /// A file with LARKSPUR_APP_ID=..., LARKSPUR_APP_SECRET=... and, if need be, LARKSPUR_BASE_URL=... and
    /// LARKSPUR_USER_TOKEN=..., a line each, which only its owner may read. The environment then does not count.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    credentials: Option<PathBuf>,
    /// Call with this kind of token or not at all. Unless given it is the first of them that the endpoint takes and that
    /// can be had, in this order: tenant, app, user.
    #[arg(long = "caller", value_name = "KIND", value_enum)]
    kind: Option<Kind>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The app, in its tenant.
    Tenant,
    /// The app, in no tenant.
    App,
    /// The user whose token LARKSPUR_USER_TOKEN is.
    User,
}

/// What a file or the environment says.
#[derive(Default)]
struct Variables {
    app_id: Option<String>,
    app_secret: Option<String>,
    base_url: Option<String>,
    user_token: Option<SecretString>,
}

impl Caller {
    /// A client for an endpoint that takes no token, which needs neither app nor user: what it does take, such as the
    /// secret of an app, are fields like any other.
    pub(crate) fn client_without_token(&self) -> Result<Client, Stop> {
        let (variables, _) = self.variables()?;
        at(Client::builder(), variables.base_url)
    }

    /// A client for the app and the user of the file, else of the environment. What is in the file never goes together
    /// with what is in the environment: the secret of the one must not be sent to the host of the other.
    pub(crate) fn client(&self) -> Result<Client, Stop> {
        let (variables, place) = self.variables()?;
        let token = variables.user_token.clone();
        let client = client(variables, &place)?;
        match (self.kind, token) {
            (None, _) => Ok(client),
            (Some(Kind::Tenant), _) => Ok(client.as_tenant()),
            (Some(Kind::App), _) => Ok(client.as_app()),
            (Some(Kind::User), Some(token)) => Ok(client.as_user(token)),
            (Some(Kind::User), None) => {
                let problem =
                    format!("--caller user needs the token of a user, and {place} has no {USER_TOKEN}: add it");
                Err(Stop::unable(problem))
            }
        }
    }

    /// What there is, and where it stands.
    fn variables(&self) -> Result<(Variables, String), Stop> {
        match &self.credentials {
            Some(path) => Ok((of_file(path)?, path.display().to_string())),
            None => Ok((of_environment()?, "the environment".to_owned())),
        }
    }
}

fn client(variables: Variables, place: &str) -> Result<Client, Stop> {
    let missing = |name| Err(Stop::unable(format!("{place} has no {name}: add it")));
    let builder = match (variables.app_id, variables.app_secret, &variables.user_token) {
        (Some(id), Some(secret), _) => Client::builder().app(id, secret),
        // A user's token is enough for what takes it.
        (None, None, Some(_)) => Client::builder(),
        (None, ..) => return missing(APP_ID),
        (_, None, _) => return missing(APP_SECRET),
    };
    let builder = match variables.user_token {
        Some(token) => builder.user_token(token),
        None => builder,
    };
    at(builder, variables.base_url)
}

/// A client for the host that is named, else for Feishu.
fn at(builder: ClientBuilder, base_url: Option<String>) -> Result<Client, Stop> {
    let builder = match base_url {
        Some(url) => builder.base_url(url),
        None => builder,
    };
    builder.build().map_err(Stop::unable)
}

fn of_environment() -> Result<Variables, Stop> {
    let variable = |name: &str| match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(Stop::unable(format!("{name} is no UTF-8: set it anew"))),
    };
    Ok(Variables {
        app_id: variable(APP_ID)?,
        app_secret: variable(APP_SECRET)?,
        base_url: variable(BASE_URL)?,
        user_token: variable(USER_TOKEN)?.map(Into::into),
    })
}

fn of_file(path: &Path) -> Result<Variables, Stop> {
    let place = path.display();
    let text = text_of(path).map_err(|problem| Stop::unable(format!("{place}: {problem}")))?;
    parse(&text).map_err(|problem| Stop::unable(format!("{place}:{problem}")))
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
        let value = Some(unquoted(value.trim()).to_owned()).filter(|value| !value.is_empty());
        let earlier = match name.trim() {
            APP_ID => replace(&mut variables.app_id, value),
            APP_SECRET => replace(&mut variables.app_secret, value),
            BASE_URL => replace(&mut variables.base_url, value),
            USER_TOKEN => replace(&mut variables.user_token, value.map(Into::into)),
            _ => {
                return refuse(&format!(
                    "the names are {APP_ID}, {APP_SECRET}, {BASE_URL} and {USER_TOKEN}"
                ));
            }
        };
        if earlier {
            return refuse(&format!("{} stands here a second time", name.trim()));
        }
    }
    Ok(variables)
}

/// Sets a variable; gives whether it was set before.
fn replace<T>(variable: &mut Option<T>, value: Option<T>) -> bool {
    std::mem::replace(variable, value).is_some()
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
