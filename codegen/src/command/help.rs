//! Help texts that wrap at the width of the terminal.

use clap::Command;

/// Widest line of a help text.
const MAX_WIDTH: usize = 120;

/// Makes the texts after the options of a command and its subcommands wrap at the width of the terminal.
///
/// In the source the lines of a paragraph are broken. Indented lines, such as examples, stay lines of their own.
pub fn wrap_help(command: Command) -> Command {
    let command = command.max_term_width(MAX_WIDTH).mut_subcommands(wrap_help);
    match command.get_after_help().map(|help| join_paragraphs(&help.to_string())) {
        Some(help) => command.after_help(help),
        None => command,
    }
}

/// Joins the lines of each paragraph.
fn join_paragraphs(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut is_open = false;
    for line in text.lines() {
        let is_prose = !line.is_empty() && !line.starts_with(' ');
        if !joined.is_empty() {
            joined.push(if is_open && is_prose { ' ' } else { '\n' });
        }
        joined.push_str(line);
        // A heading is followed by lines of its own.
        is_open = is_prose && !line.ends_with(':');
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_prose_and_keeps_indented_lines() {
        let text =
            "Examples:\n  a b\n  c\n\nOne sentence\nof two lines. Another.\nThird.\n\nExit codes:\n  0  success\n";
        let expected =
            "Examples:\n  a b\n  c\n\nOne sentence of two lines. Another. Third.\n\nExit codes:\n  0  success";
        assert_eq!(join_paragraphs(text), expected);
    }

    #[test]
    fn wraps_at_words() {
        let command = Command::new("x").after_help("word ".repeat(60).trim_end().to_owned());
        let help = wrap_help(command).term_width(40).render_help().to_string();
        assert!(
            help.lines().all(|line| line.len() <= 40 && !line.ends_with("wor")),
            "{help}"
        );
    }
}
