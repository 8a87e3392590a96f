//! `larkspur mock`: serves the mock server on a port.

use std::path::{Path, PathBuf};

use clap::Args;
use larkspur_codegen::command::output::{self, Stop, bold};
use larkspur_codegen::{Source, command as spec};
use larkspur_mock::{Mock, StartError};

const AFTER_HELP: &str = "\
Examples:
  larkspur mock --port 8080
  larkspur mock --spec spec                serve a spec under development
  larkspur mock --documents                add sample documents for `export` and `media`
  larkspur mock --content content.json     add stub responses and files

docs/cli/mock-server.md describes what is enforced. All state is in memory. The server listens on 127.0.0.1 only.";

/// Serve a mock server that enforces the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Port to listen on; 0 selects a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Directory of the spec to serve, in place of the embedded one.
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
    /// Add sample documents: a docx, a spreadsheet, two bases and wiki nodes. docs/cli/mock-server.md lists their tokens.
    #[arg(long)]
    documents: bool,
    /// JSON file with stub responses and files: {"responses": [...], "files": [...]}; see docs/cli/mock-server.md.
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    /// Disable rate limits.
    #[arg(long)]
    no_limits: bool,
}

/// Serves until interrupted.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    let mock = start(arguments).await?;
    tokio::select! {
        // Polled first, as a reader of the output may interrupt at once.
        biased;
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.map_err(|error| Stop::unable(format!("cannot listen for interrupts: {error}")))?;
        }
        Err(stop) = print_instructions(&mock) => return Err(stop),
    }
    mock.shut_down().await;
    Ok(())
}

async fn start(arguments: &Arguments) -> Result<Mock, Stop> {
    let mut builder = Mock::builder().port(arguments.port).rate_limits(!arguments.no_limits);
    if arguments.documents {
        builder = builder.content(larkspur_mock::sample_documents());
    }
    if let Some(path) = &arguments.content {
        builder = builder.content(read_content(path)?);
    }
    let mut source = Source::new();
    if let Some(directory) = &arguments.spec {
        source = spec::read(directory)?;
        builder = builder.spec(source.clone());
    }
    builder.start().await.map_err(|error| match error {
        StartError::Spec(findings) => spec::rendered(&findings, &source),
        other => Stop::unable(other),
    })
}

fn read_content(path: &Path) -> Result<String, Stop> {
    std::fs::read_to_string(path).map_err(|error| Stop::unable(format!("cannot read {}: {error}", path.display())))
}

async fn print_instructions(mock: &Mock) -> Result<(), Stop> {
    for line in instructions(mock) {
        output::line(line)?;
    }
    Ok(())
}

fn instructions(mock: &Mock) -> Vec<String> {
    let base_url = mock.base_url();
    vec![
        format!("Mock server listening on {}; press Ctrl-C to stop.", bold(base_url)),
        String::new(),
        format!("  export LARKSPUR_BASE_URL={base_url}"),
        format!("  export LARKSPUR_APP_ID={}", mock.app_id()),
        format!("  export LARKSPUR_APP_SECRET={}", mock.app_secret()),
        String::new(),
        format!("User token: {}", mock.user_token()),
        String::new(),
        "To make a request fail, send one of these headers:".to_owned(),
        "  x-mock-error: 234001     an error code".to_owned(),
        "  x-mock-error: http 403   an HTTP status".to_owned(),
        "To make the next requests of an endpoint fail:".to_owned(),
        format!(r#"  curl {base_url}/_mock/fail -d '{{"endpoint": "im.v1.file.get", "code": 234001, "times": 2}}'"#),
    ]
}
