//! The notation of cells: type expressions, scopes, tree marks, labels and escapes.

use super::super::model::{Field, Object, Type};
use crate::names;

/// The maximum depth of nested lists and maps.
const MAX_DEPTH: usize = 6;

/// Parses a type expression such as `string[]` or `map<string, int>`. `fields` are the fields of the object in it.
///
/// # Errors
///
/// If the type name is unknown; the error is the type to assume.
pub(in crate::import) fn parse_type(text: &str, fields: Vec<Field>) -> Result<Type, Type> {
    parse_nested(text.trim(), fields, 0)
}

fn parse_nested(text: &str, fields: Vec<Field>, depth: usize) -> Result<Type, Type> {
    if depth > MAX_DEPTH {
        return Err(Type::Any);
    }
    let wrap = |inner: Result<Type, Type>, outer: fn(Box<Type>) -> Type| match inner {
        Ok(inner) => Ok(outer(Box::new(inner))),
        Err(inner) => Err(outer(Box::new(inner))),
    };
    if let Some(item) = text.strip_suffix("[]") {
        return wrap(parse_nested(item.trim(), fields, depth + 1), Type::List);
    }
    let lower = text.to_ascii_lowercase();
    let inner = |name: &str| {
        let rest = lower.strip_prefix(name)?.trim().strip_prefix('<')?.strip_suffix('>')?;
        Some(rest.trim().to_owned())
    };
    if let Some(item) = ["list", "array"].iter().find_map(|name| inner(name)) {
        return wrap(parse_nested(&item, fields, depth + 1), Type::List);
    }
    if let Some((_, value)) = inner("map").as_ref().and_then(|both| both.split_once(',')) {
        return wrap(parse_nested(value.trim(), fields, depth + 1), Type::Map);
    }
    if matches!(lower.as_str(), "array" | "list") {
        return wrap(parse_nested("object", fields, depth + 1), Type::List);
    }
    parse_type_name(text, &lower, fields)
}

fn parse_type_name(text: &str, lower: &str, fields: Vec<Field>) -> Result<Type, Type> {
    if !fields.is_empty() {
        let named = !matches!(
            lower,
            "" | "-" | "object" | "undefined" | "struct" | "map" | "string" | "union"
        );
        let name = named.then(|| text.to_owned());
        return Ok(Type::Object(Object { name, fields }));
    }
    Ok(match lower {
        "string" | "str" | "enum" | "text" | "string(enum)" => Type::String,
        "int" | "integer" | "int32" | "int64" | "long" | "number(int)" => Type::Int,
        "float" | "double" | "number" | "number(float)" => Type::Float,
        "boolean" | "bool" => Type::Bool,
        "file" | "binary" => Type::File,
        "object" | "struct" | "map" | "union" | "any" | "json" => Type::Any,
        _ => return Err(Type::Any),
    })
}

/// The lines of a description that announce scopes.
pub(in crate::import) struct ScopeLabels<'t> {
    text: &'t str,
    /// The last offset with its line: the scopes of a list have the same one.
    last: Option<(usize, Option<&'t str>)>,
}

impl<'t> ScopeLabels<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, last: None }
    }

    /// Returns the line that announces the scope at `offset`.
    pub fn get(&mut self, offset: usize) -> Option<&'t str> {
        if let Some((_, label)) = self.last.filter(|(last, _)| *last == offset) {
            return label;
        }
        let before = self.text.get(..offset);
        let label = before.and_then(|before| before.lines().rev().map(str::trim).find(|line| !line.is_empty()));
        self.last = Some((offset, label));
        label
    }
}

/// Returns the scopes at the ends of lines, `name of the scope(contact:user:readonly)`, each with the offset of the
/// first line of its list. The line above a list must announce scopes.
pub(super) fn scopes_in_text(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let (mut offset, mut list) = (0, None);
    for line in text.split_inclusive('\n') {
        match scope_at_end(line) {
            Some(scope) => found.push((*list.get_or_insert(offset), scope.to_owned())),
            None if line.trim().is_empty() => {}
            None => list = None,
        }
        offset += line.len();
    }
    let mut labels = ScopeLabels::new(text);
    found.retain(|(offset, _)| labels.get(*offset).is_none_or(announces_scopes));
    found
}

