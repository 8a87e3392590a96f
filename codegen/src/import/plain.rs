//! A page whose text somebody copied: headings and heads are lines like others, and cells stand one below the other.

use super::page::{Document, Kind, Line, Section, pair};
use super::{plain_table, titles};

/// The page, if it is one that has lost its marks.
pub(super) fn read(text: &str) -> Option<Document<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let request = request(&lines)?;
    let first = beginning(&lines[..request]);
    let mut sections = vec![Section::new("", number(first))];
    for (index, line) in lines.iter().enumerate().skip(first) {
        let title = line.trim();
        let heading = match index < request {
            true => is_usage(title),
            false => titles::is_known(title) && !is_cell(title, &lines[index + 1..]),
        };
        match sections.last_mut() {
            _ if heading => sections.push(Section::new(title, number(index + 1))),
            _ if ends(title) && index > request => sections.push(Section::new("", number(index + 1))),
            Some(section) => section.lines.push(Line {
                text: line,
                kind: Kind::Words,
            }),
            None => {}
        }
    }
    for section in &mut sections {
        section.tables = plain_table::tables(section);
    }
    let front = lines.iter().take(FRONT_LINES).filter_map(|line| source(line)).collect();
    Some(Document { front, sections })
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX / 2)
}

/// The address stands among the first lines.
const FRONT_LINES: usize = 20;

fn source(line: &str) -> Option<(&str, &str)> {
    let (key, value) = pair(line.trim_start_matches(['>', ' ']))?;
    key.eq_ignore_ascii_case("source").then_some(("source", value))
}

/// The line that heads the request: the last one before the address of the endpoint, and near it.
fn request(lines: &[&str]) -> Option<usize> {
    const NEAR: usize = 8;
    let address = lines
        .iter()
        .position(|line| line.trim().to_lowercase().starts_with("http url"))?;
    let is = |line: &str| {
        titles::REQUEST
            .iter()
            .any(|title| title.eq_ignore_ascii_case(line.trim()))
    };
    let first = address.saturating_sub(NEAR);
    (first..address).rev().find(|at| is(lines[*at]))
}

/// What stands above the date is the portal's menu.
fn beginning(lines: &[&str]) -> usize {
    let is_date = |line: &&str| {
        let line = line.trim();
        line.starts_with("最后更新于") || line.starts_with("Last updated")
    };
    lines.iter().rposition(is_date).unwrap_or(0)
}

/// Whether a line with the words of a heading is none, since no table follows it.
fn is_cell(title: &str, behind: &[&str]) -> bool {
    let next = behind.iter().map(|line| line.trim()).find(|line| !line.is_empty());
    let with_table = titles::WITH_TABLES[1..].iter().any(|titles| titles.contains(&title));
    with_table && !next.is_some_and(plain_table::begins)
}

fn is_usage(line: &str) -> bool {
    titles::OTHERS.iter().any(|title| title.eq_ignore_ascii_case(line))
}

/// Whether a line is the first one of what stands below each page.
fn ends(line: &str) -> bool {
    const LINES: &[&str] = &[
        "上一篇",
        "下一篇",
        "更多错误码",
        "遇到其他问题",
        "返回顶部",
        "Previous",
        "Next",
        "For more error",
    ];
    LINES.iter().any(|start| line.starts_with(start))
}
