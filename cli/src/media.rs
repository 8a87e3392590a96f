//! `larkspur media`: all images and attachments of a document.

use std::path::{Path, PathBuf};

use clap::Args;
use larkspur::Client;
use larkspur::documents::{self, DocumentRef, Media};
use larkspur::download::file_name;
use larkspur::drive::v1::media::Download;
use serde_json::{Value, json};

use crate::credentials::Caller;
use crate::document::{self, Document};
use crate::download::many::item::Item;
use crate::download::many::line::Line;
use crate::download::many::list::Listing;
use crate::download::many::{self, Format, How};
use crate::download::{find, parameters};
use crate::output;
use crate::stop::Stop;
use crate::table;

const AFTER_HELP: &str = "\
Examples:
  larkspur media https://sample.feishu.cn/docx/doxcnABCdef --to files
  larkspur media 'https://sample.feishu.cn/base/bascnABCdef?table=tblXYZ' --to files --jobs 8
  larkspur media Fm7osyjtMh5o7Ktrv32c73abcef --type sheet --to files
  larkspur media Fm7osyjtMh5o7Ktrv32c73abcef --type sheet --list

Of a text: what is in its blocks, and in the sheets and tables that are embedded in it. Of a spreadsheet: what is in its
cells. Of a base: the attachments of all its tables. A link into a wiki leads to one of these.

The same command goes on with what an earlier run left, and fetches no file again that is there: docs/workflows.md.

The app comes from the environment, LARKSPUR_APP_ID, LARKSPUR_APP_SECRET, and LARKSPUR_BASE_URL for anything but Feishu,
or from the file of --credentials; a user's token from LARKSPUR_USER_TOKEN.

Exit codes: 0 all that was found is there, 1 some failed, 2 could not run or not go on, 130 interrupted";

/// Download all images and attachments of a document.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    document: Document,
    /// Directory to download into.
    #[arg(long, value_name = "DIR", required_unless_present = "list")]
    to: Option<PathBuf>,
    /// Download nothing: tell what there is, and where it stands.
    #[arg(long, conflicts_with_all = ["to", "jobs", "retry_failed", "quiet"])]
    list: bool,
    /// How many files to fetch at a time, within the limits of the endpoint.
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Fetch only what failed in an earlier run.
    #[arg(long)]
    retry_failed: bool,
    /// Show no progress, and no summary where every file is there.
    #[arg(long)]
    quiet: bool,
    /// How to tell at the end what became of the files.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    caller: Caller,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    let reference = arguments.document.reference()?;
    if let Some(directory) = &arguments.to {
        many::is_there(directory)?;
    }
    let client = many::patient(&arguments.caller.client()?);
    let mut found = look(&client, &reference).await?;
    let told = match &arguments.to {
        None => list(&found.media, arguments.format),
        Some(directory) => bring(client, &mut found, directory, arguments).await,
    };
    with_problems(told, &found.problems)
}

/// What a document holds.
struct Found {
    media: Vec<Media>,
    /// What of it could not be looked into.
    problems: Vec<String>,
}

/// Looks into all of a document. Where nothing of it could be looked into, that is why the command ends.
async fn look(client: &Client, reference: &DocumentRef) -> Result<Found, Stop> {
    let mut list = documents::media(client, reference).await.map_err(document::stop)?;
    let (mut media, mut problems) = (Vec::new(), Vec::new());
    while let Some(found) = list.next().await {
        match found {
            Ok(found) => media.push(found),
            Err(error) => problems.push(error.to_string()),
        }
    }
    match media.is_empty() && !problems.is_empty() {
        true => Err(Stop::failed(problems.join("\n"))),
        false => Ok(Found { media, problems }),
    }
}

/// Tells what there is.
fn list(media: &[Media], format: Format) -> Result<(), Stop> {
    if format == Format::Json {
        let media = media.iter().map(|media| {
            json!({
                "token": media.token,
                "name": media.name,
                "extra": media.extra,
                "place": media.place.to_string(),
            })
        });
        let media: Vec<_> = media.collect();
        output::line(format!("{:#}", json!({ "media": media })))?;
        return Ok(());
    }
    let row = |media: &Media| {
        [
            media.token.escape_debug().to_string(),
            named(media).unwrap_or_default(),
            media.place.to_string(),
        ]
    };
    let rows: Vec<_> = media.iter().map(row).collect();
    for line in table::lines(["token", "name", "place"], &rows) {
        output::line(line)?;
    }
    Ok(())
}

/// Brings what there is; what could not be asked for becomes one of the problems.
async fn bring(client: Client, found: &mut Found, directory: &Path, arguments: &Arguments) -> Result<(), Stop> {
    let shape = parameters::shape(find(Download::ENDPOINT.id)?)?;
    let listing = Listing {
        shape,
        base_url: client.base_url(),
        query: &[],
        proofs: &["extra"],
    };
    let mut items = Vec::new();
    for media in &found.media {
        match item(&listing, media, items.len()) {
            Ok(item) => items.push(item),
            Err(problem) => found.problems.push(format!("{}: {problem}", media.place)),
        }
    }
    let how = How {
        jobs: arguments.jobs,
        retry_failed: arguments.retry_failed,
        quiet: arguments.quiet,
        format: arguments.format,
    };
    many::bring(client.clone(), shape, items, directory, &how).await
}

fn item(listing: &Listing<'_>, media: &Media, number: usize) -> Result<Item, String> {
    let extra = media
        .extra
        .iter()
        .map(|extra| ("extra".to_owned(), Value::from(extra.as_str())));
    let line = Line {
        token: Some(media.token.clone()),
        name: None,
        parameters: extra.collect(),
    };
    listing.item_of(&line, named(media), number)
}

/// The name that a document gives a media, made safe.
fn named(media: &Media) -> Option<String> {
    media.name.as_deref().and_then(file_name::safe)
}

/// A part of the document that could not be looked into is told last, where it is not missed.
fn with_problems(brought: Result<(), Stop>, problems: &[String]) -> Result<(), Stop> {
    if problems.is_empty() {
        return brought;
    }
    let told = format!("not all of the document could be looked into:\n{}", problems.join("\n"));
    match brought {
        Ok(()) | Err(Stop::Unheard) => Err(Stop::Failed(told)),
        Err(Stop::Failed(why)) => Err(Stop::Failed(format!("{why}\n{told}"))),
        Err(Stop::Unable(why)) => Err(Stop::Unable(format!("{why}\n{told}"))),
        Err(Stop::Interrupted(why)) => Err(Stop::Interrupted(format!("{why}\n{told}"))),
    }
}
