//! A fresh crate that depends on the SDK, and cargo run on it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate outside of the workspace, in a directory that holds the target folder too.
pub struct Dependent {
    /// Its own directory.
    pub path: PathBuf,
    /// Where its builds go.
    pub target: PathBuf,
}

impl Dependent {
    /// Writes it: with these features of the SDK, and this text as its library. Crates in one directory share what they
    /// build of their dependencies.
    pub fn write(directory: &Path, name: &str, features: &[&str], source: &str) -> Self {
        let path = directory.join(name);
        let repository = concat!(env!("CARGO_MANIFEST_DIR"), "/..").replace('\\', "/");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             larkspur = {{ path = \"{repository}\", default-features = false, features = {features:?} }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\n[workspace]\n"
        );
        std::fs::create_dir_all(path.join("src")).expect("the crate's directory is made");
        std::fs::write(path.join("Cargo.toml"), manifest).expect("the manifest is written");
        std::fs::copy(Path::new(&repository).join("Cargo.lock"), path.join("Cargo.lock"))
            .expect("the lock file is copied");
        std::fs::write(path.join("src/lib.rs"), source).expect("the source is written");
        Self {
            path,
            target: directory.join("target"),
        }
    }

    /// Runs cargo in it as an outside build: without incremental compilation, and without the variable for the SDK's
    /// build script that it is at home.
    pub fn cargo(&self, arguments: &[&str]) {
        let status = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&self.path)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env_remove("LARKSPUR_REPOSITORY")
            .status()
            .expect("cargo runs");
        assert!(status.success(), "cargo {arguments:?} fails in {}", self.path.display());
    }
}
