//! What the generator keeps between runs changes nothing but the time that they take.
//!
//! Each test makes a change where there is a record of the state before. `generate::check` trusts no record, so what it
//! passes is what a run without one would have written.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::repository::{MANIFEST, Repository, THING};
use larkspur_codegen::{Source, generate};

const USER: &str = "\
endpoints:
  get:
    summary: Get a thing.
    http: GET /open-apis/demo/v1/users/:thing_id
    tokens: [tenant]
    path:
      thing_id: { type: string, required: true, doc: Id of the thing. }
    query:
      kind: { type: Kind, required: true, doc: What it is. }
    response:
      owner: { type: Person, doc: Whose it is. }
";

const TYPES: &str = "\
types:
  Kind:
    doc: What a thing is.
    enum: [folder, document]
  Person:
    doc: Somebody.
    fields:
      id: { type: string, doc: Id of the person. }
";

/// A repository in which a module uses types of another; it has a record.
fn sharing() -> Repository {
    let repository = Repository::new();
    repository.put("spec/demo/v1/user.yaml", USER);
    repository.put("spec/demo/v1/types.yaml", TYPES);
    repository.write();
    repository
}

/// The one record of a repository.
fn record(repository: &Repository) -> PathBuf {
    let directory = repository.root().join("target/larkspur-spec");
    let mut entries = fs::read_dir(directory).expect("there are records");
    entries.next().expect("there is a record").expect("an entry").path()
}

/// The files that a run writes, after which every file is up to date.
fn written(repository: &Repository) -> Vec<String> {
    let report = repository.write();
    generate::check(repository.root()).expect("every file is up to date");
    report.written.iter().map(|path| path.display().to_string()).collect()
}

#[test]
fn run_writes_cache_and_check_does_not() {
    let repository = Repository::fresh();
    assert!(record(&repository).is_file());
    fs::remove_dir_all(repository.root().join("target")).expect("it is removed");
    generate::check(repository.root()).expect("every file is up to date");
    assert!(!repository.has("target"));
}

#[test]
fn changed_shared_type_changes_using_files() {
    let repository = sharing();
    repository.put(
        "spec/demo/v1/types.yaml",
        &TYPES.replace("folder, document", "document, folder"),
    );
    // The example of a request takes the first value.
    let expected = ["generated/demo/v1/types.rs", "generated/demo/v1/user.rs"];
    assert_eq!(written(&repository), expected);
}

#[test]
fn changed_platform_type_changes_using_files() {
    let repository = sharing();
    repository.remove("spec/demo/v1/types.yaml");
    repository.put("spec/types.yaml", TYPES);
    let moved = written(&repository);
    assert!(moved.contains(&"generated/types.rs".to_owned()), "{moved:?}");
    assert!(!repository.has("generated/demo/v1/types.rs"));
    repository.put(
        "spec/types.yaml",
        &TYPES.replace("folder, document", "document, folder"),
    );
    assert_eq!(
        written(&repository),
        ["generated/demo/v1/user.rs", "generated/types.rs"]
    );
}

#[test]
fn newly_sent_shared_type_changes_its_file() {
    let repository = sharing();
    let sent =
        "      kind: { type: Kind, required: true, doc: What it is. }\n    body:\n      owner: { type: Person }\n";
    let user = USER.replace("GET /open", "POST /open");
    let user = user.replace("      kind: { type: Kind, required: true, doc: What it is. }\n", sent);
    repository.put("spec/demo/v1/user.yaml", &user);
    let expected = [
        "generated/demo/v1/types.rs",
        "generated/demo/v1/user.rs",
        "generated/index.txt",
    ];
    assert_eq!(written(&repository), expected);
}

#[test]
fn new_first_file_changes_no_other_file() {
    let repository = sharing();
    repository.put("spec/demo/v1/aaa.yaml", &THING.replace("things", "firsts"));
    let expected = [
        "generated/catalog.rs",
        "generated/demo/v1/aaa.rs",
        "generated/demo/v1/mod.rs",
        "generated/index.txt",
    ];
    assert_eq!(written(&repository), expected);
}

#[test]
fn finding_in_cached_file_has_location() {
    let repository = sharing();
    repository.put("spec/demo/v1/types.yaml", &TYPES.replace("Person", "Owner"));
    let error = generate::write(repository.root()).expect_err("a type is gone");
    let line = 1 + USER
        .lines()
        .position(|line| line.contains("type: Person"))
        .expect("it is used");
    let place = format!("spec/demo/v1/user.yaml:{line}:");
    assert!(error.to_string().contains(&place), "{error}");
}

