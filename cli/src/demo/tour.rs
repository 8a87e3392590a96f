//! The calls of the demo, each through the generated SDK as a program of its users would make it.

use std::path::Path;

use bytes::Bytes;
use larkspur::baike;
use larkspur::drive::v1::{export_task, media};
use larkspur::im::v1::file;
use larkspur::{ByteStream, Client, Saved};
use larkspur_mock::{Failure, Mock};

use crate::stop::Stop;

/// How much of a file the call for a part of it asks for.
const PART: u64 = 1024;

/// The media that is downloaded whole and in part.
const MEDIA: &str = "boxcnrHpsg1QDqXAAAyachabcef";

/// What one call gave.
pub(crate) struct Step {
    endpoint: &'static str,
    result: String,
    file: Option<(String, u64)>,
    right: bool,
}

impl Step {
    /// Whether it gave what it should.
    pub(crate) fn is_right(&self) -> bool {
        self.right
    }

    /// The step as a line of the table.
    pub(crate) fn row(&self) -> [String; 5] {
        let (name, bytes) = match &self.file {
            Some((name, bytes)) => (name.clone(), bytes.to_string()),
            None => (String::new(), String::new()),
        };
        let checked = if self.right { "yes" } else { "WRONG" };
        [
            self.endpoint.to_owned(),
            self.result.clone(),
            bytes,
            name,
            checked.to_owned(),
        ]
    }
}

/// Makes every call, one after the other.
pub(crate) async fn take(mock: &Mock, directory: &Path) -> Result<Vec<Step>, Stop> {
    let client = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url())
        .build()
        .map_err(Stop::failed)?;
    let tour = Tour {
        mock,
        client,
        directory,
    };
    let steps = [
        tour.whole_media().await,
        tour.part_of_a_media().await,
        tour.links().await,
        tour.exported_document().await,
        tour.file_of_the_bot().await,
        tour.image_of_the_dictionary().await,
        tour.documented_error().await,
    ];
    steps.into_iter().collect::<larkspur::Result<_>>().map_err(Stop::failed)
}

struct Tour<'a> {
    mock: &'a Mock,
    client: Client,
    directory: &'a Path,
}

impl Tour<'_> {
    async fn whole_media(&self) -> larkspur::Result<Step> {
        let download = media::Download::new(MEDIA).send(&self.client).await?;
        self.kept(media::Download::ENDPOINT.id, MEDIA, download).await
    }

    async fn part_of_a_media(&self) -> larkspur::Result<Step> {
        let endpoint = media::Download::ENDPOINT.id;
        let download = media::Download::new(MEDIA).range(0..PART).send(&self.client).await?;
        let result = came(&download);
        let saved = download.save(self.directory.join("first-1024-bytes")).await?;
        let whole = self.mock.file(endpoint, MEDIA).bytes;
        let part = whole.slice(..whole.len().min(PART as usize));
        Ok(compared(endpoint, result, saved, part))
    }

    async fn links(&self) -> larkspur::Result<Step> {
        let tokens = ["boxcnOne", "boxcnTwo"];
        let answer = media::BatchGetTmpDownloadUrl::new(tokens).send(&self.client).await?;
        let given: Vec<_> = answer
            .tmp_download_urls
            .iter()
            .map(|link| link.file_token.as_str())
            .collect();
        Ok(Step {
            endpoint: media::BatchGetTmpDownloadUrl::ENDPOINT.id,
            result: format!("{} links, one for each token", given.len()),
            file: None,
            right: given == tokens,
        })
    }

    async fn exported_document(&self) -> larkspur::Result<Step> {
        let token = "boxcnxe5OdjlAkNgSNdsJvabcef";
        let download = export_task::Download::new(token).send(&self.client).await?;
        self.kept(export_task::Download::ENDPOINT.id, token, download).await
    }

    async fn file_of_the_bot(&self) -> larkspur::Result<Step> {
        let key = "file_456a92d6-c6ea-4de4-ac3f-7afcf44ac78g";
        let download = file::Get::new(key).send(&self.client).await?;
        self.kept(file::Get::ENDPOINT.id, key, download).await
    }

    /// The endpoint is deprecated in favour of one that the spec does not have yet.
    #[allow(deprecated)]
    async fn image_of_the_dictionary(&self) -> larkspur::Result<Step> {
        let token = "boxbcEcmKiD3vgqWTpvdc7jc";
        let download = baike::v1::file::Download::new(token).send(&self.client).await?;
        self.kept(baike::v1::file::Download::ENDPOINT.id, token, download).await
    }

    /// A failure that the endpoint documents is a variant to match on.
    async fn documented_error(&self) -> larkspur::Result<Step> {
        let endpoint = file::Get::ENDPOINT.id;
        // The id is the generated one, and the mock serves the same spec; were they to differ, the
        // call would succeed and the step be wrong.
        let _ = self.mock.fail_next(endpoint, Failure::code(234_005));
        let outcome = file::Get::new("file_of_yesterday").send(&self.client).await;
        let met = outcome.err();
        let documented = met.as_ref().and_then(larkspur::Error::documented::<file::GetError>);
        let result = match (documented, met) {
            (Some(documented), _) => format!("GetError::{documented:?}, as documented"),
            (None, Some(error)) => error.to_string(),
            (None, None) => "no failure".to_owned(),
        };
        Ok(Step {
            endpoint,
            result,
            file: None,
            right: documented == Some(file::GetError::Deleted),
        })
    }

    /// Saves a file under its own name, and compares it with what the stand-in holds.
    async fn kept(&self, endpoint: &'static str, token: &str, download: ByteStream) -> larkspur::Result<Step> {
        let result = came(&download);
        let saved = download.save_in(self.directory).await?;
        Ok(compared(endpoint, result, saved, self.mock.file(endpoint, token).bytes))
    }
}

/// How much of a file has come.
fn came(download: &ByteStream) -> String {
    match download.content_range() {
        None => "all of it".to_owned(),
        Some(part) => format!("bytes {} to {}", part.first, part.last),
    }
}

fn compared(endpoint: &'static str, result: String, saved: Saved, expected: Bytes) -> Step {
    let Saved { path, bytes, .. } = saved;
    let name = path.file_name().unwrap_or(path.as_os_str());
    Step {
        endpoint,
        result,
        file: Some((name.to_string_lossy().into_owned(), bytes)),
        right: std::fs::read(&path).is_ok_and(|found| found == expected),
    }
}
