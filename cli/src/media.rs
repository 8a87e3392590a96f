//! `larkspur media`: all images and attachments of a document.

use std::path::PathBuf;

use clap::Args;
use larkspur::drive::v1::media::Download;
use larkspur::transfer::file_name;
use larkspur::workflow::{self, Media};
use larkspur::{Client, workflow::DocumentRef};
use serde_json::Value;

use crate::document::{self, Document};
use crate::download::many::item::Item;
use crate::download::many::line::Line;
use crate::download::many::list::Listing;
use crate::download::many::{self, Format, How};
use crate::download::{credentials, find, parameters};
use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur media https://sample.feishu.cn/docx/doxcnABCdef --to files
  larkspur media 'https://sample.feishu.cn/base/bascnABCdef?table=tblXYZ' --to files --jobs 8
  larkspur media Fm7osyjtMh5o7Ktrv32c73abcef --type sheet --to files

Of a text: what is in its blocks, and in the sheets and tables that are embedded in it. Of a spreadsheet: what is in its
cells. Of a base: the attachments of all its tables. A link into a wiki leads to one of these.

The same command goes on with what an earlier run left, and fetches no file again that is there: docs/workflows.md.

The app comes from the environment, LARKSPUR_APP_ID, LARKSPUR_APP_SECRET, and LARKSPUR_BASE_URL for anything but Feishu,
or from the file of --credentials.

Exit codes: 0 all that was found is there, 1 some failed, 2 could not run or not go on, 130 interrupted";

/// Download all images and attachments of a document.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    document: Document,
    /// Directory to download into.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
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
    /// A file with the app, which only its owner may read, in place of the environment.
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    let reference = arguments.document.reference()?;
    many::is_there(&arguments.to)?;
    let shape = parameters::shape(find(Download::ENDPOINT.id)?)?;
    let client = many::patient(&credentials::client(arguments.credentials.as_deref())?);
    let listing = Listing {
        shape,
        base_url: client.base_url(),
        query: &[],
        proofs: &["extra"],
    };
    let (items, problems) = items(&client, &reference, &listing).await?;
    let how = How {
        jobs: arguments.jobs,
        retry_failed: arguments.retry_failed,
        quiet: arguments.quiet,
        format: arguments.format,
    };
    let brought = many::bring(client.clone(), shape, items, &arguments.to, &how).await;
    with_problems(brought, problems)
}

/// What is to be brought, and what of the document could not be looked into.
async fn items(
    client: &Client,
    reference: &DocumentRef,
    listing: &Listing<'_>,
) -> Result<(Vec<Item>, Vec<String>), Stop> {
    let mut list = workflow::media(client, reference).await.map_err(document::stop)?;
    let (mut items, mut problems) = (Vec::new(), Vec::new());
    while let Some(found) = list.next().await {
        match found {
            Ok(media) => match item(listing, &media, items.len()) {
                Ok(item) => items.push(item),
                Err(problem) => problems.push(format!("{}: {problem}", media.place)),
            },
            Err(error) => problems.push(error.to_string()),
        }
    }
    match items.is_empty() && !problems.is_empty() {
        true => Err(Stop::failed(problems.join("\n"))),
        false => Ok((items, problems)),
    }
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
    let name = media.name.as_deref().and_then(file_name::safe);
    listing.item_of(&line, name, number)
}

/// A part of the document that could not be looked into is told last, where it is not missed.
fn with_problems(brought: Result<(), Stop>, problems: Vec<String>) -> Result<(), Stop> {
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