#[test]
fn rewrites_missing_or_edited_files() {
    let repository = sharing();
    let good = repository.text("generated/demo/v1/user.rs");
    repository.remove("generated/demo/v1/types.rs");
    repository.put(
        "generated/demo/v1/user.rs",
        &good.replacen("Get a thing", "Get a king", 1),
    );
    let expected = ["generated/demo/v1/types.rs", "generated/demo/v1/user.rs"];
    assert_eq!(written(&repository), expected);
}

#[test]
fn check_finds_edit_despite_cache() {
    let repository = sharing();
    let good = repository.text("generated/demo/v1/user.rs");
    repository.put(
        "generated/demo/v1/user.rs",
        &good.replacen("Get a thing", "Get a king", 1),
    );
    let found = repository.differences();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, Path::new("generated/demo/v1/user.rs"));
}

#[test]
fn ignores_damaged_cache() {
    let repository = sharing();
    let record = record(&repository);
    let whole = fs::read(&record).expect("it is read");
    let mut turned = whole.clone();
    turned[whole.len() / 2] ^= 1;
    let cut = whole[..whole.len() / 2].to_vec();
    for (round, damaged) in [turned, cut, Vec::new(), b"no record at all".to_vec()]
        .iter()
        .enumerate()
    {
        fs::write(&record, damaged).expect("it is damaged");
        repository.put(
            "spec/demo/v1/thing.yaml",
            &THING.replace("Get a", &format!("Get {round} times a")),
        );
        assert_eq!(
            written(&repository),
            ["generated/demo/v1/thing.rs", "generated/index.txt"]
        );
    }
}

#[test]
fn unwritable_cache_is_not_error() {
    let repository = Repository::new();
    repository.put("target", "a file where the directory should be");
    assert_eq!(written(&repository).len(), 7);
}

#[test]
fn ignores_cache_of_other_repository() {
    let (one, other) = (sharing(), Repository::fresh());
    fs::copy(record(&one), record(&other)).expect("it is copied");
    other.put("spec/demo/v1/user.yaml", USER);
    other.put("spec/demo/v1/types.yaml", &TYPES.replace("Somebody", "Anybody"));
    assert_eq!(written(&other).len(), 5);
}

/// A few files of the repository's own spec, since each line costs two runs over all of them, and the most awkward one.
fn specs() -> [Source; 2] {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |spec| Source::read_dir(&here.join(spec)).expect("the spec is read");
    let mut few = Source::new();
    for (path, bytes) in read("../spec").files() {
        let chosen = [
            "authen/v2/errors.yaml",
            "authen/v2/oauth.yaml",
            "baike/v1/errors.yaml",
            "baike/v1/file.yaml",
            "drive/v1/errors.yaml",
            "drive/v1/export_task.yaml",
        ];
        if chosen.iter().any(|name| path.ends_with(name)) {
            few.add(path, bytes);
        }
    }
    assert_eq!(few.files().count(), 6);
    [few, read("tests/fixtures/cursed/spec")]
}

/// One line in so many is left out in a sample. `LARKSPUR_EXHAUSTIVE=1` leaves out each, one after the other.
const SHARE: usize = 17;

#[test]
fn cached_run_equals_uncached_run() {
    let is_exhaustive = std::env::var_os("LARKSPUR_EXHAUSTIVE").is_some();
    let share = if is_exhaustive { 1 } else { SHARE };
    for spec in specs() {
        let repository = Repository::new();
        repository.remove("spec/demo/v1/thing.yaml");
        repository.put("Cargo.toml", MANIFEST);
        let files = spec.files().map(|(path, bytes)| (path, String::from_utf8_lossy(bytes)));
        let files: Vec<_> = files.collect();
        for (path, text) in &files {
            repository.put(path, text);
        }
        repository.write();
        for (path, text) in &files {
            let lines: Vec<_> = text.split_inclusive('\n').collect();
            for line in (0..lines.len()).step_by(share) {
                repository.put(path, &[&lines[..line], &lines[line + 1..]].concat().concat());
                let with = generate::write(repository.root()).map(|_| ());
                let without = generate::check(repository.root());
                let text = |result: Result<(), generate::GenerateError>| result.err().map(|error| error.to_string());
                assert_eq!(text(with), text(without), "{path} without line {}", line + 1);
            }
            repository.put(path, text);
        }
    }
}
