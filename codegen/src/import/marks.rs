//! Nesting that pages draw before the names: `∟user_list` behind a few spaces.

/// How deep each name stands; `None` where none is marked.
pub(super) fn levels(names: &[&str]) -> Option<Vec<usize>> {
    let widths: Vec<usize> = names.iter().map(|name| width(name)).collect();
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

/// The mark and what stands before it, in characters; 0 without a mark.
fn width(name: &str) -> usize {
    // Line breaks, tabs and blanks are of the page's own layout.
    let drawn = name.chars().filter(|c| !matches!(c, ' ' | '\t' | '\n' | '\r'));
    let before = drawn.take_while(|c| is_mark(*c) || c.is_whitespace());
    let before: Vec<char> = before.collect();
    if before.iter().any(|c| is_mark(*c)) {
        before.len()
    } else {
        0
    }
}

/// Whether it draws a branch.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c, '∟' | '└' | '├' | '─' | '┗' | '┣' | '│')
}

#[cfg(test)]
mod tests {
    use super::levels;

    #[test]
    fn what_stands_further_in_is_deeper() {
        let names = [
            "code",
            " data",
            "∟rooms",
            "\u{2003}∟id",
            "\u{2003}\u{2003}∟door",
            "∟total",
            "msg",
        ];
        assert_eq!(levels(&names), Some(vec![0, 0, 1, 2, 3, 1, 0]));
    }

    #[test]
    fn without_a_mark_nothing_is_known() {
        assert_eq!(levels(&["code", "\n   data", "\u{2003}id"]), None);
    }
}
