//! What the words of the command line say that is being completed.

use std::path::Path;

use larkspur_codegen::model::Api;

use crate::stop::Stop;
use crate::{known, spec};

/// The words behind the `--` with which a shell asks, those that are no UTF-8 left out.
fn words() -> Vec<String> {
    let words = std::env::args_os().skip_while(|word| word != "--").skip(1);
    words.filter_map(|word| word.into_string().ok()).collect()
}

/// The spec that the words name, if they name one.
fn other_spec(words: &[String]) -> Option<Result<Api, Stop>> {
    let position = words.iter().position(|word| word == "--spec")?;
    let directory = words.get(position + 1)?;
    Some(spec::read(Path::new(directory)).and_then(|source| spec::load(&source)))
}

/// The endpoints among which are all whose id begins so.
pub(super) fn beginning(text: &str) -> Result<Api, Stop> {
    if let Some(other) = other_spec(&words()) {
        return other;
    }
    match text.split_once('.') {
        Some(_) => known::around(text),
        None => known::embedded(|project| project.starts_with(text)),
    }
}

/// The endpoint that is called: the first word behind the command that names one.
pub(super) fn endpoint() -> Option<(Api, String)> {
    let words = words();
    let behind = words.iter().skip_while(|word| *word != "call").skip(1);
    let mut ids = behind.filter(|word| larkspur_codegen::names::is_endpoint_id(word));
    ids.find_map(|id| {
        let api = other_spec(&words).unwrap_or_else(|| known::around(id)).ok()?;
        api.endpoint(id).is_some().then(|| (api, id.clone()))
    })
}
