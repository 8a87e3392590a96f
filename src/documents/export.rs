//! Exports of documents to files, and their formats.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use super::reference::{DocumentKind, DocumentRef, quote_truncated};
use super::{Error, Result, resolve};
use crate::Client;
use crate::download::{Overwrite, Progress, Report, file_name};
use crate::drive::v1::export_task::{Create, DocumentType, Download, Extension};
use crate::error::{DownloadError, ErrorKind};

/// Maximum number of files requested per export: one more if the first expired before its download completed.
const MAX_FILES: u32 = 2;

/// An export of a document to a file.
///
/// The platform creates the file, which takes a while, and keeps it for [`Download::LIFETIME`]. The download starts as
/// soon as the file exists and is retried and resumed; if the file expires before that, another one is requested once.
/// As with every [`Download`](crate::Download), the file gets its final name when it is complete.
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
#[must_use = "nothing is exported until `to` or `to_dir` is awaited"]
pub struct Export {
    document: DocumentRef,
    format: ExportFormat,
    part: Option<String>,
    overwrite: Option<Overwrite>,
    interval: Option<Duration>,
    timeout: Option<Duration>,
    listener: Option<Listener>,
}

type Listener = Arc<dyn Fn(ExportProgress) + Send + Sync>;

/// The progress of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportProgress {
    /// The platform is creating the file. Reported twice if the first file expired.
    Exporting,
    /// The file is being downloaded.
    Downloading(Progress),
}

/// The result of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// The exported document; for a wiki node, the document it represents.
    pub document: DocumentRef,
    /// The format of the file.
    pub format: ExportFormat,
    /// Path of the file.
    pub path: PathBuf,
    /// Size of the file.
    pub bytes: u64,
}

impl Export {
    /// Creates an export. A wiki node is resolved first.
    ///
    /// For [`ExportFormat::Csv`], the sheet or table that the link shows is exported.
    pub fn new(document: DocumentRef, format: ExportFormat) -> Self {
        Self {
            document,
            format,
            part: None,
            overwrite: None,
            interval: None,
            timeout: None,
            listener: None,
        }
    }

    /// Sets the id of the sheet or table for [`ExportFormat::Csv`], instead of the one that the link shows. Other
    /// formats contain the whole document.
    pub fn part(mut self, id: impl Into<String>) -> Self {
        self.part = Some(id.into());
        self
    }

    /// Sets the behaviour if the file exists, instead of the defaults of [`Export::to`] and [`Export::to_dir`].
    pub fn overwrite(mut self, overwrite: Overwrite) -> Self {
        self.overwrite = Some(overwrite);
        self
    }

    /// Sets a fixed polling interval, instead of one that grows from one second to ten.
    pub fn interval(mut self, delay: Duration) -> Self {
        self.interval = Some(delay);
        self
    }

    /// Sets the timeout for the creation of the file; 10 minutes by default.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }

