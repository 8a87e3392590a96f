//! `spec import`: one page for each format and language. The pages are made up.

use std::fs;
use std::path::Path;

use larkspur_codegen::import::{Imported, Page, import};
use larkspur_codegen::{Source, load};
use proptest::prelude::*;

const FEED: &str = include_str!("../../fixtures/import/feed.md");
const FILE: &str = "spec/zoo/v1/cage.animal.yaml";
const ERRORS: &str = "spec/zoo/v1/errors.yaml";

/// One page for each format and language.
const PAGES: &[(&str, &str)] = &[
    ("feed.md", FEED),
    ("shelve.en.md", include_str!("../../fixtures/import/shelve.en.md")),
    ("lend.zh.md", include_str!("../../fixtures/import/lend.zh.md")),
    ("lend.en.md", include_str!("../../fixtures/import/lend.en.md")),
    ("lend.zh.txt", include_str!("../../fixtures/import/lend.zh.txt")),
    ("scan.zh.md", include_str!("../../fixtures/import/scan.zh.md")),
    ("scan.en.txt", include_str!("../../fixtures/import/scan.en.txt")),
];

fn page(name: &str) -> &'static str {
    let found = PAGES.iter().find(|(other, _)| *other == name);
    found.expect("a page with this name").1
}

fn imported(spec: &Source, text: &str) -> Imported {
    import(spec, &[Page { name: "feed.md", text }]).unwrap_or_else(|error| panic!("{error}"))
}

fn text(spec: &Source) -> String {
    file(spec, FILE)
}

fn file(spec: &Source, path: &str) -> String {
    let file = spec.files().find(|(other, _)| *other == path).expect("the page's file");
    String::from_utf8(file.1.to_vec()).unwrap()
}

fn assert_golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/import")
        .join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, actual).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, golden, "{name} differs; BLESS=1 accepts it");
}

/// Compares the entry of a page with `NAME.yaml` and its notes with `NAME.notes`.
fn assert_import(name: &str) {
    let page = Page { name, text: page(name) };
    let result = import(&Source::new(), &[page]).unwrap_or_else(|error| panic!("{error}"));
    let files = result
        .spec
        .files()
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
    assert_golden(&format!("{name}.yaml"), &files.collect::<String>());
    let notes = result.notes.iter().map(|note| format!("{note}\n"));
    assert_golden(&format!("{name}.notes"), &notes.collect::<String>());
}

#[test]
fn imports_portal_elements() {
    assert_import("feed.md");
}

#[test]
fn imports_english_portal_elements() {
    assert_import("shelve.en.md");
}

#[test]
fn imports_markdown() {
    assert_import("lend.zh.md");
}

#[test]
fn imports_english_markdown() {
    assert_import("lend.en.md");
}

#[test]
fn imports_copied_text() {
    assert_import("lend.zh.txt");
}

#[test]
fn imports_a_download() {
    assert_import("scan.zh.md");
}

#[test]
fn imports_english_copied_text() {
    assert_import("scan.en.txt");
}

#[test]
fn imports_no_sentences() {
    let text = text(&imported(&Source::new(), FEED).spec);
    assert!(
        !text.contains("words") && !text.contains("doc:") && !text.contains("summary:"),
        "{text}"
    );
}

#[test]
fn reimport_changes_nothing() {
    let first = imported(&Source::new(), FEED);
    let second = imported(&first.spec, FEED);
    assert_eq!(second.changed, Vec::<String>::new(), "{}", text(&second.spec));
}

#[test]
fn copied_text_removes_nothing() {
    let first = imported(&Source::new(), page("lend.zh.md"));
    let second = imported(&first.spec, page("lend.zh.txt"));
    assert_eq!(second.changed, Vec::<String>::new());
}

#[test]
fn keeps_texts_and_replaces_changed_facts() {
    let first = imported(&Source::new(), FEED).spec;
    let (first, errors) = (text(&first), file(&first, ERRORS));
    let edited = first
        .replace("  feed:\n", "  feed:\n    summary: Feed an animal. # ours\n")
        .replace("value_1", "meat")
        .replace(
            "type: string, max_length: 100",
            "type: string, doc: A note., max_length: 100",
        );
    let edited_errors = errors.replace("name: not_hungry", "name: full, doc: It has eaten.");
    assert!(first != edited && errors != edited_errors);
    let mut spec = Source::new();
    spec.add(FILE, edited);
    spec.add(ERRORS, edited_errors);
    let page = FEED
        .replace("100 次/分钟", "200 次/分钟")
        .replace("not hungry", "is not hungry");
    let spec = imported(&spec, &page).spec;
    let after = text(&spec);
    for part in ["summary: Feed an animal. # ours", "meat", "200/minute", "# full"] {
        assert!(after.contains(part), "{part} is missing:\n{after}");
    }
    let errors = file(&spec, ERRORS);
    let definition = "msg: is not hungry, name: full, doc: It has eaten.";
    assert!(errors.contains(definition), "{errors}");
    assert!(!after.contains("100/minute"), "{after}");
}

