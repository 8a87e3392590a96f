//! No text of a spec becomes code, whatever it is and wherever it stands.

use crate::support::{endpoint, error, field, required, type_def};
use larkspur_codegen::emit;
use larkspur_codegen::model::*;
use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

const FILE: &str = "generated/demo/v1/thing.rs";

/// A module that has `text` in each place that the spec leaves to words.
fn module_with(text: &str) -> Api {
    let some = || Some(text.to_owned());
    let field = |key| Field {
        doc: some(),
        example: Some(text.into()),
        default: Some(text.into()),
        scopes: vec![text.to_owned()],
        deprecated: some(),
        ..field(key, Type::String)
    };
    let mut get = endpoint("get", "Get");
    get.summary = some();
    get.docs = Some(format!("not an address: {text}"));
    get.updated = some();
    get.path = text.to_owned();
    get.scopes = Some(vec![text.to_owned(), text.to_owned()]);
    get.field_scopes = vec![text.to_owned()];
    get.notes = vec![text.to_owned()];
    get.fixed_headers = vec![FixedHeader {
        name: text.to_owned(),
        value: text.to_owned(),
        required: true,
        doc: some(),
    }];
    get.fixed_fields = vec![FixedField {
        key: text.to_owned(),
        place: Place::Query,
        value: text.into(),
        doc: some(),
        origin: Origin::default(),
    }];
    get.fields = vec![required(field("required")), field("optional")];
    get.response = Response::Json {
        ty: TypeId(0),
        flat: false,
    };
    get.errors = vec![ErrorEntry {
        msg: some(),
        doc: some(),
        differs: true,
        ..error(400, Some((7, "Bad")))
    }];
    get.lifetime = Some(Lifetime {
        of: text.to_owned(),
        seconds: 60,
        since: some(),
    });
    get.deprecated = Some(Deprecation {
        successor: some(),
        reason: some(),
    });
    let mut fetch = endpoint("fetch", "Fetch");
    let header = ResponseHeader {
        name: text.to_owned(),
        doc: some(),
        needs: some(),
    };
    fetch.response = Response::Binary(Binary {
        headers: vec![header],
        ..Binary::default()
    });
    fetch.deprecated = Some(Deprecation {
        successor: None,
        reason: some(),
    });
    let variant = Variant {
        value: text.to_owned(),
        rust: "One".to_owned(),
        doc: some(),
        scopes: vec![text.to_owned()],
        origin: Origin::default(),
    };
    let types = vec![
        TypeDef {
            doc: some(),
            ..type_def("GetResponse", TypeKind::Object(vec![field("a")]), false, true)
        },
        TypeDef {
            doc: some(),
            ..type_def("Kind", TypeKind::StringEnum(vec![variant]), true, true)
        },
    ];
    let mut api = crate::support::api(vec![get, fetch], types);
    api.modules[0].doc = some();
    api.modules[0].source = text.to_owned();
    api.modules[0].resource = text.to_owned();
    api
}

fn generated(text: &str) -> String {
    emit(&module_with(text))
        .expect("words cannot make generation fail")
        .remove(FILE.as_ref() as &std::path::Path)
        .expect("the module is there")
}

/// The file without its words: no attributes, no literals.
fn skeleton(file: &str) -> String {
    struct Wordless;
    impl syn::visit_mut::VisitMut for Wordless {
        fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
            attributes
                .retain(|attribute| !attribute.path().is_ident("doc") && !attribute.path().is_ident("deprecated"));
        }
        fn visit_lit_str_mut(&mut self, literal: &mut syn::LitStr) {
            *literal = syn::LitStr::new("", literal.span());
        }
        fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
            call.tokens = without_literals(std::mem::take(&mut call.tokens));
        }
    }
    let mut file = syn::parse_file(file).expect("a generated file parses");
    syn::visit_mut::VisitMut::visit_file_mut(&mut Wordless, &mut file);
    prettyplease::unparse(&file)
}

/// The tokens of a table without its words.
fn without_literals(tokens: TokenStream) -> TokenStream {
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Literal(_) => TokenTree::Literal(Literal::string("")),
        TokenTree::Group(group) => Group::new(group.delimiter(), without_literals(group.stream())).into(),
        token => token,
    });
    tokens.collect()
}

