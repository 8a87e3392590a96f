//! The rows of a parameter table as a tree.

use std::iter::Peekable;

use serde_json::Value;

use super::nesting::{self, Entry};
use super::note::{Notes, shown};
use super::table::{Cell, Row, Table, unescaped};
use super::{infer, marks};

/// A parameter as its row has it.
pub(super) struct Parameter<'t> {
    pub line: u32,
    pub key: String,
    pub ty: String,
    pub required: bool,
    pub description: Option<&'t Cell>,
    pub inside: Vec<Parameter<'t>>,
}

/// What a table can hold.
#[derive(Clone, Copy)]
pub(super) enum Shape<'v> {
    /// Parameters alone.
    Flat,
    /// Objects too; the page may show one.
    Nested(Option<&'v Value>),
}

const NAME: &[&str] = &["名称", "参数", "参数名", "参数名称", "字段", "Parameter", "Name"];
const TYPE: &[&str] = &["类型", "参数类型", "数据类型", "格式", "Type"];
const REQUIRED: &[&str] = &["必填", "必须", "是否必填", "Required"];
const DESCRIPTION: &[&str] = &["描述", "说明", "Description"];

/// The parameters of all tables that have the columns of one.
pub(super) fn parameters<'t>(tables: &'t [Table], shape: Shape<'_>, notes: &mut Notes) -> Vec<Parameter<'t>> {
    let mut parameters: Vec<Parameter<'t>> = Vec::new();
    for table in tables {
        let Some(columns) = Columns::of(table) else {
            notes.add(table.line, "a table that is none of parameters was left out");
            continue;
        };
        for parameter in columns.read(table, shape, notes) {
            if parameters.iter().any(|other| other.key == parameter.key) {
                notes.add(parameter.line, left_out(&parameter.key));
            } else {
                parameters.push(parameter);
            }
        }
    }
    parameters
}

fn left_out(key: &str) -> String {
    format!("the name {} is none, or there twice; its row was left out", shown(key))
}

struct Columns {
    name: usize,
    ty: Option<usize>,
    required: Option<usize>,
    description: Option<usize>,
}

/// Deeper nesting than any page has, and less than YAML may have.
const MAX_DEPTH: usize = 12;

/// Rows, each with how deep it is.
type Levelled<'t> = Peekable<std::vec::IntoIter<(&'t Row, usize)>>;

impl Columns {
    fn of(table: &Table) -> Option<Self> {
        let columns = Self {
            name: table.column(NAME)?,
            ty: table.column(TYPE),
            required: table.column(REQUIRED),
            description: table.column(DESCRIPTION),
        };
        (columns.ty.is_some() || columns.description.is_some()).then_some(columns)
    }

    fn read<'t>(&self, table: &'t Table, shape: Shape<'_>, notes: &mut Notes) -> Vec<Parameter<'t>> {
        let shape = match shape {
            Shape::Nested(Some(example)) => {
                let keys: Vec<String> = table.rows.iter().map(|row| self.key(row)).collect();
                Shape::Nested(Some(infer::root(&keys, example)))
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
        if let Shape::Nested(example) = shape {
            infer::types(&mut parameters, example);
        }
        parameters
    }

    /// How deep each row is: as the page says it, as it draws it, or as it can be found out.
    fn levels(&self, table: &Table, shape: Shape<'_>, notes: &mut Notes) -> Vec<usize> {
        if table.levelled {
            return table.rows.iter().map(|row| row.level).collect();
        }
        let raw = |row: &'_ Row| row.cells.get(self.name).map_or(String::new(), |cell| cell.text.clone());
        let names: Vec<String> = table.rows.iter().map(raw).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match (marks::levels(&names), shape) {
            (Some(levels), _) => levels,
            (None, Shape::Nested(example)) if table.lost_levels || example.is_some() => {
                self.rebuilt(table, example, notes)
            }
            (None, _) => vec![0; names.len()],
        }
    }

    fn rebuilt(&self, table: &Table, example: Option<&Value>, notes: &mut Notes) -> Vec<usize> {
        let text = |row: &Row| {
            let key = self.key(row);
            let shown = |ty: &String| ty.is_empty().then(|| infer::anywhere(example?, &key)).flatten();
            let ty = self.ty(row);
            (key.clone(), shown(&ty).unwrap_or(ty))
        };
        let texts: Vec<(String, String)> = table.rows.iter().map(text).collect();
        let entries: Vec<Entry<'_>> = texts.iter().map(|(key, ty)| Entry { key, ty }).collect();
        let nesting = nesting::rebuild(&entries, example);
        for (index, other) in nesting.unsure {
            let level = nesting.levels[index];
            let parent = (0..index).rev().find(|above| nesting.levels[*above] + 1 == level);
            let place = |row: Option<usize>| match row {
                Some(row) => format!("inside {}", shown(&texts[row].0)),
                None => "outermost".to_owned(),
            };
            let (key, taken, other) = (shown(&texts[index].0), place(parent), place(other));
            notes.add(
                table.rows[index].line,
                format!("nothing tells whether {key} is {taken} or {other}; taken as {taken}"),
            );
        }
        nesting.levels
    }

    /// The parameters from here on that stand at the depth of the first one.
    fn siblings<'t>(&self, rows: &mut Levelled<'t>, depth: usize, notes: &mut Notes) -> Vec<Parameter<'t>> {
        let mut found: Vec<Parameter<'t>> = Vec::new();
        let first = rows.peek().map_or(0, |(_, level)| *level);
        while let Some((row, level)) = rows.next_if(|(_, level)| *level >= first) {
            let mut parameter = self.parameter(row, notes);
            if rows.peek().is_some_and(|(_, next)| *next > level) && depth < MAX_DEPTH {
                parameter.inside = self.siblings(rows, depth + 1, notes);
            }
            let twice = found.iter().any(|other| other.key == parameter.key);
            if !is_key(&parameter.key) || twice {
                notes.add(row.line, left_out(&parameter.key));
            } else {
                found.push(parameter);
            }
        }
        found
    }

    fn parameter<'t>(&self, row: &'t Row, notes: &mut Notes) -> Parameter<'t> {
        let key = self.key(row);
        let required = self.required.map(|index| unescaped(row.text(index)).to_lowercase());
        let required = required.unwrap_or_default();
        let is_required = ["是", "yes", "true", "必填", "必须"].contains(&required.as_str());
        if !is_required && !["否", "no", "false", "选填", "可选", "-", ""].contains(&required.as_str()) {
            let message = format!(
                "whether {} is required is {}; taken as no",
                shown(&key),
                shown(&required)
            );
            notes.add(row.line, message);
        }
        Parameter {
            line: row.line,
            key,
            ty: self.ty(row),
            required: is_required,
            description: self.description.and_then(|index| row.cells.get(index)),
            inside: Vec::new(),
        }
    }

    fn key(&self, row: &Row) -> String {
        let drawn = |c: char| c.is_whitespace() || matches!(c, '`' | '*') || marks::is_mark(c);
        unescaped(row.text(self.name)).trim_matches(drawn).to_owned()
    }

    fn ty(&self, row: &Row) -> String {
        self.ty.map(|index| unescaped(row.text(index))).unwrap_or_default()
    }
}

/// Whether a text can be a name on the wire.
fn is_key(text: &str) -> bool {
    const MAX_BYTES: usize = 100;
    let hidden = |c: char| c.is_whitespace() || c.is_control() || crate::characters::is_deceptive(c);
    !text.is_empty() && text.len() <= MAX_BYTES && !text.contains(hidden)
}
