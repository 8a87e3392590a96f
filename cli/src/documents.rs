//! `larkspur export` and `larkspur media`: files from the link of a document.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use larkspur::board::v1::whiteboard::DownloadAsImage;
use larkspur::documents::{
    self, DocumentKind, DocumentRef, Export, ExportFormat, ExportProgress, Media, MediaKind, ReferenceError, SkipReason,
};
use larkspur::download::file_name;
use larkspur::drive::v1::media::Download;
use larkspur::endpoint::EndpointInfo;
use larkspur::{Client, Error};
use larkspur_codegen::command::output::{self, Stop};
use serde_json::{Value, json};

use crate::connection::ConnectionOptions;
use crate::download::batch::{self, BatchOptions, Format};
use crate::download::list::{Item, Line, Listing, RequestShape};
use crate::exit_code::{RETRY, affects_all_requests, exit_codes, stop_for};
use crate::progress::Progress;
use crate::signals::run_until_signal;
use crate::target::{OverwriteOption, Target, check_directory, is_stdout};

const EXPORT_HELP: &str = concat!(
    "\
Examples:
  larkspur export https://sample.feishu.cn/docx/doxcnABCdef --as pdf
  larkspur export https://sample.feishu.cn/wiki/wikcnABCdef --as docx --to exports
  larkspur export 'https://sample.feishu.cn/sheets/shtcnABCdef?sheet=6e5ed3' --as csv -o prices.csv
  larkspur export Fm7osyjtMh5o7Ktrv32c73abcef --type bitable --as csv --part tblABCdef

Supported formats: docx and doc to docx, pdf; sheet and bitable to xlsx, csv. A csv holds one sheet or table: that of the
link, or that of --part.

The platform creates the file, which may take minutes, and keeps it for 10 minutes. An interrupted export leaves no file.

Credentials come from the environment variables LARKSPUR_APP_ID, LARKSPUR_APP_SECRET, LARKSPUR_USER_TOKEN and
LARKSPUR_BASE_URL (default: Feishu), or from the file of --credentials.

",
    exit_codes!()
);

const MEDIA_HELP: &str = concat!(
    "\
Examples:
  larkspur media https://sample.feishu.cn/docx/doxcnABCdef --to files
  larkspur media 'https://sample.feishu.cn/base/bascnABCdef?table=tblXYZ' --to files --jobs 8
  larkspur media Fm7osyjtMh5o7Ktrv32c73abcef --type sheet --to files
  larkspur media Fm7osyjtMh5o7Ktrv32c73abcef --type sheet --list

Media are found in the blocks of a docx, its whiteboards, its synced blocks of other documents and its embedded sheets and
tables; in and over the cells of a sheet; and in the attachments of all tables of a bitable. A wiki link resolves to one of
these. Parts that cannot be listed, such as mind maps, are named on stderr, and the exit code is 1.

Run the same command again to resume; files that are already present are skipped: docs/cli/bulk-download.md.

Credentials come from the environment variables LARKSPUR_APP_ID, LARKSPUR_APP_SECRET, LARKSPUR_USER_TOKEN and
LARKSPUR_BASE_URL (default: Feishu), or from the file of --credentials.

",
    exit_codes!()
);

/// Selects a document.
#[derive(Args)]
struct Document {
    /// Link of the document from the address bar, or its token. Quote links, as `&` and `?` are special in shells.
    #[arg(value_name = "URL|TOKEN")]
    document: String,
    /// Kind of the document, required for a bare token: docx, sheet, bitable, wiki, doc.
    // An explicit id, since `kind` is that of the kind of token.
    #[arg(id = "document_kind", long = "type", value_name = "KIND")]
    kind: Option<DocumentKind>,
}

impl Document {
    /// Parses link or token, without a request.
    fn parse(&self) -> Result<DocumentRef, Stop> {
        DocumentRef::parse(&self.document, self.kind).map_err(|error| match error {
            ReferenceError::UnknownKind { seen } => Stop::unable(format!(
                "unknown kind of document ({seen}): add --type docx, sheet, bitable, wiki or doc, or use the complete link"
            )),
            other => Stop::unable(other),
        })
    }
}

/// Returns how a command ends with an error: a request that failed, or a usage error.
fn document_error(error: documents::Error) -> Stop {
    match error {
        documents::Error::Call(error) => stop_for(&error),
        error @ documents::Error::FileExpired { .. } | error @ documents::Error::MissingFile { .. } => {
            Stop::failed(error)
        }
        error @ documents::Error::MissingPart { .. } => Stop::unable(format!("{error}; with --part ID")),
        other => Stop::unable(other),
    }
}

