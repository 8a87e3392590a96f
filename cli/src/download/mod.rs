//! `larkspur download`: downloads files from any endpoint that responds with them.

pub(crate) mod batch;
mod failure;
mod journal;
pub(crate) mod list;
mod plan;
pub(crate) mod single;

use std::path::{Path, PathBuf};

use clap::Args;
use larkspur::ByteRange;
use larkspur::dynamic::DynamicRequest;
use larkspur_codegen::command::output::Stop;

use self::batch::{BatchOptions, Format};
use self::list::{Listing, RequestShape};
use self::single::{FileOptions, download_file};
use crate::completions;
use crate::connection::ConnectionOptions;
use crate::endpoints::find_file_endpoint;
use crate::exit_code::exit_codes;
use crate::target::{OverwriteOption, Target, check_directory};

const AFTER_HELP: &str = concat!(
    "\
Examples:
  larkspur download --endpoint drive.v1.media.download boxcnrHpsg1QDqXAAAyachabcef
  larkspur download --endpoint im.v1.file.get file_456a92d6 --to report.pdf
  larkspur download --endpoint drive.v1.media.download boxcn1 --range 0-1023 --to head.bin
  larkspur download --endpoint drive.v1.media.download boxcn1 --to - | sha256sum
  larkspur download --endpoint drive.v1.media.download --tokens-from tokens.txt --to files
  jq -c '{token: .id, name: .title}' list.json | larkspur download --endpoint drive.v1.media.download \\
      --tokens-from - --to files --jobs 8

Run the same command again to resume after a failure or an interrupt. With --tokens-from, files that are already present
are skipped: docs/cli/bulk-download.md.

Credentials come from the environment variables LARKSPUR_APP_ID, LARKSPUR_APP_SECRET, LARKSPUR_USER_TOKEN and
LARKSPUR_BASE_URL (default: Feishu), or from the file of --credentials.

",
    exit_codes!()
);

/// Download one file or many.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Id of the endpoint.
    #[arg(long, value_name = "ID", add = completions::file_endpoint_ids())]
    endpoint: String,
    /// Token or key of the file: the path parameters of the endpoint, in order.
    #[arg(required_unless_present = "tokens_from", value_name = "TOKEN")]
    values: Vec<String>,
    /// File to write, directory to write to under the name from the platform, or `-` for standard output.
    #[arg(long, value_name = "PATH_OR_DIR", default_value = ".")]
    to: PathBuf,
    /// Byte range to download: `0-1023`, `1024-`, or `-512` for the last bytes.
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true)]
    range: Option<ByteRange>,
    /// Query parameter, such as `extra=...`. Repeatable.
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    query: Vec<(String, String)>,
    #[command(flatten)]
    overwrite: OverwriteOption,
    /// Print no progress, and no result unless a file failed.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
    #[command(flatten)]
    batch: BatchArguments,
}

/// Options of a bulk download.
#[derive(Args)]
struct BatchArguments {
    /// Download a file for each token of this list, or of standard input for `-`: one token per line, or JSON lines such
    /// as {"token": "boxcn1", "name": "own name.pdf", "extra": "..."}.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["values", "range"])]
    tokens_from: Option<PathBuf>,
    /// Maximum number of parallel downloads, within the rate limits of the endpoint.
    #[arg(long, value_name = "NUMBER", default_value_t = 4, requires = "tokens_from")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Download only files that failed in an earlier run.
    #[arg(long, requires = "tokens_from")]
    retry_failed: bool,
    /// Format of the summary.
    #[arg(long, value_enum, default_value_t = Format::Human, requires = "tokens_from")]
    format: Format,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    match &arguments.batch.tokens_from {
        None => download_one(arguments).await,
        Some(list) => download_list(arguments, list).await,
    }
}

async fn download_one(arguments: &Arguments) -> Result<(), Stop> {
    let request = single_request(arguments)?;
    let target = Target::new(&arguments.to)?;
    target.check_terminal("--to")?;
    let client = arguments.connection.persistent_client()?;
    let options = FileOptions {
        target: &target,
        overwrite: arguments.overwrite,
        label: arguments.values.last().map_or("", String::as_str),
        has_range: arguments.range.is_some(),
        quiet: arguments.quiet,
    };
    download_file(&client, request, &options).await
}

fn single_request(arguments: &Arguments) -> Result<DynamicRequest, Stop> {
    let endpoint = find_file_endpoint(&arguments.endpoint)?.info;
    let shape = RequestShape::with_query(endpoint, arguments.query.iter().map(|(key, _)| key.as_str()));
    let names: Vec<_> = RequestShape::path_parameters(endpoint).collect();
    let given = arguments.values.len();
    if names.len() != given {
        let (expected, names) = (names.len(), names.join(", "));
        let problem = format!("{} takes {expected} tokens ({names}), {given} given", endpoint.id);
        return Err(Stop::unable(problem));
    }
    let query = arguments.query.iter().map(|(_, value)| value);
    let values = arguments.values.iter().chain(query).cloned().map(Some).collect();
    Ok(shape.request(values, arguments.range))
}

async fn download_list(arguments: &Arguments, list: &Path) -> Result<(), Stop> {
    check_directory(&arguments.to)?;
    let shape = RequestShape::with_all_parameters(&find_file_endpoint(&arguments.endpoint)?)?;
    let client = arguments.connection.persistent_client()?;
    let listing = Listing {
        shape,
        base_url: client.base_url(),
        query: &arguments.query,
        volatile: &[],
    };
    let items = listing.read(list)?;
    let options = BatchOptions {
        jobs: arguments.batch.jobs,
        retry_failed: arguments.batch.retry_failed,
        quiet: arguments.quiet,
        format: arguments.batch.format,
        overwrite: arguments.overwrite,
        skipped: Vec::new(),
    };
    batch::download_items(client, shape, items, &arguments.to, &options).await
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
