//! Imports every page of a directory. The pages are not in the repository:
//! `LARKSPUR_PAGES=DIR cargo test -p larkspur-codegen --test it import::real_pages -- --ignored --nocapture`.

#![allow(clippy::print_stdout, reason = "prints a table of counts")]

use crate::support::examples;
use std::fs;
use std::path::Path;

use crate::support::pages::pages;
use larkspur_codegen::finding::Severity;
use larkspur_codegen::import::{Imported, Note, Page, import};
use larkspur_codegen::model::{Api, Body, Field, Place, Response, Type, TypeKind};
use larkspur_codegen::{Source, emit, lint, load};
use serde_json::Value;

/// Examples that differ from the table of their page.
const KNOWN_DIFFERENCES: &[&str] = &[
    "bitable.v1.app.table.record.create.record.id: not in the table",
    "search.v2.schema.create body.validate_only: not in the table",
];

fn imported(pages: &[Page<'_>]) -> Imported {
    import(&Source::new(), pages).unwrap_or_else(|error| panic!("{}: {error}", pages[0].name))
}

#[test]
#[ignore = "the pages are not in the repository; set LARKSPUR_PAGES"]
fn each_page_imports_and_generates() {
    let mut differences = Vec::new();
    let (mut endpoints, mut examples) = (0, 0);
    for (name, text) in &pages() {
        let result = imported(&[Page { name, text }]);
        let api = load(&result.spec).unwrap_or_else(|findings| panic!("{name}: {findings}"));
        emit(&api).unwrap_or_else(|error| panic!("{name}: {error}"));
        endpoints += result.endpoints.len();
        for endpoint in &result.endpoints {
            let mut report = |difference| differences.push(difference);
            if let Some(example) = examples::response_example(text) {
                examples += 1;
                compare_response(&api, &endpoint.id, &example, &mut report);
            }
            if let Some(example) = examples::request_example(text) {
                examples += 1;
                compare_request(&api, &endpoint.id, &example, &mut report);
            }
        }
    }
    println!("{endpoints} endpoints, {examples} examples");
    differences.sort();
    assert_eq!(differences, KNOWN_DIFFERENCES);
}

#[test]
#[ignore = "the pages are not in the repository; set LARKSPUR_PAGES"]
fn all_pages_share_types() {
    let pages = pages();
    let all: Vec<Page<'_>> = pages.iter().map(|(name, text)| Page { name, text }).collect();
    let result = imported(&all);
    let api = load(&result.spec).unwrap();
    let sum = |of: fn(&larkspur_codegen::import::Counts) -> usize| -> usize {
        result.endpoints.iter().map(|endpoint| of(&endpoint.counts)).sum()
    };
    println!("| what | read |\n|---|---|");
    for (what, count) in [
        ("pages", pages.len()),
        ("endpoints", result.endpoints.len()),
        ("types", api.types.len()),
        ("fields", sum(|counts| counts.fields)),
        ("enums", sum(|counts| counts.enums)),
        ("bounds", sum(|counts| counts.bounds)),
        ("limits", sum(|counts| counts.limits)),
        ("errors", sum(|counts| counts.errors)),
        ("notes left", result.notes.len()),
    ] {
        println!("| {what} | {count} |");
    }
    if std::env::var_os("LARKSPUR_NOTES").is_some() {
        result.notes.iter().for_each(|note| println!("{note}"));
    }
    let is_merged = |note: &&Note| note.message.contains("has the same route");
    let merged = result.notes.iter().filter(is_merged).count();
    assert_eq!(result.endpoints.len() + merged, pages.len());
    let report = lint::check(&result.spec);
    let errors = report
        .findings
        .iter()
        .filter(|finding| finding.severity() == Severity::Error);
    assert_eq!(
        errors.map(ToString::to_string).collect::<Vec<_>>(),
        Vec::<String>::new()
    );
    let again = import(&result.spec, &all).unwrap();
    assert_eq!(
        again.changed,
        Vec::<String>::new(),
        "a second import must not change the spec"
    );
}

#[test]
#[ignore = "the pages are not in the repository; set LARKSPUR_PAGES"]
fn repository_entries_keep_their_texts() {
    let spec = Source::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec")).unwrap();
    let pages = pages();
    let all: Vec<Page<'_>> = pages.iter().map(|(name, text)| Page { name, text }).collect();
    let result = import(&spec, &all).unwrap_or_else(|error| panic!("{error}"));
    let (before, after) = (load(&spec).unwrap(), load(&result.spec).unwrap());
    for (_, endpoint) in before.endpoints() {
        let now = after.endpoint(&endpoint.id).unwrap();
        assert_eq!((&endpoint.summary, &endpoint.notes), (&now.summary, &now.notes));
    }
    let changes = larkspur_codegen::diff::diff(&before, &after);
    let is_existing = |change: &&larkspur_codegen::diff::Change| {
        let mut ids = before.endpoints().map(|(_, endpoint)| &endpoint.id);
        ids.any(|id| change.subject.starts_with(id.as_str()))
    };
    for change in changes.iter().filter(is_existing) {
        println!("{}: {}: {}", change.rule.id, change.subject, change.message);
    }
    if let Some(directory) = std::env::var_os("LARKSPUR_INTO") {
        for (path, bytes) in result.spec.files() {
            let place = Path::new(&directory).join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, bytes).unwrap();
        }
    }
}

