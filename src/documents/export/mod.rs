//! Exports of documents to files.

mod format;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::error::{Error, Result};
use super::reference::DocumentKind;
use super::reference::DocumentRef;
use super::reference::shown;
use super::resolve;
use crate::Client;
use crate::download::{Overwrite, Progress, Report};
use crate::drive::v1::export_task::{Create, Download};
pub(super) use format::{ALLOWED, listed};
pub use format::{ExportFormat, UnknownFormat};
use format::{look, look_into, name, wire};

/// How often a file is asked for that the platform makes: once more where it was gone before all of it had come.
const MOST_FILES: u32 = 2;

/// A document that is to be exported to a file.
///
/// The platform makes the file, which takes a while, and keeps it for [`Download::LIFETIME`]. So the download begins as soon
/// as there is a file, goes on after faults, and where the file is gone before all of it has come another one is asked
/// for, once. The file gets its name once all of it is there, as with every [`Download`](crate::Download).
///
/// ```no_run
/// # async fn example(client: larkspur::Client) -> larkspur::documents::Result<()> {
/// use larkspur::documents::{DocumentRef, Export, ExportFormat};
///
/// let document = DocumentRef::parse("https://sample.feishu.cn/wiki/wikcnABCdef", None)?;
/// let exported = Export::new(document, ExportFormat::Pdf).to_dir(&client, "exports").await?;
/// println!("{} ({} bytes)", exported.path.display(), exported.bytes);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is exported before it is told where to"]
pub struct Export {
    document: DocumentRef,
    format: ExportFormat,
    part: Option<String>,
    overwrite: Option<Overwrite>,
    every: Option<Duration>,
    at_most: Option<Duration>,
    listener: Option<Listener>,
}

type Listener = Arc<dyn Fn(ExportProgress) + Send + Sync>;

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportProgress {
    /// The platform has been asked to make the file. This comes twice where the first one was gone too early.
    Making,
    /// The file is on its way.
    Coming(Progress),
}

/// A document that was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// The document itself, where a node of a wiki stood for it.
    pub document: DocumentRef,
    /// What it was exported to.
    pub format: ExportFormat,
    /// Where the file is.
    pub path: PathBuf,
    /// How large it is.
    pub bytes: u64,
}

impl Export {
    /// An export of this document. A node of a wiki is resolved first.
    ///
    /// Of what the link shows, the sheet or the table counts where the format is [`ExportFormat::Csv`].
    pub fn new(document: DocumentRef, format: ExportFormat) -> Self {
        Self {
            document,
            format,
            part: None,
            overwrite: None,
            every: None,
            at_most: None,
            listener: None,
        }
    }

    /// Id of the sheet, or of the table of a base, that [`ExportFormat::Csv`] is to hold: instead of the one that the link
    /// shows. Other formats hold all of a document and take no part.
    pub fn part(mut self, id: impl Into<String>) -> Self {
        self.part = Some(id.into());
        self
    }

    /// What to do where there is a file of that name already, in place of what [`Export::to`] and [`Export::to_dir`] do.
    pub fn overwrite(mut self, overwrite: Overwrite) -> Self {
        self.overwrite = Some(overwrite);
        self
    }

    /// How long to wait between two questions whether the file is made, in place of more and more, from one second to ten.
    pub fn every(mut self, delay: Duration) -> Self {
        self.every = Some(delay);
        self
    }

    /// How long the making of the file may take, 10 minutes unless set.
    pub fn at_most(mut self, time: Duration) -> Self {
        self.at_most = Some(time);
        self
    }

