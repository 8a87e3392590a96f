//! `larkspur call`: calls any endpoint of the spec, with `--all` page after page.

pub(crate) mod api;
mod json_output;
mod request;
mod typed_value;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use larkspur::dynamic::DynamicRequest;
use larkspur::endpoint::Request as _;
use larkspur::error::{PaginationError, Violation};
use larkspur::{ByteRange, Client, Error};
use larkspur_codegen::command::find_endpoint;
use larkspur_codegen::command::output::{self, Stop};
use larkspur_codegen::model::{Api, Endpoint, Pagination};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

use self::json_output::JsonOutput;
use self::request::{Built, Inputs, Parameter, build_request};
use crate::completions;
use crate::connection::ConnectionOptions;
use crate::download::single::{FileOptions, download_file};
use crate::endpoints::{SpecOption, returns_file};
use crate::exit_code::{exit_codes, stop_for};
use crate::signals::run_until_signal;
use crate::target::{OverwriteOption, Target};

const AFTER_HELP: &str = concat!(
    "\
Examples:
  larkspur call im.v1.message.list --param container_id_type=chat --param container_id=oc_1 --param page_size=20
  larkspur call drive.v1.media.batch_get_tmp_download_url --param file_tokens=boxcn1 --param file_tokens=boxcn2
  larkspur call bitable.v1.app.table.record.create --param app_token=bascn1 --param table_id=tbl1 \\
      --param 'fields:={\"Name\": \"Ada\"}'
  larkspur call im.v1.message.create --param receive_id_type=chat_id --json message.json
  larkspur call im.v1.image.create --param image_type=message --param image=@cover.png
  larkspur call im.v1.message.list --param container_id_type=chat --param container_id=oc_1 --all | jq -r .message_id
  larkspur call drive.v1.media.download --param file_token=boxcn1 -o files/

`larkspur list` lists the endpoints, `larkspur spec show ID` the fields of one. Requests that violate the spec are not sent;
all violations are reported at once. --allow-undocumented sends them nevertheless, and `larkspur api` calls endpoints that
the spec does not have. See docs/cli/commands.md.

Credentials come from the environment variables LARKSPUR_APP_ID, LARKSPUR_APP_SECRET, LARKSPUR_USER_TOKEN and
LARKSPUR_BASE_URL (default: Feishu), or from the file of --credentials. Secrets in arguments end up in the shell history:
pass them with --json.

",
    exit_codes!()
);

/// Call any endpoint of the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Id of the endpoint, such as im.v1.message.list.
    #[arg(add = completions::endpoint_ids())]
    id: String,
    /// A path, query, header or body field: NAME=TEXT, parsed by the field's type and repeatable for the elements of a list;
    /// NAME:=JSON for any value; NAME=@PATH for a file.
    #[arg(long, short, value_name = "NAME=VALUE", add = completions::parameters())]
    param: Vec<Parameter>,
    /// File with the body as a JSON object, `-` for standard input. --param takes precedence.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    json: Option<PathBuf>,
    /// File to write the response to, in place of standard output (`-`). For a response with a file also a directory.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteOption,
    /// Request all pages and write each item on a line.
    #[arg(long)]
    all: bool,
    /// Byte range of a file: `0-1023`, `1024-`, or `-512` for the last bytes.
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true)]
    range: Option<ByteRange>,
    /// Send what the spec would refuse: other values, types and bounds, names that it does not have (in the body, or in the
    /// query of an endpoint without one), and token kinds that it does not list.
    #[arg(long)]
    allow_undocumented: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
    #[command(flatten)]
    spec: SpecOption,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    let api = arguments.spec.load_endpoint(&arguments.id)?;
    let Ok((_, endpoint)) = find_endpoint(&api, &arguments.id) else {
        return Err(unknown_endpoint(arguments));
    };
    warn_if_deprecated(endpoint);
    let request = create_request(arguments, &api, endpoint)?;
    let path = arguments.output.as_deref().unwrap_or(Path::new("-"));
    let target = Target::new(path)?;
    if returns_file(endpoint) {
        return download_response(arguments, endpoint, request, &target).await;
    }
    // Until here an interrupt ends the process as usual, such as during a read from standard input.
    run_until_signal(write_response(arguments, endpoint, request, target), None).await
}

