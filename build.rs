//! Updates generated/ before the SDK is compiled, in this repository only.
//!
//! A published package has no build script. In a git or path dependency this one returns immediately, because only builds
//! inside this repository have `LARKSPUR_REPOSITORY`, which .cargo/config.toml sets.
//!
//! A commit of a remote branch has the generated files of its spec, since CI checks that. As long as nothing is edited, it is
//! compiled as it is, and a new clone does not build the generator. `LARKSPUR_GENERATE=off` always compiles generated/
//! unchanged, and `LARKSPUR_GENERATE=path/to/larkspur-spec` runs that program in place of one that is built first.

#![allow(clippy::print_stderr, reason = "build scripts report errors on standard error")]

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// The inputs of the generated files.
const INPUTS: &[&str] = &["spec", "codegen/src", "codegen/Cargo.toml"];

fn main() -> ExitCode {
    println!("cargo::rerun-if-env-changed=LARKSPUR_REPOSITORY");
    println!("cargo::rerun-if-env-changed=LARKSPUR_GENERATE");
    let setting = env::var_os("LARKSPUR_GENERATE");
    let switched_off = setting.as_ref().is_some_and(|value| value == "off");
    let Some(root) = repository().filter(|_| !switched_off) else {
        // Without this line, cargo would watch every file.
        println!("cargo::rerun-if-changed=build.rs");
        return ExitCode::SUCCESS;
    };
    for input in INPUTS {
        println!("cargo::rerun-if-changed={input}");
    }
    match setting {
        Some(program) => generate(&root, Command::new(program)),
        None if is_published(&root) => ExitCode::SUCCESS,
        None => generate(&root, generator(&root)),
    }
}

/// Returns whether the inputs and the generated files are those of a commit that a remote branch has.
fn is_published(root: &Path) -> bool {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(root).args(arguments).output();
        output
            .ok()
            .filter(|output| output.status.success())
            .map(|output| output.stdout)
    };
    let mut status = vec![
        "status",
        "--porcelain",
        "--untracked-files=all",
        "--",
        "generated",
        "Cargo.toml",
    ];
    status.extend(INPUTS);
    git(&status).is_some_and(|edited| edited.is_empty())
        && git(&["branch", "--remotes", "--contains", "HEAD"]).is_some_and(|branches| !branches.is_empty())
}

/// Returns the root of this repository, if the build was started inside it.
fn repository() -> Option<PathBuf> {
    let named = fs::canonicalize(env::var_os("LARKSPUR_REPOSITORY")?).ok()?;
    let package = fs::canonicalize(env::var_os("CARGO_MANIFEST_DIR")?).ok()?;
    (named == package).then_some(package)
}

fn generate(root: &Path, mut generator: Command) -> ExitCode {
    let manifest = root.join("Cargo.toml");
    let before = fs::read(&manifest).ok();
    let arguments = ["gen".as_ref(), "--root".as_ref(), root.as_os_str()];
    // Cargo interprets the standard output of this script.
    let generator = generator.args(arguments).current_dir(root).stdout(Stdio::null());
    match generator.output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => return report_failure(root, &String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            eprintln!("cannot start cargo to run the generator: {error}");
            return ExitCode::FAILURE;
        }
    }
    if fs::read(&manifest).ok() != before {
        // This build has the old features, and would warn about the new ones.
        println!("cargo::rustc-check-cfg=cfg(feature, values(any()))");
        println!("cargo::warning=the features in Cargo.toml changed with spec/: build again");
    }
    ExitCode::SUCCESS
}

/// Prints findings as errors of cargo, which start with `file:line:column`, and passes other errors on. Cargo fails because of
/// these errors.
fn report_failure(root: &Path, stderr: &str) -> ExitCode {
    let (findings, rest): (Vec<&str>, Vec<&str>) = stderr.lines().partition(|line| line.starts_with("spec/"));
    for finding in &findings {
        println!("cargo::error={}", root.join(finding).display());
    }
    for line in rest {
        eprintln!("{line}");
    }
    let help = "fix the errors above and build again, or set LARKSPUR_GENERATE=off to compile generated/ unchanged";
    if findings.is_empty() {
        eprintln!("{help}");
        return ExitCode::FAILURE;
    }
    println!("cargo::error={help}");
    ExitCode::SUCCESS
}

/// Returns the command of the generator. It has a separate target directory, since cargo locks the one of this build.
fn generator(root: &Path) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    for (name, _) in env::vars_os().filter(|(name, _)| belongs_to_this_build(name)) {
        command.env_remove(name);
    }
    command
        .args([
            "run",
            "--quiet",
            "--package",
            "larkspur-codegen",
            "--bin",
            "larkspur-spec",
            "--features",
            "command",
        ])
        .arg("--target-dir")
        .arg(root.join("target/generator"))
        .arg("--");
    command
}

/// Returns whether the variable configures the build of the SDK, which may have another target, compiler or lints than the
/// generator.
fn belongs_to_this_build(name: &OsString) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    let settings = [
        "CARGO_HOME",
        "CARGO_NET_",
        "CARGO_HTTP_",
        "CARGO_REGISTR",
        "CARGO_TERM_",
    ];
    let described = [
        "DEBUG",
        "HOST",
        "NUM_JOBS",
        "OPT_LEVEL",
        "OUT_DIR",
        "PROFILE",
        "RUSTC",
        "RUSTC_LINKER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_WRAPPER",
        "RUSTDOC",
        "RUSTDOCFLAGS",
        "RUSTFLAGS",
        "TARGET",
    ];
    let is_cargo = name.starts_with("CARGO_") && !settings.iter().any(|setting| name.starts_with(setting));
    is_cargo || described.contains(&name)
}
