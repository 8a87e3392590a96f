//! Reads the rows of parameter tables as trees of parameters.

use std::collections::{HashMap, HashSet};
use std::iter::Peekable;

use serde_json::Value;

use super::super::model::{Notes, quoted};
use super::super::page::{Cell, Row, Table, is_tree_mark, tree_levels, unescape};
use super::nesting::{self, Entry};
use crate::characters::is_hidden;

/// A row of a parameter table, with the rows nested in it.
pub(super) struct Parameter<'t> {
    pub line: u32,
    pub key: String,
    pub ty: String,
    pub required: bool,
    pub description: Option<&'t Cell>,
    pub children: Vec<Parameter<'t>>,
}

/// The shape of a parameter table.
#[derive(Clone, Copy)]
pub(super) enum TableShape<'v> {
    /// Scalars and lists only.
    Flat,
    /// Objects too; the value is the JSON example of the page.
    Nested(Option<&'v Value>),
}

const NAME: &[&str] = &["名称", "参数", "参数名", "参数名称", "字段", "Parameter", "Name"];

const TYPE: &[&str] = &["类型", "参数类型", "数据类型", "格式", "Type"];

const REQUIRED: &[&str] = &["必填", "必须", "是否必填", "Required"];

const DESCRIPTION: &[&str] = &["描述", "说明", "Description"];

/// Reads the parameters of all parameter tables among `tables`.
pub(super) fn read_parameters<'t>(tables: &'t [Table], shape: TableShape<'_>, notes: &mut Notes) -> Vec<Parameter<'t>> {
    let (mut parameters, mut keys) = (Vec::new(), HashSet::new());
    for table in tables {
        let Some(columns) = Columns::find(table) else {
            notes.add(table.line, "skipped a table: it is not a parameter table");
            continue;
        };
        for parameter in columns.read(table, shape, notes) {
            if keys.insert(parameter.key.clone()) {
                parameters.push(parameter);
            } else {
                notes.add(parameter.line, skipped_row(&parameter.key));
            }
        }
    }
    parameters
}

fn skipped_row(key: &str) -> String {
    format!("skipped a row: the name {} is invalid or duplicate", quoted(key))
}

struct Columns {
    name: usize,
    ty: Option<usize>,
    required: Option<usize>,
    description: Option<usize>,
}

/// The maximum nesting, deeper than on any page and below the limit of the YAML parser.
const MAX_DEPTH: usize = 12;

/// Rows with their nesting levels.
type LeveledRows<'t> = Peekable<std::vec::IntoIter<(&'t Row, usize)>>;

impl Columns {
    fn find(table: &Table) -> Option<Self> {
        let columns = Self {
            name: table.column(NAME)?,
            ty: table.column(TYPE),
            required: table.column(REQUIRED),
            description: table.column(DESCRIPTION),
        };
        (columns.ty.is_some() || columns.description.is_some()).then_some(columns)
    }

    fn read<'t>(&self, table: &'t Table, shape: TableShape<'_>, notes: &mut Notes) -> Vec<Parameter<'t>> {
        let shape = match shape {
            TableShape::Nested(Some(example)) => {
                let keys: Vec<String> = table.rows.iter().map(|row| self.key(row)).collect();
                TableShape::Nested(Some(table_root(&keys, example)))
            }
            other => other,
        };
        let levels = self.levels(table, shape, notes);
        let rows: Vec<(&Row, usize)> = table.rows.iter().zip(levels).collect();
        let mut rows = rows.into_iter().peekable();
        let mut parameters = Vec::new();
        while rows.peek().is_some() {
            parameters.extend(self.siblings(&mut rows, 0, notes));
        }
        if let TableShape::Nested(example) = shape {
            infer_types(&mut parameters, example);
        }
        parameters
    }

    /// Returns the nesting level of each row: stated by the page, drawn as a tree, or reconstructed.
    fn levels(&self, table: &Table, shape: TableShape<'_>, notes: &mut Notes) -> Vec<usize> {
        if table.has_levels {
            return table.rows.iter().map(|row| row.level).collect();
        }
        let raw = |row: &'_ Row| row.cells.get(self.name).map_or(String::new(), |cell| cell.text.clone());
        let names: Vec<String> = table.rows.iter().map(raw).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match (tree_levels(&names), shape) {
            (Some(levels), _) => levels,
            (None, TableShape::Nested(example)) if table.lost_levels || example.is_some() => {
                self.reconstruct_levels(table, example, notes)
            }
            (None, _) => vec![0; names.len()],
        }
    }

    fn reconstruct_levels(&self, table: &Table, example: Option<&Value>, notes: &mut Notes) -> Vec<usize> {
        let types = example.map(types_by_key).unwrap_or_default();
        let text = |row: &Row| {
            let (key, mut ty) = (self.key(row), self.ty(row));
            if ty.is_empty() {
                ty = types.get(key.as_str()).cloned().unwrap_or_default();
            }
            (key, ty)
        };
        let texts: Vec<(String, String)> = table.rows.iter().map(text).collect();
        let entries: Vec<Entry<'_>> = texts.iter().map(|(key, ty)| Entry { key, ty }).collect();
        let nesting = nesting::reconstruct(&entries, example);
        for (index, other) in nesting.ambiguous {
            let parent = nesting.parents[index];
            let place = |row: Option<usize>| match row {
                Some(row) => format!("inside {}", quoted(&texts[row].0)),
                None => "at the top level".to_owned(),
            };
            let (key, chosen, other) = (quoted(&texts[index].0), place(parent), place(other));
            notes.add(
                table.rows[index].line,
                format!("ambiguous nesting of {key}: {chosen} or {other}; {chosen} assumed"),
            );
        }
        nesting.levels
    }

