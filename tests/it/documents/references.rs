//! Links and tokens, as people give them.

use larkspur::documents::{DocumentKind, DocumentRef, ReferenceError};
use proptest::prelude::*;

fn parse(text: &str) -> (DocumentKind, String) {
    let reference = DocumentRef::parse(text, None).unwrap_or_else(|error| panic!("{text}: {error}"));
    (reference.kind(), reference.token().to_owned())
}

#[test]
fn parses_kind_and_token_on_any_host() {
    use DocumentKind::*;

    for (link, kind) in [
        ("https://sample.feishu.cn/docx/Fm7osyjtMh5o7Ktrv32c73abcef", Docx),
        ("https://sample.larksuite.com/docs/Fm7osyjtMh5o7Ktrv32c73abcef", Doc),
        (
            "https://sample.larkoffice.com/sheets/Fm7osyjtMh5o7Ktrv32c73abcef?sheet=6e5ed3",
            Sheet,
        ),
        (
            "https://sample.feishu.cn/base/Fm7osyjtMh5o7Ktrv32c73abcef?table=tbl1&view=vew1",
            Bitable,
        ),
        ("https://sample.feishu.cn/wiki/Fm7osyjtMh5o7Ktrv32c73abcef", Wiki),
        ("https://sample.feishu.cn/file/Fm7osyjtMh5o7Ktrv32c73abcef", File),
        (
            "https://sample.feishu.cn/mindnotes/Fm7osyjtMh5o7Ktrv32c73abcef",
            Mindnote,
        ),
        ("https://sample.feishu.cn/slides/Fm7osyjtMh5o7Ktrv32c73abcef", Slides),
        (
            "http://docs.corp.example:8443/space/docx/Fm7osyjtMh5o7Ktrv32c73abcef",
            Docx,
        ),
        ("https://[::1]/docx/Fm7osyjtMh5o7Ktrv32c73abcef", Docx),
    ] {
        assert_eq!(parse(link), (kind, "Fm7osyjtMh5o7Ktrv32c73abcef".to_owned()), "{link}");
    }
}

#[test]
fn ignores_text_around_token() {
    for link in [
        "https://sample.feishu.cn/docx/doxcnABC123/",
        "https://sample.feishu.cn/docx/doxcnABC123#part-doxcnXYZ",
        "https://sample.feishu.cn/docx/doxcnABC123?from=from_copylink&a=b/c",
        "https://sample.feishu.cn/docx/doxcnABC123/edit",
        "  https://sample.feishu.cn/docx/doxcnABC123\n",
        "<https://sample.feishu.cn/docx/doxcnABC123>",
        "（https://sample.feishu.cn/docx/doxcnABC123）。",
        "sample.feishu.cn/docx/doxcnABC123",
        "HTTPS://SAMPLE.FEISHU.CN/DOCX/doxcnABC123",
    ] {
        assert_eq!(parse(link), (DocumentKind::Docx, "doxcnABC123".to_owned()), "{link}");
    }
}

#[test]
fn parses_sheet_table_and_view() {
    let base = DocumentRef::parse("https://a.feishu.cn/base/bascn1A?table=tbl1&view=vew2&sheet=", None).unwrap();
    assert_eq!(
        (base.table(), base.view(), base.sheet()),
        (Some("tbl1"), Some("vew2"), None)
    );
    let node = DocumentRef::parse("https://a.feishu.cn/wiki/wikcn1A?sheet=6e5ed3#x", None).unwrap();
    assert_eq!(node.sheet(), Some("6e5ed3"));
}

#[test]
fn token_prefix_implies_kind() {
    assert_eq!(parse("shtcnABC123").0, DocumentKind::Sheet);
    assert_eq!(parse("doxusABC123").0, DocumentKind::Docx);
    let later = "Fm7osyjtMh5o7Ktrv32c73abcef";
    let error = DocumentRef::parse(later, None).unwrap_err();
    assert!(
        matches!(error, ReferenceError::UnknownKind { .. }) && error.to_string().contains("docx"),
        "{error}"
    );
    let reference = DocumentRef::parse(later, Some(DocumentKind::Bitable)).unwrap();
    assert_eq!((reference.kind(), reference.token()), (DocumentKind::Bitable, later));
}

