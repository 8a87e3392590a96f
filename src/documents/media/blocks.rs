//! Media in the blocks of a document.

use std::collections::HashMap;

use super::{DocumentPart, Found, Media, MediaKind, MediaLocation, SkipReason, Skipped};
use crate::documents::{DocumentKind, DocumentRef};
use crate::docx::v1::document_block::{Block, BlockType, List, ListResponse, Text, TextElement};
use crate::pagination::Pages;
use crate::wire::{Unknown, Value};
use crate::{Client, Result};

/// The fields of a block that lead to media.
const MEDIA_FIELDS: [&str; 6] = ["image", "file", "board", "sheet", "bitable", "reference_synced"];

/// The blocks of a document. The platform lists all of them, including nested ones.
pub(super) struct Blocks {
    document: DocumentRef,
    pages: Pages<List>,
    /// The block that is scanned with its descendants; `None` for the whole document.
    source: Option<Subtree>,
}

/// A block of which the descendants are wanted. They are known when all blocks have been listed.
struct Subtree {
    block_id: String,
    listed: Vec<Listed>,
}

/// A block that was listed.
struct Listed {
    block_id: String,
    parent_id: Option<String>,
    found: Vec<Found>,
}

impl Blocks {
    pub(super) fn new(client: &Client, document_id: &str) -> Self {
        Self {
            document: DocumentRef::new(DocumentKind::Docx, document_id),
            pages: List::new(document_id).pages(client),
            source: None,
        }
    }

    /// Restricts the scan to a block and its descendants.
    pub(super) fn of_block(client: &Client, document_id: &str, block_id: String) -> Self {
        Self {
            source: Some(Subtree {
                block_id,
                listed: Vec::new(),
            }),
            ..Self::new(client, document_id)
        }
    }

    /// Scans the next page of blocks.
    pub(super) async fn scan(&mut self) -> Result<Option<Vec<Found>>> {
        let Some(page) = self.pages.next().await.transpose()? else {
            return match self.source.take() {
                Some(subtree) => Ok(Some(subtree.into_found(&self.document))),
                None => Ok(None),
            };
        };
        let mut found = self.undecoded_blocks(&page);
        for block in &page.items {
            let in_block = self.media_of_block(block);
            match &mut self.source {
                None => found.extend(in_block),
                Some(subtree) => subtree.listed.push(Listed {
                    block_id: block.block_id.clone(),
                    parent_id: block.parent_id.clone(),
                    found: in_block,
                }),
            }
        }
        Ok(Some(found))
    }

    fn location(&self, block_id: &str) -> MediaLocation {
        MediaLocation::Block {
            document_id: self.document.token().to_owned(),
            block_id: block_id.to_owned(),
        }
    }

    fn skipped(&self, block_id: &str, part: DocumentPart, reason: SkipReason) -> Found {
        Found::Skipped(Skipped {
            part,
            location: self.location(block_id),
            reason,
        })
    }

    /// Returns the blocks of a page that could not be decoded. Whether they belong to a subtree is unknown, so they count.
    fn undecoded_blocks(&self, page: &ListResponse) -> Vec<Found> {
        let blocks = page.unknown.iter().filter(|(path, raw)| is_element(path, "items", raw));
        let skipped = blocks.map(|(_, raw)| {
            let block_id = raw.get("block_id").and_then(Value::as_str).unwrap_or("without an id");
            self.skipped(block_id, DocumentPart::Block, SkipReason::Undecodable)
        });
        skipped.collect()
    }

    fn media_of_block(&self, block: &Block) -> Vec<Found> {
        let mut found = Vec::new();
        let mut add = |kind, token: &Option<String>, name: Option<&String>| {
            let Some(token) = token.clone().filter(|token| !token.is_empty()) else {
                return;
            };
            found.push(Found::Media(Media {
                token,
                kind,
                name: name.filter(|name| !name.is_empty()).cloned(),
                document: self.document.clone(),
                location: self.location(&block.block_id),
                extra: None,
            }));
        };
        if let Some(image) = &block.image {
            add(MediaKind::File, &image.token, None);
        }
        if let Some(file) = &block.file {
            add(MediaKind::File, &file.token, file.name.as_ref());
        }
        if let Some(board) = &block.board {
            add(MediaKind::Whiteboard, &board.token, None);
        }
        for file in elements(block).filter_map(|element| element.file.as_ref()) {
            add(MediaKind::File, &file.file_token, None);
        }
        found.extend(self.embedded(block));
        found.extend(self.without_endpoint(block));
        if has_undecoded_media(block) {
            found.push(self.skipped(&block.block_id, DocumentPart::Block, SkipReason::Undecodable));
        }
        found
    }