    /// Reads the next parameters at the level of the first one.
    fn siblings<'t>(&self, rows: &mut LeveledRows<'t>, depth: usize, notes: &mut Notes) -> Vec<Parameter<'t>> {
        let (mut found, mut keys) = (Vec::new(), HashSet::new());
        let first = rows.peek().map_or(0, |(_, level)| *level);
        while let Some((row, level)) = rows.next_if(|(_, level)| *level >= first) {
            let mut parameter = self.parameter(row, notes);
            if rows.peek().is_some_and(|(_, next)| *next > level) && depth < MAX_DEPTH {
                parameter.children = self.siblings(rows, depth + 1, notes);
            }
            if is_key(&parameter.key) && keys.insert(parameter.key.clone()) {
                found.push(parameter);
            } else {
                notes.add(row.line, skipped_row(&parameter.key));
            }
        }
        found
    }

    fn parameter<'t>(&self, row: &'t Row, notes: &mut Notes) -> Parameter<'t> {
        let key = self.key(row);
        let required = self.required.map(|index| unescape(row.text(index)).to_lowercase());
        let required = required.unwrap_or_default();
        let is_required = ["是", "yes", "true", "必填", "必须"].contains(&required.as_str());
        if !is_required && !["否", "no", "false", "选填", "可选", "-", ""].contains(&required.as_str()) {
            let message = format!(
                "unknown value {} in the column `required` of {}; optional assumed",
                quoted(&required),
                quoted(&key)
            );
            notes.add(row.line, message);
        }
        Parameter {
            line: row.line,
            key,
            ty: self.ty(row),
            required: is_required,
            description: self.description.and_then(|index| row.cells.get(index)),
            children: Vec::new(),
        }
    }

    fn key(&self, row: &Row) -> String {
        let decoration = |c: char| c.is_whitespace() || matches!(c, '`' | '*') || is_tree_mark(c);
        unescape(row.text(self.name)).trim_matches(decoration).to_owned()
    }

    fn ty(&self, row: &Row) -> String {
        self.ty.map(|index| unescape(row.text(index))).unwrap_or_default()
    }
}

/// Whether a text can be a key on the wire.
fn is_key(text: &str) -> bool {
    const MAX_BYTES: usize = 100;
    let hidden = |c: char| c.is_whitespace() || is_hidden(c);
    !text.is_empty() && text.len() <= MAX_BYTES && !text.contains(hidden)
}

/// Returns the part of an example that a table with these keys documents: some tables omit `code`, `msg` and `data`.
pub(super) fn table_root<'v>(keys: &[String], example: &'v Value) -> &'v Value {
    let has = |value: &Value| keys.iter().any(|key| value.get(key).is_some());
    match example.get("data") {
        Some(data) if !has(example) && has(data) => data,
        _ => example,
    }
}

/// Returns the types of the keys of an example: that of the first value of each key, at any depth.
fn types_by_key(example: &Value) -> HashMap<&str, String> {
    let mut types = HashMap::new();
    collect_types(example, &mut types);
    types
}

fn collect_types<'v>(value: &'v Value, types: &mut HashMap<&'v str, String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                if !types.contains_key(key.as_str())
                    && let Some(ty) = type_of_value(value)
                {
                    types.insert(key, ty);
                }
            }
            object.values().for_each(|value| collect_types(value, types));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_types(item, types)),
        _ => {}
    }
}

/// Sets the missing types from the values in the example, and turns an object into a list where the example has a list.
pub(super) fn infer_types(parameters: &mut [Parameter<'_>], example: Option<&Value>) {
    for parameter in parameters {
        let value = example.and_then(|example| find_member(example, &parameter.key));
        if parameter.ty.is_empty() {
            parameter.ty = value.and_then(type_of_value).unwrap_or_default();
        }
        if parameter.ty.is_empty() && !parameter.children.is_empty() {
            parameter.ty = "object".to_owned();
        }
        let vague = matches!(parameter.ty.as_str(), "-" | "object") && !parameter.children.is_empty();
        if vague
            && value
                .and_then(type_of_value)
                .is_some_and(|type_name| type_name == "object[]")
        {
            parameter.ty = "object[]".to_owned();
        }
        infer_types(&mut parameter.children, value);
    }
}

/// The maximum number of items of a list in the example that are searched for a key.
const MAX_ITEMS: usize = 32;

/// Returns the value of a key in an object, or in the first item of a list that has the key.
fn find_member<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Object(object) => object.get(key),
        Value::Array(items) => items.iter().take(MAX_ITEMS).find_map(|item| item.as_object()?.get(key)),
        _ => None,
    }
}

/// Returns the type of a value in the notation of pages.
fn type_of_value(value: &Value) -> Option<String> {
    let type_name = match value {
        Value::Null => return None,
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Object(_) => "object",
        Value::Array(items) => return Some(format!("{}[]", items.iter().find_map(type_of_value)?)),
    };
    Some(type_name.to_owned())
}
