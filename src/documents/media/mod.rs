//! Media of a document: the images and attachments in it.

mod cells;
mod records;

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::reference::{DocumentKind, DocumentRef};
use super::{Error, Result, resolve};
use crate::Client;
use crate::docx::v1::document_block::{Block, List, Text, TextElement};
use crate::drive::v1::media::Download;
use crate::pagination::Pages;

use cells::Cells;
use records::Records;

/// An image or attachment in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Media {
    /// Token of the media.
    pub token: String,
    /// Name in the document, if any. It is untrusted and not a safe file name; see
    /// [`file_name::sanitize`](crate::download::file_name::sanitize).
    pub name: Option<String>,
    /// Location in the document.
    pub location: MediaLocation,
    /// Proof of access for a base with advanced permissions: [`Download::extra`].
    pub extra: Option<String>,
}

/// The location of a media file in a document.
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

impl Media {
    /// Returns the download request.
    pub fn request(&self) -> Download {
        let mut request = Download::new(self.token.as_str());
        request.extra.clone_from(&self.extra);
        request
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
///     client.download(media.request()).resume().to_dir("files").await?;
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
    found: VecDeque<Media>,
    /// Tokens of media and of embedded sheets and tables found so far.
    seen: HashSet<String>,
}

/// A scan in progress; it returns the document.
type Scan = Pin<Box<dyn Future<Output = (Document, crate::Result<Option<Vec<Found>>>)> + Send>>;

/// Lists the media of a document: for a document, those in its blocks and in embedded sheets and tables; for a
/// spreadsheet, those in cells; for a base, attachments. Each token is returned once, with its first location.
///
/// A wiki node is resolved. The part that a link shows (`?sheet=`, `?table=`) is ignored. Images that float over a
/// sheet are not in a cell and are not found.
///
/// # Errors
///
/// If the media of this kind of document cannot be listed, or if a wiki node cannot be resolved.
pub async fn media(client: &Client, reference: &DocumentRef) -> Result<MediaList> {
    let document = resolve(client, reference).await?;
    let token = document.token();
    let first = match document.kind() {
        DocumentKind::Docx => Document::Text(Box::new(Blocks::new(client, token))),
        DocumentKind::Sheet => Document::Spreadsheet(Cells::new(token)),
        DocumentKind::Bitable => Document::Base(Box::new(Records::new(client, token))),
        _ => return Err(Error::MediaUnsupported { document }),
    };
    Ok(MediaList {
        client: client.clone(),
        documents: VecDeque::from([first]),
        scan: None,
        found: VecDeque::new(),
        seen: HashSet::new(),
    })
}

impl MediaList {
    /// Returns the next media; `None` after the last.
    ///
    /// Cancel safe: if the future is dropped, the next `next` continues the call.
    ///
    /// # Errors
    ///
    /// If a call fails. The failed document is skipped; the next call continues with the embedded documents found so
    /// far.
    pub async fn next(&mut self) -> Option<Result<Media>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn take(&mut self, found: Vec<Found>) {
        for find in found {
            match find {
                Found::Media(media) if self.seen.insert(media.token.clone()) => self.found.push_back(media),
                Found::Sheet { token, sheet } if self.seen.insert(format!("{token}_{sheet}")) => {
                    let cells = Cells::new(&token).only(sheet);
                    self.documents.push_back(Document::Spreadsheet(cells));
                }
                Found::Table { token, table } if self.seen.insert(format!("{token}_{table}")) => {
                    let records = Records::of_table(&self.client, &token, table);
                    self.documents.push_back(Document::Base(Box::new(records)));
                }
                // Found before.
                Found::Media(_) | Found::Sheet { .. } | Found::Table { .. } => {}
            }
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
            if let Some(media) = this.found.pop_front() {
                return Poll::Ready(Some(Ok(media)));
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
                Err(error) => return Poll::Ready(Some(Err(error.into()))),
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
enum Document {
    Text(Box<Blocks>),
    Spreadsheet(Cells),
    Base(Box<Records>),
}

/// A result of a scan.
enum Found {
    Media(Media),
    /// An embedded sheet.
    Sheet {
        token: String,
        sheet: String,
    },
    /// An embedded table.
    Table {
        token: String,
        table: String,
    },
}

impl Document {
    /// Scans the next page; `None` after the last.
    async fn scan(mut self, client: Client) -> (Self, crate::Result<Option<Vec<Found>>>) {
        let found = match &mut self {
            Self::Text(blocks) => blocks.scan().await,
            Self::Spreadsheet(cells) => cells.scan(&client).await,
            Self::Base(records) => records.scan(&client).await,
        };
        (self, found)
    }
}

/// The blocks of a document. The platform lists all of them, including nested ones.
struct Blocks {
    document_id: String,
    pages: Pages<List>,
}

impl Blocks {
    fn new(client: &Client, document_id: &str) -> Self {
        Self {
            document_id: document_id.to_owned(),
            pages: List::new(document_id).pages(client),
        }
    }

    /// Scans the next page of blocks.
    async fn scan(&mut self) -> crate::Result<Option<Vec<Found>>> {
        let Some(page) = self.pages.next().await.transpose()? else {
            return Ok(None);
        };
        let found = page.items.iter().flat_map(|block| self.media_of_block(block));
        Ok(Some(found.collect()))
    }

    fn media_of_block(&self, block: &Block) -> Vec<Found> {
        let media = |token: &Option<String>, name: Option<String>| {
            let token = token.clone().filter(|token| !token.is_empty())?;
            let location = MediaLocation::Block {
                document_id: self.document_id.clone(),
                block_id: block.block_id.clone(),
            };
            Some(Found::Media(Media {
                token,
                name: name.filter(|name| !name.is_empty()),
                location,
                extra: None,
            }))
        };
        let image = block.image.iter().filter_map(|image| media(&image.token, None));
        let file = block
            .file
            .iter()
            .filter_map(|file| media(&file.token, file.name.clone()));
        let inline = elements(block).filter_map(|element| media(&element.file.as_ref()?.file_token, None));
        let embedded = embedded(block);
        image.chain(file).chain(inline).chain(embedded).collect()
    }
}

/// Returns the sheets and tables that a block embeds.
fn embedded(block: &Block) -> impl Iterator<Item = Found> {
    // Token of the spreadsheet or base, an underscore, and id of the sheet or table.
    let parts = |token: &Option<String>| {
        let (token, id) = token.as_deref()?.rsplit_once('_')?;
        (!token.is_empty() && !id.is_empty()).then(|| (token.to_owned(), id.to_owned()))
    };
    let sheet = block.sheet.as_ref().and_then(|sheet| parts(&sheet.token));
    let table = block.bitable.as_ref().and_then(|table| parts(&table.token));
    let sheet = sheet.map(|(token, sheet)| Found::Sheet { token, sheet });
    let table = table.map(|(token, table)| Found::Table { token, table });
    sheet.into_iter().chain(table)
}

/// Returns the text elements of a block, which may contain attachments.
fn elements(block: &Block) -> impl Iterator<Item = &TextElement> {
    let texts = [
        &block.page,
        &block.text,
        &block.heading1,
        &block.heading2,
        &block.heading3,
        &block.heading4,
        &block.heading5,
        &block.heading6,
        &block.heading7,
        &block.heading8,
        &block.heading9,
        &block.bullet,
        &block.ordered,
        &block.code,
        &block.quote,
        &block.equation,
        &block.todo,
    ];
    let objective = block
        .okr_objective
        .as_ref()
        .and_then(|objective| objective.content.as_ref());
    let result = block.okr_key_result.as_ref().and_then(|result| result.content.as_ref());
    let texts = texts
        .into_iter()
        .filter_map(Option::as_ref)
        .chain(objective)
        .chain(result);
    let titles = [&block.agenda_item_title, &block.source_synced];
    let titles = titles.into_iter().filter_map(Option::as_ref);
    let of_texts = texts.flat_map(|text: &Text| &text.elements);
    of_texts.chain(titles.flat_map(|title| &title.elements))
}
