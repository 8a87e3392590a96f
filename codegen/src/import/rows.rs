//! The rows of a parameter table as a tree.

use super::markup::{Cell, Row, Table, unescaped};
use super::note::{Notes, shown};

/// A parameter as its row has it.
pub(super) struct Parameter<'t> {
    pub line: u32,
    pub key: String,
    pub ty: String,
    pub required: bool,
    pub description: Option<&'t Cell>,
    pub inside: Vec<Parameter<'t>>,
}

const NAME: &[&str] = &["名称", "参数", "参数名", "参数名称", "字段", "Parameter", "Name"];
const TYPE: &[&str] = &["类型", "参数类型", "Type"];
const REQUIRED: &[&str] = &["必填", "必须", "是否必填", "Required"];
const DESCRIPTION: &[&str] = &["描述", "说明", "Description"];

/// The parameters of all tables that have the columns of one.
pub(super) fn parameters<'t>(tables: &'t [Table], notes: &mut Notes) -> Vec<Parameter<'t>> {
    let mut parameters = Vec::new();
    for table in tables {
        let column = |names: &[&str]| table.head.iter().position(|head| names.contains(&head.trim()));
        let (Some(name), Some(ty)) = (column(NAME), column(TYPE)) else {
            if let Some(row) = table.rows.first() {
                notes.add(row.line, "a table that is none of parameters was left out");
            }
            continue;
        };
        let columns = Columns {
            name,
            ty,
            required: column(REQUIRED),
            description: column(DESCRIPTION),
        };
        let mut rows = table.rows.iter().peekable();
        while rows.peek().is_some() {
            parameters.extend(columns.siblings(&mut rows, 0, notes));
        }
    }
    parameters
}

struct Columns {
    name: usize,
    ty: usize,
    required: Option<usize>,
    description: Option<usize>,
}

/// Deeper nesting than any page has, and less than YAML may have.
const MAX_DEPTH: usize = 12;

impl Columns {
    /// The parameters from here on that stand at the depth of the first one.
    fn siblings<'t>(
        &self,
        rows: &mut std::iter::Peekable<std::slice::Iter<'t, Row>>,
        depth: usize,
        notes: &mut Notes,
    ) -> Vec<Parameter<'t>> {
        let mut found: Vec<Parameter<'t>> = Vec::new();
        let level = rows.peek().map_or(0, |row| row.level);
        while let Some(row) = rows.next_if(|row| row.level >= level) {
            let mut parameter = self.parameter(row);
            if rows.peek().is_some_and(|next| next.level > row.level) && depth < MAX_DEPTH {
                parameter.inside = self.siblings(rows, depth + 1, notes);
            }
            let twice = found.iter().any(|other| other.key == parameter.key);
            if !is_key(&parameter.key) || twice {
                let key = shown(&parameter.key);
                notes.add(
                    row.line,
                    format!("the name {key} is none, or there twice; its row was left out"),
                );
            } else {
                found.push(parameter);
            }
        }
        found
    }

    fn parameter<'t>(&self, row: &'t Row) -> Parameter<'t> {
        let required = self.required.map(|index| unescaped(row.text(index)));
        let key = unescaped(row.text(self.name));
        Parameter {
            line: row.line,
            key: key
                .trim_matches(|c: char| c.is_whitespace() || "`*└├─∟".contains(c))
                .to_owned(),
            ty: unescaped(row.text(self.ty)),
            required: required.is_some_and(|text| ["是", "Yes", "yes", "true"].contains(&text.as_str())),
            description: self.description.and_then(|index| row.cells.get(index)),
            inside: Vec::new(),
        }
    }
}

/// Whether a text can be a name on the wire.
fn is_key(text: &str) -> bool {
    const MAX_BYTES: usize = 100;
    let hidden = |c: char| c.is_whitespace() || c.is_control() || crate::characters::is_deceptive(c);
    !text.is_empty() && text.len() <= MAX_BYTES && !text.contains(hidden)
}
