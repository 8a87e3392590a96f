//! Real pages, which are not ours and not in the repository: `LARKSPUR_PAGES` names a directory with them, as the portal
//! serves them, and `LARKSPUR_SEEDS` one with pages in other formats, else `seeds` beside the first.

use std::fs;
use std::path::{Path, PathBuf};

/// The pages with their names, by name.
#[allow(dead_code, reason = "not every test needs them")]
pub(crate) fn pages() -> Vec<(String, String)> {
    below(&root())
}

/// The pages in all formats.
#[allow(dead_code, reason = "not every test needs them")]
pub(crate) fn seeds() -> Vec<(String, String)> {
    let named = std::env::var_os("LARKSPUR_SEEDS").map(PathBuf::from);
    below(&named.unwrap_or_else(|| root().with_file_name("seeds")))
}

fn root() -> PathBuf {
    let root = std::env::var_os("LARKSPUR_PAGES").map(PathBuf::from);
    root.expect("set LARKSPUR_PAGES to a directory with pages as the portal serves them")
}

fn below(root: &Path) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    collect(root, root, &mut pages);
    pages.sort();
    assert!(!pages.is_empty(), "there is no page below {}", root.display());
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