    /// Calls this with each step; it should not take long.
    pub fn progress(mut self, listener: impl Fn(ExportProgress) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// Exports to this path. What is there stays, and nothing is sent, unless [`Export::overwrite`] says otherwise.
    ///
    /// # Errors
    ///
    /// Before anything is sent, but for the resolving of a wiki node: where the kind of document cannot be exported to the
    /// format, where it is not said which sheet or table a csv is to hold, and where the path can take no file. Then: where a call
    /// fails, where the platform cannot make the file ([`ErrorKind::Polling`](crate::error::ErrorKind::Polling)) and where it was gone twice.
    pub async fn to(self, client: &Client, path: impl AsRef<Path>) -> Result<Exported> {
        let path = path.as_ref().to_owned();
        let overwrite = self.overwrite.unwrap_or(Overwrite::Refuse);
        look(&path, overwrite).await?;
        self.run(client, overwrite, move |_| path.clone()).await
    }

    /// Exports into this directory, under the name that the platform gives, made safe, with the extension of the format.
    /// Where there is such a file the new one gets a number, unless [`Export::overwrite`] says otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`Export::to`].
    pub async fn to_dir(self, client: &Client, directory: impl AsRef<Path>) -> Result<Exported> {
        let directory = directory.as_ref().to_owned();
        let overwrite = self.overwrite.unwrap_or(Overwrite::Number);
        look_into(&directory).await?;
        self.run(client, overwrite, move |name| directory.join(name)).await
    }

    async fn run(self, client: &Client, overwrite: Overwrite, path_of: impl Fn(&str) -> PathBuf) -> Result<Exported> {
        // A second time below: what a wiki node stands for is known only then.
        check_format(&self.document, self.format)?;
        let document = resolve(client, &self.document).await?;
        let request = export_request(&document, self.format, self.part.as_deref())?;
        let mut files = 0;
        loop {
            let made = self.make(client, request.clone()).await?;
            let file_token = made.file_token.ok_or_else(|| Error::NoFile {
                document: document.clone(),
            })?;
            files += 1;
            let path = path_of(&name(&made.name, &document, self.format));
            match self.bring(client, &file_token, overwrite, &path).await {
                Ok(report) => {
                    return Ok(Exported {
                        document,
                        format: self.format,
                        path: report.path.unwrap_or(path),
                        bytes: report.bytes,
                    });
                }
                Err(error) if is_gone(&error) && files < MOST_FILES => {}
                Err(error) if is_gone(&error) => {
                    return Err(Error::Gone {
                        document,
                        source: error,
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Has the platform make the file.
    async fn make(&self, client: &Client, request: Create) -> Result<Made> {
        self.tell(ExportProgress::Making);
        let mut wait = request.wait(client);
        if let Some(every) = self.every {
            wait = wait.every(every);
        }
        if let Some(at_most) = self.at_most {
            wait = wait.at_most(at_most);
        }
        let result = wait.await?.result;
        Ok(Made {
            name: result.file_name.unwrap_or_default(),
            file_token: result.file_token.filter(|token| !token.is_empty()),
        })
    }

    async fn bring(&self, client: &Client, token: &str, overwrite: Overwrite, path: &Path) -> crate::Result<Report> {
        let transfer = client.download(Download::new(token)).overwrite(overwrite);
        let transfer = match self.listener.clone() {
            Some(listener) => transfer.progress(move |now| listener(ExportProgress::Coming(now))),
            None => transfer,
        };
        transfer.to(path).await
    }

    fn tell(&self, progress: ExportProgress) {
        if let Some(listener) = &self.listener {
            listener(progress);
        }
    }
}

/// A file that the platform has made.
struct Made {
    name: String,
    file_token: Option<String>,
}

/// Without the listener.
impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("document", &self.document)
            .field("format", &self.format)
            .field("part", &self.part)
            .finish_non_exhaustive()
    }
}

/// Refuses what the platform does not export. A node of a wiki may stand for anything.
fn check_format(document: &DocumentRef, format: ExportFormat) -> Result<()> {
    let kind = document.kind();
    if kind == DocumentKind::Wiki || ExportFormat::of(kind).contains(&format) {
        return Ok(());
    }
    Err(Error::NotExported {
        document: document.clone(),
        format,
    })
}

/// The request for an export of this document, which is no node of a wiki.
fn export_request(document: &DocumentRef, format: ExportFormat, part: Option<&str>) -> Result<Create> {
    check_format(document, format)?;
    let request = Create::new(format.wire(), document.token(), wire(document.kind()));
    match (format, part) {
        (ExportFormat::Csv, _) => {
            let shown = match document.kind() {
                DocumentKind::Bitable => document.table(),
                _ => document.sheet(),
            };
            let part = part.or(shown).ok_or_else(|| Error::NoPart {
                document: document.clone(),
            })?;
            Ok(request.sub_id(part))
        }
        (_, None) => Ok(request),
        (_, Some(part)) => Err(Error::NoParts {
            format,
            part: shown(part),
        }),
    }
}

/// Whether a download failed since the file is gone. The platform has no code for that: it says that there is no file, or
/// that the token is wrong, which was right a moment ago.
fn is_gone(error: &crate::Error) -> bool {
    let ours = error
        .endpoint()
        .is_some_and(|endpoint| endpoint.id == Download::ENDPOINT.id);
    let status = error.api_error().map(|answer| answer.status);
    let documented = || Download::ENDPOINT.documented(error.code(), status.unwrap_or_default());
    match status {
        Some(404 | 410) => ours,
        Some(400) => ours && documented().is_some(),
        _ => false,
    }
}
