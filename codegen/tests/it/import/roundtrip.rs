//! Generates Rust from real pages, compiles it and round-trips the response examples of the pages.
//! `LARKSPUR_PAGES=DIR cargo test -p larkspur-codegen --test it import::roundtrip -- --ignored --nocapture`.

#![allow(clippy::print_stdout, reason = "prints the number of examples")]

use crate::support::examples;
use crate::support::outside::{cargo, put, repository, scratch};
use crate::support::pages;
use larkspur_codegen::import::{Page, import};
use larkspur_codegen::model::{Api, Response, TypeId};
use larkspur_codegen::{Source, emit_one_file, load};
use serde_json::{Value, json};

/// Examples that differ from the table of their page: this one is a record instead of a response.
const KNOWN_DIFFERENCES: &[&str] = &["bitable.v1.app.table.record.list: null became {\"items\":[]}"];

const MANIFEST: &str = "\
[package]
name = \"imported\"
edition = \"2024\"

[dependencies]
larkspur = { path = REPOSITORY, default-features = false }
serde = \"1\"
serde_json = \"1\"

[profile.dev]
debug = false

[workspace]
";

/// Decodes and encodes each example. Prints one line for each difference.
const MAIN: &str = r#"
#![allow(deprecated)]

mod api;
mod each;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

fn main() {
    let examples: Vec<(String, Value)> = serde_json::from_str(include_str!("examples.json")).unwrap();
    for (id, example) in &examples {
        each::trip(id, example);
    }
    println!("{} examples", examples.len());
}

fn trip<T: Serialize + DeserializeOwned>(id: &str, example: &Value) {
    let back = serde_json::from_str::<T>(&example.to_string()).map(|response| serde_json::to_value(response).unwrap());
    match back {
        Ok(back) => compare(id, example, &back),
        Err(error) => println!("lost: {id}: {error}"),
    }
}

fn compare(place: &str, was: &Value, is: &Value) {
    match (was, is) {
        (Value::Object(was), Value::Object(is)) => {
            // Null means absent.
            for (key, value) in was.iter().filter(|(_, value)| !value.is_null()) {
                let place = format!("{place}.{key}");
                match is.get(key) {
                    Some(now) => compare(&place, value, now),
                    None => println!("lost: {place}: gone"),
                }
            }
            // An absent list or map is decoded as empty.
            let empty = |value: &Value| *value == json!([]) || *value == json!({});
            for (key, value) in is.iter().filter(|(key, _)| !was.contains_key(*key)) {
                if !empty(value) {
                    println!("lost: {place}.{key}: {value} is not in the example");
                }
            }
        }
        (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
            was.iter().zip(is).for_each(|(was, is)| compare(place, was, is));
        }
        // Numbers may be encoded as strings, and strings as numbers.
        (Value::String(text), Value::Number(number)) | (Value::Number(number), Value::String(text))
            if text.parse::<f64>().ok() == number.as_f64() => {}
        (Value::Number(was), Value::Number(is)) if was.as_f64() == is.as_f64() => {}
        (was, is) if was == is => {}
        (was, is) => println!("lost: {place}: {was} became {is}"),
    }
}
"#;

/// Returns the path of a type in the generated file.
fn path(api: &Api, ty: TypeId) -> String {
    let ty = api.type_def(ty);
    let module = &api.modules[ty.module];
    format!("{}::{}::{}::{}", module.project, module.version, module.rust, ty.rust)
}

/// Returns a match arm for each endpoint with a JSON response, and the examples.
fn trips(api: &Api, examples: &[(String, Value)]) -> (String, Vec<Value>) {
    let mut branches = String::new();
    let mut values = Vec::new();
    for (id, example) in examples {
        let endpoint = api.endpoint(id).expect("an imported endpoint");
        if let Response::Json { ty, flat } = endpoint.response {
            let path = path(api, ty);
            branches.push_str(&format!(
                "        {id:?} => crate::trip::<crate::api::{path}>(id, example),\n"
            ));
            values.push(json!([id, examples::fields(example, flat)]));
        }
    }
    let each = format!(
        "use serde_json::Value;\n\npub fn trip(id: &str, example: &Value) {{\n    match id {{\n{branches}        \
         other => println!(\"lost: {{other}}\"),\n    }}\n}}\n"
    );
    (each, values)
}

#[test]
#[ignore = "the pages are not in the repository; set LARKSPUR_PAGES"]
fn examples_survive_a_round_trip() {
    let mut texts = pages::pages();
    texts.extend(pages::seeds());
    let all: Vec<Page<'_>> = texts.iter().map(|(name, text)| Page { name, text }).collect();
    let result = import(&Source::new(), &all).unwrap_or_else(|error| panic!("{error}"));
    let api = load(&result.spec).unwrap_or_else(|findings| panic!("{findings}"));
    let mut examples = Vec::new();
    for endpoint in &result.endpoints {
        let (_, text) = texts
            .iter()
            .find(|(name, _)| *name == endpoint.page)
            .expect("the page of the endpoint");
        examples.extend(examples::response_example(text).map(|example| (endpoint.id.clone(), example)));
    }
    let (each, values) = trips(&api, &examples);
    assert!(!values.is_empty(), "no page has a response example");
    let root = scratch("imported");
    put(&root.join("src/api.rs"), &emit_one_file(&api).expect("generated Rust"));
    put(&root.join("src/each.rs"), &each);
    put(&root.join("src/main.rs"), MAIN);
    put(&root.join("src/examples.json"), &Value::from(values).to_string());
    let repository = format!("{:?}", repository());
    put(&root.join("Cargo.toml"), &MANIFEST.replace("REPOSITORY", &repository));
    let mut command = cargo(&root);
    // The generated files of the SDK are not needed.
    command.env("LARKSPUR_GENERATE", "off").args(["run", "--quiet"]);
    let output = command.output().expect("cargo starts");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}{stdout}",
        String::from_utf8_lossy(&output.stderr)
    );
    println!("{}", stdout.lines().last().unwrap_or_default());
    let mut lost: Vec<&str> = stdout.lines().filter_map(|line| line.strip_prefix("lost: ")).collect();
    lost.sort_unstable();
    assert_eq!(lost, KNOWN_DIFFERENCES);
}
