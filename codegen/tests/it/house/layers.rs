//! Dependencies between modules point one way.
//!
//! The modules below one parent may use each other, but not in a cycle: what is below each counts for it. A parent and its
//! own children do not count. Cycles that are meant stand in ARCHITECTURE.md, one a line: `cycle: src auth ↔ call`.

#![allow(clippy::print_stdout, reason = "the cycles are listed for people")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

use super::lexer;

const CRATES: &[&str] = &["src", "codegen/src", "cli/src", "mock/src"];

/// A module by its names from the root of the crate.
type ModulePath = Vec<String>;

/// A file of a crate, or an inline module of one.
#[derive(Default)]
struct Module {
    file: String,
    /// Each name that `use` brings into the module, with the path it stands for.
    imports: BTreeMap<String, Vec<String>>,
    /// Modules of which everything is imported.
    globs: Vec<Vec<String>>,
    /// Every path that the module names.
    paths: Vec<Vec<String>>,
    code: String,
}

/// A dependency between modules, with the place of one example.
type Edges = BTreeMap<(String, String), String>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads the modules of a crate.
fn modules(root: &Path, directory: &str) -> BTreeMap<ModulePath, Module> {
    let mut modules = BTreeMap::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(at) = directories.pop() {
        for entry in fs::read_dir(root.join(&at)).expect("a directory") {
            let entry = entry.expect("an entry");
            let path = format!("{at}/{}", entry.file_name().to_str().expect("UTF-8"));
            if entry.file_type().expect("a type").is_dir() {
                directories.push(path);
            } else if let Some(name) = path.strip_suffix(".rs") {
                let source = fs::read_to_string(root.join(&path)).expect("a text");
                let mut names: ModulePath = name[directory.len() + 1..].split('/').map(str::to_owned).collect();
                if matches!(names.last().map(String::as_str), Some("mod"))
                    || matches!(&names[..], [name] if name == "lib" || name == "main")
                {
                    names.pop();
                }
                add(&mut modules, names, &path, &source);
            }
        }
    }
    modules
}

fn add(modules: &mut BTreeMap<ModulePath, Module>, names: ModulePath, file: &str, source: &str) {
    let mut reader = Reader {
        module: Module {
            file: file.to_owned(),
            code: lexer::code(source),
            ..Module::default()
        },
        depth: 0,
    };
    reader.visit_file(&syn::parse_file(source).unwrap_or_else(|error| panic!("{file}: {error}")));
    let found = reader.module;
    // A crate may have a library and a program: their roots are one module here.
    let module = modules.entry(names).or_default();
    module.file = found.file;
    module.code.push_str(&found.code);
    module.imports.extend(found.imports);
    module.globs.extend(found.globs);
    module.paths.extend(found.paths);
}

struct Reader {
    module: Module,
    /// How many inline modules enclose the item.
    depth: usize,
}

impl Reader {
    fn add_use(&mut self, prefix: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_use(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => self.import(prefix.last().cloned(), prefix.to_vec()),
            syn::UseTree::Name(name) => self.import(Some(name.ident.to_string()), with(&name.ident)),
            syn::UseTree::Rename(rename) if rename.ident == "self" => {
                self.import(Some(rename.rename.to_string()), prefix.to_vec());
            }
            syn::UseTree::Rename(rename) => self.import(Some(rename.rename.to_string()), with(&rename.ident)),
            syn::UseTree::Glob(_) => {
                let path = self.outside(prefix.to_vec());
                self.module.paths.push(path.clone());
                self.module.globs.push(path);
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_use(prefix, tree)),
        }
    }

    fn import(&mut self, name: Option<String>, path: Vec<String>) {
        let path = self.outside(path);
        self.module.paths.push(path.clone());
        if let Some(name) = name {
            self.module.imports.insert(name, path);
        }
    }

    /// Drops one `super` for each inline module, which counts as its file.
    fn outside(&self, mut path: Vec<String>) -> Vec<String> {
        for _ in 0..self.depth {
            if path.first().is_some_and(|first| first == "super") {
                path.remove(0);
            }
        }
        path
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
    })
}

