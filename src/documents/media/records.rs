//! Media in the records of a base.

use serde_json::json;
use url::Url;

use super::{Find, Media, Place};
use crate::bitable::v1::app_table::List;
use crate::bitable::v1::app_table_record::{Record, Search};
use crate::pagination::{Items, Pages};
use crate::wire::Value;
use crate::{Client, Result};

/// The most tables that a page takes.
const TABLES: i64 = 100;
/// The most records that a page takes.
const RECORDS: i64 = 500;

/// The records of a base, table by table and page by page.
pub(super) struct Records {
    token: String,
    tables: Tables,
    /// The table that is being looked into.
    table: Option<(String, Pages<Search>)>,
}

/// Tables that are still to be looked into.
enum Tables {
    All(Box<Items<List>>),
    One(Option<String>),
}

impl Records {
    pub(super) fn new(client: &Client, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            tables: Tables::All(Box::new(List::new(token).page_size(TABLES).items(client))),
            table: None,
        }
    }

    /// Those of this table alone.
    pub(super) fn of_table(client: &Client, token: &str, table_id: String) -> Self {
        Self {
            tables: Tables::One(Some(table_id)),
            ..Self::new(client, token)
        }
    }

    /// Looks at the next page.
    pub(super) async fn look(&mut self, client: &Client) -> Result<Option<Vec<Find>>> {
        loop {
            let (table_id, pages) = match &mut self.table {
                Some(table) => table,
                None => {
                    let Some(table_id) = self.tables.next().await? else {
                        return Ok(None);
                    };
                    let search = Search::new(self.token.as_str(), table_id.as_str()).page_size(RECORDS);
                    self.table.insert((table_id, search.pages(client)))
                }
            };
            match pages.next().await.transpose()? {
                Some(page) => {
                    let finds = page.items.iter().flat_map(|record| of_record(table_id, record));
                    return Ok(Some(finds.collect()));
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

fn of_record(table_id: &str, record: &Record) -> Vec<Find> {
    let mut finds = Vec::new();
    for (field, value) in &record.fields {
        of_value(value, &mut |attachment| {
            let text = |key: &str| {
                attachment
                    .get(key)
                    .and_then(Value::as_str)
                    .filter(|text| !text.is_empty())
            };
            let Some(token) = text("file_token") else {
                return;
            };
            let place = Place::Record {
                table_id: table_id.to_owned(),
                record_id: record.record_id.clone(),
                field: field.clone(),
            };
            finds.push(Find::Media(Media {
                token: token.to_owned(),
                name: text("name").map(str::to_owned),
                place,
                extra: extra(table_id, text("url").or(text("tmp_url"))),
            }));
        });
    }
    finds
}

/// Objects in the value of a field that may be attachments: those of a list, which a formula or a lookup has in `value`.
fn of_value(value: &Value, found: &mut dyn FnMut(&Value)) {
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

/// The proof of access for an attachment of this table, whose own link at the platform is this. The platform writes the proof
/// into the link where one is needed; only where there is no link it is made up.
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
    fn the_proof_is_the_one_in_the_attachments_own_link_encoded_or_not() {
        let proof = r#"{"bitablePerm":{"tableId":"tblBJyX6jZteblYv","rev":90}}"#;
        let encoded = "%7B%22bitablePerm%22%3A%7B%22tableId%22%3A%22tblBJyX6jZteblYv%22%2C%22rev%22%3A90%7D%7D";
        for written in [proof, encoded] {
            let link = format!("{LINK}?extra={written}");
            assert_eq!(extra("tbl1", Some(&link)).as_deref(), Some(proof), "{link}");
        }
    }

    #[test]
    fn no_proof_is_sent_where_the_platforms_own_link_has_none() {
        assert_eq!(extra("tbl1", Some(LINK)), None);
    }

    #[test]
    fn where_there_is_no_link_the_table_is_the_proof() {
        let made_up = Some(r#"{"bitablePerm":{"tableId":"tbl1"}}"#.to_owned());
        assert_eq!(extra("tbl1", None), made_up);
        assert_eq!(extra("tbl1", Some("no link")), made_up);
    }
}
