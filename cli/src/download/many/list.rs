//! The list of what is wanted: a token a line, or JSON lines.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use larkspur::download::file_name;
use larkspur::wire::{FieldInfo, Location};

use super::item::{Item, ItemId};
use super::line::{self, Line};
use crate::download::request::Shape;
use crate::stop::Stop;

/// How many lines that are wrong are told; the first ones show what is wrong with the others.
const MOST_PROBLEMS: usize = 20;

/// What is known of all lines of a list.
pub(crate) struct Listing<'a> {
    pub shape: Shape,
    pub base_url: &'a str,
    /// Parameters for every line that does not have its own.
    pub query: &'a [(String, String)],
    /// Parameters that do not tell one file from another, and may differ when it is asked for again.
    pub proofs: &'a [&'a str],
}

impl Listing<'_> {
    /// The files that a list is of, each once; `-` is standard input. Nothing is sent for a list in which a line is
    /// wrong.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<Item>, Stop> {
        let from_input = path.as_os_str() == "-";
        let place = match from_input {
            true => "standard input".to_owned(),
            false => path.display().to_string(),
        };
        let mut bytes = Vec::new();
        let read = match from_input {
            true => std::io::stdin().read_to_end(&mut bytes).map(|_| ()),
            false => std::fs::read(path).map(|content| bytes = content),
        };
        read.map_err(|error| Stop::unable(format!("{place}: cannot be read: {error}")))?;
        self.known_to_all()?;
        self.items(&bytes, &place)
    }

    /// A slip in `--query` would go unnoticed a thousand times.
    fn known_to_all(&self) -> Result<(), Stop> {
        for (key, _) in self.query {
            if self.position(key).is_none() {
                return Err(Stop::unable(format!("--query: {}", self.unknown(key))));
            }
        }
        Ok(())
    }

    fn items(&self, bytes: &[u8], place: &str) -> Result<Vec<Item>, Stop> {
        let mut items: Vec<Item> = Vec::new();
        let mut known: HashMap<ItemId, usize> = HashMap::new();
        let mut problems = Vec::new();
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let number = index + 1;
            let item = match self.item(line, number) {
                Ok(None) => continue,
                Ok(Some(item)) => item,
                Err(problem) => {
                    problems.push(format!("{place}:{number}: {problem}"));
                    continue;
                }
            };
            match known.get(&item.id).and_then(|first| items.get(*first)) {
                None => {
                    known.insert(item.id.clone(), items.len());
                    items.push(item);
                }
                Some(first) if first.name == item.name => {}
                Some(first) => problems.push(format!(
                    "{place}:{number}: the file of line {} is wanted again under another name; it is fetched once: \
                     remove one of the lines",
                    first.line
                )),
            }
        }
        match problems.is_empty() {
            true => Ok(items),
            false => Err(refused(problems)),
        }
    }

    /// The file that a line is for; none where it is empty or a comment.
    fn item(&self, line: &[u8], number: usize) -> Result<Option<Item>, String> {
        let line = str::from_utf8(line).map_err(|_| "it is no UTF-8: save the list as UTF-8".to_owned())?;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let line = Line::read(line)?;
        let name = line.name.as_deref().map(safe_name).transpose()?;
        self.item_of(&line, name, number).map(Some)
    }

    /// The file with these parameters. It gets this name, which is a safe one, or the one that the platform gives.
    pub(crate) fn item_of(&self, line: &Line, name: Option<String>, number: usize) -> Result<Item, String> {
        let values = self.values(line)?;
        let token = self.token(&values, number);
        let mut telling = values.clone();
        for position in self.proofs.iter().filter_map(|key| self.position(key)) {
            if let Some(proof) = telling.get_mut(position) {
                *proof = None;
            }
        }
        Ok(Item {
            id: ItemId::new(self.base_url, self.shape, &telling),
            token,
            values,
            name,
            line: number,
        })
    }

    /// What the fields of the shape are given.
    fn values(&self, line: &Line) -> Result<Vec<Option<String>>, String> {
        let mut values = vec![None; self.shape.fields().len()];
        for (key, value) in self.query {
            self.set(&mut values, key, value.clone())?;
        }
        for (key, value) in &line.parameters {
            if let Some(text) = line::text(key, value)? {
                self.set(&mut values, key, text)?;
            }
        }
        let of_token = self.of_token();
        if let Some(token) = &line.token {
            let Some(key) = of_token else {
                return Err(format!(
                    "{} has no `token`: give its parameters by their names",
                    self.shape.endpoint().id
                ));
            };
            if line.parameters.contains_key(key) {
                return Err(format!("`token` is the `{key}` of this endpoint: give one of the two"));
            }
            self.set(&mut values, key, token.clone())?;
        }
        let missing = |(field, value): (&FieldInfo, &Option<String>)| {
            let given = value.as_ref().is_some_and(|value| !value.is_empty());
            (field.required && !given).then_some(field.key)
        };
        match self.shape.fields().iter().zip(&values).find_map(missing) {
            None => Ok(values),
            Some(key) if of_token == Some(key) => Err(format!("`{key}` is missing: give it as `token`")),
            Some(key) => Err(format!(
                "`{key}` is missing: give it in a JSON line, such as {{\"token\": \"...\", \"{key}\": \"...\"}}"
            )),
        }
    }

    fn set(&self, values: &mut [Option<String>], key: &str, value: String) -> Result<(), String> {
        if value.chars().any(char::is_control) {
            return Err(format!("`{key}` holds a control character: remove it"));
        }
        let position = self.position(key).ok_or_else(|| self.unknown(key))?;
        if let Some(place) = values.get_mut(position) {
            *place = Some(value);
        }
        Ok(())
    }

    fn position(&self, key: &str) -> Option<usize> {
        self.shape.fields().iter().position(|field| field.key == key)
    }

    fn unknown(&self, key: &str) -> String {
        let keys: Vec<_> = self.shape.fields().iter().map(|field| field.key).collect();
        let known = keys.join(", ");
        let id = self.shape.endpoint().id;
        format!("{id} has no parameter {key:?}; what a line can have: token, name, {known}")
    }

    /// Which field `token` stands for: the last one of the path, as in all endpoints that the platform has.
    fn of_token(&self) -> Option<&'static str> {
        let mut fields = self.shape.fields().iter().rev();
        let field = fields.find(|field| field.location == Location::Path)?;
        Some(field.key)
    }

    /// What people know the file by.
    fn token(&self, values: &[Option<String>], number: usize) -> String {
        let position = self.of_token().and_then(|key| self.position(key));
        let value = position.and_then(|position| values.get(position)?.clone());
        value.unwrap_or_else(|| format!("line {number}"))
    }
}

fn safe_name(name: &str) -> Result<String, String> {
    file_name::safe(name).ok_or_else(|| "nothing of `name` can be the name of a file: leave it out".to_owned())
}

fn refused(mut problems: Vec<String>) -> Stop {
    let others = problems.len().saturating_sub(MOST_PROBLEMS);
    problems.truncate(MOST_PROBLEMS);
    if others > 0 {
        problems.push(format!("and {others} other lines"));
    }
    Stop::unable(problems.join("\n"))
}