fn compare_response(api: &Api, id: &str, example: &Value, report: &mut dyn FnMut(String)) {
    let endpoint = api.endpoint(id).unwrap();
    let Response::Json { ty, flat } = endpoint.response else {
        return;
    };
    compare_value(api, &Type::Named(ty), &examples::fields(example, flat), id, report);
}

fn compare_request(api: &Api, id: &str, example: &Value, report: &mut dyn FnMut(String)) {
    let endpoint = api.endpoint(id).unwrap();
    if endpoint.body != Body::Json {
        return;
    }
    let body: Vec<Field> = endpoint
        .fields
        .iter()
        .filter(|field| field.place == Place::Body)
        .cloned()
        .collect();
    compare_object(api, &body, example, &format!("{id} body"), report);
}

fn compare_object(api: &Api, fields: &[Field], value: &Value, place: &str, report: &mut dyn FnMut(String)) {
    let Value::Object(entries) = value else {
        return report(format!("{place}: an object cannot be {}", kind(value)));
    };
    for (key, value) in entries {
        let place = format!("{place}.{key}");
        match fields.iter().find(|field| field.key == *key) {
            Some(field) => compare_value(api, &field.ty, value, &place, report),
            None => report(format!("{place}: not in the table")),
        }
    }
}

fn compare_value(api: &Api, ty: &Type, value: &Value, place: &str, report: &mut dyn FnMut(String)) {
    match (ty, value) {
        (_, Value::Null) | (Type::Any, _) => {}
        (Type::List(item), Value::Array(items)) => {
            items
                .iter()
                .for_each(|value| compare_value(api, item, value, place, report));
        }
        (Type::Map(item), Value::Object(items)) => {
            items
                .values()
                .for_each(|value| compare_value(api, item, value, place, report));
        }
        (Type::Named(id), value) => match (&api.type_def(*id).kind, value) {
            (TypeKind::Object(fields), Value::Object(_)) => compare_object(api, fields, value, place, report),
            (TypeKind::StringEnum(_), Value::String(_)) | (TypeKind::IntEnum(_), Value::Number(_)) => {}
            (TypeKind::IntEnum(_), Value::String(text)) if text.parse::<i64>().is_ok() => {}
            (_, value) => report(format!("{place}: an object or enum cannot be {}", kind(value))),
        },
        (Type::String, Value::String(_) | Value::Number(_)) => {}
        (Type::Int, Value::Number(_)) | (Type::Float, Value::Number(_)) | (Type::Bool, Value::Bool(_)) => {}
        (Type::Int | Type::Float, Value::String(text)) if text.parse::<f64>().is_ok() => {}
        (ty, value) => report(format!("{place}: {ty:?} cannot be {}", kind(value))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a bool",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