fn create_request(arguments: &Arguments, api: &Api, endpoint: &Endpoint) -> Result<Built, Stop> {
    let inputs = Inputs {
        parameters: &arguments.param,
        body: arguments.json.as_deref().map(read_body).transpose()?,
        range: arguments.range,
        allow_undocumented: arguments.allow_undocumented,
    };
    build_request(api, endpoint, inputs).map_err(|violations| not_sent(endpoint, &violations))
}

/// Downloads the file that the endpoint responds with.
async fn download_response(
    arguments: &Arguments,
    endpoint: &Endpoint,
    built: Built,
    target: &Target,
) -> Result<(), Stop> {
    target.check_terminal("-o")?;
    if arguments.all {
        pagination(endpoint)?;
    }
    let client = create_client(arguments, &built)?;
    let options = FileOptions {
        target,
        overwrite: arguments.overwrite,
        label: &endpoint.id,
        has_range: arguments.range.is_some(),
        quiet: false,
    };
    download_file(&client, built.request, &options).await
}

/// Checks the output, sends the request and writes the response.
async fn write_response(arguments: &Arguments, endpoint: &Endpoint, built: Built, target: Target) -> Result<(), Stop> {
    let mut output = JsonOutput::new(&target, arguments.overwrite)?;
    let pagination = arguments.all.then(|| pagination(endpoint)).transpose()?;
    let client = create_client(arguments, &built)?;
    match pagination {
        Some(pagination) => write_pages(&client, built.request, pagination, &mut output).await?,
        None => {
            let response = client.call_json(&built.request).await;
            let response = response.map_err(|error| stop_for_call(endpoint, &error))?;
            output.write_value(&response)?;
        }
    }
    output.finish()
}

/// A token endpoint that is called by its id refuses the fields of the request, and not the credentials of the command.
fn stop_for_call(endpoint: &Endpoint, error: &Error) -> Stop {
    let is_called = error.endpoint().is_some_and(|refusing| refusing.id == endpoint.id);
    if endpoint.tokens.iter().flatten().next().is_none() && is_called && error.api_error().is_some() {
        return Stop::failed(error.report());
    }
    stop_for(error)
}

fn create_client(arguments: &Arguments, built: &Built) -> Result<Client, Stop> {
    let allow_undocumented = arguments.allow_undocumented;
    let has_tokens = !built.request.endpoint().tokens.is_empty();
    let needs_token = has_tokens || (allow_undocumented && arguments.connection.names_caller());
    let client = if needs_token {
        arguments.connection.client()?
    } else {
        arguments.connection.client_without_token()?
    };
    let client = if allow_undocumented {
        client.allow_undocumented()
    } else {
        client
    };
    Ok(built.with_extra(client))
}

fn warn_if_deprecated(endpoint: &Endpoint) {
    let Some(deprecation) = &endpoint.deprecated else {
        return;
    };
    let successor = deprecation.successor.as_ref().map(|id| format!("use {id}"));
    let details: Vec<_> = successor.into_iter().chain(deprecation.reason.clone()).collect();
    let separator = if details.is_empty() { "" } else { ": " };
    output::note(format!(
        "{} is deprecated{separator}{}",
        endpoint.id,
        details.join("; ")
    ));
}

/// Suggests a similar id of any project.
fn unknown_endpoint(arguments: &Arguments) -> Stop {
    match arguments.spec.load() {
        Ok(api) => Stop::unable(find_endpoint(&api, &arguments.id).err().unwrap_or_default()),
        Err(stop) => stop,
    }
}

/// Reads the body fields from a file or from standard input.
fn read_body(path: &Path) -> Result<Map<String, Json>, Stop> {
    match read_json(path)? {
        Json::Object(fields) => Ok(fields),
        _ => Err(Stop::unable(format!(
            "{}: the body must be a JSON object",
            input_name(path)
        ))),
    }
}

/// Returns the name of a file, or of standard input, in messages.
fn input_name(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "standard input".to_owned();
    }
    path.display().to_string()
}

/// Reads JSON from a file or from standard input.
fn read_json(path: &Path) -> Result<Json, Stop> {
    let name = input_name(path);
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        fs::read(path).map(|content| bytes = content)
    };
    read.map_err(|error| Stop::unable(format!("cannot read {name}: {error}")))?;
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|error| Stop::unable(format!("{name}: invalid JSON: {error}")))
}

