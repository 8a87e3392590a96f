//! Media of a document: the images and attachments in it.

mod cells;
mod records;

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use cells::Cells;
use futures_core::Stream;
use records::Records;

use super::error::{Error, Result};
use super::reference::DocumentKind;
use super::reference::DocumentRef;
use super::resolve;
use crate::Client;
use crate::docx::v1::document_block::{Block, List, Text, TextElement};
use crate::drive::v1::media::Download;
use crate::pagination::Pages;

/// Kinds whose media can be listed.
pub(super) const KINDS: [DocumentKind; 3] = [DocumentKind::Docx, DocumentKind::Sheet, DocumentKind::Bitable];

/// An image or an attachment in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Media {
    /// Its token.
    pub token: String,
    /// Its name, where the document tells it, as it stands there. It is a text of somebody else and no safe name of a file:
    /// see [`file_name::sanitize`](crate::download::file_name::sanitize).
    pub name: Option<String>,
    /// Where it stands.
    pub place: Place,
    /// Proof of access that a base with advanced permissions asks for: [`Download::extra`].
    pub extra: Option<String>,
}

/// Where a media stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In a block of a text.
    Block {
        /// Id of the text.
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
    /// The request for it.
    pub fn request(&self) -> Download {
        let mut request = Download::new(self.token.as_str());
        request.extra.clone_from(&self.extra);
        request
    }
}

/// Without control characters, whatever the platform sends.
impl fmt::Display for Place {
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

/// The media in a document, found page by page: what [`media`] gives.
///
/// A page is asked for once all that was found on those before has been given.
///
/// ```no_run
/// # async fn example(client: larkspur::Client) -> larkspur::documents::Result<()> {
/// use larkspur::documents::{DocumentRef, media};
///
/// let document = DocumentRef::parse("https://sample.feishu.cn/docx/doxcnABCdef", None)?;
/// let mut found = media(&client, &document).await?;
/// while let Some(media) = found.next().await {
///     let media = media?;
///     println!("{}: {}", media.token, media.place);
///     client.download(media.request()).resume().to_dir("files").await?;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is looked for before it is asked for the next one"]
pub struct MediaList {
    client: Client,
    /// Documents that are still to be looked into, but for the one that is being so.
    documents: VecDeque<Document>,
    look: Option<Look>,
    found: VecDeque<Media>,
    /// Tokens of media that were found, and of what is embedded.
    seen: HashSet<String>,
}

/// A look into a document, under way: it gives the document back.
type Look = Pin<Box<dyn Future<Output = (Document, crate::Result<Option<Vec<Find>>>)> + Send>>;

/// The media in a document: of a text those in its blocks and in the sheets and tables that are embedded in it, of a
/// spreadsheet those in its cells, of a base those in its attachments. Each token comes once, with the first place that has it.
///
/// A node of a wiki is resolved; what a link shows beside the document (`?sheet=`, `?table=`) makes no difference.
///
/// Images that float over a sheet are in no cell and not found.
///
/// # Errors
///
/// Where the document is of a kind whose media cannot be listed, and where a wiki node cannot be resolved.
pub async fn media(client: &Client, reference: &DocumentRef) -> Result<MediaList> {
    let document = resolve(client, reference).await?;
    let token = document.token();
    let first = match document.kind() {
        DocumentKind::Docx => Document::Text(Box::new(Blocks::new(client, token))),
        DocumentKind::Sheet => Document::Spreadsheet(Cells::new(token)),
        DocumentKind::Bitable => Document::Base(Box::new(Records::new(client, token))),
        _ => return Err(Error::NoMedia { document }),
    };
    Ok(MediaList {
        client: client.clone(),
        documents: VecDeque::from([first]),
        look: None,
        found: VecDeque::new(),
        seen: HashSet::new(),
    })
}

impl MediaList {
    /// The next one; `None` once there are no more.
    ///
    /// If the future is dropped, nothing is lost: the call goes on with the next `next`.
    ///
    /// # Errors
    ///
    /// Where a call fails. Then the document that it was for is given up, and the next one goes on with those that are embedded
    /// in it, as far as they are known.
    pub async fn next(&mut self) -> Option<Result<Media>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn take(&mut self, finds: Vec<Find>) {
        for find in finds {
            match find {
                Find::Media(media) if self.seen.insert(media.token.clone()) => self.found.push_back(media),
                Find::Sheet { token, sheet } if self.seen.insert(format!("{token}_{sheet}")) => {
                    let cells = Cells::new(&token).only(sheet);
                    self.documents.push_back(Document::Spreadsheet(cells));
                }
                Find::Table { token, table } if self.seen.insert(format!("{token}_{table}")) => {
                    let records = Records::of_table(&self.client, &token, table);
                    self.documents.push_back(Document::Base(Box::new(records)));
                }
                // Found before.
                Find::Media(_) | Find::Sheet { .. } | Find::Table { .. } => {}
            }
        }
    }
}

/// Nothing of it is pinned in place: the look is in a box.
impl Unpin for MediaList {}

impl Stream for MediaList {
    type Item = Result<Media>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(media) = this.found.pop_front() {
                return Poll::Ready(Some(Ok(media)));
            }
            let look = match &mut this.look {
                Some(look) => look,
                None => match this.documents.pop_front() {
                    Some(document) => this.look.insert(Box::pin(document.look(this.client.clone()))),
                    None => return Poll::Ready(None),
                },
            };
            let (document, finds) = ready!(look.as_mut().poll(context));
            this.look = None;
            match finds {
                Ok(Some(finds)) => {
                    this.documents.push_front(document);
                    this.take(finds);
                }
                Ok(None) => {}
                Err(error) => return Poll::Ready(Some(Err(error.into()))),
            }
        }
    }
}