#[test]
fn page_differs_from_shared_definition() {
    let first = imported(&Source::new(), FEED).spec;
    let second = imported(&first, &treat().replace("not hungry", "is full")).spec;
    // The definition describes `feed`, which is not imported again.
    assert_eq!(file(&first, ERRORS), file(&second, ERRORS));
    let after = text(&second);
    assert_eq!(after.matches("msg: is full").count(), 1, "{after}");
    // Imported together, the message of most pages is the definition.
    let pages = [FEED.to_owned(), treat(), treat().replace("treat", "pamper")];
    let pages: Vec<_> = pages.iter().map(|text| text.replace("not hungry", "is full")).collect();
    let pages: Vec<_> = pages.iter().map(|text| Page { name: "feed.md", text }).collect();
    let third = import(&second, &pages).unwrap_or_else(|error| panic!("{error}")).spec;
    assert!(
        file(&third, ERRORS).contains("msg: is full"),
        "{}",
        file(&third, ERRORS)
    );
    assert!(!text(&third).contains("msg: is full"), "{}", text(&third));
}

/// Returns a page of another endpoint of the resource with the same objects.
fn treat() -> String {
    FEED.replace("method=feed)", "method=treat)")
        .replace("/feed</md-td>", "/treat</md-td>")
}

#[test]
fn reuses_an_existing_type() {
    let first = text(&imported(&Source::new(), FEED).spec).replace("value_1", "meat");
    let mut spec = Source::new();
    spec.add(FILE, first.clone());
    spec.add(ERRORS, file(&imported(&Source::new(), FEED).spec, ERRORS));
    let after = text(&imported(&spec, &treat()).spec);
    assert_eq!(after.matches("type: \"[Meal]\"").count(), 2, "{after}");
    assert_eq!(
        after.split_once("\ntypes:").unwrap().1,
        first.split_once("\ntypes:").unwrap().1
    );
}

#[test]
fn existing_entries_keep_inline_objects() {
    // The two objects of the page differ, so both are inline.
    let (meals, dessert) = FEED.split_once("<md-dt-td>dessert").unwrap();
    let different = format!("{meals}<md-dt-td>dessert{}", dessert.replace(">grams<", ">weight<"));
    let first = imported(&Source::new(), &different);
    let before = text(&first.spec);
    let (before, types) = before.split_once("\ntypes:").expect("the enum of both is shared");
    assert!(!types.contains("Meal:"), "{types}");
    let after = text(&imported(&first.spec, &treat()).spec);
    assert!(after.contains(before) && after.contains("type: Meal"), "{after}");
}

/// A page of the token endpoint, for one grant.
fn grant(name: &str, grant: &str, field: &str) -> String {
    format!(
        "---\ntitle: \"{name}\"\nfullPath: \"/zoo/{name}\"\nupdateTime: \"1768373788000\"\n---\n\n# {name}\n\n## 请求\n\n\
         基本 | -\n---|---\nHTTP URL | https://open.feishu.cn/open-apis/zoo/v1/token\nHTTP Method | POST\n\n\
         ### 请求体\n\n名称 | 类型 | 必填 | 描述\n---|---|---|---\n\
         client | string | 是 | x\n\
         grant | string | 是 | 可选值有：<br>- {grant}：x\n\
         {field} | string | 是 | x\n"
    )
}

/// Returns the YAML after the import of the pages into a spec.
fn import_grants(spec: &Source, pages: &[(&str, &str)]) -> (Source, String) {
    let texts: Vec<_> = pages
        .iter()
        .map(|(name, field)| (*name, grant(name, field, field)))
        .collect();
    let pages: Vec<_> = texts.iter().map(|(name, text)| Page { name, text }).collect();
    let result = import(spec, &pages).unwrap_or_else(|error| panic!("{error}"));
    let files: String = result
        .spec
        .files()
        .map(|(_, bytes)| String::from_utf8_lossy(bytes))
        .collect();
    (result.spec, files)
}

