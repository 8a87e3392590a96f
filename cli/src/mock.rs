//! `larkspur mock`: a stand-in for the platform on a port.

use std::path::{Path, PathBuf};

use clap::Args;
use larkspur_codegen::Source;
use larkspur_mock::{Mock, StartError};

use crate::output::{self, bold};
use crate::spec;
use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur mock --port 8080
  larkspur mock --spec spec                serve a spec that is being written
  larkspur mock --documents                with documents in it, to try export and media on
  larkspur mock --content answers.json     with answers and files of your own

docs/mock.md says what is enforced. Everything is in memory and listens on 127.0.0.1 alone.";

/// Serve a stand-in for the platform that enforces the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Port to listen on; any free one where it is 0.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Directory of a spec to serve instead of the one that this program was built with.
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
    /// Have documents in it: a text, a spreadsheet, two bases, nodes of a wiki. docs/mock.md lists their tokens.
    #[arg(long)]
    documents: bool,
    /// A JSON file of answers and files to have in it: {"responses": [...], "files": [...]}, see docs/mock.md.
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    /// Do not enforce rate limits.
    #[arg(long)]
    no_limits: bool,
}

/// Serves until it is interrupted.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    let mock = start(arguments).await?;
    tokio::select! {
        // Polled first: whoever has read that an interrupt ends the mock may send one at once.
        biased;
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.map_err(|error| Stop::unable(format!("cannot wait for an interrupt: {error}")))?;
        }
        Err(stop) = greet(&mock) => return Err(stop),
    }
    mock.shut_down().await;
    Ok(())
}

async fn start(arguments: &Arguments) -> Result<Mock, Stop> {
    let builder = Mock::builder().port(arguments.port).rate_limits(!arguments.no_limits);
    let builder = match arguments.documents {
        true => builder.content(larkspur_mock::sample_documents()),
        false => builder,
    };
    let builder = match &arguments.content {
        Some(path) => builder.content(read(path)?),
        None => builder,
    };
    let (builder, source) = match &arguments.spec {
        None => (builder, Source::new()),
        Some(directory) => {
            let source = spec::read(directory)?;
            (builder.spec(source.clone()), source)
        }
    };
    builder.start().await.map_err(|error| match error {
        StartError::Spec(findings) => spec::rendered(&findings, &source),
        other => Stop::unable(other),
    })
}

fn read(path: &Path) -> Result<String, Stop> {
    std::fs::read_to_string(path).map_err(|error| Stop::unable(format!("{}: cannot be read: {error}", path.display())))
}

async fn greet(mock: &Mock) -> Result<(), Stop> {
    for line in greeting(mock) {
        output::line(line)?;
    }
    Ok(())
}

fn greeting(mock: &Mock) -> Vec<String> {
    let base_url = mock.base_url();
    vec![
        format!(
            "The stand-in listens on {}; interrupt with ctrl-c to end it.",
            bold(base_url)
        ),
        String::new(),
        format!("  export LARKSPUR_BASE_URL={base_url}"),
        format!("  export LARKSPUR_APP_ID={}", mock.app_id()),
        format!("  export LARKSPUR_APP_SECRET={}", mock.app_secret()),
        String::new(),
        format!("A user token for calls as a user: {}", mock.user_token()),
        String::new(),
        "To see a call fail, send it with one of these headers:".to_owned(),
        "  x-mock-error: 234001     a code".to_owned(),
        "  x-mock-error: http 403   a status".to_owned(),
        "or let the next calls of an endpoint fail:".to_owned(),
        format!(r#"  curl {base_url}/_mock/fail -d '{{"endpoint": "im.v1.file.get", "code": 234001, "times": 2}}'"#),
    ]
}
