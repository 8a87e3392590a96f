//! Media of a document: the images and attachments in it.

mod blocks;
mod cells;
mod records;

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use serde_json::json;

use super::reference::{DocumentKind, DocumentRef};
use super::{Error, Result, resolve};
use crate::Client;
use crate::board::v1::whiteboard::DownloadAsImage;
use crate::drive::v1::media::Download;
use crate::dynamic::{DynamicRequest, Object};
use crate::endpoint::{EndpointInfo, Method, ResponseKind, TokenKind};
use crate::wire::FieldInfo;

use blocks::Blocks;
use cells::Cells;
use records::Records;

/// An image or attachment in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Media {
    /// Token of the media.
    pub token: String,
    /// Kind of the media, which determines the endpoint that returns it.
    pub kind: MediaKind,
    /// Name in the document, if any. It is untrusted and not a safe file name; see
    /// [`file_name::sanitize`](crate::download::file_name::sanitize).
    pub name: Option<String>,
    /// The document that contains it; for an embedded part, the document of that part.
    pub document: DocumentRef,
    /// Location in the document.
    pub location: MediaLocation,
    /// Proof of access for a base with advanced permissions: [`Download::extra`].
    pub extra: Option<String>,
}

/// A kind of media.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaKind {
    /// An image or attachment, from `drive.v1.media.download`.
    File,
    /// A whiteboard, of which `board.v1.whiteboard.download_as_image` returns an image.
    Whiteboard,
}

/// The location of media in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MediaLocation {
    /// In a block of a document.
    Block {
        /// Id of the document.
        document_id: String,
        /// Id of the block.
        block_id: String,
    },
    /// In a cell of a spreadsheet.
    Cell {
        /// Id of the sheet.
        sheet_id: String,
        /// The cell, such as `B3`.
        cell: String,
    },
    /// In a sheet, at no cell.
    Sheet {
        /// Id of the sheet.
        sheet_id: String,
    },
    /// An image that floats over a sheet.
    FloatingImage {
        /// Id of the sheet.
        sheet_id: String,
        /// Id of the floating image.
        float_image_id: String,
    },
    /// In a record of a base.
    Record {
        /// Id of the table.
        table_id: String,
        /// Id of the record.
        record_id: String,
        /// Name of the field.
        field: String,
    },
}

/// Returns a preview of a media file. No page of the platform documents it; users report it for files that
/// `drive.v1.media.download` refuses.
static PREVIEW: EndpointInfo = EndpointInfo::new(
    "drive.v1.media.preview_download",
    Method::Get,
    "/open-apis/drive/v1/medias/:file_token/preview_download",
)
.tokens(&[TokenKind::Tenant, TokenKind::User])
.limits(Download::ENDPOINT.limits)
.response(ResponseKind::Binary {
    ranges: false,
    max_bytes: None,
});
static PREVIEW_FIELDS: [FieldInfo; 1] = [FieldInfo::path("file_token")];

impl Media {
    /// Returns the download of the media; of a whiteboard, that of its image.
    ///
    /// A file that the platform refuses with HTTP 403 is requested again with the document as proof of access, in the two forms
    /// of `extra` that are reported to work, and then as a preview, which may be a smaller image. If all are refused, the error is
    /// that of the first request, with a hint on the others.
    pub fn download(&self, client: &Client) -> crate::Download {
        if self.kind == MediaKind::Whiteboard {
            return client.download(DownloadAsImage::new(self.token.as_str()));
        }
        let mut request = Download::new(self.token.as_str());
        request.extra.clone_from(&self.extra);
        let mut download = client.download(request);
        if self.extra.is_none() {
            let (token, kind) = (self.document.token(), self.document.kind().as_str());
            for key in ["doc_id", "doc_token"] {
                let extra = json!({ key: token, "doc_type": kind }).to_string();
                download = download.fallback(Download::new(self.token.as_str()).extra(extra));
            }
        }
        let token = Some(self.token.as_str().into());
        download.fallback(DynamicRequest::new(
            &PREVIEW,
            Object::from_values(&PREVIEW_FIELDS, [token]),
        ))
    }
}

/// Escapes control characters.
impl fmt::Display for MediaLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block { document_id, block_id } => {
                write!(f, "block {} of {}", block_id.escape_debug(), document_id.escape_debug())
            }
            Self::Cell { sheet_id, cell } => write!(f, "cell {}!{cell}", sheet_id.escape_debug()),
            Self::Sheet { sheet_id } => write!(f, "sheet {}", sheet_id.escape_debug()),
            Self::FloatingImage {
                sheet_id,
                float_image_id,
            } => {
                let (sheet_id, float_image_id) = (sheet_id.escape_debug(), float_image_id.escape_debug());
                write!(f, "floating image {float_image_id} of sheet {sheet_id}")
            }
            Self::Record {
                table_id,
                record_id,
                field,
            } => {
                let (record_id, table_id) = (record_id.escape_debug(), table_id.escape_debug());
                write!(f, "field {field:?} of record {record_id} in table {table_id}")
            }
        }
    }
}

