//! The error codes of imported pages: one definition in the `errors.yaml` of the project version, and at each endpoint the
//! codes that its page lists, with what differs there.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::yaml::{MapBuilder, Yaml};
use crate::import::model::{DocumentedError, Endpoint};
use crate::model::Api;
use crate::{layout, names};

/// The definitions of all project versions.
pub(super) struct ErrorCatalog {
    /// Definitions by the path of their file and the code.
    definitions: HashMap<(String, i64), Definition>,
}

/// The definition of a code.
struct Definition {
    http: u16,
    msg: Option<String>,
    name: Option<String>,
    /// Whether the import writes it.
    changed: bool,
}

impl ErrorCatalog {
    /// Collects the codes of the spec and of the endpoints. Of several statuses and messages of a code the most frequent is its
    /// definition. An existing definition changes only if all endpoints that it describes are imported.
    pub fn new(api: &Api, endpoints: &[Endpoint]) -> Self {
        let mut pages: BTreeMap<(String, i64), Vec<&DocumentedError>> = BTreeMap::new();
        for endpoint in endpoints {
            let file = errors_file(endpoint);
            for error in &endpoint.errors {
                if let Some(code) = error.code {
                    pages.entry((file.clone(), code)).or_default().push(error);
                }
            }
        }
        let mut definitions = HashMap::new();
        let mut taken: HashSet<(String, String)> = HashSet::new();
        let described = described_elsewhere(api, endpoints);
        for module in &api.modules {
            for error in &module.errors {
                taken.insert((module.source.clone(), error.rust.clone()));
                let key = (module.source.clone(), error.code);
                let mut definition = Definition {
                    http: error.http,
                    msg: error.msg.clone(),
                    name: None,
                    changed: false,
                };
                if let Some(pages) = pages.remove(&key)
                    && !described.contains(&key)
                {
                    definition.update(&pages);
                }
                definitions.insert(key, definition);
            }
        }
        for ((file, code), pages) in pages {
            let mut definition = Definition {
                http: 0,
                msg: None,
                name: None,
                changed: true,
            };
            definition.update(&pages);
            let mut take = |name: &str| taken.insert((file.clone(), name.to_owned()));
            definition.name = definition
                .msg
                .as_deref()
                .and_then(|msg| free_name(msg, code, &mut take));
            definitions.insert((file, code), definition);
        }
        Self { definitions }
    }

    /// Returns the YAML of new and changed definitions, by file, in the order of their codes.
    pub fn changed_definitions(&self) -> BTreeMap<String, Vec<(String, Yaml)>> {
        let changed = self.definitions.iter().filter(|(_, definition)| definition.changed);
        let mut sorted: Vec<_> = changed.collect();
        sorted.sort_by_key(|(key, _)| *key);
        let mut files: BTreeMap<String, Vec<(String, Yaml)>> = BTreeMap::new();
        for ((file, code), definition) in sorted {
            let mut map = MapBuilder::default();
            map.put("http", Yaml::literal(definition.http));
            map.put_some("msg", definition.msg.as_ref().map(Yaml::text));
            map.put_some("name", definition.name.as_ref().map(Yaml::text));
            files
                .entry(file.clone())
                .or_default()
                .push((code.to_string(), map.finish()));
        }
        files
    }

    /// Returns the YAML of the errors of an endpoint.
    pub fn errors_to_yaml(&self, endpoint: &Endpoint) -> Option<Yaml> {
        let file = errors_file(endpoint);
        let items = endpoint.errors.iter().map(|error| self.error_to_yaml(&file, error));
        (!endpoint.errors.is_empty()).then(|| Yaml::List(items.collect()))
    }

    fn error_to_yaml(&self, file: &str, error: &DocumentedError) -> Yaml {
        let definition = error
            .code
            .and_then(|code| self.definitions.get(&(file.to_owned(), code)));
        let http = definition.is_none_or(|definition| definition.http != error.http);
        let is_new = |msg: &&String| definition.is_none_or(|definition| definition.msg.as_ref() != Some(*msg));
        let msg = error.msg.as_ref().filter(is_new);
        match error.code {
            Some(code) if !http && msg.is_none() => Yaml::literal(code),
            code => {
                let mut map = MapBuilder::default();
                map.put_some("code", code.map(Yaml::literal));
                map.put_some("http", http.then(|| Yaml::literal(error.http)));
                map.put_some("msg", msg.map(Yaml::text));
                map.finish()
            }
        }
    }
}

impl Definition {
    /// Takes the most frequent status and message.
    fn update(&mut self, pages: &[&DocumentedError]) {
        let http = most_frequent(pages.iter().map(|error| error.http)).unwrap_or(self.http);
        let msg = most_frequent(pages.iter().filter_map(|error| error.msg.as_ref())).cloned();
        let msg = msg.or_else(|| self.msg.clone());
        self.changed |= (http, &msg) != (self.http, &self.msg);
        (self.http, self.msg) = (http, msg);
    }
}

