//! Credentials of a command: app and user from the environment, or from a file that only its owner can access.

use std::env;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use larkspur::interceptor::Interceptor;
use larkspur::secret::SecretString;
use larkspur::{Client, ClientBuilder};
use larkspur_codegen::command::output::Stop;

use crate::exit_code::stop_for;

const APP_ID: &str = "LARKSPUR_APP_ID";
const APP_SECRET: &str = "LARKSPUR_APP_SECRET";
const BASE_URL: &str = "LARKSPUR_BASE_URL";
const USER_TOKEN: &str = "LARKSPUR_USER_TOKEN";

/// Maximum size of a credentials file in bytes.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Selects the credentials of a command.
#[derive(Args)]
pub(crate) struct CredentialOptions {
    /// File with LARKSPUR_APP_ID=..., LARKSPUR_APP_SECRET=... and optionally LARKSPUR_BASE_URL=... and
    /// LARKSPUR_USER_TOKEN=..., one per line, accessible to its owner only. The environment is then ignored.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    credentials: Option<PathBuf>,
    /// Kind of token to call with. The default is the first kind that the endpoint accepts and that is available, in the
    /// order tenant, app, user.
    #[arg(long = "caller", value_name = "KIND", value_enum)]
    kind: Option<Kind>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The app in its tenant.
    Tenant,
    /// The app without a tenant.
    App,
    /// The user of LARKSPUR_USER_TOKEN.
    User,
}

/// The variables of a file or of the environment.
#[derive(Default)]
struct Variables {
    app_id: Option<String>,
    app_secret: Option<String>,
    base_url: Option<String>,
    user_token: Option<SecretString>,
}

impl CredentialOptions {
    /// Returns whether a kind of token is named.
    pub(crate) fn names_caller(&self) -> bool {
        self.kind.is_some()
    }

    /// Builds a client for an endpoint without tokens, which needs neither app nor user.
    pub(crate) fn client_without_token(&self, interceptor: impl Interceptor) -> Result<Client, Stop> {
        let (variables, _) = self.variables()?;
        build_client(Client::builder().interceptor(interceptor), variables.base_url)
    }

    /// Builds a client for the app and the user of the file, or of the environment.
    ///
    /// File and environment are never combined: the secret of one must not be sent to the host of the other.
    pub(crate) fn client(&self, interceptor: impl Interceptor) -> Result<Client, Stop> {
        let (variables, source) = self.variables()?;
        let token = variables.user_token.clone();
        let client = authenticated_client(variables, &source, interceptor)?;
        match (self.kind, token) {
            (None, _) => Ok(client),
            (Some(Kind::Tenant), _) => Ok(client.as_tenant()),
            (Some(Kind::App), _) => Ok(client.as_app()),
            (Some(Kind::User), Some(token)) => Ok(client.as_user(token)),
            (Some(Kind::User), None) => {
                let problem = format!("--caller user needs a user token: set {USER_TOKEN} in {source}");
                Err(Stop::unable(problem))
            }
        }
    }

    /// Returns the variables and the name of their source.
    fn variables(&self) -> Result<(Variables, String), Stop> {
        match &self.credentials {
            Some(path) => Ok((read_file(path)?, path.display().to_string())),
            None => Ok((read_environment()?, "the environment".to_owned())),
        }
    }
}

fn authenticated_client(variables: Variables, source: &str, interceptor: impl Interceptor) -> Result<Client, Stop> {
    let missing = |name| Err(Stop::unable(format!("missing {name}: set it in {source}")));
    let builder = match (variables.app_id, variables.app_secret, &variables.user_token) {
        (Some(id), Some(secret), _) => Client::builder().app(id, secret),
        // A user token is enough for endpoints that accept one.
        (None, None, Some(_)) => Client::builder(),
        (None, ..) => return missing(APP_ID),
        (_, None, _) => return missing(APP_SECRET),
    };
    let builder = match variables.user_token {
        Some(token) => builder.user_token(token),
        None => builder,
    };
    build_client(builder.interceptor(interceptor), variables.base_url)
}

/// Builds a client for a host, Feishu by default.
fn build_client(builder: ClientBuilder, base_url: Option<String>) -> Result<Client, Stop> {
    let builder = match base_url {
        Some(url) => builder.base_url(url),
        None => builder,
    };
    builder.build().map_err(|error| stop_for(&error))
}

fn read_environment() -> Result<Variables, Stop> {
    let variable = |name: &str| match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(Stop::unable(format!("{name} is not valid UTF-8"))),
    };
    Ok(Variables {
        app_id: variable(APP_ID)?,
        app_secret: variable(APP_SECRET)?,
        base_url: variable(BASE_URL)?,
        user_token: variable(USER_TOKEN)?.map(Into::into),
    })
}

fn read_file(path: &Path) -> Result<Variables, Stop> {
    let name = path.display();
    let text = read_private_text(path).map_err(|problem| Stop::unable(format!("{name}: {problem}")))?;
    parse_variables(&text).map_err(|problem| Stop::unable(format!("{name}:{problem}")))
}

fn read_private_text(path: &Path) -> Result<String, String> {
    let read_error = |error: io::Error| format!("cannot read file: {error}");
    let file = File::open(path).map_err(read_error)?;
    check_permissions(path, &file)?;
    let mut text = String::new();
    file.take(MAX_FILE_BYTES)
        .read_to_string(&mut text)
        .map_err(read_error)?;
    Ok(text)
}

/// Refuses a file that others can access. Checks the open file, which cannot be replaced in between.
#[cfg(unix)]
fn check_permissions(path: &Path, file: &File) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;

    let metadata = file
        .metadata()
        .map_err(|error| format!("cannot read permissions: {error}"))?;
    let mode = metadata.permissions().mode() & 0o777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(format!(
            "accessible to users other than its owner (mode {mode:04o}): run chmod 600 {}",
            path.display()
        )),
    }
}

#[cfg(not(unix))]
fn check_permissions(_: &Path, _: &File) -> Result<(), String> {
    Ok(())
}

/// Parses lines `NAME=value`, optionally with `export`, comments and empty lines.
///
/// An error message starts with the line number and never shows the line, which may hold a secret.
fn parse_variables(text: &str) -> Result<Variables, String> {
    let mut variables = Variables::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let refuse = |problem: &str| Err(format!("{}: {problem}", index + 1));
        let Some((name, value)) = line.split_once('=') else {
            return refuse("invalid line: expected NAME=value");
        };
        let value = Some(unquote(value.trim()).to_owned()).filter(|value| !value.is_empty());
        let is_repeated = match name.trim() {
            APP_ID => set_variable(&mut variables.app_id, value),
            APP_SECRET => set_variable(&mut variables.app_secret, value),
            BASE_URL => set_variable(&mut variables.base_url, value),
            USER_TOKEN => set_variable(&mut variables.user_token, value.map(Into::into)),
            _ => {
                return refuse(&format!(
                    "unknown variable: expected {APP_ID}, {APP_SECRET}, {BASE_URL} or {USER_TOKEN}"
                ));
            }
        };
        if is_repeated {
            return refuse(&format!("{} is repeated", name.trim()));
        }
    }
    Ok(variables)
}

/// Sets a variable and returns whether it was set before.
fn set_variable<T>(variable: &mut Option<T>, value: Option<T>) -> bool {
    std::mem::replace(variable, value).is_some()
}

/// Removes the quotes that a shell would remove.
fn unquote(value: &str) -> &str {
    let inner = |quote| {
        value
            .strip_prefix(quote)
            .and_then(|rest: &str| rest.strip_suffix(quote))
    };
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}
