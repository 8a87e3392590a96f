//! From whatever name a server gives to one that is safe in a directory.

use percent_encoding::percent_decode;

/// Longest name that common file systems take, in bytes.
const LONGEST: usize = 255;
/// Longest extension that is kept when a name is shortened, in bytes.
const LONGEST_EXTENSION: usize = 20;

/// The name as a single component of a path that means the same on every system, or nothing if
/// nothing of it is left: without separators, control characters, dots in front and what is a device
/// on Windows, and of at most 255 bytes.
pub fn safe(name: &str) -> Option<String> {
    let replaced: String = name
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if is_reserved(c) { '_' } else { c })
        .collect();
    // In front: hidden files, `..`, and options of commands. Behind: what Windows drops.
    let trimmed = replaced
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '-'))
        .trim_end_matches(|c: char| c.is_whitespace() || c == '.');
    if trimmed.is_empty() {
        return None;
    }
    let fitted = fit(trimmed, "");
    // Looked at once it has its length: what made `CON` another name may have been cut away.
    Some(match is_device(&fitted) {
        true => fit(&format!("_{fitted}"), ""),
        false => fitted,
    })
}

/// The name with a number before its extension, `report (2).pdf`, and of at most 255 bytes.
pub fn numbered(name: &str, number: u32) -> String {
    fit(name, &format!(" ({number})"))
}

/// The name with this behind its stem, shortened to what file systems take.
fn fit(name: &str, suffix: &str) -> String {
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= LONGEST_EXTENSION => name.split_at(dot),
        _ => (name, ""),
    };
    let room = LONGEST - suffix.len() - extension.len();
    let stem = match stem.len() > room {
        true => stem[..stem.floor_char_boundary(room)].trim_end(),
        false => stem,
    };
    let fitted = format!("{stem}{suffix}{extension}");
    fitted.trim_end_matches(['.', ' ']).to_owned()
}

/// Control characters, and those that change how the rest of a name is shown.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Separators of all systems, and what Windows does not take.
fn is_reserved(c: char) -> bool {
    matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

/// Names that mean a device on Windows, with any extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let upper = stem.to_ascii_uppercase();
    if matches!(upper.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let number = upper.strip_prefix("COM").or_else(|| upper.strip_prefix("LPT"));
    number.is_some_and(|number| {
        let mut digits = number.chars();
        matches!(digits.next(), Some('0'..='9' | '¹' | '²' | '³')) && digits.next().is_none()
    })
}

/// The name that the header gives, as it is: it still has to be made safe.
pub(super) fn parse_content_disposition(header: &[u8]) -> Option<String> {
    let mut plain = None;
    let mut extended = None;
    let mut rest = header;
    while !rest.is_empty() {
        let (name, value, after) = parameter(rest);
        rest = after;
        if name.eq_ignore_ascii_case(b"filename*") {
            extended = extended.or_else(|| decode_extended(&value));
        } else if name.eq_ignore_ascii_case(b"filename") {
            plain = plain.or(Some(text(value)));
        }
    }
    let given = |name: &String| !name.is_empty();
    extended.filter(given).or(plain.filter(given))
}

/// Name and value of the next parameter, and what follows it. The type in front (`attachment`) is a
/// name without a value.
fn parameter(header: &[u8]) -> (&[u8], Vec<u8>, &[u8]) {
    let end = position(header, |byte| byte == b';' || byte == b'=');
    let (name, rest) = header.split_at(end);
    let name = name.trim_ascii();
    let Some(value) = rest.strip_prefix(b"=") else {
        return (name, Vec::new(), rest.get(1..).unwrap_or_default());
    };
    let value = value.trim_ascii_start();
    let (value, rest) = match value.strip_prefix(b"\"") {
        Some(quoted) => unquote(quoted),
        None => {
            let (token, rest) = value.split_at(position(value, |byte| byte == b';'));
            (token.trim_ascii().to_vec(), rest)
        }
    };
    let end = position(rest, |byte| byte == b';');
    (name, value, rest.get(end + 1..).unwrap_or_default())
}

/// The text up to the closing quote, and what follows it. A backslash takes the next byte as it is.
fn unquote(quoted: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut value = Vec::new();
    let mut bytes = quoted.iter().enumerate();
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => return (value, &quoted[index + 1..]),
            b'\\' => value.extend(bytes.next().map(|(_, byte)| *byte)),
            _ => value.push(*byte),
        }
    }
    (value, &[])
}

