//! `larkspur download`: files from any endpoint that gives them.

pub(crate) mod many;
mod one;
pub(crate) mod parameters;
mod request;

use std::path::PathBuf;

use clap::Args;
use larkspur::ByteRange;
use larkspur::endpoint::EndpointInfo;
use larkspur_codegen::model;

use crate::completions;
use crate::credentials::Caller;
use crate::stop::Stop;
use crate::{facts, known};

const AFTER_HELP: &str = "\
Examples:
  larkspur download --endpoint drive.v1.media.download boxcnrHpsg1QDqXAAAyachabcef
  larkspur download --endpoint im.v1.file.get file_456a92d6 --to report.pdf
  larkspur download --endpoint drive.v1.media.download boxcn1 --range 0-1023 --to head.bin
  larkspur download --endpoint drive.v1.media.download --tokens-from tokens.txt --to files
  jq -c '{token: .id, name: .title}' list.json | larkspur download --endpoint drive.v1.media.download \\
      --tokens-from - --to files --jobs 8

With --tokens-from the same command goes on with what an earlier run left, and fetches no file again that
is there: docs/bulk-download.md.

The app comes from the environment, LARKSPUR_APP_ID, LARKSPUR_APP_SECRET, and LARKSPUR_BASE_URL for anything
but Feishu, or from the file of --credentials; a user's token from LARKSPUR_USER_TOKEN. Arguments would end up
in the history of the shell.

Exit codes: 0 all that was asked for is there, 1 some failed, 2 could not run or not go on, 130 interrupted";

/// Download a file, or many.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Id of the endpoint.
    #[arg(long, value_name = "ID", add = completions::files())]
    endpoint: String,
    /// Token or key of the file: the path parameters of the endpoint, in their order.
    #[arg(required_unless_present = "tokens_from", value_name = "TOKEN")]
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
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    many: many::Many,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    match &arguments.many.tokens_from {
        None => one::run(arguments).await,
        Some(list) => many::run(arguments, list).await,
    }
}

pub(crate) fn find(id: &str) -> Result<&'static EndpointInfo, Stop> {
    let api = known::around(id)?;
    match api.endpoint(id).filter(|endpoint| gives_a_file(endpoint)) {
        Some(endpoint) => Ok(facts::endpoint(endpoint)),
        None => Err(none_gives_a_file(id)),
    }
}

fn none_gives_a_file(id: &str) -> Stop {
    let api = match known::embedded(|_| true) {
        Ok(api) => api,
        Err(stop) => return stop,
    };
    let binary = api.endpoints().filter(|(_, endpoint)| gives_a_file(endpoint));
    let mut ids: Vec<_> = binary.map(|(_, endpoint)| endpoint.id.as_str()).collect();
    ids.sort_unstable();
    Stop::unable(format!(
        "no endpoint {id:?} gives a file; these do:\n  {}",
        ids.join("\n  ")
    ))
}

/// Whether the answer of an endpoint is a file.
pub(crate) fn gives_a_file(endpoint: &model::Endpoint) -> bool {
    matches!(endpoint.response, model::Response::Binary(_))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
