//! Embeds the spec: writes the list of its files with their bytes, which src/builder.rs includes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let spec = here.join("../spec").canonicalize()?;
    println!("cargo::rerun-if-changed={}", spec.display());

    let mut files = Vec::new();
    collect(&spec, &mut files)?;
    files.sort();

    let mut list = String::from("&[\n");
    for file in &files {
        let name = format!("spec/{}", slashed(file.strip_prefix(&spec).unwrap_or(file)));
        let place = file.display().to_string();
        writeln!(list, "    ({name:?}, include_bytes!({place:?}).as_slice()),").map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    fs::write(PathBuf::from(variable("OUT_DIR")?).join("spec.rs"), list)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}")))
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}

/// Returns the path with `/` on every operating system, as findings show it.
fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
