//! A small lexer for Rust source: comments and string literals with the lines of their characters.

/// What a text is in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Comment,
    String,
}

/// A comment or the content of a string literal. Adjacent line comments are one text.
#[derive(Debug)]
pub struct Text {
    pub kind: Kind,
    pub chars: Vec<char>,
    /// The line of each character.
    pub lines: Vec<usize>,
}

impl Text {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            chars: Vec::new(),
            lines: Vec::new(),
        }
    }

    pub fn push(&mut self, char: char, line: usize) {
        self.chars.push(char);
        self.lines.push(line);
    }
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    texts: Vec<Text>,
    code: String,
}

/// Returns the comments and strings of a Rust file, in order.
pub fn texts(source: &str) -> Vec<Text> {
    lex(source).texts
}

/// Returns a Rust file with its comments and the content of its strings blanked; lines stay where they are.
pub fn code(source: &str) -> String {
    lex(source).code
}

fn lex(source: &str) -> Lexer {
    let mut lexer = Lexer {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
        texts: Vec::new(),
        code: String::new(),
    };
    lexer.run();
    lexer
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(ahead, char)| self.peek(ahead) == Some(char))
    }

    /// Takes the next character; code keeps only its line breaks unless `visible`.
    fn take(&mut self, visible: bool) -> Option<(char, usize)> {
        let char = self.peek(0)?;
        let line = self.line;
        self.at += 1;
        if char == '\n' {
            self.line += 1;
        }
        self.code.push(if visible || char == '\n' { char } else { ' ' });
        Some((char, line))
    }

    fn run(&mut self) {
        let mut previous = ' ';
        while let Some(char) = self.peek(0) {
            let in_word = previous.is_alphanumeric() || previous == '_';
            if self.starts_with("//") {
                self.line_comments();
            } else if self.starts_with("/*") {
                self.block_comment();
            } else if char == '"' {
                self.take(true);
                self.string();
            } else if !in_word && self.raw_hashes().is_some() {
                self.raw_string();
            } else if char == '\'' {
                self.quote();
            } else {
                self.take(true);
            }
            previous = char;
        }
    }

    /// A run of lines that are nothing but comments, or the rest of a line of code.
    fn line_comments(&mut self) {
        let mut text = Text::new(Kind::Comment);
        loop {
            for _ in 0..2 {
                self.take(false);
            }
            if matches!(self.peek(0), Some('/' | '!')) {
                self.take(false);
            }
            while self.peek(0).is_some_and(|char| char != '\n') {
                if let Some((char, line)) = self.take(false) {
                    text.push(char, line);
                }
            }
            let blank = self.chars[self.at..]
                .iter()
                .take_while(|char| char.is_whitespace())
                .count();
            let between = &self.chars[self.at..self.at + blank];
            let next_is_comment = self.peek(blank) == Some('/') && self.peek(blank + 1) == Some('/');
            if !next_is_comment || between.iter().filter(|char| **char == '\n').count() != 1 {
                break;
            }
            text.push('\n', self.line);
            for _ in 0..blank {
                self.take(false);
            }
        }
        self.texts.push(text);
    }

    fn block_comment(&mut self) {
        let mut text = Text::new(Kind::Comment);
        let mut depth = 0;
        loop {
            if self.starts_with("/*") || self.starts_with("*/") {
                depth += if self.peek(0) == Some('/') { 1 } else { -1 };
                self.take(false);
                self.take(false);
                if depth == 0 {
                    break;
                }
                continue;
            }
            let Some((char, line)) = self.take(false) else { break };
            text.push(char, line);
        }
        self.texts.push(text);
    }

    /// The rest of a string literal, after its quote.
    fn string(&mut self) {
        let mut text = Text::new(Kind::String);
        while let Some((char, line)) = self.take(false) {
            match char {
                '"' => break,
                '\\' => self.escape(&mut text),
                _ => text.push(char, line),
            }
        }
        self.texts.push(text);
    }

    fn escape(&mut self, text: &mut Text) {
        let Some((char, line)) = self.take(false) else { return };
        match char {
            '\n' => {
                while self.peek(0).is_some_and(char::is_whitespace) {
                    self.take(false);
                }
            }
            'n' | 't' | 'r' => text.push('\n', line),
            '"' | '\'' | '\\' => text.push(char, line),
            _ => text.push('\u{0}', line),
        }
    }

    /// The number of hashes if a raw string begins here.
    fn raw_hashes(&self) -> Option<usize> {
        let prefix = ["r", "br", "cr"]
            .into_iter()
            .find(|prefix| self.starts_with(prefix) && matches!(self.peek(prefix.len()), Some('"' | '#')))?;
        let hashes = self.chars[self.at + prefix.len()..]
            .iter()
            .take_while(|char| **char == '#')
            .count();
        (self.peek(prefix.len() + hashes) == Some('"')).then_some(hashes)
    }

    fn raw_string(&mut self) {
        let hashes = self.raw_hashes().unwrap_or_default();
        while self.take(true).is_some_and(|(char, _)| char != '"') {}
        let mut text = Text::new(Kind::String);
        while let Some((char, line)) = self.take(false) {
            if char == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                break;
            }
            text.push(char, line);
        }
        self.texts.push(text);
    }

    /// A character literal or a lifetime.
    fn quote(&mut self) {
        self.take(true);
        if self.peek(0) == Some('\\') {
            self.take(false);
            self.take(false);
            while self.take(false).is_some_and(|(char, _)| char != '\'') {}
        } else if self.peek(1) == Some('\'') {
            self.take(false);
            self.take(true);
        }
    }
}

#[test]
fn finds_comments_and_strings() {
    let source = "fn a<'a>() { // one\n    // two\n    let x = \"three \\\n        four\"; /* five */ r#\"six \" six\"#; '\"'; }\n";
    let found: Vec<String> = texts(source).iter().map(|text| text.chars.iter().collect()).collect();
    assert_eq!(found, [" one\n two", "three four", " five ", "six \" six"]);
    assert!(!code(source).contains("four") && code(source).contains("fn a<'a>()"));
}

#[test]
fn knows_the_line_of_each_character() {
    let texts = texts("// one\n// two\nlet a = \"\nthree\";\n");
    let line = |index: usize, char| {
        let text: &Text = &texts[index];
        text.lines[text.chars.iter().position(|found| *found == char).unwrap()]
    };
    assert_eq!((line(0, 'o'), line(0, 'w'), line(1, 'h')), (1, 2, 4));
}
