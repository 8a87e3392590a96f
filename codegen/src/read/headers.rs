//! Headers of a request: those that a caller sets, and those with one value.

use super::field::Home;
use super::value::Entries;
use super::{Reader, declare, shown};
use crate::model::{Body, Field, FixedHeader, Place};
use crate::yaml::{Key, Node};
use crate::{finding, format};

/// What `headers:` says.
#[derive(Default)]
pub(super) struct Headers {
    pub fixed: Vec<FixedHeader>,
    pub fields: Vec<Field>,
}

impl Reader<'_> {
    /// Reads `headers:` of the endpoint whose request type is `rust`.
    pub(super) fn headers(&mut self, node: &Node, rust: &str) -> Headers {
        let mut headers = Headers::default();
        let home = Home {
            stem: rust,
            place: Place::Header,
            multipart: false,
        };
        let mut seen: Vec<String> = Vec::new();
        for (key, node) in self.mapping(node).unwrap_or_default() {
            let folded = key.text.to_ascii_lowercase();
            if seen.contains(&folded) {
                let message = format!("the header {} is there twice", shown(&key.text));
                self.report(finding::DUPLICATE_HEADER, key.origin, message);
            }
            seen.push(folded);
            self.inside(&key.text, |reader| {
                if declare::child(node, "fixed").is_some() {
                    headers.fixed.extend(reader.fixed_header(key, node));
                } else {
                    headers.fields.extend(reader.field(key, node, &home));
                }
            });
        }
        headers
    }

    fn fixed_header(&mut self, key: &Key, node: &Node) -> Option<FixedHeader> {
        self.header_name(&key.text, key.origin);
        let entries = self.entries(node, format::FIXED_HEADER.names)?;
        let value = self.needed(&entries, "fixed", |reader, node| {
            let expected = "the value of a header: printable ASCII without spaces around it";
            reader.pattern(node, finding::HEADER_VALUE, expected, is_header_value)
        })?;
        Some(FixedHeader {
            name: key.text.clone(),
            value,
            required: self.optional(&entries, "required", Self::flag).unwrap_or(false),
            doc: self.optional(&entries, "doc", Self::line),
        })
    }

    /// A multipart body has a content type that only its sender knows.
    pub(super) fn multipart_content_type(&mut self, fixed: &[FixedHeader], body: Body, entries: &Entries<'_>) {
        let stated = fixed
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case("content-type"));
        if stated && body == Body::Multipart {
            let message = "the client gives a multipart body its Content-Type";
            let origin = entries.origin_of("headers");
            self.report_with_help(
                finding::CLIENT_HEADER,
                origin,
                message,
                "remove the header Content-Type",
            );
        }
    }
}

fn is_header_value(text: &str) -> bool {
    text.trim() == text && text.bytes().all(|b| (b' '..=b'~').contains(&b))
}