/// RFC 8187: `UTF-8'zh'%E4%BD%A0.txt`.
fn decode_extended(value: &[u8]) -> Option<String> {
    let mut parts = value.splitn(3, |byte| *byte == b'\'');
    let (charset, _language, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes: Vec<u8> = percent_decode(encoded).collect();
    if charset.eq_ignore_ascii_case(b"utf-8") {
        String::from_utf8(bytes).ok()
    } else if charset.eq_ignore_ascii_case(b"iso-8859-1") {
        Some(latin_1(&bytes))
    } else {
        None
    }
}

/// UTF-8. No other encoding is guessed: what is none of it is replaced.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn position(bytes: &[u8], found: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| found(*byte)).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_ordinary_name_stays_as_it_is() {
        for name in [
            "report.pdf",
            "季度 报告(终稿).xlsx",
            "archive.tar.gz",
            "Ünïcode",
            "a-b_c.d",
        ] {
            assert_eq!(safe(name).as_deref(), Some(name));
        }
    }

    #[test]
    fn separators_of_both_kinds_do_not_separate() {
        assert_eq!(safe("../../etc/passwd").as_deref(), Some("_.._etc_passwd"));
        assert_eq!(safe("..\\..\\boot.ini").as_deref(), Some("_.._boot.ini"));
        assert_eq!(safe("C:\\x").as_deref(), Some("C__x"));
    }

    #[test]
    fn nothing_is_left_of_dots_and_spaces() {
        for name in ["", ".", "..", "...", " ", "\u{202e}", "\0", "--", ". ."] {
            assert_eq!(safe(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_name_is_neither_hidden_nor_an_option() {
        assert_eq!(safe(".bashrc").as_deref(), Some("bashrc"));
        assert_eq!(safe("-rf").as_deref(), Some("rf"));
    }

    #[test]
    fn a_name_is_shown_as_it_is() {
        assert_eq!(safe("invoice\u{202e}fdp.exe").as_deref(), Some("invoicefdp.exe"));
        assert_eq!(safe("a\r\nb\u{1b}.txt").as_deref(), Some("ab.txt"));
    }

    #[test]
    fn devices_of_windows_are_no_names() {
        assert_eq!(safe("con").as_deref(), Some("_con"));
        assert_eq!(safe("LPT1.txt").as_deref(), Some("_LPT1.txt"));
        assert_eq!(safe("nul .txt").as_deref(), Some("_nul .txt"));
        assert_eq!(safe("console.txt").as_deref(), Some("console.txt"));
    }

    #[test]
    fn a_name_does_not_become_a_device_by_being_shortened() {
        let name = safe(&format!("CON{}report.txt", " ".repeat(300)));
        assert_eq!(name.as_deref(), Some("_CON.txt"));
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = safe(&format!("{}.pdf", "长".repeat(200))).unwrap_or_default();
        assert!(name.len() <= LONGEST && name.ends_with("长.pdf"), "{name}");
    }

    #[test]
    fn a_number_goes_before_the_extension() {
        assert_eq!(numbered("report.pdf", 2), "report (2).pdf");
        assert_eq!(numbered("report", 1), "report (1)");
        assert!(numbered(&"x".repeat(255), 10).len() <= LONGEST);
    }

    /// A name out of what has led astray before.
    fn nasty(rng: &mut fastrand::Rng) -> String {
        const PARTS: [&str; 28] = [
            "/",
            "\\",
            "..",
            ".",
            "-",
            " ",
            ":",
            "\0",
            "\r\n",
            "\u{1b}[31m",
            "\u{202e}",
            "\u{200b}",
            "\u{feff}",
            "%2e%2e",
            "%2F",
            "~",
            "CON",
            "nul",
            "com1",
            "LPT¹",
            "*",
            "?",
            "|",
            "\"",
            "长",
            "é",
            "a",
            ".txt",
        ];
        let count = rng.usize(0..12);
        let mut name: String = (0..count).map(|_| PARTS[rng.usize(..PARTS.len())]).collect();
        if rng.u8(..) == 0 {
            name = name.repeat(rng.usize(1..60));
        }
        name
    }

    #[test]
    fn a_million_names_stay_in_the_directory() {
        let (count, mut rng) = crate::sampling::cases(1_000_000, 20_000);
        let directory = Path::new("directory");
        for _ in 0..count {
            let name = nasty(&mut rng);
            let Some(safe) = safe(&name) else { continue };
            let path = directory.join(&safe);
            let components: Vec<_> = path.components().skip(1).collect();
            assert_eq!(components, [Component::Normal(safe.as_ref())], "{name:?}");
            let sound = safe.len() <= LONGEST && !safe.starts_with(['.', '-', ' ']) && !safe.ends_with(['.', ' ']);
            assert!(
                sound && !is_device(&safe) && !safe.contains(is_invisible),
                "{name:?}: {safe:?}"
            );
            assert!(!safe.contains(is_reserved), "{name:?}: {safe:?}");
        }
    }

    proptest! {
        #[test]
        fn the_result_is_always_one_safe_component(name in "(\\PC|[./\\\\:\\x00-\\x20\u{202e}-]|CON|NUL){0,300}") {
            if let Some(safe) = safe(&name) {
                let components: Vec<_> = Path::new(&safe).components().collect();
                prop_assert_eq!(components, vec![Component::Normal(safe.as_ref())]);
                prop_assert!(safe.len() <= LONGEST);
                prop_assert!(!safe.contains(['/', '\\', ':', '\0']));
                prop_assert!(!safe.starts_with(['.', '-', ' ']) && !safe.ends_with(['.', ' ']));
                prop_assert!(!safe.chars().any(is_invisible) && !is_device(&safe));
            }
        }
    }

    fn name(header: &str) -> Option<String> {
        parse_content_disposition(header.as_bytes())
    }

    #[test]
    fn names_come_quoted_and_bare() {
        assert_eq!(name("attachment; filename=\"a b.txt\"").as_deref(), Some("a b.txt"));
        assert_eq!(name("attachment;filename=a.txt ; x=y").as_deref(), Some("a.txt"));
        assert_eq!(name("inline; FileName = \"a.txt\"").as_deref(), Some("a.txt"));
        assert_eq!(name("filename=\"a.txt\"").as_deref(), Some("a.txt"));
    }

    #[test]
    fn raw_utf8_is_taken_as_it_is() {
        assert_eq!(
            name("attachment; filename=\"季度报告.pdf\"").as_deref(),
            Some("季度报告.pdf")
        );
    }

    #[test]
    fn the_extended_name_goes_first_in_either_order() {
        let after = "attachment; filename=\"x.pdf\"; filename*=UTF-8''%E6%8A%A5.pdf";
        let before = "attachment; filename*=utf-8'zh'%E6%8A%A5.pdf; filename=\"x.pdf\"";
        assert_eq!(name(after).as_deref(), Some("报.pdf"));
        assert_eq!(name(before).as_deref(), Some("报.pdf"));
    }

    #[test]
    fn an_extended_name_that_cannot_be_read_leaves_the_plain_one() {
        for broken in ["UTF-8''", "UTF-8''%FF.pdf", "utf-8'%41", "big5''%A4"] {
            let header = format!("attachment; filename*={broken}; filename=x.pdf");
            assert_eq!(name(&header).as_deref(), Some("x.pdf"), "{broken}");
        }
    }

    #[test]
    fn quotes_hide_semicolons_and_backslashes_hide_quotes() {
        let header = r#"attachment; filename="a; filename=b \"c\".txt"; size=3"#;
        assert_eq!(name(header).as_deref(), Some("a; filename=b \"c\".txt"));
    }

    #[test]
    fn bytes_that_are_no_utf8_are_replaced() {
        let name = parse_content_disposition(b"attachment; filename=\"caf\xe9.txt\"");
        assert_eq!(name.as_deref(), Some("caf\u{FFFD}.txt"));
    }

    #[test]
    fn a_header_without_a_name_gives_none() {
        for header in [
            "",
            "attachment",
            "attachment; filename=",
            "attachment; filename=\"\"",
            ";;=;",
        ] {
            assert_eq!(name(header), None, "{header}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_panics(header: Vec<u8>) {
            parse_content_disposition(&header);
        }
    }
}