/// Returns the codes whose definition describes an endpoint that is not imported.
fn described_elsewhere(api: &Api, endpoints: &[Endpoint]) -> HashSet<(String, i64)> {
    let imported: HashSet<&str> = endpoints.iter().map(|endpoint| endpoint.id.as_str()).collect();
    let others = api
        .endpoints()
        .filter(|(_, endpoint)| !imported.contains(endpoint.id.as_str()));
    let codes = others.flat_map(|(module, endpoint)| {
        let file = format!("spec/{}/{}/{}", module.project, module.version, layout::ERRORS_FILE);
        let defined = endpoint.errors.iter().filter(|error| !error.differs);
        defined.filter_map(move |error| Some((file.clone(), error.code?)))
    });
    codes.collect()
}

/// Returns the path of the file with the error codes of an endpoint's project version.
fn errors_file(endpoint: &Endpoint) -> String {
    let (path, _) = endpoint.file_and_key();
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    format!("{directory}/{}", layout::ERRORS_FILE)
}

/// Returns the most frequent value, the first of several.
fn most_frequent<T: Ord + Clone>(values: impl Iterator<Item = T> + Clone) -> Option<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    values.clone().for_each(|value| *counts.entry(value).or_default() += 1);
    let most = counts.values().copied().max()?;
    values.into_iter().find(|value| counts.get(value) == Some(&most))
}

const MAX_NAME_WORDS: usize = 6;
const MAX_NAME_BYTES: usize = 40;

/// Words of a message without a meaning of their own.
const FILLERS: &[&str] = &[
    "a", "an", "and", "are", "be", "been", "for", "has", "have", "in", "is", "it", "of", "on", "or", "please", "s",
    "so", "that", "the", "this", "to", "was", "were", "you", "your",
];

/// Returns a name for a code from its message: `calendar not found` → `calendar_not_found`. A name that `take` refuses, since
/// another code has it, ends with the code.
fn free_name(msg: &str, code: i64, mut take: impl FnMut(&str) -> bool) -> Option<String> {
    let name = name_from_message(msg)?;
    if take(&names::variant(&name)?) {
        return Some(name);
    }
    let numbered = format!("{name}_{}", code.unsigned_abs());
    take(&names::variant(&numbered)?).then_some(numbered)
}

fn name_from_message(msg: &str) -> Option<String> {
    // The first sentence has what happened; the others what to do.
    let sentence = msg
        .split_inclusive(['.', ',', ';', ':'])
        .find(|part| part.split_whitespace().count() > 1);
    let text = sentence.unwrap_or(msg);
    if !text.contains(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let snake = names::member(text)?;
    let words = snake
        .split('_')
        .filter(|word| !word.is_empty() && !FILLERS.contains(word));
    let mut name = String::new();
    for word in words.take(MAX_NAME_WORDS) {
        if name.len() + word.len() >= MAX_NAME_BYTES {
            break;
        }
        if !name.is_empty() {
            name.push('_');
        }
        name.push_str(word);
    }
    let starts_with_letter = name.starts_with(|c: char| c.is_ascii_lowercase());
    (starts_with_letter && names::is_snake(&name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{free_name, name_from_message};

    #[test]
    fn names_codes_by_their_messages() {
        for (msg, name) in [
            ("calendar not found", "calendar_not_found"),
            ("params error.", "params_error"),
            ("RecordAddOnceExceedLimit", "record_add_once_exceed_limit"),
            ("The file size exceed the max value.", "file_size_exceed_max_value"),
            ("File's size can't be 0.", "file_size_can_t_0"),
            ("Request timed out, please wait a minute", "request_timed_out"),
            ("internal error: retry in a minute", "internal_error"),
        ] {
            assert_eq!(name_from_message(msg).as_deref(), Some(name), "{msg}");
        }
    }

    #[test]
    fn messages_without_words_give_no_name() {
        for msg in ["", "!", "部门", "400", "the", "0"] {
            assert_eq!(name_from_message(msg), None, "{msg}");
        }
    }

    #[test]
    fn long_messages_give_short_names() {
        let name = name_from_message(&"unbelievable ".repeat(20)).unwrap();
        assert!(name.len() <= super::MAX_NAME_BYTES, "{name}");
    }

    #[test]
    fn second_code_of_a_name_has_its_number() {
        let mut taken = HashSet::new();
        let mut name = |code| free_name("not found", code, |name| taken.insert(name.to_owned()));
        assert_eq!(name(7).as_deref(), Some("not_found"));
        assert_eq!(name(-8).as_deref(), Some("not_found_8"));
        // Another code of this absolute value.
        assert_eq!(name(8), None);
    }
}
