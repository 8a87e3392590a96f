//! `larkspur api`: calls an endpoint that the spec does not have.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueHint};
use larkspur::dynamic::RouteRequest;
use larkspur::endpoint::Method;
use larkspur_codegen::command::output::Stop;
use serde_json::Value as Json;

use super::json_output::JsonOutput;
use super::read_json;
use crate::connection::ConnectionOptions;
use crate::download::single::{FileOptions, save_response};
use crate::exit_code::{exit_codes, stop_for};
use crate::signals::run_until_signal;
use crate::target::{OverwriteOption, Target};

const AFTER_HELP: &str = concat!(
    "\
Examples:
  larkspur api GET /open-apis/im/v1/chats --query page_size=20
  larkspur api POST /open-apis/im/v1/messages --query receive_id_type=chat_id --body @message.json
  larkspur api GET /open-apis/drive/v1/medias/boxcn1/download --file -o files/

Tokens, retries and errors are those of `larkspur call`. Endpoints of the spec are easier to call with `larkspur call`, which
checks their fields.

",
    exit_codes!()
);

/// Call an endpoint that the spec does not have.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// GET, POST, PUT, PATCH or DELETE.
    #[arg(value_parser = parse_method)]
    method: Method,
    /// Path, such as /open-apis/im/v1/chats.
    path: String,
    /// A parameter of the query, repeatable.
    #[arg(long, short, value_name = "NAME=VALUE")]
    query: Vec<Pair>,
    /// A header, repeatable.
    #[arg(long, value_name = "NAME=VALUE")]
    header: Vec<Pair>,
    /// The JSON body: JSON text, `@FILE`, or `-` for standard input.
    #[arg(long, short, value_name = "JSON")]
    body: Option<String>,
    /// The response is a file.
    #[arg(long)]
    file: bool,
    /// File to write the response to, in place of standard output. With --file also a directory.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteOption,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// A name and its value.
#[derive(Clone)]
struct Pair {
    name: String,
    value: String,
}

impl FromStr for Pair {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
        if name.is_empty() {
            return Err("missing name before `=`");
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }
}

fn parse_method(text: &str) -> Result<Method, &'static str> {
    Ok(match text.to_ascii_uppercase().as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => return Err("expected GET, POST, PUT, PATCH or DELETE"),
    })
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    let body = arguments.body.as_deref().map(parse_body).transpose()?;
    // Until here an interrupt ends the process as usual, such as during a read from standard input.
    run_until_signal(send(arguments, body), None).await
}

fn parse_body(text: &str) -> Result<Json, Stop> {
    match text.strip_prefix('@') {
        Some(path) => read_json(Path::new(path)),
        None if text == "-" => read_json(Path::new("-")),
        None => serde_json::from_str(text).map_err(|error| Stop::unable(format!("--body: invalid JSON: {error}"))),
    }
}

async fn send(arguments: &Arguments, body: Option<Json>) -> Result<(), Stop> {
    let path = arguments.output.as_deref().unwrap_or(Path::new("-"));
    let target = Target::new(path)?;
    if arguments.file {
        target.check_terminal("-o")?;
        if let Target::File(path) = &target {
            arguments.overwrite.check(path)?;
        }
        let options = FileOptions {
            target: &target,
            overwrite: arguments.overwrite,
            label: &arguments.path,
            has_range: false,
            quiet: false,
        };
        let file = request(arguments, body)?.fetch().await;
        return save_response(file.map_err(|error| stop_for(&error))?, &options).await;
    }
    let mut output = JsonOutput::new(&target, arguments.overwrite)?;
    let response = request(arguments, body)?.send_json().await;
    output.write_value(&response.map_err(|error| stop_for(&error))?)?;
    output.finish()
}

fn request(arguments: &Arguments, body: Option<Json>) -> Result<RouteRequest, Stop> {
    let client = arguments.connection.client()?;
    let request = client.request(arguments.method, &arguments.path);
    let pairs = arguments.query.iter();
    let request = pairs.fold(request, |request, pair| request.query(&pair.name, &pair.value));
    let pairs = arguments.header.iter();
    let request = pairs.fold(request, |request, pair| request.header(&pair.name, &pair.value));
    Ok(match body {
        Some(body) => request.body(body),
        None => request,
    })
}
