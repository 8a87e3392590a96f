//! `larkspur mock` and `larkspur demo`: a mock server on a port, and calls of the generated SDK against one.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;
use larkspur::drive::v1::{export_task, media};
use larkspur::im::v1::{ErrorCode, file};
use larkspur::{ByteStream, Client, Saved, baike};
use larkspur_codegen::command::output::{self, Stop, bold};
use larkspur_codegen::{Source, command as spec};
use larkspur_mock::{Failure, Mock, StartError};

use crate::signals::wait_for_signal;

const MOCK_HELP: &str = "\
Examples:
  larkspur mock --port 8080
  larkspur mock --spec spec                serve a spec under development
  larkspur mock --documents                add sample documents for `export` and `media`
  larkspur mock --content content.json     add stub responses and files

docs/cli/mock-server.md describes what is enforced. All state is in memory. The server listens on 127.0.0.1 only.";

/// Serve a mock server that enforces the spec.
#[derive(Args)]
#[command(after_help = MOCK_HELP)]
pub(crate) struct MockArguments {
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
pub(crate) async fn run_mock(arguments: &MockArguments) -> Result<(), Stop> {
    let mock = start_mock(arguments).await?;
    tokio::select! {
        // Polled first, as a reader of the output may interrupt at once.
        biased;
        _ = wait_for_signal() => {}
        Err(stop) = print_instructions(&mock) => return Err(stop),
    }
    mock.shut_down().await;
    Ok(())
}

async fn start_mock(arguments: &MockArguments) -> Result<Mock, Stop> {
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

const DEMO_HELP: &str = "\
Examples:
  larkspur demo
  larkspur demo --to downloads

It needs no account and no network: a mock server on 127.0.0.1 responds.";

/// Number of bytes that the range request downloads.
const RANGE_BYTES: u64 = 1024;

/// Token of the media that is downloaded completely and as a range.
const MEDIA: &str = "boxcnrHpsg1QDqXAAAyachabcef";

/// Call documented endpoints of a mock server and verify the results.
#[derive(Args)]
#[command(after_help = DEMO_HELP)]
pub(crate) struct DemoArguments {
    /// Directory for the files, created if missing; a temporary one by default.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// Runs `larkspur demo`.
pub(crate) async fn run_demo(arguments: &DemoArguments) -> Result<(), Stop> {
    let directory = create_directory(arguments.to.as_deref())?;
    let mock = Mock::start().await.map_err(Stop::unable)?;
    output::line(format!("Mock server listening on {}.", mock.base_url()))?;
    output::line(format!("Files are written to {}.\n", directory.display()))?;

    let steps = run_steps(&mock, &directory).await?;
    let rows: Vec<_> = steps.iter().map(Step::row).collect();
    for line in output::table(["endpoint", "result", "bytes", "file", "verified"], &rows) {
        output::line(line)?;
    }
    let failed = steps.iter().filter(|step| !step.verified).count();
    if failed > 0 {
        return Err(Stop::failed(format!(
            "{failed} of {} calls returned unexpected results",
            steps.len()
        )));
    }
    output::line(format!("\nAll {} calls returned the expected results.", steps.len()))?;
    Ok(())
}

fn create_directory(path: Option<&Path>) -> Result<PathBuf, Stop> {
    let created = match path {
        Some(path) => std::fs::create_dir_all(path).map(|()| path.to_owned()),
        None => tempfile::Builder::new()
            .prefix("larkspur-demo-")
            .tempdir()
            .map(tempfile::TempDir::keep),
    };
    let path = path.unwrap_or(Path::new("a temporary directory")).display();
    created.map_err(|error| Stop::unable(format!("cannot create {path}: {error}")))
}

/// The result of one call.
struct Step {
    endpoint: &'static str,
    result: String,
    file: Option<(String, u64)>,
    verified: bool,
}

impl Step {
    fn row(&self) -> [String; 5] {
        let (name, bytes) = match &self.file {
            Some((name, bytes)) => (name.clone(), bytes.to_string()),
            None => (String::new(), String::new()),
        };
        let verified = if self.verified { "yes" } else { "WRONG" };
        [
            self.endpoint.to_owned(),
            self.result.clone(),
            bytes,
            name,
            verified.to_owned(),
        ]
    }
}

async fn run_steps(mock: &Mock, directory: &Path) -> Result<Vec<Step>, Stop> {
    let client = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url())
        .build()
        .map_err(Stop::failed)?;
    let demo = Demo {
        mock,
        client,
        directory,
    };
    let steps = [
        demo.download_media().await,
        demo.download_range().await,
        demo.request_links().await,
        demo.download_export().await,
        demo.download_message_file().await,
        demo.download_dictionary_image().await,
        demo.match_documented_error().await,
    ];
    steps.into_iter().collect::<larkspur::Result<_>>().map_err(Stop::failed)
}

struct Demo<'a> {
    mock: &'a Mock,
    client: Client,
    directory: &'a Path,
}

impl Demo<'_> {
    async fn download_media(&self) -> larkspur::Result<Step> {
        let download = media::Download::new(MEDIA).send(&self.client).await?;
        self.save(media::Download::ENDPOINT.id, MEDIA, download).await
    }

