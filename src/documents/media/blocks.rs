//! Media in the blocks of a text.

use super::{Find, Media, Place};
use crate::docx::v1::document_block::{Block, List, Text, TextElement};
use crate::pagination::Pages;
use crate::{Client, Result};

/// The blocks of a text. The platform lists them all, those inside of tables, columns and callouts too.
pub(super) struct Blocks {
    document_id: String,
    pages: Pages<List>,
}

impl Blocks {
    pub(super) fn new(client: &Client, document_id: &str) -> Self {
        Self {
            document_id: document_id.to_owned(),
            pages: List::new(document_id).pages(client),
        }
    }

    /// Looks at the next page of blocks.
    pub(super) async fn look(&mut self) -> Result<Option<Vec<Find>>> {
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