    /// Sets a progress callback, which should return quickly.
    pub fn progress(mut self, listener: impl Fn(ExportProgress) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// Exports to this path. By default, an existing file is an error and nothing is sent; see [`Export::overwrite`].
    ///
    /// # Errors
    ///
    /// Before anything is sent, except to resolve a wiki node: if the kind cannot be exported to the format, if a csv
    /// export has no sheet or table, or if the path is not writable. Afterwards: if a call fails, if the platform
    /// fails to create the file ([`ErrorKind::Polling`](crate::error::ErrorKind::Polling)), or if the file expired
    /// twice.
    pub async fn to(self, client: &Client, path: impl AsRef<Path>) -> Result<Exported> {
        let path = path.as_ref().to_owned();
        let overwrite = self.overwrite.unwrap_or(Overwrite::Refuse);
        check_path(&path, overwrite).await?;
        self.run(client, overwrite, move |_| path.clone()).await
    }

    /// Exports to this directory, under the sanitized name of the platform with the extension of the format. By
    /// default, an existing file remains and the new one gets a number; see [`Export::overwrite`].
    ///
    /// # Errors
    ///
    /// Those of [`Export::to`].
    pub async fn to_dir(self, client: &Client, directory: impl AsRef<Path>) -> Result<Exported> {
        let directory = directory.as_ref().to_owned();
        let overwrite = self.overwrite.unwrap_or(Overwrite::Number);
        check_directory(&directory).await?;
        self.run(client, overwrite, move |name| directory.join(name)).await
    }

    async fn run(self, client: &Client, overwrite: Overwrite, path_of: impl Fn(&str) -> PathBuf) -> Result<Exported> {
        // Checked again below, when a wiki node has been resolved.
        check_format(&self.document, self.format)?;
        let document = resolve(client, &self.document).await?;
        let request = export_request(&document, self.format, self.part.as_deref())?;
        let mut files = 0;
        loop {
            let created = self.create_file(client, request.clone()).await?;
            let file_token = created.file_token.ok_or_else(|| Error::MissingFile {
                document: document.clone(),
            })?;
            files += 1;
            let path = path_of(&file_name_for(&created.name, &document, self.format));
            match self.download(client, &file_token, overwrite, &path).await {
                Ok(report) => {
                    return Ok(Exported {
                        document,
                        format: self.format,
                        path: report.path.unwrap_or(path),
                        bytes: report.bytes,
                    });
                }
                Err(error) if is_expired(&error) && files < MAX_FILES => {}
                Err(error) if is_expired(&error) => {
                    return Err(Error::FileExpired {
                        document,
                        source: error,
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Requests the file and waits until it exists.
    async fn create_file(&self, client: &Client, request: Create) -> Result<CreatedFile> {
        self.report(ExportProgress::Exporting);
        let mut poller = request.wait(client);
        if let Some(interval) = self.interval {
            poller = poller.interval(interval);
        }
        if let Some(timeout) = self.timeout {
            poller = poller.timeout(timeout);
        }
        let result = poller.await?.result;
        Ok(CreatedFile {
            name: result.file_name.unwrap_or_default(),
            file_token: result.file_token.filter(|token| !token.is_empty()),
        })
    }

    async fn download(&self, client: &Client, token: &str, overwrite: Overwrite, path: &Path) -> crate::Result<Report> {
        let download = client.download(Download::new(token)).temporary().overwrite(overwrite);
        let download = match self.listener.clone() {
            Some(listener) => download.progress(move |now| listener(ExportProgress::Downloading(now))),
            None => download,
        };
        download.to(path).await
    }

    fn report(&self, progress: ExportProgress) {
        if let Some(listener) = &self.listener {
            listener(progress);
        }
    }
}

/// A file created by the platform.
struct CreatedFile {
    name: String,
    file_token: Option<String>,
}

/// Omits the listener.
impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("document", &self.document)
            .field("format", &self.format)
            .field("part", &self.part)
            .finish_non_exhaustive()
    }
}

/// Rejects unsupported formats. A wiki node may represent any kind.
fn check_format(document: &DocumentRef, format: ExportFormat) -> Result<()> {
    let kind = document.kind();
    if kind == DocumentKind::Wiki || ExportFormat::supported_by(kind).contains(&format) {
        return Ok(());
    }
    Err(Error::ExportUnsupported {
        document: document.clone(),
        format,
    })
}

/// Builds the request for a document that is not a wiki node.
fn export_request(document: &DocumentRef, format: ExportFormat, part: Option<&str>) -> Result<Create> {
    check_format(document, format)?;
    let request = Create::new(format.wire(), document.token(), document_type(document.kind()));
    match (format, part) {
        (ExportFormat::Csv, _) => {
            let shown = match document.kind() {
                DocumentKind::Bitable => document.table(),
                _ => document.sheet(),
            };
            let part = part.or(shown).ok_or_else(|| Error::MissingPart {
                document: document.clone(),
            })?;
            Ok(request.sub_id(part))
        }
        (_, None) => Ok(request),
        (_, Some(part)) => Err(Error::UnexpectedPart {
            format,
            part: quote_truncated(part),
        }),
    }
}

/// Returns whether a download failed because the file has expired. The platform has no code for that: it reports a
/// missing file or an invalid token.
fn is_expired(error: &crate::Error) -> bool {
    let from_export = error
        .endpoint()
        .is_some_and(|endpoint| endpoint.id == Download::ENDPOINT.id);
    let status = error.api_error().map(|error| error.status);
    let documented = || Download::ENDPOINT.documented(error.code(), status.unwrap_or_default());
    match status {
        Some(404 | 410) => from_export,
        Some(400) => from_export && documented().is_some(),
        _ => false,
    }
}

/// Checks that a path is writable before the platform creates a file.
async fn check_path(path: &Path, overwrite: Overwrite) -> Result<()> {
    if overwrite == Overwrite::Refuse && tokio::fs::symlink_metadata(path).await.is_ok() {
        let path = path.to_owned();
        return Err(path_error(ErrorKind::Download(DownloadError::Exists { path })));
    }
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => check_directory(parent).await,
        _ => Ok(()),
    }
}

/// Checks that a directory exists.
async fn check_directory(directory: &Path) -> Result<()> {
    let source = match tokio::fs::metadata(directory).await {
        Ok(found) if found.is_dir() => return Ok(()),
        Ok(_) => io::Error::new(io::ErrorKind::NotADirectory, "not a directory"),
        Err(error) => error,
    };
    Err(path_error(ErrorKind::Io {
        path: directory.to_owned(),
        action: "writing a file in",
        source,
    }))
}

fn path_error(kind: ErrorKind) -> Error {
    crate::Error::at(&Download::ENDPOINT, kind).into()
}

/// File name of an export for which the platform returned neither a name nor a token that can be one.
const DEFAULT_STEM: &str = "document";

/// Returns a safe file name with the extension of the format, from the name given by the platform or the token of the document,
/// which may be of the platform too.
fn file_name_for(given: &str, document: &DocumentRef, format: ExportFormat) -> String {
    let extension = format.extension();
    let has_extension = |name: &str| {
        let end = name.rsplit_once('.').map(|(_, end)| end);
        end.is_some_and(|end| end.eq_ignore_ascii_case(extension))
    };
    // Sanitized without the extension first, so that an empty name is detected.
    let names = [given, document.token()];
    let stem = names.into_iter().find_map(file_name::sanitize);
    let stem = stem.unwrap_or_else(|| DEFAULT_STEM.to_owned());
    let name = match has_extension(&stem) {
        true => stem,
        false => format!("{stem}.{extension}"),
    };
    // Again, since the extension may make it too long.
    file_name::sanitize(&name).unwrap_or(name)
}

/// A file format for exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExportFormat {
    /// Microsoft Word.
    Docx,
    /// PDF.
    Pdf,
    /// Microsoft Excel.
    Xlsx,
    /// Comma-separated values of one sheet or one table of a base.
    Csv,
}

/// Supported formats per kind, from the page of `drive.v1.export_task.create`.
pub(super) const ALLOWED: [(DocumentKind, &[ExportFormat]); 4] = [
    (DocumentKind::Docx, &[ExportFormat::Docx, ExportFormat::Pdf]),
    (DocumentKind::Doc, &[ExportFormat::Docx, ExportFormat::Pdf]),
    (DocumentKind::Sheet, &[ExportFormat::Xlsx, ExportFormat::Csv]),
    (DocumentKind::Bitable, &[ExportFormat::Xlsx, ExportFormat::Csv]),
];

impl ExportFormat {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Docx, Self::Pdf, Self::Xlsx, Self::Csv];

    /// Returns the formats that a kind of document supports; empty if it cannot be exported. A wiki node supports those
    /// of the document it represents.
    pub fn supported_by(kind: DocumentKind) -> &'static [Self] {
        let mut allowed = ALLOWED.iter();
        allowed.find(|(of, _)| *of == kind).map_or(&[], |(_, formats)| formats)
    }

    /// Returns the file extension, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Pdf => "pdf",
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    /// Returns the value of the request field.
    pub(super) fn wire(self) -> Extension {
        Extension::from(self.extension())
    }
}

/// Returns the value of the request field for a kind of document.
fn document_type(kind: DocumentKind) -> DocumentType {
    DocumentType::from(kind.as_str())
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

/// The error for an unknown format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown export format {0}: expected one of {formats}", formats = join_formats(&ExportFormat::ALL))]
pub struct UnknownFormat(String);

impl FromStr for ExportFormat {
    type Err = UnknownFormat;

    /// Parses the extension, with or without a dot.
    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        let extension = word.strip_prefix('.').unwrap_or(word);
        let mut formats = Self::ALL.into_iter();
        let found = formats.find(|format| format.extension().eq_ignore_ascii_case(extension));
        found.ok_or_else(|| UnknownFormat(quote_truncated(word)))
    }
}

/// Joins the extensions of formats with commas.
pub(super) fn join_formats(formats: &[ExportFormat]) -> String {
    let words: Vec<_> = formats.iter().map(|format| format.extension()).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(given: &str) -> String {
        file_name_for(
            given,
            &DocumentRef::new(DocumentKind::Docx, "doxcn1"),
            ExportFormat::Pdf,
        )
    }

    #[test]
    fn appends_the_extension_once() {
        for (given, expected) in [
            ("员工手册", "员工手册.pdf"),
            ("report.pdf", "report.pdf"),
            ("Report.PDF", "Report.PDF"),
            ("v1.2", "v1.2.pdf"),
            ("a/b", "a_b.pdf"),
            ("", "doxcn1.pdf"),
            (" .. ", "doxcn1.pdf"),
            ("CON", "_CON.pdf"),
        ] {
            assert_eq!(named(given), expected, "{given:?}");
        }
    }

    /// The document of a wiki node is named by the platform.
    #[test]
    fn export_name_of_hostile_token_is_safe() {
        for (token, expected) in [
            ("../../evil", "_.._evil.pdf"),
            ("/etc/passwd", "_etc_passwd.pdf"),
            ("..", "document.pdf"),
            ("", "document.pdf"),
            ("a\u{1b}[2J", "a[2J.pdf"),
        ] {
            let document = DocumentRef::new(DocumentKind::Docx, token);
            assert_eq!(file_name_for("", &document, ExportFormat::Pdf), expected, "{token:?}");
        }
    }

    proptest! {
        #[test]
        fn names_are_safe_and_have_the_extension(
            given in "(\\PC|[./\\\\:\\x00-\\x20]|CON){0,300}",
            token in "(\\PC|[./\\\\:\\x00-\\x20]|CON){0,300}",
        ) {
            let document = DocumentRef::new(DocumentKind::Docx, &token);
            let name = file_name_for(&given, &document, ExportFormat::Pdf);
            prop_assert_eq!(file_name::sanitize(&name), Some(name.clone()));
            prop_assert!(name.to_lowercase().ends_with(".pdf"), "{}", name);
        }
    }
}
