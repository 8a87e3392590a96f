//! Refreshes generated/ before the SDK is compiled, in this repository alone.
//!
//! A dependent never gets here: its package has no build script, and from a git or path dependency this
//! one returns at once, because only builds started inside this repository see `LARKSPUR_REPOSITORY`, which
//! .cargo/config.toml sets. `LARKSPUR_GENERATE=off` compiles generated/ as it is.

#![allow(clippy::print_stderr, reason = "this is how a build script speaks")]

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// What the generated files depend on.
const INPUTS: &[&str] = &["spec", "codegen/src", "codegen/Cargo.toml"];

fn main() -> ExitCode {
    println!("cargo::rerun-if-env-changed=LARKSPUR_REPOSITORY");
    println!("cargo::rerun-if-env-changed=LARKSPUR_GENERATE");
    let switched_off = env::var_os("LARKSPUR_GENERATE").is_some_and(|value| value == "off");
    let Some(root) = repository().filter(|_| !switched_off) else {
        // With no file named, cargo would watch all of them.
        println!("cargo::rerun-if-changed=build.rs");
        return ExitCode::SUCCESS;
    };
    for input in INPUTS {
        println!("cargo::rerun-if-changed={input}");
    }
    generate(&root)
}

/// The root of this repository, if the build was started inside it.
fn repository() -> Option<PathBuf> {
    let named = fs::canonicalize(env::var_os("LARKSPUR_REPOSITORY")?).ok()?;
    let package = fs::canonicalize(env::var_os("CARGO_MANIFEST_DIR")?).ok()?;
    (named == package).then_some(package)
}

fn generate(root: &Path) -> ExitCode {
    let manifest = root.join("Cargo.toml");
    let before = fs::read(&manifest).ok();
    match generator(root).output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => return refused(root, &String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            eprintln!("could not start cargo to run the generator: {error}");
            return ExitCode::FAILURE;
        }
    }
    if fs::read(&manifest).ok() != before {
        // This build began with the features of before, and would complain of the new ones.
        println!("cargo::rustc-check-cfg=cfg(feature, values(any()))");
        println!("cargo::warning=Cargo.toml has got other features from spec/: build once more");
    }
    ExitCode::SUCCESS
}

/// What the generator says of the spec becomes errors of cargo, which begin with `file:line:column` and which
/// editors show; cargo fails because of them. What else went wrong is passed on.
fn refused(root: &Path, said: &str) -> ExitCode {
    let (findings, rest): (Vec<&str>, Vec<&str>) = said.lines().partition(|line| line.starts_with("spec/"));
    for finding in &findings {
        println!("cargo::error={}", root.join(finding).display());
    }
    for line in rest {
        eprintln!("{line}");
    }
    let way_out = "mend what is named above and build again, or compile generated/ as it is with LARKSPUR_GENERATE=off";
    if findings.is_empty() {
        eprintln!("{way_out}");
        return ExitCode::FAILURE;
    }
    println!("cargo::error={way_out}");
    ExitCode::SUCCESS
}

/// The generator, built apart: a target directory of its own, since cargo holds a lock on the one of this build.
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
        .args(["--", "gen", "--root"])
        .arg(root)
        .current_dir(root)
        // Lines on this script's standard output are instructions to cargo.
        .stdout(Stdio::null());
    command
}

/// Whether the variable describes the build of the SDK, which may have another target, compiler or lints
/// than the generator needs.
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
    let of_cargo = name.starts_with("CARGO_") && !settings.iter().any(|setting| name.starts_with(setting));
    of_cargo || described.contains(&name)
}
