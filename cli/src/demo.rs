//! `larkspur demo`: calls documented endpoints of a local mock server through the generated SDK.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;
use larkspur::drive::v1::{export_task, media};
use larkspur::im::v1::file;
use larkspur::{ByteStream, Client, Saved, baike};
use larkspur_codegen::command::output::{self, Stop};
use larkspur_mock::{Failure, Mock};

const AFTER_HELP: &str = "\
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
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Directory for the files, created if missing; a temporary one by default.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Stop> {
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

    /// A documented error is a variant of the endpoint's error enum.
    async fn match_documented_error(&self) -> larkspur::Result<Step> {
        let endpoint = file::Get::ENDPOINT.id;
        // The mock server has the endpoint, as it serves the spec that the SDK was generated from.
        let _ = self.mock.fail_next(endpoint, Failure::code(234_005));
        let error = file::Get::new("file_of_yesterday").send(&self.client).await.err();
        let documented = error.as_ref().and_then(larkspur::Error::documented::<file::GetError>);
        let result = match (documented, error) {
            (Some(documented), _) => format!("GetError::{documented:?}, as documented"),
            (None, Some(error)) => error.to_string(),
            (None, None) => "no failure".to_owned(),
        };
        Ok(Step {
            endpoint,
            result,
            file: None,
            verified: documented == Some(file::GetError::Deleted),
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