#[test]
fn two_pages_of_one_route_are_one_entry() {
    let both = [("get-token", "code"), ("refresh-token", "refresh")];
    let (together, text) = import_grants(&Source::new(), &both);
    let (first, _) = import_grants(&Source::new(), &both[..1]);
    let (one_by_one, later) = import_grants(&first, &both[1..]);
    for (spec, text) in [(together, &text), (one_by_one, &later)] {
        let api = load(&spec).unwrap();
        let endpoints: Vec<_> = api.endpoints().map(|(_, endpoint)| endpoint).collect();
        let [token] = endpoints[..] else { panic!("{text}") };
        let required = |key: &str| token.fields.iter().find(|field| field.key == key).unwrap().required;
        assert!(
            required("client") && required("grant") && !required("refresh"),
            "{text}"
        );
        assert!(text.contains("code") && text.contains("refresh"), "{text}");
    }
    assert!(
        !load(&import_grants(&Source::new(), &both).0)
            .unwrap()
            .endpoints()
            .any(|(_, endpoint)| {
                endpoint
                    .fields
                    .iter()
                    .any(|field| field.key == "code" && field.required)
            })
    );
}

#[test]
fn bit_mask_and_sentences_become_notes() {
    let page = grant("get-token", "a", "code").replace(
        "code | string | 是 | x\n",
        "mask | string | 否 | 可选值有：<br>- 1：x<br>- 2：x<br><br>位运算，1 和 2 为 3。\n\
         role | string | 否 | 可以是\"assignee\"或者\"follower\"\n\
         folder | int | 否 | 1为收信，2为发信，3为草稿\n\
         title | string | 否 | x<br>**示例值**：\"这是一个很长的标题，包含逗号\"\n",
    );
    let result = imported(&Source::new(), &page);
    let notes: Vec<_> = result.notes.iter().map(|note| note.message.as_str()).collect();
    for expected in [
        "skipped the values of a bit mask, whose sums are values too: `1`, `2`",
        "skipped the example of `title`, which is a sentence",
    ] {
        assert!(notes.contains(&expected), "{notes:#?}");
    }
    let in_sentences = notes
        .iter()
        .filter(|note| **note == "skipped the values that a sentence names");
    assert_eq!(in_sentences.count(), 2, "{notes:#?}");
    let api = load(&result.spec).unwrap();
    let (_, endpoint) = api.endpoints().next().unwrap();
    let mask = endpoint.fields.iter().find(|field| field.key == "mask").unwrap();
    assert_eq!(mask.ty.named(), None, "a bit mask is not an enum");
}

#[test]
fn imports_host_and_query_of_url() {
    let page = grant("get-token", "a", "code").replace(
        "https://open.feishu.cn/open-apis/zoo/v1/token",
        "https://www.feishu.cn/open-apis/zoo/v1/token?kind=cage&client=x&back={URL}",
    );
    let query = "### 查询参数\n\n名称 | 类型 | 必填 | 描述\n---|---|---|---\nclient | string | 是 | x\n\n### 请求体\n";
    let result = imported(&Source::new(), &page.replace("### 请求体\n", query));
    let api = load(&result.spec).unwrap();
    let (_, endpoint) = api.endpoints().next().unwrap();
    assert_eq!(endpoint.host.as_str(), "www");
    let fixed: Vec<_> = endpoint
        .fixed_fields
        .iter()
        .map(|field| (field.key.as_str(), field.text()))
        .collect();
    assert_eq!(fixed, [("kind", "cage".to_owned())]);
    let notes: Vec<_> = result.notes.iter().map(|note| note.message.as_str()).collect();
    assert!(
        notes.contains(&"skipped the parameter `back` of the URL: not a constant"),
        "{notes:#?}"
    );
}

#[test]
fn reimport_keeps_a_fixed_field() {
    let page = grant("get-token", "a", "code");
    let first = imported(&Source::new(), &page);
    let (path, before) = first.spec.files().next().unwrap();
    let before = String::from_utf8_lossy(before).replace(
        "grant: { type: string, required: true, enum: [a] }",
        "grant: { fixed: a }",
    );
    assert!(before.contains("fixed: a"), "{before}");
    let mut spec = Source::new();
    spec.add(path, before);
    let second = imported(&spec, &page);
    assert_eq!(second.changed, Vec::<String>::new());
}

#[test]
fn page_replaces_facts_of_second_source() {
    let page = grant("get-token", "a", "code").replace(
        "### 请求体\n",
        "### 请求头\n\n名称 | 类型 | 必填 | 描述\n---|---|---|---\nAuthorization | string | 是 | tenant_access_token\n\n### 请求体\n",
    );
    let first = imported(&Source::new(), &page);
    let (path, before) = first.spec.files().next().unwrap();
    let before = String::from_utf8_lossy(before)
        .replace(
            "tokens: [tenant]",
            "tokens: [{ kind: tenant, source: sdk }, { kind: user, source: sdk }]",
        )
        .replace(
            "client: { type: string, required: true }",
            "client: { type: string, required: true, source: sdk }\n      more: { type: int, source: sdk }",
        );
    assert_eq!(before.matches("source: sdk").count(), 4, "{before}");
    let mut spec = Source::new();
    spec.add(path, before);
    let second = imported(&spec, &page);
    let after = second
        .spec
        .files()
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
        .collect::<String>();
    // What is missing on the page stays.
    assert!(
        after.contains(
            "- tenant
      - { kind: user, source: sdk }"
        ),
        "{after}"
    );
    assert!(after.contains("client: { type: string, required: true }"), "{after}");
    assert!(after.contains("more: { type: int, source: sdk }"), "{after}");
    let third = imported(&second.spec, &page);
    assert_eq!(third.changed, Vec::<String>::new());
}

