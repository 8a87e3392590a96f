//! Entries into the files of a spec.

use std::collections::BTreeMap;

use super::ImportError;
use super::endpoint::Endpoint;
use super::field::{self, Field};
use super::note::Note;
use super::share::Types;
use super::tree::Tree;
use crate::model::Api;
use crate::{Source, layout, load};

/// The spec as the loader reads it.
pub(super) fn loaded(spec: &Source) -> Result<Api, ImportError> {
    load(spec).map_err(|findings| ImportError::Findings {
        findings,
        spec: Box::new(spec.clone()),
    })
}

/// The spec with the entries in it, once it has been loaded; and which of its files are other than before.
pub(super) fn into(spec: &Source, endpoints: &[Endpoint], types: &Types) -> Result<(Source, Vec<String>), ImportError> {
    let mut source = spec.clone();
    let mut changed = Vec::new();
    for (path, text) in texts(endpoints, types) {
        let existing = spec.files().find(|(other, _)| *other == path).map(|(_, bytes)| bytes);
        let text = match existing {
            Some(bytes) => merged(&path, bytes, &text)?,
            None => layout(&path, text.as_bytes())?,
        };
        if existing != Some(text.as_bytes()) {
            changed.push(path.clone());
            source.add(path, text);
        }
    }
    loaded(&source)?;
    Ok((source, changed))
}

/// Leaves out the pages whose entries the format cannot say, each with a note of what it said to them.
pub(super) fn retain_loadable(spec: &Source, endpoints: &mut Vec<Endpoint>, notes: &mut Vec<Note>) {
    if into(spec, endpoints, &Types::new()).is_ok() {
        return;
    }
    endpoints.retain(|endpoint| {
        let Err(error) = into(spec, std::slice::from_ref(endpoint), &Types::new()) else {
            return true;
        };
        let message = format!("the entry was left out, since the format cannot say it: {error}");
        notes.push(Note::new(&endpoint.page, endpoint.line, message));
        false
    });
}

fn merged(path: &str, bytes: &[u8], text: &str) -> Result<String, ImportError> {
    let before = layout(path, bytes)?;
    let text = layout::merged(&before, text).unwrap_or(before);
    Ok(layout(path, text.as_bytes())?)
}

/// What the pages say of each file.
fn texts(endpoints: &[Endpoint], types: &Types) -> BTreeMap<String, String> {
    let mut parts: BTreeMap<String, [Vec<(String, Tree)>; 2]> = BTreeMap::new();
    for endpoint in endpoints {
        let (path, name) = endpoint.place();
        parts.entry(path).or_default()[0].push((name.to_owned(), endpoint.written()));
    }
    for (path, types) in types {
        let written = |(name, fields): &(String, Vec<Field>)| {
            let map = vec![("fields".to_owned(), field::written(fields))];
            (name.clone(), Tree::Map(map))
        };
        parts.entry(path.clone()).or_default()[1].extend(types.iter().map(written));
    }
    let text = |[endpoints, types]: [Vec<(String, Tree)>; 2]| {
        let keys = [("endpoints", endpoints), ("types", types)];
        let keys = keys.into_iter().filter(|(_, entries)| !entries.is_empty());
        let map = keys
            .map(|(key, entries)| (key.to_owned(), Tree::Map(entries)))
            .collect();
        let mut text = String::new();
        Tree::Map(map).write(0, &mut text);
        text.trim_start().to_owned()
    };
    parts.into_iter().map(|(path, part)| (path, text(part))).collect()
}
