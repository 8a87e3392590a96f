//! Error codes.

use super::literal::is_wide;
use super::note::{Notes, shown};
use super::table::{Table, unescaped};
use super::tree::{Map, Tree};

/// A documented failure.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    http: u16,
    code: Option<i64>,
    msg: Option<String>,
}

/// Adds the failures of all tables.
pub(super) fn read(tables: &[Table], failures: &mut Vec<Failure>, notes: &mut Notes) {
    for table in tables {
        let status = table.column(&["HTTP状态码", "HTTP status code", "状态码", "Status code"]);
        let code = table.column(&["错误码", "返回码", "Error code", "Code"]);
        let text = table.column(&[
            "描述",
            "Description",
            "错误信息",
            "错误描述",
            "Error message",
            "Message",
        ]);
        if status.is_none() && code.is_none() {
            notes.add(table.line, "a table that is none of error codes was left out");
            continue;
        }
        for row in &table.rows {
            let cell = |index: Option<usize>| index.map(|index| unescaped(row.text(index))).unwrap_or_default();
            if code.is_none() && cell(status).starts_with('2') {
                continue;
            }
            let failure = failure(&cell(status), &cell(code), &cell(text));
            match failure {
                Some(new) if failures.iter().any(|old| old.same(&new)) => {
                    notes.add(row.line, format!("the failure {} is there twice", shown(&cell(code))));
                }
                Some(new) => {
                    if new.msg.is_none() {
                        notes.add(row.line, "the failure has no `msg`, only a sentence");
                    }
                    failures.push(new);
                }
                None => notes.add(row.line, "a row of the error codes was not understood"),
            }
        }
    }
}

/// A failure without a status came with 200 or 400, which the page does not tell; the platform's rule is 400.
const USUAL_STATUS: u16 = 400;

fn failure(status: &str, code: &str, text: &str) -> Option<Failure> {
    let http = match status {
        "" | "-" | "--" => Some(USUAL_STATUS),
        status => status.parse().ok().filter(|status| (200..600).contains(status)),
    };
    let code = match code {
        "" | "-" | "--" | "/" => None,
        code => Some(code.parse::<i64>().ok().filter(|code| *code != 0)?),
    };
    if code.is_none() && matches!(status, "" | "-" | "--") {
        return None;
    }
    Some(Failure {
        http: http?,
        code,
        msg: message(text),
    })
}

/// What the platform answers with; a sentence in Chinese is the page's own.
fn message(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let hidden = |c: char| c.is_control() || crate::characters::is_deceptive(c);
    (!text.is_empty() && text != "-" && !text.contains(is_wide) && !text.contains(hidden)).then_some(text)
}

impl Failure {
    fn same(&self, other: &Self) -> bool {
        match (self.code, other.code) {
            (None, None) => self.http == other.http,
            (one, other) => one == other,
        }
    }

    fn written(&self) -> Tree {
        let mut map = Map::default();
        map.put("http", Tree::literal(self.http));
        map.put_some("code", self.code.map(Tree::literal));
        map.put_some("msg", self.msg.as_ref().map(Tree::text));
        map.done()
    }
}

/// The list of the spec, if there is anything to say.
pub(super) fn written(failures: &[Failure]) -> Option<Tree> {
    (!failures.is_empty()).then(|| Tree::List(failures.iter().map(Failure::written).collect()))
}
