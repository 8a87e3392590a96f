//! What a run found out, kept in `target/` for the next one: trees of spec files, and what generated files follow from.
//!
//! Nothing needs it. It counts only where it is whole and was written by this very program; of that it answers only for
//! a spec file whose text, and for a generated file whose slice of the model and whose text, are what they were. All
//! else is done as if there were none, and findings are looked for in the whole spec each time. That guards against damage
//! and age, not against malice: whoever can write to `target/` can put another program there as well.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{env, fs};

use serde::{Deserialize, Serialize};

use crate::model::Api;
use crate::yaml::{self, Node, SyntaxError};

/// Where records stand, below the root.
const DIRECTORY: &str = "target/larkspur-spec";

/// A record as it stands on disk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Record<'b> {
    /// The program that wrote it.
    generator: String,
    /// Trees of spec files, by the hash of their text.
    #[serde(borrow)]
    trees: BTreeMap<u64, &'b [u8]>,
    /// Generated files by path.
    files: BTreeMap<PathBuf, Rendered>,
}

/// A file that was generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Rendered {
    /// Hash of the slice that it was rendered from.
    slice: u64,
    /// Hash of its text.
    text: u64,
}

impl<'b> Record<'b> {
    /// The record in these bytes; an empty one where it is damaged or another program's.
    fn from_bytes(bytes: &'b [u8], generator: &str) -> Self {
        let sound = bytes
            .split_first_chunk()
            .filter(|(sum, body)| u64::from_le_bytes(**sum) == hash(body));
        let record = sound.and_then(|(_, body)| postcard::from_bytes::<Self>(body).ok());
        record
            .filter(|record| record.generator == generator)
            .unwrap_or_default()
    }

    fn to_bytes(&self) -> Option<Vec<u8>> {
        let body = postcard::to_stdvec(self).ok()?;
        let mut bytes = hash(&body).to_le_bytes().to_vec();
        bytes.extend(body);
        Some(bytes)
    }
}

/// The bytes of a record, and whose they have to be.
pub(super) struct Store {
    path: PathBuf,
    generator: String,
    bytes: Vec<u8>,
}

impl Store {
    /// The record of earlier runs of this program over `root`; `None` where one cannot tell which program this is.
    pub(super) fn open(root: &Path) -> Option<Self> {
        let program = env::current_exe().ok()?;
        let generator = generator(&program)?;
        // Each program has its own, so that the one of the build script does not overwrite that of `cargo spec`.
        let name = format!("{:016x}", hash(program.as_os_str().as_encoded_bytes()));
        let path = root.join(DIRECTORY).join(name);
        let bytes = fs::read(&path).unwrap_or_default();
        Some(Self { path, generator, bytes })
    }

    /// What is known from before.
    pub(super) fn memory(&self) -> Memory<'_> {
        Memory {
            last: Record::from_bytes(&self.bytes, &self.generator),
            trees: Mutex::default(),
            files: Mutex::default(),
        }
    }
}

/// Which program this is: its version, and the file that it was started from.
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

/// What is known from before, and what is found out now.
pub(super) struct Memory<'b> {
    last: Record<'b>,
    /// The trees of this run; those of before as the record has them.
    trees: Mutex<BTreeMap<u64, Cow<'b, [u8]>>>,
    files: Mutex<BTreeMap<PathBuf, Rendered>>,
}

impl Memory<'_> {
    /// As [`yaml::parse_here`].
    pub(super) fn parse(&self, file: usize, text: &str) -> Result<Node, SyntaxError> {
        let hash = hash(text.as_bytes());
        if let Some(&known) = self.last.trees.get(&hash)
            && let Ok(mut tree) = postcard::from_bytes::<Node>(known)
        {
            tree.set_file(file);
            lock(&self.trees).insert(hash, known.into());
            return Ok(tree);
        }
        let tree = yaml::parse_here(file, text)?;
        if let Ok(bytes) = postcard::to_stdvec(&tree) {
            lock(&self.trees).insert(hash, bytes.into());
        }
        Ok(tree)
    }

    /// Whether these files, with what was found in them, were rendered from this slice and have the text that they got then.
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

    /// Notes that this text was rendered from the slice.
    pub(super) fn note(&self, path: &Path, slice: u64, text: &str) {
        let text = hash(text.as_bytes());
        lock(&self.files).insert(path.to_path_buf(), Rendered { slice, text });
    }

    /// Writes what is known now, where it is more or less than before. Failing costs no more than time in the next run.
    pub(super) fn save(self, store: &Store) {
        let (trees, files) = (unlocked(self.trees), unlocked(self.files));
        let known = trees.values().all(|tree| matches!(tree, Cow::Borrowed(_)));
        if known && trees.len() == self.last.trees.len() && files == self.last.files {
            return;
        }
        let record = Record {
            generator: store.generator.clone(),
            trees: trees.iter().map(|(hash, tree)| (*hash, &**tree)).collect(),
            files,
        };
        if let Some(bytes) = record.to_bytes() {
            let _ = crate::replace_file(&store.path, &bytes);
        }
    }
}

/// The hash of a slice.
pub(super) fn hash_of(slice: &Api) -> Option<u64> {
    postcard::to_stdvec(slice).ok().map(|bytes| hash(&bytes))
}

/// The same in every process that runs this program.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// What is behind the lock is whole between any two calls, also where a thread has panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unlocked<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> Vec<u8> {
        let rendered = Rendered { slice: 1, text: 2 };
        let record = Record {
            generator: "this one".to_owned(),
            trees: BTreeMap::from([(7, &b"tree"[..])]),
            files: BTreeMap::from([("generated/mod.rs".into(), rendered)]),
        };
        record.to_bytes().expect("it has bytes")
    }

    #[test]
    fn a_record_counts_for_the_program_that_wrote_it() {
        let bytes = bytes();
        assert_eq!(Record::from_bytes(&bytes, "this one").files.len(), 1);
        assert_eq!(Record::from_bytes(&bytes, "another"), Record::default());
    }

    #[test]
    fn a_record_that_is_cut_off_anywhere_is_none() {
        let bytes = bytes();
        for length in 0..bytes.len() {
            assert_eq!(Record::from_bytes(&bytes[..length], "this one"), Record::default());
        }
    }

    #[test]
    fn a_record_with_any_bit_turned_is_none() {
        let bytes = bytes();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Record::from_bytes(&damaged, "this one"), Record::default());
        }
    }
}
