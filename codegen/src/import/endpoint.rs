//! A page as an endpoint.

use std::collections::HashSet;

use serde_json::Value;

use super::basics::{self, Basics};
use super::errors::{self, Failure};
use super::field::{self, Field, Place};
use super::headers::{self, Headers};
use super::note::{Notes, shown};
use super::page::Document;
use super::parts::Parts;
use super::response::{self, Form, Response};
use super::rows::Shape;
use super::tree::{Map, Tree};
use super::types::Type;
use super::{ImportedEndpoint, Page, date, deprecation, download, example, limits, naming, pagination, titles, words};
use crate::model::Api;
use crate::names;

/// An endpoint as its page describes it.
pub(super) struct Endpoint {
    pub page: String,
    pub line: u32,
    pub id: String,
    basics: Basics,
    docs: Option<String>,
    updated: Option<String>,
    deprecated: Option<Tree>,
    headers: Headers,
    pub path: Vec<Field>,
    pub query: Vec<Field>,
    pub body: Vec<Field>,
    pub response: Response,
    download: Option<Tree>,
    errors: Vec<Failure>,
}

/// How much a page says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Fields of request and answer, nested ones included.
    pub fields: usize,
    /// Of those, fields with listed values.
    pub enums: usize,
    /// Lower and upper bounds.
    pub bounds: usize,
    /// Windows of the rate limit.
    pub limits: usize,
    /// Error codes.
    pub errors: usize,
}

/// Reads a page; `None`, with a note, where it describes no endpoint.
pub(super) fn read(page: &Page<'_>, known: &Api, notes: &mut Notes) -> Option<Endpoint> {
    let document = Document::read(page.text);
    let mut parts = Parts::new(&document);
    let Some(mut basics) = basics::read(parts.tables(titles::REQUEST), notes) else {
        notes.add(
            1,
            "the page describes no endpoint: it has no table with an `HTTP URL` and an `HTTP Method` that the format can say",
        );
        return None;
    };
    limits::of_usage(&document, &mut basics.limits, notes);
    let id = naming::id(&document, page.text, &basics, known, notes);
    let headers = parts.parameters(titles::HEADERS, Shape::Flat, notes, headers::read);
    let place = if headers.multipart {
        Place::Multipart
    } else {
        Place::Body
    };
    let asked = example::of(&document, titles::REQUEST_EXAMPLE);
    let answered = example::of(&document, titles::RESPONSE_EXAMPLE);
    let nested = Shape::Nested(asked.as_ref());
    let path = parts.fields(titles::PATH, Shape::Flat, Place::Path, notes);
    let mut query = parts.fields(titles::QUERY, Shape::Flat, Place::Query, notes);
    let mut body = parts.fields(titles::BODY, nested, place, notes);
    if basics.method == "GET" && query.is_empty() {
        query = parts.fields(titles::PARAMETERS, Shape::Flat, Place::Query, notes);
    } else if body.is_empty() {
        body = parts.fields(titles::PARAMETERS, nested, place, notes);
    }
    let nested = Shape::Nested(answered.as_ref());
    let response = parts.parameters(titles::RESPONSE_BODY, nested, notes, |rows, notes| {
        response::read(rows, &document, answered.as_ref(), notes)
    });
    let mut errors = Vec::new();
    for titles in [titles::ERRORS, titles::STATUSES] {
        errors::read(parts.tables(titles), &mut errors, notes);
    }
    let mut endpoint = Endpoint {
        page: page.name.to_owned(),
        line: basics.line,
        docs: docs(&document),
        updated: date::of(&document),
        deprecated: deprecation::of(&document, &id),
        id,
        headers,
        path,
        query,
        body,
        response,
        download: None,
        errors,
        basics,
    };
    endpoint.file(&document, &mut parts, notes);
    endpoint.compare(&document, asked.as_ref(), answered.as_ref(), notes);
    words::note_usage(&document, endpoint.response.form == Form::Binary, notes);
    parts.note_unread(notes);
    endpoint.reconcile(notes);
    Some(endpoint)
}

/// The page's address, where it can be written.
fn docs(document: &Document<'_>) -> Option<String> {
    let of_path = |path| format!("https://open.feishu.cn/document{path}");
    let address = document.front("fullPath").map(of_path);
    let front = |key| document.front(key).map(str::to_owned);
    let all = [front("source"), front("source_url"), address];
    all.into_iter().flatten().find(|address| names::is_docs_url(address))
}

impl Endpoint {
    /// Reads what the page says of a file that is the answer.
    fn file(&mut self, document: &Document<'_>, parts: &mut Parts<'_, '_>, notes: &mut Notes) {
        if self.response.form != Form::Binary {
            return;
        }
        parts.tables(titles::RANGES);
        parts.tables(titles::RESPONSE_HEADERS);
        let download = download::read(document, notes);
        if download.ranges() {
            // The SDK has a field of its own for it.
            self.headers
                .fields
                .retain(|field| !field.key.eq_ignore_ascii_case("range"));
        }
        self.download = download.written();
    }

