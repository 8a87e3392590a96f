//! Real pages, which are not in the repository. `LARKSPUR_PAGES` is a directory with pages in the portal's format,
//! `LARKSPUR_SEEDS` one with pages in the other formats; its default is `seeds` next to the first.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the pages with their names, sorted by name.
#[allow(dead_code, reason = "not every test needs them")]
pub(crate) fn pages() -> Vec<(String, String)> {
    below(&root())
}

/// Returns the pages in all formats.
#[allow(dead_code, reason = "not every test needs them")]
pub(crate) fn seeds() -> Vec<(String, String)> {
    let named = std::env::var_os("LARKSPUR_SEEDS").map(PathBuf::from);
    below(&named.unwrap_or_else(|| root().with_file_name("seeds")))
}

fn root() -> PathBuf {
    let root = std::env::var_os("LARKSPUR_PAGES").map(PathBuf::from);
    root.expect("LARKSPUR_PAGES is not set: it must be a directory with pages")
}

fn below(root: &Path) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    collect(root, root, &mut pages);
    pages.sort();
    assert!(!pages.is_empty(), "no page in {}", root.display());
    pages
}

fn collect(root: &Path, directory: &Path, pages: &mut Vec<(String, String)>) {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, pages);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "md" || extension == "txt")
        {
            let name = path.strip_prefix(root).expect("it is below").display().to_string();
            pages.push((name, fs::read_to_string(&path).expect("a text")));
        }
    }
}