impl<'a> Visit<'a> for Reader {
    fn visit_item(&mut self, item: &'a syn::Item) {
        let attributes = match item {
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        self.depth += 1;
        visit::visit_item_mod(self, item);
        self.depth -= 1;
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        self.add_use(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path.leading_colon.is_none() && matches!(names[0].as_str(), "crate" | "super" | "self") && names.len() > 1 {
            let names = self.outside(names);
            self.module.paths.push(names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'a syn::Macro) {
        let text = called.tokens.to_string().replace(' ', "");
        for start in ["crate::", "super::"] {
            for (at, _) in text.match_indices(start) {
                let path = text[at..].split(|char: char| !char.is_alphanumeric() && char != '_' && char != ':');
                let names = path
                    .take(1)
                    .flat_map(|path| path.split("::"))
                    .filter(|name| !name.is_empty());
                let names = self.outside(names.map(str::to_owned).collect());
                self.module.paths.push(names);
            }
        }
        visit::visit_macro(self, called);
    }
}

/// Returns the module of the crate that a path leads into, through imports and what is exported again.
fn resolve(
    modules: &BTreeMap<ModulePath, Module>,
    from: &[String],
    path: &[String],
    depth: usize,
) -> Option<ModulePath> {
    if depth > 8 {
        return None;
    }
    let (mut at, mut rest) = match path.first()?.as_str() {
        "crate" => (Vec::new(), &path[1..]),
        "self" => (from.to_vec(), &path[1..]),
        "super" => (from.to_vec(), path),
        first => {
            // A path without a prefix: a module below, or another crate.
            if !modules.contains_key(&[from, &[first.to_owned()]].concat()) {
                return None;
            }
            (from.to_vec(), path)
        }
    };
    while rest.first().is_some_and(|name| name == "super") {
        at.pop()?;
        rest = &rest[1..];
    }
    for (index, name) in rest.iter().enumerate() {
        let below = [&at[..], std::slice::from_ref(name)].concat();
        if modules.contains_key(&below) {
            at = below;
            continue;
        }
        let module = modules.get(&at)?;
        let next = &rest[index + 1..];
        if let Some(import) = module.imports.get(name) {
            return match resolve(modules, &at, &[import, next].concat(), depth + 1) {
                None => Some(at),
                some => some,
            };
        }
        // A name that only one imported module can have is not looked for in several.
        if let [glob] = &module.globs[..]
            && let Some(target) = resolve(modules, &at, glob, depth + 1)
            && !defines(module, name)
        {
            return Some(target);
        }
        break;
    }
    Some(at)
}

fn defines(module: &Module, name: &str) -> bool {
    ["struct", "enum", "trait", "fn", "const", "static", "type", "macro"]
        .iter()
        .any(|item| module.code.contains(&format!("{item} {name}")))
}

/// Returns the dependencies between the modules below `parent`.
fn edges(modules: &BTreeMap<ModulePath, Module>, parent: &[String]) -> Edges {
    let mut edges = Edges::new();
    for (from, module) in modules
        .iter()
        .filter(|(from, _)| from.len() > parent.len() && from.starts_with(parent))
    {
        for path in &module.paths {
            let Some(to) = resolve(modules, from, path, 0) else {
                continue;
            };
            if to.len() <= parent.len() || !to.starts_with(parent) || to[parent.len()] == from[parent.len()] {
                continue;
            }
            let edge = (from[parent.len()].clone(), to[parent.len()].clone());
            edges.entry(edge).or_insert_with(|| place(module, path));
        }
    }
    edges
}

/// The file and the line on which a path stands, as far as the text shows it.
fn place(module: &Module, path: &[String]) -> String {
    let written = path.join("::");
    let has = |part: &str| module.code.lines().position(|line| line.contains(part));
    let last = path.last().map(String::as_str).unwrap_or_default();
    let prefix = path[..path.len().min(2)].join("::");
    let line = has(&written).or_else(|| has(&prefix)).or_else(|| has(last));
    format!("{}:{}: {written}", module.file, line.unwrap_or_default() + 1)
}

/// Returns the groups of modules of which each reaches the others, with their dependencies on each other.
fn cycles(edges: &Edges) -> Vec<Vec<((String, String), String)>> {
    let reachable = |from: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(at) = open.pop() {
            for (_, to) in edges.keys().filter(|(from, _)| *from == at) {
                if seen.insert(to.clone()) {
                    open.push(to.clone());
                }
            }
        }
        seen
    };
    let names: BTreeSet<&String> = edges.keys().flat_map(|(from, to)| [from, to]).collect();
    let reach: BTreeMap<&String, BTreeSet<String>> = names.iter().map(|name| (*name, reachable(name))).collect();
    let mut cycles = Vec::new();
    let mut done = BTreeSet::new();
    for name in names {
        if !reach[name].contains(name) || done.contains(name) {
            continue;
        }
        let group: BTreeSet<&String> = reach[name].iter().filter(|other| reach[other].contains(name)).collect();
        let within = |(from, to): &(String, String)| group.contains(from) && group.contains(to);
        cycles.push(
            edges
                .iter()
                .filter(|(edge, _)| within(edge))
                .map(|(edge, place)| (edge.clone(), place.clone()))
                .collect(),
        );
        done.extend(group.into_iter().cloned());
    }
    cycles
}

/// Returns the crate and the two modules of each cycle that ARCHITECTURE.md lists.
fn listed(architecture: &str) -> Vec<[String; 3]> {
    let lines = architecture
        .lines()
        .filter_map(|line| line.split_once("cycle: ").map(|(_, cycle)| cycle));
    let cycle = |cycle: &str| {
        let words: Vec<&str> = cycle.trim_end_matches(['`', '.']).split_whitespace().collect();
        match words[..] {
            [krate, first, "↔", second] => [krate, first, second].map(str::to_owned),
            _ => panic!("`cycle: {cycle}`: write `cycle: CRATE MODULE ↔ MODULE`"),
        }
    };
    lines.map(cycle).collect()
}

/// Returns the cycles of a crate as text, one a module below which there are some.
fn report(krate: &str, modules: &BTreeMap<ModulePath, Module>, allowed: &[[String; 3]]) -> Vec<String> {
    let mut report = Vec::new();
    let mut parents: BTreeSet<ModulePath> = modules.keys().cloned().collect();
    parents.insert(Vec::new());
    for parent in parents {
        let mut edges = edges(modules, &parent);
        for [_, first, second] in allowed.iter().filter(|[of, _, _]| of == krate && parent.is_empty()) {
            edges.remove(&(first.clone(), second.clone()));
        }
        for cycle in cycles(&edges) {
            let lines = cycle
                .iter()
                .map(|((from, to), place)| format!("\n    {from} → {to}  {place}"));
            let below = [&[krate.to_owned()][..], &parent].concat().join("::");
            report.push(format!("{below}:{}", lines.collect::<String>()));
        }
    }
    report
}

#[test]
fn modules_have_no_cycles() {
    let root = root();
    let allowed = listed(&fs::read_to_string(root.join("ARCHITECTURE.md")).expect("a text"));
    let mut all = Vec::new();
    for krate in CRATES {
        let report = report(krate, &modules(&root, krate), &allowed);
        println!("{krate}: {} cycles", report.len());
        all.extend(report);
    }
    println!("{}", all.join("\n"));
    assert!(all.is_empty(), "{} cycles between modules", all.len());
}

fn crate_of(files: &[(&str, &str)]) -> BTreeMap<ModulePath, Module> {
    let mut modules = BTreeMap::new();
    for (path, source) in files {
        let names = path
            .split('/')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        add(&mut modules, names, &format!("x/{path}.rs"), source);
    }
    modules
}

#[test]
fn finds_cycles_between_rooms_and_files() {
    let modules = crate_of(&[
        ("", "mod a; mod b; pub use a::Name;"),
        ("a", "mod one; mod two;\npub struct Name;"),
        ("a/one", "use super::two::Two;\nfn x() { crate::b::run() }"),
        ("a/two", "fn y(_: super::one::One) {}"),
        ("b", "use crate::{Name};"),
    ]);
    let report = report("x", &modules, &[]);
    assert_eq!(report.len(), 2, "{report:?}");
    assert!(report[0].contains("a → b  x/a/one.rs:2: crate::b::run"), "{report:?}");
    assert!(report[0].contains("b → a  x/b.rs:1: crate::Name"), "{report:?}");
    assert!(
        report[1].starts_with("x::a:") && report[1].contains("one → two"),
        "{report:?}"
    );
}

#[test]
fn skips_parents_tests_and_listed_cycles() {
    let modules = crate_of(&[
        ("", "mod a; mod b;"),
        ("a", "mod one; use one::One; fn x() { crate::b::run() }"),
        ("a/one", "use super::*; fn z() {}"),
        (
            "b",
            "use crate::a::x;\n#[cfg(test)]\nmod tests { use crate::a::one::z; }",
        ),
    ]);
    let allowed = listed("`cycle: x a ↔ b`");
    assert_eq!(report("x", &modules, &allowed), Vec::<String>::new());
    assert_eq!(report("x", &modules, &[]).len(), 1);
}
