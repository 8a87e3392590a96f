//! A cache in `target/` between runs: syntax trees of spec files, and hashes of generated files and their input.
//!
//! The cache is optional. It is valid only if it is undamaged and the same program wrote it. A syntax tree applies to a file
//! with the same text, and a generated file is current if its slice of the model and its text are unchanged. The whole spec
//! is checked in every run. The cache is not protected against manipulation: write access to `target/` also allows replacing
//! the program.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{env, fs};

use serde::{Deserialize, Serialize};

use crate::model::Api;
use crate::yaml::{self, Node, SyntaxError};

/// The directory of the caches, relative to the root.
const DIRECTORY: &str = "target/larkspur-spec";

/// The content of a cache file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct CachedState<'b> {
    /// The program that wrote it.
    generator: String,
    /// Trees of spec files, by the hash of their text.
    #[serde(borrow)]
    trees: BTreeMap<u64, &'b [u8]>,
    /// Generated files by path.
    files: BTreeMap<PathBuf, Rendered>,
}

/// A generated file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Rendered {
    /// Hash of its slice.
    slice: u64,
    /// Hash of its text.
    text: u64,
}

impl<'b> CachedState<'b> {
    /// Decodes the bytes; a damaged cache or that of another program is empty.
    fn from_bytes(bytes: &'b [u8], generator: &str) -> Self {
        let sound = bytes
            .split_first_chunk()
            .filter(|(sum, body)| u64::from_le_bytes(**sum) == hash(body));
        let content = sound.and_then(|(_, body)| postcard::from_bytes::<Self>(body).ok());
        content
            .filter(|content| content.generator == generator)
            .unwrap_or_default()
    }

    fn to_bytes(&self) -> Option<Vec<u8>> {
        let body = postcard::to_stdvec(self).ok()?;
        let mut bytes = hash(&body).to_le_bytes().to_vec();
        bytes.extend(body);
        Some(bytes)
    }
}

/// A cache file, and the id of the program that may use it.
pub(super) struct CacheFile {
    path: PathBuf,
    generator: String,
    bytes: Vec<u8>,
}

impl CacheFile {
    /// Opens the cache of this program for `root`; `None` if the program cannot be identified.
    pub(super) fn open(root: &Path) -> Option<Self> {
        let program = env::current_exe().ok()?;
        let generator = generator(&program)?;
        // Each program has a file, so that the build script does not overwrite the cache of `cargo spec`.
        let name = format!("{:016x}", hash(program.as_os_str().as_encoded_bytes()));
        let path = root.join(DIRECTORY).join(name);
        let bytes = fs::read(&path).unwrap_or_default();
        Some(Self { path, generator, bytes })
    }

    /// Loads the cache.
    pub(super) fn load(&self) -> Cache<'_> {
        Cache {
            last: CachedState::from_bytes(&self.bytes, &self.generator),
            trees: Mutex::default(),
            files: Mutex::default(),
        }
    }
}

/// Returns the id of a program: its version and the metadata of its file.
fn generator(program: &Path) -> Option<String> {
    let metadata = fs::metadata(program).ok()?;
    let modified = metadata.modified().ok()?;
    #[cfg(unix)]
    let changed = {
        use std::os::unix::fs::MetadataExt;
        (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
    };
    #[cfg(not(unix))]
    let changed = ();
    let version = env!("CARGO_PKG_VERSION");
    Some(format!("{version} {} {modified:?} {changed:?}", metadata.len()))
}

/// The cache of the last run, and the entries of this one.
pub(super) struct Cache<'b> {
    last: CachedState<'b>,
    /// The syntax trees of this run, borrowed if they are those of the last one.
    trees: Mutex<BTreeMap<u64, Cow<'b, [u8]>>>,
    files: Mutex<BTreeMap<PathBuf, Rendered>>,
}

impl Cache<'_> {
    /// Parses a file as [`yaml::parse_on_this_thread`] does.
    pub(super) fn parse(&self, file: usize, text: &str) -> Result<Node, SyntaxError> {
        let hash = hash(text.as_bytes());
        if let Some(&known) = self.last.trees.get(&hash)
            && let Ok(mut tree) = postcard::from_bytes::<Node>(known)
        {
            tree.set_file(file);
            lock(&self.trees).insert(hash, known.into());
            return Ok(tree);
        }
        let tree = yaml::parse_on_this_thread(file, text)?;
        if let Ok(bytes) = postcard::to_stdvec(&tree) {
            lock(&self.trees).insert(hash, bytes.into());
        }
        Ok(tree)
    }

    /// Returns whether these files were rendered from this slice and are unchanged.
    pub(super) fn all_fresh(&self, found: &BTreeMap<PathBuf, Option<Vec<u8>>>, slice: u64) -> bool {
        let fresh = |(path, found): (&PathBuf, &Option<Vec<u8>>)| {
            let text = hash(found.as_deref()?);
            let rendered = Rendered { slice, text };
            (self.last.files.get(path) == Some(&rendered)).then(|| (path.clone(), rendered))
        };
        let all: Option<Vec<_>> = found.iter().map(fresh).collect();
        let is_fresh = all.is_some();
        lock(&self.files).extend(all.into_iter().flatten());
        is_fresh
    }

    /// Adds a file that was rendered from a slice.
    pub(super) fn note(&self, path: &Path, slice: u64, text: &str) {
        let text = hash(text.as_bytes());
        lock(&self.files).insert(path.to_path_buf(), Rendered { slice, text });
    }

    /// Writes the cache if it changed. Errors are ignored, since they only slow down the next run.
    pub(super) fn save(self, file: &CacheFile) {
        let (trees, files) = (into_inner(self.trees), into_inner(self.files));
        let known = trees.values().all(|tree| matches!(tree, Cow::Borrowed(_)));
        if known && trees.len() == self.last.trees.len() && files == self.last.files {
            return;
        }
        let content = CachedState {
            generator: file.generator.clone(),
            trees: trees.iter().map(|(hash, tree)| (*hash, &**tree)).collect(),
            files,
        };
        if let Some(bytes) = content.to_bytes() {
            let _ = crate::replace_file(&file.path, &bytes);
        }
    }
}

/// Returns the hash of a slice.
pub(super) fn hash_slice(slice: &Api) -> Option<u64> {
    postcard::to_stdvec(slice).ok().map(|bytes| hash(&bytes))
}

/// Returns a hash that is the same in every process of this program.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// Locks a map, which stays consistent if a thread panics.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> Vec<u8> {
        let rendered = Rendered { slice: 1, text: 2 };
        let content = CachedState {
            generator: "this one".to_owned(),
            trees: BTreeMap::from([(7, &b"tree"[..])]),
            files: BTreeMap::from([("generated/mod.rs".into(), rendered)]),
        };
        content.to_bytes().expect("the cache can be encoded")
    }

    #[test]
    fn is_valid_for_its_program_only() {
        let bytes = bytes();
        assert_eq!(CachedState::from_bytes(&bytes, "this one").files.len(), 1);
        assert_eq!(CachedState::from_bytes(&bytes, "another"), CachedState::default());
    }

    #[test]
    fn ignores_truncated_cache() {
        let bytes = bytes();
        for length in 0..bytes.len() {
            assert_eq!(
                CachedState::from_bytes(&bytes[..length], "this one"),
                CachedState::default()
            );
        }
    }

    #[test]
    fn ignores_cache_with_flipped_bit() {
        let bytes = bytes();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(CachedState::from_bytes(&damaged, "this one"), CachedState::default());
        }
    }
}