fn not_sent(endpoint: &Endpoint, violations: &[Violation]) -> Stop {
    let lines: Vec<_> = violations.iter().map(Violation::to_string).collect();
    let problem = match lines.as_slice() {
        [line] => format!("not sent: {line}"),
        lines => format!("not sent: {} invalid fields:\n  {}", lines.len(), lines.join("\n  ")),
    };
    let id = &endpoint.id;
    Stop::unable(format!(
        "{id}: {problem}\nrun `larkspur spec show {id}` to list its fields"
    ))
}

/// A page of a list.
struct Page<'p> {
    items: Vec<&'p RawValue>,
    /// Token of the next page, `None` on the last page.
    next: Result<Option<String>, Stop>,
}

/// Returns the pagination of an endpoint.
fn pagination(endpoint: &Endpoint) -> Result<&Pagination, Stop> {
    let error = || Stop::unable(format!("{} is not paginated: remove --all", endpoint.id));
    endpoint.pagination.as_ref().ok_or_else(error)
}

/// Writes every item, starting with the requested page.
async fn write_pages(
    client: &Client,
    mut request: DynamicRequest,
    pagination: &Pagination,
    output: &mut JsonOutput,
) -> Result<(), Stop> {
    let mut seen = HashSet::new();
    loop {
        let text = client.call_json(&request).await.map_err(|error| stop_for(&error))?;
        let page = parse_page(&text, pagination)?;
        for item in page.items {
            output.write_line(item.get())?;
        }
        let Some(next) = page.next? else {
            return Ok(());
        };
        if !seen.insert(next.clone()) {
            return Err(Stop::failed(PaginationError::Cycle { token: next }));
        }
        request = request.with(&pagination.token, next).map_err(Stop::failed)?;
    }
}

/// Parses a page. A missing list is empty, as for typed requests.
fn parse_page<'p>(response: &'p str, pagination: &Pagination) -> Result<Page<'p>, Stop> {
    let decode_error = |key: &str, error| Stop::failed(format!("cannot decode `{key}` of the response: {error}"));
    let fields: HashMap<String, &RawValue> = match response {
        // The platform writes an absent object as an empty list.
        "[]" => HashMap::new(),
        text => serde_json::from_str(text).map_err(|error| decode_error("data", error))?,
    };
    let items = match fields.get(&pagination.items) {
        Some(items) if items.get() != "null" => {
            serde_json::from_str(items.get()).map_err(|error| decode_error(&pagination.items, error))?
        }
        _ => Vec::new(),
    };
    let next = next_token(&fields, pagination);
    Ok(Page { items, next })
}

/// Returns the token of the next page. As for typed requests, a token continues the list unless the page states that it is the
/// last one, and any other contradiction is an error.
fn next_token(fields: &HashMap<String, &RawValue>, pagination: &Pagination) -> Result<Option<String>, Stop> {
    let value = |key: &str| {
        let value = fields.get(key).and_then(|value| serde_json::from_str(value.get()).ok());
        value.unwrap_or(Json::Null)
    };
    let mismatch = |key: &str| {
        Stop::failed(format!(
            "unexpected type of `{key}` in a page: the list may be incomplete: read it again, or read the pages one by one"
        ))
    };
    let token = match value(&pagination.next) {
        Json::String(token) => Ok(token),
        Json::Null => Ok(String::new()),
        Json::Number(token) => Ok(token.to_string()),
        _ => Err(mismatch(&pagination.next)),
    };
    let has_more = match value(&pagination.more) {
        Json::Null => Ok(None),
        more => match text(&more).as_str() {
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            _ => Err(mismatch(&pagination.more)),
        },
    };
    match (has_more, token) {
        (Ok(Some(false)), _) => Ok(None),
        (_, Ok(token)) if !token.is_empty() => Ok(Some(token)),
        (Ok(Some(true)), Ok(_)) => Err(Stop::failed(PaginationError::NoToken)),
        (Err(stop), _) | (_, Err(stop)) => Err(stop),
        (Ok(None), Ok(_)) => Ok(None),
    }
}

/// Returns the text of a scalar of any type, as the platform does not always send the documented type.
fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
