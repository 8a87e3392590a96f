//! Custom endpoints of another crate, for its build script.
//!
//! A crate that needs an endpoint that is not in the SDK describes it in YAML, in the format of the spec. It has
//! `larkspur-codegen` as a build-dependency, and this call in the `main` of its `build.rs`:
//!
//! ```no_run
//! larkspur_codegen::build::generate("spec");
//! ```
//!
//! The generated file is included in any module, and its requests work with the `Client` of the SDK:
//!
//! ```ignore
//! mod api {
//!     include!(concat!(env!("OUT_DIR"), "/larkspur.rs"));
//! }
//! ```
//!
//! It refers to the SDK as `::larkspur`, so the dependency must have that name.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::{EmitError, Finding, Findings, Source, emit_one_file, load};

/// The generated file in `OUT_DIR`.
const FILE: &str = "larkspur.rs";

/// Generates `larkspur.rs` in `OUT_DIR` from the YAML files below `spec`, a directory of the package.
///
/// Call it once in a build script. Each finding becomes an error of the build that starts with `file:line:column`; then
/// nothing is written, so that an editor keeps the last version. Cargo runs the build script again when a file below `spec`
/// changes.
#[allow(clippy::print_stdout, reason = "build scripts print instructions for cargo")]
pub fn generate(spec: impl AsRef<Path>) {
    let package = env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let directory = package.join(spec);
    // Cargo watches every file below a directory.
    println!("cargo::rerun-if-changed={}", directory.display());
    let result = match env::var_os("OUT_DIR") {
        Some(out) => write(&directory, &Path::new(&out).join(FILE)),
        None => Err(BuildError::NotABuildScript),
    };
    for line in result.err().iter().flat_map(BuildError::lines) {
        println!("cargo::error={line}");
    }
}

/// Generates the file `out` from the files in `directory`, or writes nothing.
fn write(directory: &Path, out: &Path) -> Result<(), BuildError> {
    let io = |action, path: &Path| {
        let path = path.to_path_buf();
        move |error| BuildError::Io { action, path, error }
    };
    let source = Source::read_dir(directory).map_err(io("read", directory))?;
    if source.is_empty() {
        return Err(BuildError::Empty(directory.to_path_buf()));
    }
    let api = load(&source).map_err(|findings| BuildError::Findings {
        directory: directory.to_path_buf(),
        findings,
    })?;
    fs::write(out, emit_one_file(&api)?).map_err(io("write", out))
}

/// An error of [`generate()`].
#[derive(Debug, thiserror::Error)]
enum BuildError {
    #[error("OUT_DIR is not set: call larkspur_codegen::build::generate in build.rs")]
    NotABuildScript,
    #[error("{} contains no spec: create spec/<project>/<version>/<resource>.yaml", .0.display())]
    Empty(PathBuf),
    #[error("{findings}")]
    Findings { directory: PathBuf, findings: Findings },
    #[error(transparent)]
    Emit(#[from] EmitError),
    #[error("could not {action} {}: {error}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        error: std::io::Error,
    },
}

impl BuildError {
    /// Returns one line for each error, as cargo requires.
    fn lines(&self) -> Vec<String> {
        let lines = match self {
            Self::Findings { directory, findings } => {
                findings.iter().map(|finding| locate(directory, finding)).collect()
            }
            other => vec![other.to_string()],
        };
        lines
            .into_iter()
            .map(|line: String| line.replace(['\r', '\n'], " "))
            .collect()
    }
}

/// Returns the finding with the absolute path of its file, which editors and terminals can open from any directory.
fn locate(directory: &Path, finding: &Finding) -> String {
    let below = finding.path.strip_prefix("spec/").unwrap_or(&finding.path);
    let path = directory.join(below).display().to_string();
    Finding {
        path,
        ..finding.clone()
    }
    .to_string()
}