    /// Notes what the page's examples have beyond its tables.
    fn compare(&self, page: &Document<'_>, asked: Option<&Value>, answered: Option<&Value>, notes: &mut Notes) {
        let line = |titles| page.section(titles).map_or(1, |section| section.line);
        if let Some(asked) = asked.filter(|_| !self.body.is_empty()) {
            example::note_unknown(asked, &self.body, line(titles::REQUEST_EXAMPLE), notes);
        }
        let answered = answered.filter(|_| self.response.form != Form::Binary && !self.response.fields.is_empty());
        if let Some(inner) = answered.map(|answered| self.response.inside(answered)) {
            let line = line(titles::RESPONSE_EXAMPLE);
            if inner.is_null() {
                notes.add(line, "the example of the answer has no `data`");
            }
            example::note_unknown(&inner, &self.response.fields, line, notes);
        }
    }

    /// Makes the parts agree: the parameters of the path are those in the address, and each field of the request
    /// has a name in Rust of its own.
    fn reconcile(&mut self, notes: &mut Notes) {
        let path = &self.basics.path;
        let in_path: Vec<&str> = path
            .split('/')
            .filter_map(|segment| segment.strip_prefix(':'))
            .collect();
        self.path.retain(|field| {
            let there = in_path.contains(&field.key.as_str());
            if !there {
                notes.add(
                    self.line,
                    format!("the address has no {}, which was left out", shown(&field.key)),
                );
            }
            there
        });
        for parameter in in_path {
            if !self.path.iter().any(|field| field.key == parameter) {
                notes.add(
                    self.line,
                    format!("the page does not describe the parameter {}", shown(parameter)),
                );
                self.path.push(Field::text(parameter));
            }
        }
        let mut taken = HashSet::new();
        for fields in [
            &mut self.path,
            &mut self.query,
            &mut self.headers.fields,
            &mut self.body,
        ] {
            field::name(fields, &mut taken);
        }
    }

    /// The file and the key of its entry.
    pub fn place(&self) -> (String, &str) {
        let (module, name) = self.id.rsplit_once('.').unwrap_or((&self.id, ""));
        let mut parts = module.splitn(3, '.');
        let mut part = || parts.next().unwrap_or_default();
        (format!("spec/{}/{}/{}.yaml", part(), part(), part()), name)
    }

    /// The fields of the request.
    pub fn sent(&mut self) -> [&mut Vec<Field>; 4] {
        [
            &mut self.path,
            &mut self.query,
            &mut self.headers.fields,
            &mut self.body,
        ]
    }

    pub fn told(&self) -> ImportedEndpoint {
        let mut counts = Counts {
            limits: self.basics.limits.len(),
            errors: self.errors.len(),
            ..Counts::default()
        };
        let headers = &self.headers.fields;
        for fields in [&self.path, &self.query, headers, &self.body, &self.response.fields] {
            counts.add(fields);
        }
        ImportedEndpoint {
            page: self.page.clone(),
            id: self.id.clone(),
            counts,
        }
    }

    /// The entry of the spec.
    pub fn written(&self) -> Tree {
        let basics = &self.basics;
        let mut map = Map::default();
        map.put_some("docs", self.docs.as_ref().map(Tree::text));
        map.put_some("updated", self.updated.as_ref().map(Tree::literal));
        let name = names::camel(self.place().1).filter(|name| names::is_reserved_type(name));
        map.put_some("rust", name.map(|name| Tree::text(format!("{name}Request"))));
        map.put("http", Tree::text(format!("{} {}", basics.method, basics.path)));
        map.put_some("deprecated", self.deprecated.clone());
        map.put_some("tokens", self.headers.tokens.as_ref().map(Tree::texts));
        map.put_some("apps", filled(&basics.apps));
        map.put_some("scopes", basics.scopes.as_ref().map(Tree::texts));
        map.put_some("field_scopes", filled(&basics.field_scopes));
        let limits = basics.limits.iter().map(Tree::literal).collect();
        map.put_some("limits", (!basics.limits.is_empty()).then_some(Tree::List(limits)));
        map.put_some("headers", self.headers.written());
        let body = if self.headers.multipart { "multipart" } else { "body" };
        for (key, fields) in [("path", &self.path), ("query", &self.query), (body, &self.body)] {
            map.put_some(key, (!fields.is_empty()).then(|| field::written(fields)));
        }
        self.write_response(&mut map);
        map.put_some("errors", errors::written(&self.errors));
        map.done()
    }

    fn write_response(&self, map: &mut Map) {
        let Response { form, fields } = &self.response;
        let envelope = match form {
            Form::Flat => Some("flat"),
            Form::OAuth => Some("oauth"),
            Form::Envelope | Form::Binary => None,
        };
        map.put_some("envelope", envelope.map(Tree::text));
        if *form == Form::Binary {
            map.put("response", Tree::text("binary"));
            map.put_some("download", self.download.clone());
        } else if !fields.is_empty() {
            map.put("response", field::written(fields));
        }
        let request: Vec<Field> = self.query.iter().chain(&self.body).cloned().collect();
        map.put_some("pagination", pagination::of(&request, fields));
    }
}

fn filled<T: AsRef<str>>(words: &[T]) -> Option<Tree> {
    (!words.is_empty()).then(|| Tree::texts(words))
}

impl Counts {
    fn add(&mut self, fields: &[Field]) {
        for field in fields {
            self.fields += 1;
            self.enums += usize::from(!field.values.is_empty());
            self.bounds += field.bounds.count();
            if let Type::Object(object) = field.ty.heart() {
                self.add(&object.fields);
            }
        }
    }
}