/// Export a document to a file.
#[derive(Args)]
#[command(after_help = EXPORT_HELP)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    document: Document,
    /// Format of the file: docx, pdf, xlsx or csv.
    #[arg(long = "as", value_name = "FORMAT")]
    format: ExportFormat,
    /// Id of the sheet or table to export to csv.
    #[arg(long, value_name = "ID", visible_aliases = ["sheet", "table"])]
    part: Option<String>,
    /// Directory to write to, or `-` for standard output. The file is named after the document.
    #[arg(long, value_name = "DIR", default_value = ".")]
    to: PathBuf,
    /// File to write, or `-` for standard output.
    #[arg(short, long, value_name = "FILE", conflicts_with = "to")]
    output: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteOption,
    /// Print neither progress nor the result.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Runs `larkspur export`.
pub(crate) async fn run_export(arguments: &ExportArguments) -> Result<(), Stop> {
    let export = configure_export(arguments)?;
    let target = export_target(arguments)?;
    target.check_terminal("-o")?;
    let client = arguments.connection.persistent_client()?;
    let progress = Arc::new(Progress::new(arguments.quiet, 1));
    let bar = progress.start_file(&arguments.format.to_string());
    let shared_bar = bar.clone();
    let export = export.progress(move |step| {
        if let ExportProgress::Downloading(now) = step {
            shared_bar.update(now.bytes, now.total);
        }
    });
    let work = export_to(&client, export, &target, arguments.overwrite);
    let result = run_until_signal(work, Some("run the same command again to restart")).await;
    bar.finish();
    progress.finish();
    match result? {
        Some(saved) if !arguments.quiet => output::line(saved).map_err(Stop::from),
        _ => Ok(()),
    }
}

fn export_target(arguments: &ExportArguments) -> Result<Target, Stop> {
    match &arguments.output {
        Some(path) => Target::new(path),
        None if is_stdout(&arguments.to) => Ok(Target::Stdout),
        None => {
            check_directory(&arguments.to)?;
            Ok(Target::Directory(arguments.to.clone()))
        }
    }
}

/// Exports a document. Returns the line for standard output, unless that has the file.
async fn export_to(
    client: &Client,
    export: Export,
    target: &Target,
    overwrite: OverwriteOption,
) -> Result<Option<String>, Stop> {
    let exported = match target {
        Target::File(path) => export.overwrite(overwrite.for_path()).to(client, path).await,
        Target::Directory(path) => export.overwrite(overwrite.for_directory()).to_dir(client, path).await,
        Target::Stdout => return export_to_stdout(client, export).await.map(|()| None),
    };
    let exported = exported.map_err(document_error)?;
    Ok(Some(format!("{} ({} bytes)", exported.path.display(), exported.bytes)))
}

/// Exports to a temporary file first: if the file expires before it is complete, another one is downloaded.
async fn export_to_stdout(client: &Client, export: Export) -> Result<(), Stop> {
    let read_error = |error: io::Error| Stop::unable(format!("cannot use a temporary directory: {error}"));
    let directory = tempfile::tempdir().map_err(read_error)?;
    let exported = export.to_dir(client, directory.path()).await.map_err(document_error)?;
    let mut file = fs::File::open(&exported.path).map_err(read_error)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer).map_err(read_error)? {
            0 => return Ok(()),
            count => output::bytes(&buffer[..count])?,
        }
    }
}

fn configure_export(arguments: &ExportArguments) -> Result<Export, Stop> {
    let export = Export::new(arguments.document.parse()?, arguments.format);
    Ok(match &arguments.part {
        Some(id) => export.part(id),
        None => export,
    })
}

