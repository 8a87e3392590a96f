//! Media in the records of a base.

use serde_json::json;
use url::Url;

use super::{Found, Media, MediaKind, MediaLocation};
use crate::bitable::v1::app_table::List;
use crate::bitable::v1::app_table_record::{Record, Search};
use crate::documents::{DocumentKind, DocumentRef};
use crate::pagination::{Items, Pages};
use crate::wire::Value;
use crate::{Client, Result};

/// Maximum page size of tables.
const TABLE_PAGE_SIZE: i64 = 100;
/// Maximum page size of records.
const RECORD_PAGE_SIZE: i64 = 500;

/// The records of a base, scanned by table and page.
pub(super) struct Records {
    token: String,
    tables: Tables,
    /// The table being scanned.
    table: Option<(String, Pages<Search>)>,
}

/// Tables still to be scanned.
enum Tables {
    All(Box<Items<List>>),
    One(Option<String>),
}

impl Records {
    pub(super) fn new(client: &Client, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            tables: Tables::All(Box::new(List::new(token).page_size(TABLE_PAGE_SIZE).items(client))),
            table: None,
        }
    }

    /// Restricts the scan to this table.
    pub(super) fn of_table(client: &Client, token: &str, table_id: String) -> Self {
        Self {
            tables: Tables::One(Some(table_id)),
            ..Self::new(client, token)
        }
    }

    /// Scans the next page.
    pub(super) async fn scan(&mut self, client: &Client) -> Result<Option<Vec<Found>>> {
        loop {
            let (table_id, pages) = match &mut self.table {
                Some(table) => table,
                None => {
                    let Some(table_id) = self.tables.next().await? else {
                        return Ok(None);
                    };
                    let search = Search::new(self.token.as_str(), table_id.as_str()).page_size(RECORD_PAGE_SIZE);
                    self.table.insert((table_id, search.pages(client)))
                }
            };
            match pages.next().await.transpose()? {
                Some(page) => {
                    let document = DocumentRef::new(DocumentKind::Bitable, &self.token);
                    let records = page.items.iter();
                    let found = records.flat_map(|record| media_of_record(&document, table_id, record));
                    return Ok(Some(found.collect()));
                }
                None => self.table = None,
            }
        }
    }
}

impl Tables {
    async fn next(&mut self) -> Result<Option<String>> {
        match self {
            Self::All(tables) => Ok(tables.next().await.transpose()?.map(|table| table.table_id)),
            Self::One(table_id) => Ok(table_id.take()),
        }
    }
}

fn media_of_record(document: &DocumentRef, table_id: &str, record: &Record) -> Vec<Found> {
    let mut found = Vec::new();
    for (field, value) in &record.fields {
        find_attachments(value, &mut |attachment| {
            let text = |key: &str| {
                attachment
                    .get(key)
                    .and_then(Value::as_str)
                    .filter(|text| !text.is_empty())
            };
            let Some(token) = text("file_token") else {
                return;
            };
            let location = MediaLocation::Record {
                table_id: table_id.to_owned(),
                record_id: record.record_id.clone(),
                field: field.clone(),
            };
            found.push(Found::Media(Media {
                token: token.to_owned(),
                kind: MediaKind::File,
                document: document.clone(),
                name: text("name").map(str::to_owned),
                location,
                extra: extra(table_id, text("url").or(text("tmp_url"))),
            }));
        });
    }
    found
}

/// Finds objects that may be attachments: elements of a list, or of the list in `value` for formula and lookup fields.
fn find_attachments(value: &Value, found: &mut dyn FnMut(&Value)) {
    match value {
        Value::Array(elements) => elements.iter().filter(|element| element.is_object()).for_each(found),
        Value::Object(fields) => {
            if let Some(Value::Array(elements)) = fields.get("value") {
                elements.iter().filter(|element| element.is_object()).for_each(found);
            }
        }
        _ => {}
    }
}

/// Returns the proof of access for an attachment of this table with this platform link. If the attachment needs a
/// proof, the link contains it; without a link, the proof is constructed.
fn extra(table_id: &str, link: Option<&str>) -> Option<String> {
    let Some(link) = link.and_then(|link| Url::parse(link).ok()) else {
        return Some(json!({ "bitablePerm": { "tableId": table_id } }).to_string());
    };
    let mut pairs = link.query_pairs();
    let extra = pairs.find(|(key, _)| key == "extra");
    extra
        .map(|(_, extra)| extra.into_owned())
        .filter(|extra| !extra.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://open.feishu.cn/open-apis/drive/v1/medias/Vl3FbVk/download";

    #[test]
    fn takes_the_proof_from_the_link() {
        let proof = r#"{"bitablePerm":{"tableId":"tblBJyX6jZteblYv","rev":90}}"#;
        let encoded = "%7B%22bitablePerm%22%3A%7B%22tableId%22%3A%22tblBJyX6jZteblYv%22%2C%22rev%22%3A90%7D%7D";
        for written in [proof, encoded] {
            let link = format!("{LINK}?extra={written}");
            assert_eq!(extra("tbl1", Some(&link)).as_deref(), Some(proof), "{link}");
        }
    }

    #[test]
    fn sends_no_proof_absent_from_link() {
        assert_eq!(extra("tbl1", Some(LINK)), None);
    }

    #[test]
    fn constructs_the_proof_without_a_link() {
        let constructed = Some(r#"{"bitablePerm":{"tableId":"tbl1"}}"#.to_owned());
        assert_eq!(extra("tbl1", None), constructed);
        assert_eq!(extra("tbl1", Some("no link")), constructed);
    }
}