fn scope_at_end(line: &str) -> Option<&str> {
    let inner = line.trim().strip_suffix([')', '）'])?;
    let (_, scope) = inner.rsplit_once(['(', '（'])?;
    (scope.contains([':', '_']) && names::is_scope(scope)).then_some(scope)
}

fn announces_scopes(line: &str) -> bool {
    let lower = line.to_lowercase();
    line.contains("权限") || lower.contains("scope") || lower.contains("permission")
}

/// Returns the nesting level of each name of a drawn tree, `∟user_list`; `None` if no name has a tree mark.
pub(in crate::import) fn tree_levels(names: &[&str]) -> Option<Vec<usize>> {
    let widths: Vec<usize> = names.iter().map(|name| indentation(name)).collect();
    widths.iter().any(|width| *width > 0).then(|| {
        let mut open: Vec<usize> = Vec::new();
        let level = |width: &usize| {
            while open.last().is_some_and(|last| last >= width) {
                open.pop();
            }
            open.push(*width);
            open.len() - 1
        };
        widths.iter().map(level).collect()
    })
}

/// Returns the length of the tree mark and the text before it in characters; 0 without a mark.
fn indentation(name: &str) -> usize {
    // Line breaks, tabs and spaces come from the layout of the source.
    let drawn = name.chars().filter(|c| !matches!(c, ' ' | '\t' | '\n' | '\r'));
    let before = drawn.take_while(|c| is_tree_mark(*c) || c.is_whitespace());
    let before: Vec<char> = before.collect();
    if before.iter().any(|c| is_tree_mark(*c)) {
        before.len()
    } else {
        0
    }
}

/// Whether a character draws a branch of a tree.
pub(in crate::import) fn is_tree_mark(c: char) -> bool {
    matches!(c, '∟' | '└' | '├' | '─' | '┗' | '┣' | '│')
}

/// Returns the text after a label such as `**示例值**：`, up to the end of its line.
pub(in crate::import) fn labelled<'t>(text: &'t str, labels: &[&str]) -> Option<&'t str> {
    let after = |line: &'t str| {
        let line = line.trim();
        let bare = line.trim_start_matches('*');
        let rest = labels.iter().find_map(|label| bare.strip_prefix(label))?;
        let rest = rest.trim_start_matches(['*', '：', ':', ' ']);
        Some(rest.trim()).filter(|rest| !rest.is_empty())
    };
    text.lines().find_map(after)
}

/// Whether a character is Chinese or Chinese punctuation.
pub(in crate::import) fn is_wide(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

/// Removes the backslashes of Markdown before punctuation.
pub(in crate::import) fn unescape(text: &str) -> String {
    let mut chars = text.trim().chars().peekable();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        if c != '\\' || !chars.peek().is_some_and(char::is_ascii_punctuation) {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indentation_determines_the_level() {
        let names = [
            "code",
            " data",
            "∟rooms",
            "\u{2003}∟id",
            "\u{2003}\u{2003}∟door",
            "∟total",
            "msg",
        ];
        assert_eq!(tree_levels(&names), Some(vec![0, 0, 1, 2, 3, 1, 0]));
    }

    #[test]
    fn no_levels_without_a_tree_mark() {
        assert_eq!(tree_levels(&["code", "\n   data", "\u{2003}id"]), None);
    }

    #[test]
    fn reads_scopes_at_line_ends() {
        let text = "字段权限要求：\n看动物(zoo:animal:readonly)  \n看饲养员（zoo:keeper）\n(其他)\nx(zoo:cage)";
        let scopes: Vec<String> = scopes_in_text(text).into_iter().map(|(_, scope)| scope).collect();
        assert_eq!(scopes, ["zoo:animal:readonly", "zoo:keeper"]);
    }

    #[test]
    fn labels_may_be_bold() {
        for text in ["**示例值**：7", "**示例值：**7", "word\n  **示例值：** 7 "] {
            assert_eq!(labelled(text, &["示例值"]), Some("7"), "{text}");
        }
        assert_eq!(labelled("示例", &["示例值"]), None);
    }

    #[test]
    fn unescape_keeps_backslashes_before_letters() {
        assert_eq!(unescape(r" string\[\] \n "), r"string[] \n");
    }
}
