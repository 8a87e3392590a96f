//! Types with a name of their own, under `types:`.

use super::allow::Span;
use super::field::Home;
use super::{Reader, shown};
use crate::model::{Place, TypeId, TypeKind};
use crate::yaml::{Key, Node};
use crate::{finding, names};

const KEYS: &[&str] = &["doc", "allow", "fields", "enum", "type"];

impl Reader<'_> {
    /// Reads everything under `types:`.
    pub(super) fn named_types(&mut self, node: &Node) {
        self.inside("types", |reader| {
            for (key, node) in reader.mapping(node).unwrap_or_default() {
                reader.starts.push(key.origin);
                reader.inside(&key.text, |reader| reader.named_type(key, node));
            }
        });
    }

    fn named_type(&mut self, key: &Key, node: &Node) {
        if !names::is_camel(&key.text) {
            let message = format!(
                "{} is no type name: CamelCase in ASCII letters and digits",
                shown(&key.text)
            );
            self.report(finding::TYPE_NAME, key.origin, message);
        }
        let Some(id) = self.types.named(self.module, &key.text) else {
            return;
        };
        let Some(entries) = self.entries(node, KEYS) else {
            return;
        };
        self.allow(&entries, Span::entry(key, node));
        let doc = self.optional(&entries, "doc", Self::line);
        match (entries.get("fields"), entries.get("enum")) {
            (Some(fields), None) => {
                if let Some(kind) = entries.get("type") {
                    self.mismatch::<()>(kind, "no `type:` beside `fields:`");
                }
                self.object(id, doc, &key.text, fields);
            }
            (None, Some(values)) => {
                if let Some(kind) = entries.get("type") {
                    self.inside("type", |reader| reader.word(kind, &[("string", ()), ("int", ())]));
                }
                let kind = self.enumeration(self.types.shape(id), values);
                self.types.define(id, doc, kind);
            }
            _ => {
                let message = "a type has either `fields:` or `enum:`";
                self.report(finding::TYPE_KIND, key.origin, message);
            }
        }
    }

    /// Reads the fields of an object; the types of inline objects in it begin with `stem`.
    pub(super) fn object(&mut self, id: TypeId, doc: Option<String>, stem: &str, fields: &Node) {
        let home = Home {
            stem,
            place: Place::Body,
            multipart: false,
        };
        let fields = self.inside("fields", |reader| reader.fields(fields, &home));
        self.distinct_members(&fields);
        self.types.define(id, doc, TypeKind::Object(fields));
    }
}
