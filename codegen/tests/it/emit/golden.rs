//! The complete output for the cursed spec. `BLESS=1` updates the golden files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use larkspur_codegen::{Source, emit, load};

fn directory(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path)
}

/// The cursed spec, its files added in this order.
fn source(reversed: bool) -> Source {
    let read = Source::read_dir(&directory("fixtures/cursed/spec")).expect("the fixture is there");
    let mut files: Vec<_> = read
        .files()
        .map(|(path, text)| (path.to_owned(), text.to_vec()))
        .collect();
    if reversed {
        files.reverse();
    }
    let mut source = Source::new();
    for (path, text) in files {
        source.add(path, text);
    }
    source
}

fn generated(source: &Source) -> BTreeMap<PathBuf, String> {
    let api = load(source).unwrap_or_else(|findings| panic!("the fixture is right, but:\n{findings}"));
    emit(&api).expect("the fixture becomes Rust")
}

/// Every file below a directory, relative to it.
fn files(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let text = fs::read_to_string(&path).expect("a text");
                files.insert(path.strip_prefix(root).expect("inside").to_path_buf(), text);
            }
        }
    }
    files
}

fn bless(root: &Path, output: &BTreeMap<PathBuf, String>) {
    if root.exists() {
        fs::remove_dir_all(root).expect("the old ones go");
    }
    for (path, text) in output {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
}

#[test]
fn cursed_spec_matches_golden() {
    let (root, output) = (directory("golden/cursed"), generated(&source(false)));
    if env::var_os("BLESS").is_some() {
        bless(&root, &output);
    }
    let expected = files(&root);
    assert_eq!(output.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (path, text) in &output {
        assert!(
            *text == expected[path],
            "{} is not what was blessed: run with BLESS=1 and read the diff",
            path.display()
        );
    }
}

#[test]
fn output_is_independent_of_file_order() {
    assert_eq!(generated(&source(true)), generated(&source(false)));
}