    /// Returns the sheets, tables and blocks of other documents that a block embeds.
    fn embedded(&self, block: &Block) -> Vec<Found> {
        let mut found = Vec::new();
        let location = || self.location(&block.block_id);
        if let Some(token) = block.sheet.as_ref().and_then(|sheet| sheet.token.as_deref()) {
            found.push(match split_token(token) {
                Some((token, sheet)) => Found::Sheet {
                    token,
                    sheet,
                    location: location(),
                },
                None => self.skipped(&block.block_id, DocumentPart::Sheet, SkipReason::Undecodable),
            });
        }
        if let Some(token) = block.bitable.as_ref().and_then(|table| table.token.as_deref()) {
            found.push(match split_token(token) {
                Some((token, table)) => Found::Table {
                    token,
                    table,
                    location: location(),
                },
                None => self.skipped(&block.block_id, DocumentPart::Table, SkipReason::Undecodable),
            });
        }
        if block.block_type == BlockType::ReferenceSynced {
            let source = block.reference_synced.as_ref();
            let non_empty = |id: &Option<String>| id.clone().filter(|id| !id.is_empty());
            let document_id = source.and_then(|source| non_empty(&source.source_document_id));
            let block_id = source.and_then(|source| non_empty(&source.source_block_id));
            found.push(match document_id.zip(block_id) {
                Some((document_id, block_id)) => Found::SyncedBlock {
                    document_id,
                    block_id,
                    location: location(),
                },
                None => self.skipped(&block.block_id, DocumentPart::SyncedBlock, SkipReason::Undecodable),
            });
        }
        found
    }

    /// Returns the pictures in a block for which the platform has no endpoint.
    fn without_endpoint(&self, block: &Block) -> Option<Found> {
        let part = match block.block_type {
            BlockType::Diagram => DocumentPart::Diagram,
            BlockType::Mindnote => DocumentPart::MindMap,
            _ => return None,
        };
        Some(self.skipped(&block.block_id, part, SkipReason::NoEndpoint))
    }
}

impl Subtree {
    /// Returns what the block and its descendants contain, in the order of the list.
    fn into_found(self, document: &DocumentRef) -> Vec<Found> {
        let mut children: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, block) in self.listed.iter().enumerate() {
            if let Some(parent_id) = &block.parent_id {
                children.entry(parent_id).or_default().push(index);
            }
        }
        let roots = self.listed.iter().enumerate();
        let roots = roots.filter(|(_, block)| block.block_id == self.block_id);
        let mut pending: Vec<usize> = roots.map(|(index, _)| index).collect();
        if pending.is_empty() {
            return vec![Found::Skipped(Skipped {
                part: DocumentPart::SyncedBlock,
                location: MediaLocation::Block {
                    document_id: document.token().to_owned(),
                    block_id: self.block_id,
                },
                reason: SkipReason::Missing,
            })];
        }
        // Parents may form a cycle: each block counts once.
        let mut wanted = vec![false; self.listed.len()];
        while let Some(index) = pending.pop() {
            let (Some(is_wanted), Some(block)) = (wanted.get_mut(index), self.listed.get(index)) else {
                continue;
            };
            if !std::mem::replace(is_wanted, true) {
                pending.extend(children.get(block.block_id.as_str()).into_iter().flatten());
            }
        }
        let listed = self.listed.into_iter().zip(wanted);
        let listed = listed.filter(|(_, is_wanted)| *is_wanted);
        listed.flat_map(|(block, _)| block.found).collect()
    }
}

/// Splits the token of a spreadsheet or base, an underscore, and the id of the sheet or table.
fn split_token(token: &str) -> Option<(String, String)> {
    let (token, id) = token.rsplit_once('_')?;
    (!token.is_empty() && !id.is_empty()).then(|| (token.to_owned(), id.to_owned()))
}

/// Returns whether this is the path of an object that could not be an element of the list.
fn is_element(path: &str, list: &str, raw: &Value) -> bool {
    path.strip_prefix(list).is_some_and(|rest| rest.starts_with('[')) && raw.is_object()
}

/// Returns whether a value that leads to media has an unexpected form.
fn has_undecoded_media(block: &Block) -> bool {
    let has_any = |unknown: &Unknown, keys: &[&str]| keys.iter().any(|key| unknown.get(key).is_some());
    let objects = [
        block.image.as_ref().map(|image| &image.unknown),
        block.file.as_ref().map(|file| &file.unknown),
        block.board.as_ref().map(|board| &board.unknown),
        block.sheet.as_ref().map(|sheet| &sheet.unknown),
        block.bitable.as_ref().map(|table| &table.unknown),
    ];
    let lost_element = |text: &Text| {
        let mut lost = text.unknown.iter();
        lost.any(|(path, raw)| is_element(path, "elements", raw) && raw.get("file").is_some())
    };
    let lost_file = |element: &TextElement| {
        let in_file = element
            .file
            .as_ref()
            .is_some_and(|file| has_any(&file.unknown, &["file_token"]));
        in_file || has_any(&element.unknown, &["file"])
    };
    has_any(&block.unknown, &MEDIA_FIELDS)
        || objects
            .into_iter()
            .flatten()
            .any(|unknown| has_any(unknown, &["token"]))
        || texts(block).any(lost_element)
        || elements(block).any(lost_file)
}

/// Returns the texts of a block.
fn texts(block: &Block) -> impl Iterator<Item = &Text> {
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
    let texts = texts.into_iter().filter_map(Option::as_ref);
    texts.chain(objective).chain(result)
}

/// Returns the text elements of a block, which may contain attachments.
fn elements(block: &Block) -> impl Iterator<Item = &TextElement> {
    let titles = [&block.agenda_item_title, &block.source_synced];
    let titles = titles.into_iter().filter_map(Option::as_ref);
    let of_texts = texts(block).flat_map(|text| &text.elements);
    of_texts.chain(titles.flat_map(|title| &title.elements))
}