/// Without the client.
impl fmt::Debug for MediaList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaList").finish_non_exhaustive()
    }
}

/// A document that is looked into.
enum Document {
    Text(Box<Blocks>),
    Spreadsheet(Cells),
    Base(Box<Records>),
}

/// What a look into a document finds.
enum Find {
    Media(Media),
    /// A sheet that is embedded in a text.
    Sheet {
        token: String,
        sheet: String,
    },
    /// A table that is.
    Table {
        token: String,
        table: String,
    },
}

impl Document {
    /// Looks into its next part; `None` where there is none.
    async fn look(mut self, client: Client) -> (Self, crate::Result<Option<Vec<Find>>>) {
        let finds = match &mut self {
            Self::Text(blocks) => blocks.look().await,
            Self::Spreadsheet(cells) => cells.look(&client).await,
            Self::Base(records) => records.look(&client).await,
        };
        (self, finds)
    }
}

/// The blocks of a text. The platform lists them all, those inside of tables, columns and callouts too.
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

    /// Looks at the next page of blocks.
    async fn look(&mut self) -> crate::Result<Option<Vec<Find>>> {
        let Some(page) = self.pages.next().await.transpose()? else {
            return Ok(None);
        };
        let finds = page.items.iter().flat_map(|block| self.of_block(block));
        Ok(Some(finds.collect()))
    }

    fn of_block(&self, block: &Block) -> Vec<Find> {
        let media = |token: &Option<String>, name: Option<String>| {
            let token = token.clone().filter(|token| !token.is_empty())?;
            let place = Place::Block {
                document_id: self.document_id.clone(),
                block_id: block.block_id.clone(),
            };
            Some(Find::Media(Media {
                token,
                name: name.filter(|name| !name.is_empty()),
                place,
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

/// Sheets and tables that a block embeds.
fn embedded(block: &Block) -> impl Iterator<Item = Find> {
    // The token of the spreadsheet or base, an underscore, and the id of the sheet or table.
    let parts = |token: &Option<String>| {
        let (token, id) = token.as_deref()?.rsplit_once('_')?;
        (!token.is_empty() && !id.is_empty()).then(|| (token.to_owned(), id.to_owned()))
    };
    let sheet = block.sheet.as_ref().and_then(|sheet| parts(&sheet.token));
    let table = block.bitable.as_ref().and_then(|table| parts(&table.token));
    let sheet = sheet.map(|(token, sheet)| Find::Sheet { token, sheet });
    let table = table.map(|(token, table)| Find::Table { token, table });
    sheet.into_iter().chain(table)
}

/// What stands in the lines of a block: an attachment may be one of it.
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
