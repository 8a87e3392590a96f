//! The file name in `Content-Disposition`.
//!
//! By hand, for the header often holds raw UTF-8, which strict parsers refuse, and the crates that
//! take it prefer `filename` to `filename*`, against RFC 6266.

use percent_encoding::percent_decode;

/// The name that the header gives, as it is: it still has to be made safe.
pub(super) fn file_name(header: &[u8]) -> Option<String> {
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
    use super::*;

    fn name(header: &str) -> Option<String> {
        file_name(header.as_bytes())
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
        let name = file_name(b"attachment; filename=\"caf\xe9.txt\"");
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
            file_name(&header);
        }
    }
}
