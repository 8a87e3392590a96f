//! Refreshes generated/ from spec/, or checks that it is fresh. `cargo gen` runs it, and build.rs does.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use larkspur_codegen::generate::{self, GenerateError};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "\
Refreshes generated/ and the features of Cargo.toml from spec/.

Usage: larkspur-gen [--check] [--root DIR]

  --check     write nothing; fail if anything would be written
  --root DIR  the directory that has spec/ and Cargo.toml; without it, the
              nearest one around the current directory that has both

Exit codes: 0 all is fresh, 1 the spec is wrong or files are stale, 2 could not run.
";

fn main() -> ExitCode {
    let options = match Options::parse(env::args_os().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            say(io::stdout(), USAGE);
            return ExitCode::SUCCESS;
        }
        Err(message) => return failed(2, &format!("{message}\n\n{USAGE}")),
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(error.exit_code(), &describe(&error)),
    }
}

fn run(options: &Options) -> Result<(), GenerateError> {
    if options.check {
        return generate::check(&options.root);
    }
    let report = generate::write(&options.root)?;
    let written = report.written.iter().map(|path| ("wrote", path));
    let removed = report.removed.iter().map(|path| ("removed", path));
    for (action, path) in written.chain(removed) {
        say(io::stdout(), &format!("{action} {}\n", path.display()));
    }
    Ok(())
}

/// With the lines of the spec for a person, one line for each finding for a program.
fn describe(error: &GenerateError) -> String {
    match error {
        GenerateError::Findings { findings, source } if io::stderr().is_terminal() => findings.render(source, true),
        _ => error.to_string(),
    }
}

fn failed(code: u8, message: &str) -> ExitCode {
    say(io::stderr(), &format!("{}\n", message.trim_end()));
    ExitCode::from(code)
}

/// Prints; a reader that has gone away is no reason to fail.
fn say(mut to: impl Write, text: &str) {
    let _ = to.write_all(text.as_bytes());
}

struct Options {
    check: bool,
    root: PathBuf,
}

impl Options {
    /// The options, or `None` where help was asked for.
    fn parse(mut arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<Option<Self>, String> {
        let mut check = false;
        let mut root = None;
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--check") => check = true,
                Some("--root") => root = Some(arguments.next().ok_or("--root needs a directory")?.into()),
                Some("--help" | "-h") => return Ok(None),
                _ => return Err(format!("unknown argument `{}`", argument.to_string_lossy())),
            }
        }
        let root = root
            .or_else(find_root)
            .ok_or("no directory with spec/ and Cargo.toml around this one; use --root")?;
        Ok(Some(Self { check, root }))
    }
}

/// The nearest directory with a spec and a manifest.
fn find_root() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    let is_root = |directory: &&Path| directory.join("spec").is_dir() && directory.join("Cargo.toml").is_file();
    here.ancestors().find(is_root).map(Path::to_path_buf)
}
