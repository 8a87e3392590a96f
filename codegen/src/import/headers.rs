//! The headers of a request.

use std::collections::HashSet;

use super::access;
use super::field::{self, Field, Place};
use super::literal::{self, labelled};
use super::note::{Notes, shown};
use super::rows::Parameter;
use super::tree::{Map, Tree};
use super::types::Type;
use crate::names;
use crate::read::CLIENT_HEADERS;

/// What the table of headers says.
#[derive(Default)]
pub(super) struct Headers {
    /// `None` where there is no table.
    pub tokens: Option<Vec<&'static str>>,
    pub fixed: Vec<Fixed>,
    pub fields: Vec<Field>,
    /// Whether the body has parts.
    pub multipart: bool,
}

/// A header with one value.
pub(super) struct Fixed {
    pub name: String,
    pub value: String,
    pub required: bool,
}

/// Reads the rows of the table.
pub(super) fn read(parameters: Vec<Parameter<'_>>, notes: &mut Notes) -> Headers {
    let mut headers = Headers::default();
    if !parameters.is_empty() {
        headers.tokens = Some(Vec::new());
    }
    let (mut others, mut seen) = (Vec::new(), HashSet::new());
    for parameter in parameters {
        let lower = parameter.key.to_ascii_lowercase();
        let sent = lower != "authorization" && CLIENT_HEADERS.contains(&lower.as_str());
        if sent || !names::is_header_name(&lower) || !seen.insert(lower) {
            notes.add(
                parameter.line,
                format!("the header {} was left out", shown(&parameter.key)),
            );
            continue;
        }
        let text = parameter.description.map_or("", |cell| cell.text.as_str());
        if parameter.key.eq_ignore_ascii_case("Authorization") {
            headers.tokens = parameter
                .description
                .map(access::tokens)
                .filter(|tokens| !tokens.is_empty());
            if headers.tokens.is_none() {
                notes.add(parameter.line, "the kinds of token were not understood");
            }
        } else if text.contains("multipart/form-data") && parameter.key.eq_ignore_ascii_case("Content-Type") {
            headers.multipart = true;
        } else if let Some(fixed) = fixed(&parameter, text) {
            headers.fixed.push(fixed);
        } else if !parameter.key.eq_ignore_ascii_case("Content-Type") {
            others.push(parameter);
        }
    }
    headers.fields = field::read(&others, Place::Header, notes);
    headers
}

fn fixed(parameter: &Parameter<'_>, text: &str) -> Option<Fixed> {
    let text = labelled(text, &["固定值", "Fixed value"])?;
    let value = literal::value(text, &Type::String)?;
    let value = value
        .as_str()
        .filter(|value| value.chars().all(|c| matches!(c, ' '..='~')))?;
    Some(Fixed {
        name: parameter.key.clone(),
        value: value.to_owned(),
        required: parameter.required,
    })
}

impl Headers {
    /// The mapping of the spec, if there is anything to say.
    pub fn written(&self) -> Option<Tree> {
        let mut map = Map::default();
        for header in &self.fixed {
            let mut fixed = Map::default();
            fixed.put("fixed", Tree::text(&header.value));
            fixed.put_some("required", header.required.then(|| Tree::literal(true)));
            map.put(&header.name, fixed.done());
        }
        for field in &self.fields {
            map.put(&field.key, field.written());
        }
        Some(map.done()).filter(|tree| *tree != Tree::Map(Vec::new()))
    }
}