#[test]
fn rejects_contradicting_kind() {
    for text in ["https://sample.feishu.cn/docx/doxcnABC123", "doxcnABC123"] {
        let error = DocumentRef::parse(text, Some(DocumentKind::Sheet)).unwrap_err();
        assert!(matches!(error, ReferenceError::KindMismatch { .. }), "{text}: {error}");
    }
}

#[test]
fn rejects_other_pages_with_their_path() {
    for (link, seen) in [
        (
            "https://sample.feishu.cn/wiki/space/7034502641455497244",
            "/wiki/space/7034502641455497244",
        ),
        (
            "https://sample.feishu.cn/drive/folder/fldcnABC123",
            "/drive/folder/fldcnABC123",
        ),
        ("https://sample.feishu.cn/minutes/obcnABC123", "/minutes/obcnABC123"),
        ("https://sample.feishu.cn/docx/", "/docx/"),
        ("https://sample.feishu.cn", "/"),
    ] {
        let error = DocumentRef::parse(link, None).unwrap_err();
        assert!(matches!(error, ReferenceError::NotADocument { .. }), "{link}: {error}");
        assert!(error.to_string().contains(seen), "{link}: {error}");
    }
}

#[test]
fn rejects_invalid_link() {
    assert_eq!(DocumentRef::parse(" \n", None), Err(ReferenceError::Empty));
    for text in [
        "ftp://a.feishu.cn/docx/doxcn1A",
        "javascript://docx/doxcn1A",
        "two words",
        "a.b",
        "https:///",
    ] {
        let error = DocumentRef::parse(text, None).unwrap_err();
        assert!(matches!(error, ReferenceError::Invalid { .. }), "{text}: {error}");
    }
}

#[test]
fn error_truncates_text_and_omits_query() {
    let secret = DocumentRef::parse("https://user:pass@a.feishu.cn/x?token=s3cret#s3cret", None).unwrap_err();
    assert!(
        !secret.to_string().contains("s3cret") && !secret.to_string().contains("pass"),
        "{secret}"
    );
    let long = DocumentRef::parse(&"长 \u{1b}".repeat(100_000), None)
        .unwrap_err()
        .to_string();
    assert!(long.len() < 1000 && !long.contains('\u{1b}'), "{long}");
}

proptest! {
    #[test]
    fn accepts_only_tokens_without_panic(
        text in "(https?://|//|)?(\\PC|[/?#\\\\%:@&=\\x00-\\x20\u{202e}]|/docx/|/wiki/|/base/|table=|sheet=){0,60}",
        kind in prop::option::of(prop::sample::select(&DocumentKind::ALL[..])),
    ) {
        match DocumentRef::parse(&text, kind) {
            Ok(reference) => {
                let parts = [Some(reference.token()), reference.sheet(), reference.table(), reference.view()];
                for part in parts.into_iter().flatten() {
                    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                    prop_assert!(!part.is_empty() && part.len() <= 999 && part.chars().all(fits), "{part:?}");
                }
                prop_assert!(kind.is_none_or(|kind| kind == reference.kind()));
            }
            Err(error) => prop_assert!(!error.to_string().chars().any(char::is_control)),
        }
    }

    #[test]
    fn finds_token_in_any_link(
        host in "[a-z]{1,10}(\\.[a-z]{2,8}){1,3}(:[1-9][0-9]{0,3})?",
        token in "[A-Z][A-Za-z0-9]{20,26}",
        rest in "([/?#][A-Za-z0-9=&%_.-]{0,20}){0,3}",
    ) {
        let link = format!("https://{host}/sheets/{token}{rest}");
        let reference = DocumentRef::parse(&link, None);
        prop_assert_eq!(reference.as_ref().map(DocumentRef::token), Ok(token.as_str()), "{}", link);
    }
}