/// Download all images and attachments of a document.
#[derive(Args)]
#[command(after_help = MEDIA_HELP)]
pub(crate) struct MediaArguments {
    #[command(flatten)]
    document: Document,
    /// Directory to download to.
    #[arg(long, value_name = "DIR", required_unless_present = "list")]
    to: Option<PathBuf>,
    /// List the media and their places without downloading them.
    #[arg(long, conflicts_with_all = ["to", "jobs", "retry_failed", "overwrite", "quiet"])]
    list: bool,
    /// Maximum number of parallel downloads, within the rate limits of the endpoint.
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Download only files that failed in an earlier run.
    #[arg(long)]
    retry_failed: bool,
    #[command(flatten)]
    overwrite: OverwriteOption,
    /// Print no progress, and no summary unless a file failed.
    #[arg(long)]
    quiet: bool,
    /// Format of the summary.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Runs `larkspur media`.
pub(crate) async fn run_media(arguments: &MediaArguments) -> Result<(), Stop> {
    let reference = arguments.document.parse()?;
    if let Some(directory) = &arguments.to {
        check_directory(directory)?;
    }
    let client = arguments.connection.persistent_client()?;
    let mut found = run_until_signal(find_media(&client, &reference), Some(RETRY)).await?;
    let result = match &arguments.to {
        None => print_media(&found, arguments.format),
        Some(directory) => download_media(client, &mut found, directory, arguments).await,
    };
    append_problems(result, &found.skipped)
}

/// The media of a document.
struct FoundMedia {
    media: Vec<Media>,
    /// Messages on the parts whose media could not be listed.
    skipped: Vec<String>,
}

/// Finds the media of a document. Fails if the document itself could not be read.
async fn find_media(client: &Client, reference: &DocumentRef) -> Result<FoundMedia, Stop> {
    let mut stream = documents::media(client, reference).await.map_err(document_error)?;
    let (mut media, mut skipped) = (Vec::new(), Vec::new());
    let mut is_readable = true;
    while let Some(next) = stream.next().await {
        match next {
            Ok(found) => media.push(found),
            // Every other part would meet the same refusal.
            Err(documents::Error::Call(error)) if affects_all_requests(&error) => return Err(stop_for(&error)),
            Err(error) => {
                if let Some(error) = skip_error(&error).filter(|error| error.is_auth()) {
                    return Err(stop_for(error));
                }
                is_readable &= !matches!(error, documents::Error::Call(_));
                skipped.push(error.to_string());
            }
        }
    }
    if media.is_empty() && !is_readable {
        return Err(Stop::failed(skipped.join("\n")));
    }
    Ok(FoundMedia { media, skipped })
}

/// Returns the error of the call for a part of a document.
fn skip_error(error: &documents::Error) -> Option<&Error> {
    match error {
        documents::Error::Skipped(skipped) => match &skipped.reason {
            SkipReason::Call(error) => Some(error),
            _ => None,
        },
        _ => None,
    }
}

fn print_media(found: &FoundMedia, format: Format) -> Result<(), Stop> {
    let media = &found.media;
    if format == Format::Json {
        let media = media.iter().map(|media| {
            json!({
                "token": media.token,
                "kind": media.kind.as_str(),
                "name": media.name,
                "extra": media.extra,
                "place": media.location.to_string(),
            })
        });
        let media: Vec<_> = media.collect();
        output::json(&json!({ "media": media, "skipped": found.skipped }))?;
        return Ok(());
    }
    let row = |media: &Media| {
        [
            media.token.clone(),
            safe_name(media).unwrap_or_default(),
            media.location.to_string(),
        ]
    };
    let rows: Vec<_> = media.iter().map(row).collect();
    for line in output::table(["token", "name", "place"], &rows) {
        output::line(line)?;
    }
    Ok(())
}

/// Downloads media. One that cannot be requested is skipped.
async fn download_media(
    client: Client,
    found: &mut FoundMedia,
    directory: &Path,
    arguments: &MediaArguments,
) -> Result<(), Stop> {
    let files = media_listing(&Download::ENDPOINT, &["extra"], &client);
    let whiteboards = media_listing(&DownloadAsImage::ENDPOINT, &[], &client);
    let mut items = Vec::new();
    for media in &found.media {
        let listing = match media.kind {
            MediaKind::Whiteboard => &whiteboards,
            _ => &files,
        };
        match media_item(listing, media, items.len()) {
            Ok(item) => items.push(item),
            Err(problem) => found.skipped.push(format!("{}: {problem}", media.location)),
        }
    }
    let options = BatchOptions {
        jobs: arguments.jobs,
        retry_failed: arguments.retry_failed,
        quiet: arguments.quiet,
        format: arguments.format,
        overwrite: arguments.overwrite,
        skipped: found.skipped.clone(),
    };
    batch::download_items(client.clone(), files.shape, items, directory, &options).await
}

/// Returns the listing for media of this endpoint.
fn media_listing<'a>(endpoint: &'static EndpointInfo, query: &[&str], client: &'a Client) -> Listing<'a> {
    Listing {
        shape: RequestShape::with_query(endpoint, query.iter().copied()),
        base_url: client.base_url(),
        query: &[],
        // The proof of access changes with each revision of a base.
        volatile: &["extra"],
    }
}

fn media_item(listing: &Listing<'_>, media: &Media, number: usize) -> Result<Item, String> {
    let extra = media
        .extra
        .iter()
        .map(|extra| ("extra".to_owned(), Value::from(extra.as_str())));
    let line = Line {
        token: Some(media.token.clone()),
        name: None,
        parameters: extra.collect(),
    };
    let item = listing.create_item(&line, safe_name(media), number)?;
    Ok(Item {
        media: Some(media.clone()),
        ..item
    })
}

fn safe_name(media: &Media) -> Option<String> {
    media.name.as_deref().and_then(file_name::sanitize)
}

/// Appends the problems to the result, so that they are printed last.
fn append_problems(result: Result<(), Stop>, problems: &[String]) -> Result<(), Stop> {
    if problems.is_empty() {
        return result;
    }
    let text = format!("parts of the document are missing:\n{}", problems.join("\n"));
    match result {
        Ok(()) | Err(Stop::OutputClosed) => Err(Stop::Failed(text)),
        Err(Stop::Failed(message)) => Err(Stop::Failed(format!("{message}\n{text}"))),
        Err(Stop::Unable(message)) => Err(Stop::Unable(format!("{message}\n{text}"))),
        Err(Stop::Interrupted(message)) => Err(Stop::Interrupted(format!("{message}\n{text}"))),
        Err(Stop::Terminated(message)) => Err(Stop::Terminated(format!("{message}\n{text}"))),
    }
}
