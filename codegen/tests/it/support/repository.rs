//! A repository for the generator to work on.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::fs;
use std::path::{Path, PathBuf};

use larkspur_codegen::generate::{self, Difference, GenerateError};
use tempfile::TempDir;

/// A manifest without features yet.
pub const MANIFEST: &str = "\
[package]
name = \"sdk\"

[features]
default = []
# @generated features: begin
# @generated features: end

[dependencies]
";

/// A spec file with one endpoint.
pub const THING: &str = "\
endpoints:
  get:
    summary: Get a thing.
    http: GET /open-apis/demo/v1/things/:thing_id
    tokens: [tenant]
    path:
      thing_id: { type: string, required: true, doc: Id of the thing. }
";

/// A repository with one endpoint, `demo.v1.thing.get`.
pub struct Repository(TempDir);

impl Repository {
    pub fn new() -> Self {
        let repository = Self(tempfile::tempdir().expect("a directory"));
        repository.put("Cargo.toml", MANIFEST);
        repository.put("spec/demo/v1/thing.yaml", THING);
        repository
    }

    /// One that has been generated already.
    pub fn fresh() -> Self {
        let repository = Self::new();
        repository.write();
        repository
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file.
    pub fn put(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).expect("a text")
    }

    /// Whether there is such a file.
    pub fn has(&self, path: &str) -> bool {
        self.root().join(path).exists()
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.root().join(path)).expect("a file");
    }

    /// Brings it up to date.
    pub fn write(&self) -> generate::Report {
        generate::write(self.root()).expect("the spec is right")
    }

    /// What a check complains of.
    pub fn differences(&self) -> Vec<Difference> {
        match generate::check(self.root()) {
            Err(GenerateError::Differs(differences)) => differences,
            other => panic!("expected differences, not {other:?}"),
        }
    }

    /// Every file with its content, but for what runs of the generator keep for each other.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut directories = vec![self.root().to_path_buf()];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).expect("a directory") {
                let path = entry.expect("an entry").path();
                if path == self.root().join("target") {
                    continue;
                }
                if path.is_dir() {
                    directories.push(path);
                } else {
                    let content = fs::read(&path).expect("a file");
                    files.push((path, content));
                }
            }
        }
        files.sort();
        files
    }
}