/// A part of a document whose media are not in the list.
#[derive(Debug, Clone, thiserror::Error)]
#[error("skipped {part} ({location}): {reason}")]
#[non_exhaustive]
pub struct Skipped {
    /// What was skipped.
    pub part: DocumentPart,
    /// Location in the document.
    pub location: MediaLocation,
    /// Why it was skipped.
    #[source]
    pub reason: SkipReason,
}

/// A part of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentPart {
    /// A block, or a part of it.
    Block,
    /// A synced block, whose content is in another document.
    SyncedBlock,
    /// A spreadsheet, or a sheet of it.
    Sheet,
    /// A base, or a table of it.
    Table,
    /// The images that float over a sheet.
    FloatingImages,
    /// A flow chart or UML diagram.
    Diagram,
    /// A mind map.
    MindMap,
}

/// Why a part of a document was skipped.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SkipReason {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] crate::Error),
    /// The platform has no endpoint for it.
    #[error("the platform has no endpoint for it: download it in the browser")]
    NoEndpoint,
    /// The response of the platform has an unexpected form.
    #[error("its value in the response of the platform has an unexpected form")]
    Undecodable,
    /// The platform does not return it.
    #[error("it is missing from the response of the platform")]
    Missing,
}

impl fmt::Display for DocumentPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Block => "block",
            Self::SyncedBlock => "synced block",
            Self::Sheet => "sheet",
            Self::Table => "base",
            Self::FloatingImages => "floating images",
            Self::Diagram => "diagram",
            Self::MindMap => "mind map",
        })
    }
}

/// The media of a document as a stream; returned by [`media`].
///
/// A page is requested when all media of the previous ones have been returned.
///
/// ```no_run
/// # async fn example(client: larkspur::Client) -> larkspur::documents::Result<()> {
/// use larkspur::documents::{DocumentRef, media};
///
/// let document = DocumentRef::parse("https://sample.feishu.cn/docx/doxcnABCdef", None)?;
/// let mut list = media(&client, &document).await?;
/// while let Some(media) = list.next().await {
///     let media = media?;
///     println!("{}: {}", media.token, media.location);
///     media.download(&client).resume().to_dir("files").await?;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing unless polled"]
pub struct MediaList {
    client: Client,
    /// Documents still to be scanned, without the one in progress.
    documents: VecDeque<Document>,
    scan: Option<Scan>,
    found: VecDeque<Result<Media>>,
    /// Keys of media and of embedded parts found so far.
    seen: HashSet<(&'static str, String, String)>,
    /// Token of the document that is scanned as a whole.
    whole: String,
}

/// A scan in progress; it returns the document.
type Scan = Pin<Box<dyn Future<Output = (Document, crate::Result<Option<Vec<Found>>>)> + Send>>;

/// Lists the media of a document: for a document, those in its blocks, its whiteboards, its synced blocks of other documents,
/// and its embedded sheets and tables; for a spreadsheet, those in and over the cells; for a base, attachments. Each token is
/// returned once, with its first location.
///
/// A part whose media cannot be listed is an [`Error::Skipped`], after which the list continues: a mind map, a diagram, a base
/// inside a spreadsheet, a synced block whose document the caller may not read, or a value of an unexpected form. What a block
/// of the type `undefined` contains is unknown and not reported.
///
/// A wiki node is resolved. The part that a link shows (`?sheet=`, `?table=`) is ignored.
///
/// # Errors
///
/// If the media of this kind of document cannot be listed, or if a wiki node cannot be resolved.
pub async fn media(client: &Client, reference: &DocumentRef) -> Result<MediaList> {
    let document = resolve(client, reference).await?;
    let token = document.token();
    let content = match document.kind() {
        DocumentKind::Docx => Content::Text(Box::new(Blocks::new(client, token))),
        DocumentKind::Sheet => Content::Spreadsheet(Cells::new(token)),
        DocumentKind::Bitable => Content::Base(Box::new(Records::new(client, token))),
        _ => return Err(Error::MediaUnsupported { document }),
    };
    let whole = token.to_owned();
    let first = Document {
        content,
        embedded: None,
    };
    Ok(MediaList {
        client: client.clone(),
        documents: VecDeque::from([first]),
        scan: None,
        found: VecDeque::new(),
        seen: HashSet::new(),
        whole,
    })
}

impl MediaList {
    /// Returns the next media; `None` after the last.
    ///
    /// Cancel safe: if the future is dropped, the next `next` continues the call.
    ///
    /// # Errors
    ///
    /// If a call for the document itself fails; the next call continues with the embedded parts found so far.
    /// [`Error::Skipped`] if the media of a part cannot be listed; the next call continues with the other parts.
    pub async fn next(&mut self) -> Option<Result<Media>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn take(&mut self, found: Vec<Found>) {
        for find in found {
            let (content, part, location) = match find {
                Found::Media(media) => {
                    if self.is_new(media.kind.as_str(), &media.token, "") {
                        self.found.push_back(Ok(media));
                    }
                    continue;
                }
                Found::Skipped(skipped) => {
                    self.found.push_back(Err(skipped.into()));
                    continue;
                }
                Found::Sheet { token, sheet, location } => {
                    if !self.is_new("sheet", &token, &sheet) {
                        continue;
                    }
                    let cells = Content::Spreadsheet(Cells::new(&token).only(sheet));
                    (cells, DocumentPart::Sheet, location)
                }
                Found::Table { token, table, location } => {
                    if !self.is_new("table", &token, &table) {
                        continue;
                    }
                    let records = Records::of_table(&self.client, &token, table);
                    (Content::Base(Box::new(records)), DocumentPart::Table, location)
                }
                Found::SyncedBlock {
                    document_id,
                    block_id,
                    location,
                } => {
                    // Documents may show blocks of each other.
                    if document_id == self.whole || !self.is_new("block", &document_id, &block_id) {
                        continue;
                    }
                    let blocks = Blocks::of_block(&self.client, &document_id, block_id);
                    (Content::Text(Box::new(blocks)), DocumentPart::SyncedBlock, location)
                }
            };
            let embedded = Some((part, location));
            self.documents.push_back(Document { content, embedded });
        }
    }

