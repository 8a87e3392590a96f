//! The table at the head of a page: address, method, limits, apps, scopes.

use super::note::{Notes, shown};
use super::table::{Row, Table};
use super::{access, limits};
use crate::names;
use crate::read::path_fault;

/// What that table says.
#[derive(Default)]
pub(super) struct Basics {
    pub method: String,
    /// `/open-apis/drive/v1/files`.
    pub path: String,
    /// The line of the address.
    pub line: u32,
    pub limits: Vec<String>,
    pub apps: Vec<&'static str>,
    pub scopes: Option<Vec<String>>,
    pub field_scopes: Vec<String>,
}

/// Reads it; `None` where no table of the section has an address.
pub(super) fn read(tables: &[Table], notes: &mut Notes) -> Option<Basics> {
    let rows = tables.iter().flat_map(|table| &table.rows);
    let mut basics = Basics::default();
    for row in rows {
        basics.row(row, notes);
    }
    let method = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&basics.method.as_str());
    (method && path_fault(&basics.path).is_none()).then_some(basics)
}

impl Basics {
    fn row(&mut self, row: &Row, notes: &mut Notes) {
        let (label, text) = (row.text(0), row.text(1));
        let lower = label.to_lowercase();
        let is = |names: &[&str]| names.iter().any(|name| lower.contains(name));
        if is(&["http url"]) {
            self.line = row.line;
            self.path = path(text, row.line, notes);
        } else if is(&["http method"]) {
            self.method = text.to_uppercase();
        } else if is(&["频率限制", "rate limit"]) {
            self.limits = limits::of_table(text, row.line, notes);
        } else if is(&["应用类型", "app type"]) {
            let types = row.cells.get(1).and_then(|cell| cell.apps.as_deref());
            self.apps = access::apps(types.unwrap_or(text));
            if self.apps.is_empty() {
                notes.add(
                    row.line,
                    format!("the kinds of app were not understood: {}", shown(text)),
                );
            }
        } else if is(&["字段权限要求", "field scope"]) {
            self.field_scopes = scopes(row, notes);
        } else if is(&["权限要求", "required scope"]) {
            let scopes = scopes(row, notes);
            self.scopes = (!scopes.is_empty() || is_none(text)).then_some(scopes);
        } else if !label.is_empty() {
            notes.add(
                row.line,
                format!("the fact {} is none that the format has", shown(label)),
            );
        }
    }
}

fn scopes(row: &Row, notes: &mut Notes) -> Vec<String> {
    let named = row.cells.get(1).map_or(&[][..], |cell| &cell.scopes);
    let mut scopes: Vec<String> = Vec::new();
    if named.is_empty() && !is_none(row.text(1)) {
        unnamed(row, notes);
    }
    for (_, scope) in named {
        if !names::is_scope(scope) || scopes.contains(scope) {
            notes.add(row.line, format!("the scope {} is none, or there twice", shown(scope)));
        } else {
            scopes.push(scope.clone());
        }
    }
    scopes.sort_unstable();
    scopes
}

fn is_none(text: &str) -> bool {
    matches!(text, "无" | "-" | "None" | "none")
}

/// Scopes that a page which has lost its marks tells by what people call them, one in a line.
fn unnamed(row: &Row, notes: &mut Notes) {
    let Some(cell) = row.cells.get(1) else { return };
    for (line, number) in cell.text.lines().zip(cell.line..) {
        let about = [
            "仅自建应用",
            "仅商店应用",
            "开启任一",
            "开启任意",
            "only custom app",
            "only store app",
            "any scope",
        ];
        let lower = line.trim().to_lowercase();
        if !lower.is_empty() && !about.iter().any(|word| lower.contains(word)) {
            notes.add(
                number,
                format!("a scope has no name on the page, only words: {}", shown(line)),
            );
        }
    }
}

/// The path of an address; what stands before and behind it has no place in the format.
fn path(address: &str, line: u32, notes: &mut Notes) -> String {
    let address = address.split_whitespace().next().unwrap_or_default();
    let rest = address.strip_prefix("https://").unwrap_or(address);
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    if !host.is_empty() && host != "open.feishu.cn" && host != "open.larksuite.com" {
        notes.add(
            line,
            format!("the address is on {}, and the format has no hosts", shown(host)),
        );
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if !query.is_empty() {
        notes.add(
            line,
            format!("the address has the query {}, which was left out", shown(query)),
        );
    }
    path.to_owned()
}
