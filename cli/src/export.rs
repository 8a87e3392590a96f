//! `larkspur export`: a document as a file.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use larkspur::documents::{Export, ExportFormat, ExportProgress};
use larkspur::download::Overwrite;

use crate::credentials::Caller;
use crate::document::{self, Document};
use crate::download::many::progress::Progress;
use crate::download::many::{is_there, patient};
use crate::output;
use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur export https://sample.feishu.cn/docx/doxcnABCdef --as pdf
  larkspur export https://sample.feishu.cn/wiki/wikcnABCdef --as docx --to exports
  larkspur export 'https://sample.feishu.cn/sheets/shtcnABCdef?sheet=6e5ed3' --as csv -o prices.csv
  larkspur export Fm7osyjtMh5o7Ktrv32c73abcef --type bitable --as csv --part tblABCdef

What can be exported to what: docx and doc to docx, pdf; sheet and bitable to xlsx, csv. A csv holds one sheet or one table,
the one that the link shows unless --part says otherwise.

The platform makes the file, which may take minutes, and keeps it for 10 of them. Interrupt with ctrl-c; nothing is left
but a partial file that begins with a dot.

The app comes from the environment, LARKSPUR_APP_ID, LARKSPUR_APP_SECRET, and LARKSPUR_BASE_URL for anything but Feishu,
or from the file of --credentials; a user's token from LARKSPUR_USER_TOKEN.

Exit codes: 0 the file is there, 1 the platform refused or the download failed, 2 could not run, 130 interrupted";

/// Export a document to a file.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    document: Document,
    /// Format of the file: docx, pdf, xlsx or csv.
    #[arg(long = "as", value_name = "FORMAT")]
    format: ExportFormat,
    /// Id of the sheet or the table that a csv is to hold.
    #[arg(long, value_name = "ID", visible_aliases = ["sheet", "table"])]
    part: Option<String>,
    /// Directory to write into, under the name of the document; one that is taken gets a number.
    #[arg(long, value_name = "DIR", default_value = ".")]
    to: PathBuf,
    /// File to write, which must not be there yet.
    #[arg(short, long, value_name = "FILE", conflicts_with = "to")]
    output: Option<PathBuf>,
    /// Replace a file of that name.
    #[arg(long)]
    overwrite: bool,
    /// Show no progress, and not what was written.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    caller: Caller,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    let export = export(arguments)?;
    if arguments.output.is_none() {
        is_there(&arguments.to)?;
    }
    let client = patient(&arguments.caller.client()?);
    let progress = Arc::new(Progress::new(arguments.quiet, 1));
    let running = progress.begin(&arguments.format.to_string());
    let shown = running.clone();
    let export = export.progress(move |step| {
        if let ExportProgress::Coming(now) = step {
            shown.advance(now.bytes, now.total);
        }
    });
    let work = async {
        match &arguments.output {
            Some(path) => export.to(&client, path).await,
            None => export.to_dir(&client, &arguments.to).await,
        }
    };
    let ended = tokio::select! {
        biased;
        Ok(()) = tokio::signal::ctrl_c() => Err(Stop::Interrupted("interrupted: the same command begins anew".to_owned())),
        ended = work => ended.map_err(document::stop),
    };
    running.end();
    progress.end();
    let exported = ended?;
    if !arguments.quiet {
        output::line(format!("{} ({} bytes)", exported.path.display(), exported.bytes))?;
    }
    Ok(())
}

fn export(arguments: &Arguments) -> Result<Export, Stop> {
    let export = Export::new(arguments.document.reference()?, arguments.format);
    let export = match &arguments.part {
        Some(id) => export.part(id),
        None => export,
    };
    Ok(match arguments.overwrite {
        true => export.overwrite(Overwrite::Replace),
        false => export,
    })
}