/// The documentation comments of a file, each as the text that rustdoc reads.
fn comments(file: &str) -> Vec<String> {
    let mut comments = vec![String::new()];
    for line in file.lines().map(str::trim_start) {
        match line.strip_prefix("///").or(line.strip_prefix("//!")) {
            Some(text) => comments
                .last_mut()
                .expect("never empty")
                .push_str(&format!("{}\n", text.strip_prefix(' ').unwrap_or(text))),
            None => comments.push(String::new()),
        }
    }
    comments.retain(|comment| !comment.is_empty());
    comments
}

/// Names of the elements of a comment other than paragraphs, lists and code spans.
fn markup(comment: &str) -> Vec<String> {
    Parser::new_ext(comment, Options::all())
        .filter_map(|event| match event {
            Event::Start(Tag::Paragraph | Tag::List(None) | Tag::Item) | Event::End(_) => None,
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) if &*kind == "no_run" => {
                Some("example".to_owned())
            }
            Event::Start(Tag::Link { dest_url, .. }) => Some(format!("link to {dest_url}")),
            Event::Start(tag) => Some(format!("{tag:?}")),
            Event::Text(_) | Event::Code(_) => None,
            other => Some(format!("{other:?}")),
        })
        .collect()
}

/// The words of a comment as a reader sees them.
fn words(comment: &str) -> String {
    let plain = Parser::new_ext(comment, Options::empty()).filter_map(|event| match event {
        Event::Text(text) => Some(text.into_string()),
        Event::Code(text) => Some(format!("`{text}`")),
        _ => None,
    });
    plain.collect()
}

/// Text that is rich in what Markdown, HTML and Rust give a meaning.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("```".to_owned()),
        Just("``` rust\n".to_owned()),
        Just("~~~\n".to_owned()),
        Just("`".to_owned()),
        Just("\n\n    panic!()\n".to_owned()),
        Just("*/".to_owned()),
        Just("\"#]".to_owned()),
        Just("\\".to_owned()),
        Just("<script>".to_owned()),
        Just("<!--".to_owned()),
        Just("[a](b)".to_owned()),
        Just("[`a`]: b".to_owned()),
        Just("[^1]".to_owned()),
        Just("# ".to_owned()),
        Just("- ".to_owned()),
        Just("1. ".to_owned()),
        Just("---".to_owned()),
        Just("===".to_owned()),
        Just("|a|\n|-|\n".to_owned()),
        Just("&lt;".to_owned()),
        Just("https://a.b".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("\r".to_owned()),
        Just("\u{0}".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("{}".to_owned()),
        Just("*a*".to_owned()),
        Just("__a__".to_owned()),
        Just("$x$".to_owned()),
        Just("\t".to_owned()),
        Just("> ".to_owned()),
        "[a-z]{1,4}",
        " {1,5}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_leaves_the_items_as_they_are(text in hostile()) {
        prop_assert_eq!(skeleton(&generated(&text)), skeleton(&generated("harmless")));
    }

    #[test]
    fn any_text_is_escaped_in_documentation(text in hostile()) {
        let found: Vec<_> = comments(&generated(&text)).iter().map(|comment| markup(comment)).collect();
        let expected: Vec<_> = comments(&generated("harmless")).iter().map(|comment| markup(comment)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn any_text_reads_as_it_was_written(text in "[ -~\u{4e00}-\u{4e20}\n]{1,40}") {
        let text = format!("a{text}");
        let expected = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let module = comments(&generated(&text)).remove(0);
        let found = words(module.trim_end());
        prop_assert!(found.trim_end_matches('.') == expected.trim_end_matches('.'), "{found:?} is not {expected:?}");
    }
}

/// A text of digits becomes a sentence, which begins like a list.
#[test]
fn number_alone_begins_no_list() {
    let markup_of = |text: &str| -> Vec<_> {
        comments(&generated(text))
            .iter()
            .map(|comment| markup(comment))
            .collect()
    };
    for text in ["0", "12", "7)", "3."] {
        assert_eq!(markup_of(text), markup_of("harmless"), "{text}");
    }
}

#[test]
fn a_code_span_of_the_spec_stays_one() {
    let module = comments(&generated("`extra` is missing or wrong")).remove(0);
    assert_eq!(module, "`extra` is missing or wrong.\n");
}

#[test]
fn a_fence_of_the_spec_opens_nothing() {
    let module = comments(&generated("```\npanic!()\n```")).remove(0);
    assert_eq!(module, "\\`\\`\\` panic!() \\`\\`\\`.\n");
}

#[test]
fn never_writes_bidirectional_controls() {
    assert!(!generated("a\u{202e}b\u{2066}c").contains(['\u{202e}', '\u{2066}']));
}
