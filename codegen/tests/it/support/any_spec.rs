//! The properties of any text as a spec: the body of the fuzz target and of a property test.
//!
//! Either there are findings with positions, or Rust that parses and contains the content of the spec and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use larkspur_codegen::model::{Api, Module};
use larkspur_codegen::{Findings, Source, emit, emit_one_file, export, finding, load};
use syn::visit::{self, Visit};

/// Between the texts of two files.
pub const SEPARATOR: &[u8] = b"\n# next file\n";

/// Loads `bytes` as a spec, generates every output and returns whether it loaded. Panics if a property is violated.
pub fn run(bytes: &[u8]) -> bool {
    let source = source(bytes);
    let result = load(&source);
    match &result {
        Ok(api) => generates_only_what_it_says(api),
        Err(findings) => every_finding_has_a_place(findings, &source),
    }
    result.is_ok()
}

/// Its parts as files: those with error codes are `errors.yaml`, and the last of several others holds the types that they
/// share.
fn source(bytes: &[u8]) -> Source {
    let mut source = Source::new();
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(SEPARATOR.len()).position(|window| window == SEPARATOR) {
        parts.push(&rest[..at]);
        rest = &rest[at + SEPARATOR.len()..];
    }
    parts.push(rest);
    let (errors, resources): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| has_error_codes(part));
    for part in errors {
        source.add("spec/fuzz/v1/errors.yaml", part);
    }
    for (index, part) in resources.iter().enumerate() {
        let is_types = index > 0 && index + 1 == resources.len();
        let name = if is_types {
            "types".to_owned()
        } else {
            format!("resource{index}")
        };
        source.add(format!("spec/fuzz/v1/{name}.yaml"), *part);
    }
    source
}

fn has_error_codes(part: &[u8]) -> bool {
    part.split(|byte| *byte == b'\n').any(|line| line == b"errors:")
}

fn every_finding_has_a_place(findings: &Findings, source: &Source) {
    assert!(!findings.is_empty());
    for one in findings {
        assert!(finding::RULES.iter().any(|rule| rule.id == one.rule), "{}", one.rule);
        let file = source.files().find(|(path, _)| *path == one.path);
        let (_, bytes) = file.expect("a finding names a file of the spec");
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
        assert!(one.origin.line > 0 && one.origin.column > 0, "{one}");
        // YAML takes a carriage return for the end of a line too.
        let returns = bytes.iter().filter(|byte| **byte == b'\r').count();
        assert!(one.origin.line as usize <= lines + returns + 1, "{one}");
        assert!(!one.to_string().contains('\n'), "{one}");
    }
    assert!(!findings.render(source, true).is_empty());
}

fn generates_only_what_it_says(api: &Api) {
    assert!(export::json(api).is_object());
    let output = emit(api).expect("what loads becomes Rust");
    for module in &api.modules {
        let path = format!("generated/{}/{}/{}.rs", module.project, module.version, module.rust);
        let text = &output[Path::new(&path)];
        let file = syn::parse_file(text).expect("what is generated is Rust");
        holds(&file.items, api, module);
    }
    let rust = output
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|extension| extension == "rs"));
    for (_, text) in rust {
        Allowed.visit_file(&syn::parse_file(text).expect("what is generated is Rust"));
    }
    let text = emit_one_file(api).expect("what loads becomes Rust");
    Allowed.visit_file(&syn::parse_file(&text).expect("what is generated is Rust"));
}

/// The items of a module are its types, and implementations for them.
fn holds(items: &[syn::Item], api: &Api, module: &Module) {
    let expected = names(api, module);
    let mut seen = BTreeSet::new();
    for item in items {
        match item {
            syn::Item::Struct(item) => assert!(seen.insert(item.ident.to_string()), "{} is there twice", item.ident),
            syn::Item::Enum(item) => assert!(seen.insert(item.ident.to_string()), "{} is there twice", item.ident),
            syn::Item::Impl(item) => {
                let syn::Type::Path(path) = &*item.self_ty else {
                    panic!("an implementation for no type of the module");
                };
                let name = path.path.get_ident().expect("a type of the module").to_string();
                assert!(expected.contains(&name), "an implementation for {name}");
            }
            // Which one it calls is looked at in all files alike.
            syn::Item::Macro(_) => {}
            syn::Item::Const(item) => assert_eq!(item.ident, "_"),
            syn::Item::Use(item) => assert!(is_short_name(item), "an import"),
            syn::Item::Static(item) => {
                assert!(
                    !module.errors.is_empty() && item.ident == "DOCUMENTED",
                    "the static {}",
                    item.ident
                );
            }
            _ => panic!("an item that a module does not have"),
        }
    }
    assert_eq!(seen, expected);
}

/// The types that a module has.
fn names(api: &Api, module: &Module) -> BTreeSet<String> {
    let requests = module.endpoints.iter().map(|endpoint| endpoint.rust.clone());
    let errors = (!module.errors.is_empty()).then(|| "ErrorCode".to_owned());
    let types = module.types.iter().map(|id| api.type_def(*id).rust.clone());
    requests.chain(errors).chain(types).collect()
}

/// Returns whether an import is `use ::larkspur::__private as g`.
fn is_short_name(item: &syn::ItemUse) -> bool {
    let syn::UseTree::Path(path) = &item.tree else {
        return false;
    };
    let renamed = matches!(&*path.tree, syn::UseTree::Rename(name) if name.ident == "__private" && name.rename == "g");
    item.leading_colon.is_some() && path.ident == "larkspur" && renamed
}

/// Panics at what generated code never has, such as what a text of the spec could have brought in.
struct Allowed;

/// Attributes of generated code.
const ATTRIBUTES: &[&str] = &[
    "allow",
    "cfg",
    "default",
    "deprecated",
    "derive",
    "doc",
    "inline",
    "must_use",
    "non_exhaustive",
    "repr",
];

/// Macros that generated code calls.
const MACROS: &[&str] = &["int_enum", "received", "request", "sent", "text_enum"];

impl<'a> Visit<'a> for Allowed {
    fn visit_attribute(&mut self, attribute: &'a syn::Attribute) {
        let name = attribute
            .path()
            .require_ident()
            .expect("an attribute of one word")
            .to_string();
        assert!(ATTRIBUTES.contains(&name.as_str()), "the attribute {name}");
    }

    fn visit_macro(&mut self, called: &'a syn::Macro) {
        let path: Vec<_> = called
            .path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        assert!(
            matches!(&path[..], [module, name] if module == "g" && MACROS.contains(&name.as_str())),
            "the macro {}",
            path.join("::")
        );
    }

    fn visit_expr_unsafe(&mut self, _: &'a syn::ExprUnsafe) {
        panic!("unsafe code");
    }

    fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
        panic!("the function {}", function.sig.ident);
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        let names = matches!(&item.tree, syn::UseTree::Path(path) if path.ident == "errors"
            && matches!(&*path.tree, syn::UseTree::Name(name) if name.ident == "ErrorCode"));
        assert!(names || is_short_name(item), "an import");
    }

    fn visit_item_foreign_mod(&mut self, _: &'a syn::ItemForeignMod) {
        panic!("foreign functions");
    }

    /// Absolute paths lead into the SDK or into Rust's own library.
    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.leading_colon.is_some() {
            let first = path.segments.first().map(|segment| segment.ident.to_string());
            let first = first.unwrap_or_default();
            assert!(
                ["larkspur", "std", "core"].contains(&first.as_str()),
                "a path into {first}"
            );
        }
        visit::visit_path(self, path);
    }
}
