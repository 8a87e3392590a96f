//! `larkspur call`: any endpoint of the spec.

mod layout;
mod output;
mod pages;
mod parameter;
mod request;
#[cfg(test)]
mod tests;
mod typed;

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use larkspur::dynamic::Request;
use larkspur::endpoint::Request as _;
use larkspur::error::{ErrorKind, Violation};
use larkspur::{ByteRange, Client, Error};
use larkspur_codegen::model::{Api, Endpoint, Response};
use serde_json::{Map, Value as Json};

use self::output::Output;
use self::parameter::Parameter;
use self::request::{Wanted, assemble};
use crate::completions;
use crate::credentials::Caller;
use crate::known::{self, Known};
use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur call im.v1.message.list --param container_id_type=chat --param container_id=oc_1 --param page_size=20
  larkspur call drive.v1.media.batch_get_tmp_download_url --param file_tokens=boxcn1 --param file_tokens=boxcn2
  larkspur call bitable.v1.app.table.record.create --param app_token=bascn1 --param table_id=tbl1 \\
      --param 'fields:={\"Name\": \"Ada\"}'
  larkspur call im.v1.message.create --param receive_id_type=chat_id --json message.json
  larkspur call im.v1.image.create --param image_type=message --param image=@cover.png
  larkspur call im.v1.message.list --param container_id_type=chat --param container_id=oc_1 --all | jq -r .message_id
  larkspur call drive.v1.media.download --param file_token=boxcn1 -o files/

`larkspur list` has the endpoints, `larkspur spec show ID` the fields of one. What breaks the spec is not sent, and all
of it is told at once. docs/command-line.md has the rest.

The app comes from the environment, LARKSPUR_APP_ID, LARKSPUR_APP_SECRET, and LARKSPUR_BASE_URL for anything
but Feishu, or from the file of --credentials; a user's token from LARKSPUR_USER_TOKEN. Secrets in arguments end up in
the history of the shell: give them with --json.

Exit codes: 0 done, 1 the call failed, 2 it was not sent, or its answer could not be written, 130 interrupted";

/// Call any endpoint of the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Id of the endpoint, such as im.v1.message.list.
    #[arg(add = completions::endpoints())]
    id: String,
    /// A field of the path, the query, the headers or the body: NAME=TEXT, read by the field's type and given again for
    /// each element of a list; NAME:=JSON for anything else; NAME=@PATH for a file.
    #[arg(long, short, value_name = "NAME=VALUE", add = completions::parameters())]
    param: Vec<Parameter>,
    /// A file with the body as one JSON object; `-` is standard input. A --param goes before what stands there.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    json: Option<PathBuf>,
    /// File to write the answer to, in place of standard output; where the answer is a file, also a directory.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    output: Option<PathBuf>,
    /// Ask for all pages, and write each item on a line.
    #[arg(long)]
    all: bool,
    /// Only these bytes of a file: `0-1023`, `1024-`, or `-512` for the last ones.
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true)]
    range: Option<ByteRange>,
    /// Send values of enums that the spec does not know.
    #[arg(long)]
    allow_unknown: bool,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    known: Known,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    let api = arguments.known.around(&arguments.id)?;
    let Ok((_, endpoint)) = known::find(&api, &arguments.id) else {
        return Err(no_such_endpoint(arguments));
    };
    warn_of_deprecation(endpoint)?;
    let request = request(arguments, &api, endpoint)?;
    // Only now: whoever waits for a body on standard input is interrupted as any program is.
    tokio::select! {
        ended = send(arguments, endpoint, request) => ended,
        // What is half written is removed on the way out.
        Ok(()) = tokio::signal::ctrl_c() => Err(Stop::Interrupted("interrupted".to_owned())),
    }
}

fn request(arguments: &Arguments, api: &Api, endpoint: &Endpoint) -> Result<Request, Stop> {
    let wanted = Wanted {
        parameters: &arguments.param,
        body: arguments.json.as_deref().map(body).transpose()?,
        range: arguments.range,
        allow_unknown: arguments.allow_unknown,
    };
    assemble(api, endpoint, wanted).map_err(|violations| refused(endpoint, &violations))
}

