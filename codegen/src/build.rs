//! Endpoints of a crate's own: what its build script calls.
//!
//! A crate that needs an endpoint which is not in the SDK writes it as YAML, in the same format. It has
//! `larkspur-codegen` among its build-dependencies, and this in the `main` of its `build.rs`:
//!
//! ```no_run
//! larkspur_codegen::build::generate("spec");
//! ```
//!
//! What is generated is included where it shall live, and works with the same `Client` as the SDK's own requests:
//!
//! ```ignore
//! mod api {
//!     include!(concat!(env!("OUT_DIR"), "/larkspur.rs"));
//! }
//! ```
//!
//! It names the SDK `::larkspur`, so the dependency keeps that name.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::{EmitError, Finding, Findings, Source, emit_one_file, load};

/// The file in `OUT_DIR` that is to be included.
const FILE: &str = "larkspur.rs";

/// Turns the YAML files below `spec`, a directory of the package, into `larkspur.rs` in `OUT_DIR`.
///
/// To be called in a build script, once. Each finding becomes an error of the build that begins with
/// `file:line:column`; then nothing is written, so that an editor keeps what it knows. The build script is run
/// again when a file below `spec` changes.
#[allow(clippy::print_stdout, reason = "this is how a build script speaks")]
pub fn generate(spec: impl AsRef<Path>) {
    let package = env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let directory = package.join(spec);
    // Cargo looks at every file below a directory.
    println!("cargo::rerun-if-changed={}", directory.display());
    let result = match env::var_os("OUT_DIR") {
        Some(out) => write(&directory, &Path::new(&out).join(FILE)),
        None => Err(BuildError::NotABuildScript),
    };
    for line in result.err().iter().flat_map(BuildError::lines) {
        println!("cargo::error={line}");
    }
}

/// Writes what is in `directory` to the file `out`, or nothing.
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

/// Why nothing was generated.
#[derive(Debug, thiserror::Error)]
enum BuildError {
    #[error("OUT_DIR is not set: call larkspur_codegen::build::generate in build.rs")]
    NotABuildScript,
    #[error("{}: no spec is below it; write spec/<project>/<version>/<resource>.yaml", .0.display())]
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
    /// One line for each thing that is wrong, as cargo takes them.
    fn lines(&self) -> Vec<String> {
        let lines = match self {
            Self::Findings { directory, findings } => {
                findings.iter().map(|finding| place(directory, finding)).collect()
            }
            other => vec![other.to_string()],
        };
        lines
            .into_iter()
            .map(|line: String| line.replace(['\r', '\n'], " "))
            .collect()
    }
}

/// The finding with the absolute path of its file, to which editors and terminals jump from wherever cargo was started.
fn place(directory: &Path, finding: &Finding) -> String {
    let below = finding.path.strip_prefix("spec/").unwrap_or(&finding.path);
    let path = directory.join(below).display().to_string();
    Finding {
        path,
        ..finding.clone()
    }
    .to_string()
}
