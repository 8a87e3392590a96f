//! A page as front matter and sections.

/// The parts of a page.
pub(super) struct Document<'t> {
    front: Vec<(&'t str, &'t str)>,
    pub sections: Vec<Section<'t>>,
}

/// What stands below a heading, up to the next one.
pub(super) struct Section<'t> {
    pub title: &'t str,
    /// 1-based line of the heading.
    pub line: u32,
    /// Its lines, with the heading left out; the first is `line + 1`.
    pub lines: Vec<&'t str>,
}

impl<'t> Document<'t> {
    pub fn read(text: &'t str) -> Self {
        let mut front = Vec::new();
        let mut sections = vec![Section::new("", 0)];
        let (mut in_front, mut fence, mut island) = (false, false, false);
        // Written by those who save pages, too: a comment that holds the same keys.
        let opens = |line: &str, number| number == 1 && matches!(line, "---" | "<!--");
        for (line, number) in text.lines().zip(1..) {
            let trimmed = line.trim();
            match trimmed {
                _ if opens(trimmed, number) => in_front = true,
                "---" | "-->" if in_front => in_front = false,
                _ if in_front => front.extend(pair(trimmed)),
                _ if trimmed.starts_with("```") => fence = !fence,
                ":::" if !fence => island = false,
                _ if trimmed.starts_with(":::") && !fence => island = true,
                _ => {}
            }
            let heading = (!in_front && !fence && !island).then(|| heading(line)).flatten();
            match (heading, sections.last_mut()) {
                (Some(title), _) => sections.push(Section::new(title, number)),
                (None, Some(section)) => section.lines.push(line),
                (None, None) => {}
            }
        }
        Self { front, sections }
    }

    /// A value of the front matter.
    pub fn front(&self, key: &str) -> Option<&'t str> {
        self.front
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| *value)
    }

    /// The section with one of these titles; pages in Chinese and in English have their own.
    pub fn section(&self, titles: &[&str]) -> Option<&Section<'t>> {
        let is = |title: &str| titles.iter().any(|known| known.eq_ignore_ascii_case(title));
        self.sections.iter().find(|section| is(section.title))
    }
}

impl<'t> Section<'t> {
    fn new(title: &'t str, line: u32) -> Self {
        Self {
            title,
            line,
            lines: Vec::new(),
        }
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let depth = line.len() - rest.len();
    ((1..=6).contains(&depth) && rest.starts_with(' ')).then(|| rest.trim())
}

fn pair(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    Some((key.trim(), value.trim().trim_matches('"')))
}
