//! What has to be done, by comparing what there is with what there should be.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::disk;
use super::error::{GenerateError, State};
use super::record::{self, Memory};
use crate::emit::{self, Part, Parts};
use crate::model::Api;
use crate::{Source, load, parallel};

/// The package's manifest, which holds the block of features.
const MANIFEST: &str = "Cargo.toml";

/// The directory of the spec.
const SPEC: &str = "spec";

/// Something that has to be done to a file.
pub(super) enum Change {
    Write { text: String, exists: bool },
    Remove,
}

impl Change {
    pub(super) fn state(&self) -> State {
        match self {
            Self::Write { exists: true, .. } => State::Stale,
            Self::Write { exists: false, .. } => State::Missing,
            Self::Remove => State::LeftOver,
        }
    }

    /// What makes the file hold this text.
    fn to(text: String, found: Option<&[u8]>) -> Option<Self> {
        let exists = found.is_some();
        (found != Some(text.as_bytes())).then_some(Self::Write { text, exists })
    }
}

/// A file that there should be, and what has to be done for that.
type Wanted = (PathBuf, Option<Change>);

/// Every change that is due, by path.
pub(super) fn changes(root: &Path, memory: Option<&Memory<'_>>) -> Result<BTreeMap<PathBuf, Change>, GenerateError> {
    let api = model(root, memory)?;
    let parts = Parts::new(&api)?;
    let mut wanted = BTreeSet::new();
    let mut changes = BTreeMap::new();
    let mut all = parallel::map(&parts.all(), |&part| self::part(root, &parts, part, memory));
    all.push(manifest(root, &api).map(|manifest| vec![manifest]));
    for files in all {
        for (path, change) in files? {
            changes.extend(change.map(|change| (path.clone(), change)));
            wanted.insert(path);
        }
    }
    for path in disk::generated_files(root, &wanted)? {
        changes.insert(path, Change::Remove);
    }
    Ok(changes)
}

/// The model of all of the spec.
fn model(root: &Path, memory: Option<&Memory<'_>>) -> Result<Api, GenerateError> {
    let directory = root.join(SPEC);
    let source = Source::read_dir(&directory).map_err(|error| GenerateError::Io {
        action: "read",
        path: directory,
        error,
    })?;
    let loaded = match memory {
        Some(memory) => load::load_by(&source, |file, text| memory.parse(file, text)),
        None => load(&source),
    };
    loaded.map_err(|findings| GenerateError::Findings {
        findings,
        source: Box::new(source),
    })
}

/// The files of a part, which is rendered only where it is not known to be fresh.
fn part(root: &Path, parts: &Parts<'_>, part: Part, memory: Option<&Memory<'_>>) -> Result<Vec<Wanted>, GenerateError> {
    let slice = parts.slice(part);
    let memory = memory.and_then(|memory| Some((memory, record::hash_of(&slice)?)));
    let mut found = BTreeMap::new();
    for path in parts.paths(part)? {
        found.insert(path.clone(), disk::read(root, &path)?);
    }
    if let Some((memory, hash)) = memory
        && memory.all_fresh(&found, hash)
    {
        return Ok(found.into_keys().map(|path| (path, None)).collect());
    }
    let rendered = parts.render(part, &slice)?.into_iter().map(|(path, text)| {
        if let Some((memory, hash)) = memory {
            memory.note(&path, hash, &text);
        }
        let found = found.get(&path).and_then(Option::as_deref);
        let change = Change::to(text, found);
        (path, change)
    });
    Ok(rendered.collect())
}

/// The manifest with its features.
fn manifest(root: &Path, api: &Api) -> Result<Wanted, GenerateError> {
    let path = PathBuf::from(MANIFEST);
    let found = disk::read_text(root, &path)?;
    let text = emit::replace_features(&found, &emit::gated_projects(api))?;
    Ok((path, Change::to(text, Some(found.as_bytes()))))
}
