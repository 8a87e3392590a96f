//! File names from servers: parsing `Content-Disposition`, and sanitizing.
//!
//! The header is parsed by hand. It often contains raw UTF-8, which strict parsers refuse, and the crates that accept it prefer
//! `filename` to `filename*`, contrary to RFC 6266.

use percent_encoding::percent_decode;

/// The maximum length of a file name on common file systems, in bytes.
const MAX_NAME_BYTES: usize = 255;
/// The maximum length of an extension that shortening retains, in bytes.
const MAX_EXTENSION_BYTES: usize = 20;

/// Returns the name as a single path component that is valid on every system, or `None` if nothing remains.
///
/// A sanitized name is sanitized to itself. The result has no separators, control characters or leading dots, is not the name of a Windows device, and has at most 255
/// bytes.
pub fn sanitize(name: &str) -> Option<String> {
    let replaced: String = name
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if is_reserved(c) { '_' } else { c })
        .collect();
    // Leading: hidden files, `..` and command-line options.
    let trimmed = replaced
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '-'))
        .trim_end_matches(is_dropped_at_end);
    if trimmed.is_empty() {
        return None;
    }
    let fitted = fit(trimmed, "");
    // After shortening, which may turn a name into that of a device.
    Some(if is_device(&fitted) {
        fit(&format!("_{fitted}"), "")
    } else {
        fitted
    })
}

/// Adds a number before the extension, as in `report (2).pdf`. The result has at most 255 bytes.
pub fn add_number(name: &str, number: u32) -> String {
    fit(name, &format!(" ({number})"))
}

/// The name of a file of which neither the platform nor the request gives one.
const DEFAULT_STEM: &str = "download";

/// Returns the name of a file for which the platform returned none: the sanitized stem, usually the token of the file, with the
/// usual extension of the media type.
pub(crate) fn default_name(stem: Option<&str>, content_type: Option<&str>) -> String {
    let stem = stem.and_then(sanitize);
    let stem = stem.as_deref().unwrap_or(DEFAULT_STEM);
    let name = match content_type.and_then(extension_for) {
        Some(extension) => format!("{stem}.{extension}"),
        None => stem.to_owned(),
    };
    // Shortens it before the extension.
    sanitize(&name).unwrap_or(name)
}

/// Usual extensions of the media types that the platform delivers.
const EXTENSIONS: [(&str, &str); 34] = [
    ("application/gzip", "gz"),
    ("application/json", "json"),
    ("application/msword", "doc"),
    ("application/pdf", "pdf"),
    ("application/rtf", "rtf"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.ms-powerpoint", "ppt"),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "pptx",
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
    ),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
    ),
    ("application/xml", "xml"),
    ("application/zip", "zip"),
    ("audio/aac", "aac"),
    ("audio/mp4", "m4a"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "ogg"),
    ("audio/wav", "wav"),
    ("image/bmp", "bmp"),
    ("image/gif", "gif"),
    ("image/heic", "heic"),
    ("image/jpeg", "jpg"),
    ("image/jpg", "jpg"),
    ("image/png", "png"),
    ("image/svg+xml", "svg"),
    ("image/tiff", "tiff"),
    ("image/webp", "webp"),
    ("text/csv", "csv"),
    ("text/html", "html"),
    ("text/markdown", "md"),
    ("text/plain", "txt"),
    ("text/xml", "xml"),
    ("video/mp4", "mp4"),
    ("video/quicktime", "mov"),
    ("video/webm", "webm"),
];

/// Returns the usual extension of a media type, whatever its parameters.
fn extension_for(content_type: &str) -> Option<&'static str> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let mut known = EXTENSIONS.iter();
    let found = known.find(|(known, _)| known.eq_ignore_ascii_case(media_type));
    found.map(|(_, extension)| *extension)
}

/// Adds a suffix to the stem, and shortens the stem to the maximum length.
fn fit(name: &str, suffix: &str) -> String {
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= MAX_EXTENSION_BYTES => name.split_at(dot),
        _ => (name, ""),
    };
    let room = MAX_NAME_BYTES - suffix.len() - extension.len();
    let stem = if stem.len() > room {
        stem[..stem.floor_char_boundary(room)].trim_end()
    } else {
        stem
    };
    let fitted = format!("{stem}{suffix}{extension}");
    fitted.trim_end_matches(is_dropped_at_end).to_owned()
}

/// Characters that Windows drops at the end of a name, and all other white space.
fn is_dropped_at_end(c: char) -> bool {
    c.is_whitespace() || c == '.'
}