/// Looks at where the answer will go, sends the request, and writes the answer.
async fn send(arguments: &Arguments, endpoint: &Endpoint, request: Request) -> Result<(), Stop> {
    let path = arguments.output.as_deref();
    if let Response::Binary(_) = endpoint.response {
        output::can_take_bytes(path)?;
        if arguments.all {
            pages::of(endpoint)?;
        }
        let client = client(arguments, &request)?;
        let download = client.fetch(&request).await.map_err(|error| failed(&error))?;
        return output::write_bytes(download, path).await;
    }
    let mut output = Output::new(path)?;
    let pagination = arguments.all.then(|| pages::of(endpoint)).transpose()?;
    let client = client(arguments, &request)?;
    match pagination {
        Some(pagination) => pages::write(&client, request, pagination, &mut output).await?,
        None => {
            let answer = client.call_json(&request).await.map_err(|error| failed(&error))?;
            output.value(&answer)?;
        }
    }
    output.finish()
}

fn client(arguments: &Arguments, request: &Request) -> Result<Client, Stop> {
    match request.endpoint().tokens {
        [] => arguments.caller.client_without_token(),
        _ => arguments.caller.client(),
    }
}

/// What the compiler would say of the request's type.
fn warn_of_deprecation(endpoint: &Endpoint) -> Result<(), Stop> {
    let Some(deprecation) = &endpoint.deprecated else {
        return Ok(());
    };
    let successor = deprecation.successor.as_ref().map(|id| format!("use {id}"));
    let why: Vec<_> = successor.into_iter().chain(deprecation.reason.clone()).collect();
    let separator = if why.is_empty() { "" } else { ": " };
    writeln!(
        anstream::stderr(),
        "{} is deprecated{separator}{}",
        endpoint.id,
        why.join("; ")
    )?;
    Ok(())
}

/// Looks through all projects for the one that was meant.
fn no_such_endpoint(arguments: &Arguments) -> Stop {
    match arguments.known.all() {
        Ok(api) => Stop::unable(known::find(&api, &arguments.id).err().unwrap_or_default()),
        Err(stop) => stop,
    }
}

/// The fields that a file, or standard input, has for the body.
fn body(path: &Path) -> Result<Map<String, Json>, Stop> {
    let from_input = path.as_os_str() == "-";
    let place = match from_input {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    };
    let mut bytes = Vec::new();
    let read = match from_input {
        true => io::stdin().read_to_end(&mut bytes).map(|_| ()),
        false => fs::read(path).map(|content| bytes = content),
    };
    read.map_err(|error| Stop::unable(format!("{place}: cannot be read: {error}")))?;
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    match serde_json::from_slice(bytes) {
        Ok(Json::Object(fields)) => Ok(fields),
        Ok(_) => Err(Stop::unable(format!("{place}: the body has to be one JSON object"))),
        Err(error) => Err(Stop::unable(format!("{place}: is no JSON: {error}"))),
    }
}

/// All that keeps a request from being sent, as the client itself would say it.
fn refused(endpoint: &Endpoint, violations: &[Violation]) -> Stop {
    let lines: Vec<_> = violations.iter().map(Violation::to_string).collect();
    let problem = match lines.as_slice() {
        [line] => format!("not sent: {line}"),
        lines => format!("not sent, {} fields are wrong:\n  {}", lines.len(), lines.join("\n  ")),
    };
    let id = &endpoint.id;
    Stop::unable(format!("{id}: {problem}\n`larkspur spec show {id}` tells its fields"))
}

/// Why a call failed.
fn failed(error: &Error) -> Stop {
    match error.kind() {
        ErrorKind::Auth(_) => Stop::unable(format!(
            "{error}\n  here the app is LARKSPUR_APP_ID, the user LARKSPUR_USER_TOKEN, and --caller says which of them calls"
        )),
        ErrorKind::Validation(_) | ErrorKind::Config(_) => Stop::unable(error),
        _ => Stop::failed(error),
    }
}