    async fn download_range(&self) -> larkspur::Result<Step> {
        let endpoint = media::Download::ENDPOINT.id;
        let download = media::Download::new(MEDIA)
            .range(0..RANGE_BYTES)
            .send(&self.client)
            .await?;
        let result = describe_content(&download);
        let saved = download.save(self.directory.join("first-1024-bytes")).await?;
        let whole = self.mock.file(endpoint, MEDIA).bytes;
        let expected = whole.slice(..whole.len().min(RANGE_BYTES as usize));
        Ok(verify_file(endpoint, result, saved, expected))
    }

    async fn request_links(&self) -> larkspur::Result<Step> {
        let tokens = ["boxcnOne", "boxcnTwo"];
        let response = media::BatchGetTmpDownloadUrl::new(tokens).send(&self.client).await?;
        let linked: Vec<_> = response
            .tmp_download_urls
            .iter()
            .map(|link| link.file_token.as_str())
            .collect();
        Ok(Step {
            endpoint: media::BatchGetTmpDownloadUrl::ENDPOINT.id,
            result: format!("{} links, one per token", linked.len()),
            file: None,
            verified: linked == tokens,
        })
    }

    async fn download_export(&self) -> larkspur::Result<Step> {
        let token = "boxcnxe5OdjlAkNgSNdsJvabcef";
        let download = export_task::Download::new(token).send(&self.client).await?;
        self.save(export_task::Download::ENDPOINT.id, token, download).await
    }

    async fn download_message_file(&self) -> larkspur::Result<Step> {
        let key = "file_456a92d6-c6ea-4de4-ac3f-7afcf44ac78g";
        let download = file::Get::new(key).send(&self.client).await?;
        self.save(file::Get::ENDPOINT.id, key, download).await
    }

    /// The endpoint is deprecated in favour of one that is not in the spec yet.
    #[allow(deprecated)]
    async fn download_dictionary_image(&self) -> larkspur::Result<Step> {
        let token = "boxbcEcmKiD3vgqWTpvdc7jc";
        let download = baike::v1::file::Download::new(token).send(&self.client).await?;
        self.save(baike::v1::file::Download::ENDPOINT.id, token, download).await
    }

    /// A documented code is a variant of the project version's `ErrorCode`.
    async fn match_documented_error(&self) -> larkspur::Result<Step> {
        let endpoint = file::Get::ENDPOINT.id;
        // The mock server has the endpoint, as it serves the spec that the SDK was generated from.
        let _ = self.mock.fail_next(endpoint, Failure::code(234_005));
        let error = file::Get::new("file_of_yesterday").send(&self.client).await.err();
        let documented = error.as_ref().and_then(larkspur::Error::code_as::<ErrorCode>);
        let result = match (documented, error) {
            (Some(documented), _) => format!("ErrorCode::{documented:?}, as documented"),
            (None, Some(error)) => error.to_string(),
            (None, None) => "no failure".to_owned(),
        };
        Ok(Step {
            endpoint,
            result,
            file: None,
            verified: documented == Some(ErrorCode::FileDeleted),
        })
    }

    /// Saves a file under its own name and compares it with that of the mock server.
    async fn save(&self, endpoint: &'static str, token: &str, download: ByteStream) -> larkspur::Result<Step> {
        let result = describe_content(&download);
        let saved = download.save_in(self.directory).await?;
        Ok(verify_file(
            endpoint,
            result,
            saved,
            self.mock.file(endpoint, token).bytes,
        ))
    }
}

fn describe_content(download: &ByteStream) -> String {
    match download.content_range() {
        None => "complete file".to_owned(),
        Some(range) => format!("bytes {} to {}", range.first, range.last),
    }
}

fn verify_file(endpoint: &'static str, result: String, saved: Saved, expected: Bytes) -> Step {
    let Saved { path, bytes, .. } = saved;
    let name = path.file_name().unwrap_or(path.as_os_str());
    Step {
        endpoint,
        result,
        file: Some((name.to_string_lossy().into_owned(), bytes)),
        verified: std::fs::read(&path).is_ok_and(|found| found == expected),
    }
}