#[test]
fn request_fields_of_one_name_are_numbered() {
    let query = "### 查询参数\n\n名称 | 类型 | 必填 | 描述\n---|---|---|---\ntype | string | 是 | x\n\n### 请求体\n";
    let page = grant("get-token", "a", "type").replace("### 请求体\n", query);
    let api = load(&imported(&Source::new(), &page).spec).unwrap();
    let (_, endpoint) = api.endpoints().next().unwrap();
    let names: Vec<_> = endpoint.fields.iter().map(|field| field.rust.as_str()).collect();
    assert_eq!(names, ["type_", "client", "grant", "type_4"]);
}

#[test]
fn imports_bit_mask_of_integers() {
    let page = grant("get-token", "a", "code").replace(
        "code | string | 是 | x\n",
        "mask | int | 否 | 位运算，1 和 2 为 3。<br><br>**可选值**：<br>* 1：x<br>* 2：x<br><br>**示例值**：3\n",
    );
    let api = load(&imported(&Source::new(), &page).spec).unwrap();
    let (_, endpoint) = api.endpoints().next().unwrap();
    let mask = endpoint.fields.iter().find(|field| field.key == "mask").unwrap();
    let def = api.type_def(mask.ty.named().expect("a bit mask"));
    assert!(def.flags && def.accepts_integer(3) && !def.accepts_integer(4));
    assert_eq!(mask.example, Some(3.into()));
}

#[test]
fn notes_a_page_without_an_endpoint() {
    let result = imported(&Source::new(), "# About cages\n\nThere are cages.\n");
    assert!(result.endpoints.is_empty() && result.changed.is_empty());
    assert!(
        result.notes[0].message.contains("describes no endpoint"),
        "{:?}",
        result.notes
    );
}

/// A page with one mutation.
fn mutated() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        Just(String::new()),
        Just("</md-dt-td>".to_owned()),
        Just("<md-dt-tr level=\"99\">".to_owned()),
        Just("{a: [".to_owned()),
        Just("\n--- | ---\n".to_owned()),
        Just("\n```\n".to_owned()),
        Just("  \n".to_owned()),
        Just("\t".to_owned()),
        Just("\u{202e}".to_owned()),
        "\\PC{0,12}",
        "[0-9<>:#|`\\-\\[\\]\n ]{0,8}",
    ];
    let place = (
        proptest::sample::select(PAGES),
        any::<prop::sample::Index>(),
        0..80usize,
        text,
    );
    place.prop_map(|((_, page), at, length, text)| {
        let places: Vec<usize> = page.char_indices().map(|(at, _)| at).collect();
        let at = at.index(places.len());
        let end = places.get(at + length).copied().unwrap_or(page.len());
        format!("{}{text}{}", &page[..places[at]], &page[end..])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn mutated_pages_import_as_valid_spec(text in mutated()) {
        let page = Page { name: "page", text: &text };
        match import(&Source::new(), &[page]) {
            Ok(result) => prop_assert!(load(&result.spec).is_ok()),
            Err(error) => prop_assert!(false, "{error}\n{text}"),
        }
    }

    #[test]
    fn accepts_any_text(text in "\\PC{0,200}") {
        let result = import(&Source::new(), &[Page { name: "any", text: &text }]);
        prop_assert!(result.is_ok());
    }

    #[test]
    fn accepts_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        let result = import(&Source::new(), &[Page { name: "any", text: &text }]);
        prop_assert!(result.is_ok());
    }

    #[test]
    fn accepts_any_lines_of_pages(lines in prop::collection::vec(line(), 0..60)) {
        let text = lines.join("\n");
        let result = import(&Source::new(), &[Page { name: "any", text: &text }]);
        prop_assert!(result.is_ok_and(|result| load(&result.spec).is_ok()), "{text}");
    }
}

/// A line of one of the pages.
fn line() -> impl Strategy<Value = &'static str> {
    let lines: Vec<&str> = PAGES.iter().flat_map(|(_, page)| page.lines()).collect();
    proptest::sample::select(lines)
}