/// Control characters, and those that change the display of other characters.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Separators of all systems, and characters that Windows refuses.
fn is_reserved(c: char) -> bool {
    matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

/// Names of Windows devices, with any extension.
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

/// Returns the name in a `Content-Disposition`, not sanitized.
pub(super) fn parse_content_disposition(header: &[u8]) -> Option<String> {
    let mut plain = None;
    let mut extended = None;
    let mut rest = header;
    while !rest.is_empty() {
        let (name, value, after) = next_parameter(rest);
        rest = after;
        if name.eq_ignore_ascii_case(b"filename*") {
            extended = extended.or_else(|| decode_extended(&value));
        } else if name.eq_ignore_ascii_case(b"filename") {
            plain = plain.or(Some(decode_lossy(value)));
        }
    }
    let non_empty = |name: &String| !name.is_empty();
    extended.filter(non_empty).or(plain.filter(non_empty))
}

/// Returns the name and the value of the next parameter, and the rest of the header. The disposition type (`attachment`) is a
/// name without a value.
fn next_parameter(header: &[u8]) -> (&[u8], Vec<u8>, &[u8]) {
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

/// Returns the text up to the closing quote, and the rest of the header. A backslash escapes the next byte.
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

/// Decodes an extended value of RFC 8187: `UTF-8'zh'%E4%BD%A0.txt`.
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

/// Decodes UTF-8 and replaces invalid bytes; other encodings are not guessed.
fn decode_lossy(bytes: Vec<u8>) -> String {
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
    fn preserves_ordinary_names() {
        for name in [
            "report.pdf",
            "季度 报告(终稿).xlsx",
            "archive.tar.gz",
            "Ünïcode",
            "a-b_c.d",
        ] {
            assert_eq!(sanitize(name).as_deref(), Some(name));
        }
    }

    #[test]
    fn replaces_separators() {
        assert_eq!(sanitize("../../etc/passwd").as_deref(), Some("_.._etc_passwd"));
        assert_eq!(sanitize("..\\..\\boot.ini").as_deref(), Some("_.._boot.ini"));
        assert_eq!(sanitize("C:\\x").as_deref(), Some("C__x"));
    }

    #[test]
    fn rejects_names_of_dots_and_spaces() {
        for name in ["", ".", "..", "...", " ", "\u{202e}", "\0", "--", ". ."] {
            assert_eq!(sanitize(name), None, "{name:?}");
        }
    }

    #[test]
    fn removes_leading_dots_and_dashes() {
        assert_eq!(sanitize(".bashrc").as_deref(), Some("bashrc"));
        assert_eq!(sanitize("-rf").as_deref(), Some("rf"));
    }

    #[test]
    fn removes_invisible_characters() {
        assert_eq!(sanitize("invoice\u{202e}fdp.exe").as_deref(), Some("invoicefdp.exe"));
        assert_eq!(sanitize("a\r\nb\u{1b}.txt").as_deref(), Some("ab.txt"));
    }

    #[test]
    fn escapes_windows_devices() {
        assert_eq!(sanitize("con").as_deref(), Some("_con"));
        assert_eq!(sanitize("LPT1.txt").as_deref(), Some("_LPT1.txt"));
        assert_eq!(sanitize("nul .txt").as_deref(), Some("_nul .txt"));
        assert_eq!(sanitize("console.txt").as_deref(), Some("console.txt"));
    }

    #[test]
    fn escapes_devices_after_shortening() {
        let name = sanitize(&format!("CON{}report.txt", " ".repeat(300)));
        assert_eq!(name.as_deref(), Some("_CON.txt"));
    }

    #[test]
    fn shortening_preserves_the_extension() {
        let name = sanitize(&format!("{}.pdf", "长".repeat(200))).unwrap_or_default();
        assert!(name.len() <= MAX_NAME_BYTES && name.ends_with("长.pdf"), "{name}");
    }

    #[test]
    fn shortened_name_ends_without_white_space() {
        let name = sanitize(&format!("{}ab\u{3000}.{}", "规".repeat(83), "章".repeat(60))).unwrap();
        assert_eq!(name, format!("{}ab", "规".repeat(83)));
        assert_eq!(sanitize(&name), Some(name.clone()));
    }

    #[test]
    fn adds_number_before_the_extension() {
        assert_eq!(add_number("report.pdf", 2), "report (2).pdf");
        assert_eq!(add_number("report", 1), "report (1)");
        assert!(add_number(&"x".repeat(255), 10).len() <= MAX_NAME_BYTES);
    }

    /// Returns a name of fragments that have caused errors before.
    fn hostile_name(rng: &mut fastrand::Rng) -> String {
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
            let name = hostile_name(&mut rng);
            let Some(safe) = sanitize(&name) else { continue };
            let path = directory.join(&safe);
            let components: Vec<_> = path.components().skip(1).collect();
            assert_eq!(components, [Component::Normal(safe.as_ref())], "{name:?}");
            let sound =
                safe.len() <= MAX_NAME_BYTES && !safe.starts_with(['.', '-', ' ']) && !safe.ends_with(['.', ' ']);
            assert!(
                sound && !is_device(&safe) && !safe.contains(is_invisible),
                "{name:?}: {safe:?}"
            );
            assert!(!safe.contains(is_reserved), "{name:?}: {safe:?}");
            assert_eq!(sanitize(&safe).as_ref(), Some(&safe), "{name:?}");
        }
    }

    #[test]
    fn default_name_has_usual_extension() {
        let cases = [
            (Some("boxcn1"), Some("image/png"), "boxcn1.png"),
            (Some("boxcn1"), Some("IMAGE/JPEG; q=1"), "boxcn1.jpg"),
            (Some("v3_a.b"), Some("text/plain;charset=utf-8"), "v3_a.b.txt"),
            (Some("boxcn1"), Some("application/octet-stream"), "boxcn1"),
            (Some("../x"), None, "_x"),
            (Some(".."), Some("image/gif"), "download.gif"),
            (None, None, "download"),
        ];
        for (stem, content_type, expected) in cases {
            assert_eq!(default_name(stem, content_type), expected, "{stem:?} {content_type:?}");
        }
        let long = default_name(Some(&"长".repeat(300)), Some("image/png"));
        assert!(long.len() <= MAX_NAME_BYTES && long.ends_with("长.png"), "{long}");
        assert_eq!(sanitize(&long), Some(long.clone()));
    }

    proptest! {
        #[test]
        fn result_is_one_safe_component(name in "(\\PC|[./\\\\:\\x00-\\x20\u{202e}-]|CON|NUL){0,300}") {
            if let Some(safe) = sanitize(&name) {
                let components: Vec<_> = Path::new(&safe).components().collect();
                prop_assert_eq!(components, vec![Component::Normal(safe.as_ref())]);
                prop_assert!(safe.len() <= MAX_NAME_BYTES);
                prop_assert!(!safe.contains(['/', '\\', ':', '\0']));
                prop_assert!(!safe.starts_with(['.', '-', ' ']) && !safe.ends_with(['.', ' ']));
                prop_assert!(!safe.chars().any(is_invisible) && !is_device(&safe));
            }
        }

        #[test]
        fn sanitizing_twice_changes_nothing(
            name in "(\\PC|[./\\:\\x00-\\x20\u{3000}-]|CON|NUL|规|章){0,300}",
            number in 0..2000_u32,
        ) {
            if let Some(safe) = sanitize(&name) {
                prop_assert_eq!(sanitize(&safe), Some(safe.clone()));
                let numbered = add_number(&safe, number);
                prop_assert_eq!(sanitize(&numbered), Some(numbered.clone()));
            }
        }
    }

    fn name(header: &str) -> Option<String> {
        parse_content_disposition(header.as_bytes())
    }

    #[test]
    fn parses_quoted_and_bare_names() {
        assert_eq!(name("attachment; filename=\"a b.txt\"").as_deref(), Some("a b.txt"));
        assert_eq!(name("attachment;filename=a.txt ; x=y").as_deref(), Some("a.txt"));
        assert_eq!(name("inline; FileName = \"a.txt\"").as_deref(), Some("a.txt"));
        assert_eq!(name("filename=\"a.txt\"").as_deref(), Some("a.txt"));
    }

    #[test]
    fn accepts_raw_utf8() {
        assert_eq!(
            name("attachment; filename=\"季度报告.pdf\"").as_deref(),
            Some("季度报告.pdf")
        );
    }

    #[test]
    fn prefers_the_extended_name() {
        let after = "attachment; filename=\"x.pdf\"; filename*=UTF-8''%E6%8A%A5.pdf";
        let before = "attachment; filename*=utf-8'zh'%E6%8A%A5.pdf; filename=\"x.pdf\"";
        assert_eq!(name(after).as_deref(), Some("报.pdf"));
        assert_eq!(name(before).as_deref(), Some("报.pdf"));
    }

    #[test]
    fn falls_back_to_the_plain_name() {
        for broken in ["UTF-8''", "UTF-8''%FF.pdf", "utf-8'%41", "big5''%A4"] {
            let header = format!("attachment; filename*={broken}; filename=x.pdf");
            assert_eq!(name(&header).as_deref(), Some("x.pdf"), "{broken}");
        }
    }

    #[test]
    fn parses_quotes_and_escapes() {
        let header = r#"attachment; filename="a; filename=b \"c\".txt"; size=3"#;
        assert_eq!(name(header).as_deref(), Some("a; filename=b \"c\".txt"));
    }

    #[test]
    fn replaces_invalid_utf8() {
        let name = parse_content_disposition(b"attachment; filename=\"caf\xe9.txt\"");
        assert_eq!(name.as_deref(), Some("caf\u{FFFD}.txt"));
    }

    #[test]
    fn returns_none_without_a_name() {
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
        fn never_panics(header: Vec<u8>) {
            parse_content_disposition(&header);
        }
    }
}