    /// Returns whether this is the first time that something is found.
    fn is_new(&mut self, kind: &'static str, token: &str, id: &str) -> bool {
        self.seen.insert((kind, token.to_owned(), id.to_owned()))
    }
}

impl MediaKind {
    /// Returns the kind as one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Whiteboard => "whiteboard",
        }
    }
}

/// No field is pinned structurally: the scan is boxed.
impl Unpin for MediaList {}

impl Stream for MediaList {
    type Item = Result<Media>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(found) = this.found.pop_front() {
                return Poll::Ready(Some(found));
            }
            let scan = match &mut this.scan {
                Some(scan) => scan,
                None => match this.documents.pop_front() {
                    Some(document) => this.scan.insert(Box::pin(document.scan(this.client.clone()))),
                    None => return Poll::Ready(None),
                },
            };
            let (document, found) = ready!(scan.as_mut().poll(context));
            this.scan = None;
            match found {
                Ok(Some(found)) => {
                    this.documents.push_front(document);
                    this.take(found);
                }
                Ok(None) => {}
                Err(error) => {
                    let error = match document.embedded {
                        None => error.into(),
                        Some((part, location)) => Error::from(Skipped {
                            part,
                            location,
                            reason: error.into(),
                        }),
                    };
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

/// Omits the client.
impl fmt::Debug for MediaList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaList").finish_non_exhaustive()
    }
}

/// A document being scanned.
struct Document {
    content: Content,
    /// What it is in the document that embeds it.
    embedded: Option<(DocumentPart, MediaLocation)>,
}

enum Content {
    Text(Box<Blocks>),
    Spreadsheet(Cells),
    Base(Box<Records>),
}

/// A result of a scan.
enum Found {
    Media(Media),
    Skipped(Skipped),
    /// An embedded sheet.
    Sheet {
        token: String,
        sheet: String,
        location: MediaLocation,
    },
    /// An embedded table.
    Table {
        token: String,
        table: String,
        location: MediaLocation,
    },
    /// A block of another document.
    SyncedBlock {
        document_id: String,
        block_id: String,
        location: MediaLocation,
    },
}

impl Document {
    /// Scans the next page; `None` after the last.
    async fn scan(mut self, client: Client) -> (Self, crate::Result<Option<Vec<Found>>>) {
        let found = match &mut self.content {
            Content::Text(blocks) => blocks.scan().await,
            Content::Spreadsheet(cells) => cells.scan(&client).await,
            Content::Base(records) => records.scan(&client).await,
        };
        (self, found)
    }
}
