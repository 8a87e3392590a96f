use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::resource::{UsageWho, getrusage};

/// The variable with the file in which this program, as the wrapper of rustc, records what rustc took.
pub const RECORD: &str = "LARKSPUR_BENCH_RECORD";

/// What a run of the compiler took.
#[derive(Clone, Copy, Default)]
pub struct Cost {
    /// CPU seconds, user and system.
    cpu: f64,
    /// Peak memory in gigabytes.
    memory: f64,
    /// Size of the rlib in megabytes.
    rlib: f64,
}

impl Cost {
    /// Returns how much more this is than another.
    pub fn beyond(self, other: Self) -> Self {
        Self {
            cpu: self.cpu - other.cpu,
            memory: self.memory - other.memory,
            rlib: self.rlib - other.rlib,
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s | {:.2} GB | {:.0} MB", self.cpu, self.memory, self.rlib)
    }
}

/// Runs rustc with the arguments of this program, and records what it took. Returns its exit code.
pub fn run_rustc() -> i32 {
    let mut arguments = std::env::args_os().skip(1);
    let rustc = arguments.next().expect("cargo passes the path of rustc");
    let status = Command::new(rustc).args(arguments).status().expect("rustc is started");
    let is_library = std::env::args().any(|argument| argument == "--crate-name");
    if is_library && let Some(file) = std::env::var_os(RECORD) {
        let (cpu, memory) = children();
        fs::write(file, format!("{cpu} {memory}")).expect("the record is written");
    }
    status.code().unwrap_or(1)
}

/// Returns CPU seconds and peak gigabytes of the child processes that have ended.
fn children() -> (f64, f64) {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("resource usage of the children");
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    // In kilobytes on Linux.
    let memory = usage.max_rss() as f64 / 1e6;
    (seconds(usage.user_time()) + seconds(usage.system_time()), memory)
}

/// A copy of the SDK, with a manifest of its own.
pub struct Sdk {
    pub root: PathBuf,
}

impl Sdk {
    /// Copies the SDK and its spec into an empty directory.
    pub fn copy(scratch: &Path) -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let root = scratch.join("sdk");
        for directory in ["src", "spec", "generated"] {
            let _ = fs::remove_dir_all(root.join(directory));
            copy_directory(&repository.join(directory), &root.join(directory));
        }
        fs::copy(repository.join("Cargo.lock"), root.join("Cargo.lock")).expect("Cargo.lock is copied");
        let manifest = fs::read_to_string(repository.join("Cargo.toml")).expect("the manifest is read");
        fs::write(root.join("Cargo.toml"), alone(&manifest)).expect("the manifest is written");
        Self { root }
    }

    /// Returns the number of lines and bytes of generated Rust.
    pub fn generated(&self) -> (usize, usize) {
        let mut size = (0, 0);
        each_file(&self.root.join("generated"), &mut |path| {
            let text = fs::read(path).expect("a generated file is read");
            size.0 += text.iter().filter(|byte| **byte == b'\n').count();
            size.1 += text.len();
        });
        size
    }

    /// Builds the SDK with these projects, after its dependencies.
    pub fn build<P: AsRef<str>>(&self, projects: &[P]) -> Cost {
        self.measured(&["build", "--quiet"], projects)
    }

    /// Documents the SDK with all of its projects, after checking its dependencies.
    pub fn document(&self) -> Cost {
        let (mut cargo, target) = self.cargo(&["check", "--quiet", "--all-features"]);
        run(&mut cargo);
        let _ = fs::remove_dir_all(target.join("doc"));
        let (mut cargo, _) = self.cargo(&["doc", "--quiet", "--no-deps", "--all-features"]);
        let (before, _) = children();
        run(&mut cargo);
        let (after, memory) = children();
        Cost {
            cpu: after - before,
            memory,
            rlib: 0.0,
        }
    }

    /// Returns the size of the documentation.
    pub fn html_megabytes(&self) -> f64 {
        let mut bytes = 0;
        each_file(&self.cargo(&[]).1.join("doc"), &mut |path| {
            bytes += path.metadata().map_or(0, |data| data.len());
        });
        bytes as f64 / 1e6
    }

    /// Builds the SDK and its dependencies from an empty target directory, and returns CPU seconds.
    pub fn whole_build(&self, projects: &[impl AsRef<str>]) -> String {
        let (mut cargo, _) = self.cargo(&["build", "--quiet"]);
        let empty = self.root.with_file_name("target-whole");
        with_projects(&mut cargo, projects);
        whole(&mut cargo, &empty)
    }

    fn measured(&self, arguments: &[&str], projects: &[impl AsRef<str>]) -> Cost {
        let (mut cargo, target) = self.cargo(arguments);
        // Built again in any case.
        let library = self.root.join("src/lib.rs");
        let source = fs::read(&library).expect("the library is read");
        fs::write(&library, source).expect("the library is written");
        with_projects(&mut cargo, projects);
        record(&mut cargo, &target, "liblarkspur-")
    }

    /// Returns cargo in the copy, as a build outside of the repository, and its target directory.
    fn cargo(&self, arguments: &[&str]) -> (Command, PathBuf) {
        let target = self.root.with_file_name("target");
        let mut cargo = outside(&self.root, &target);
        cargo.args(arguments);
        (cargo, target)
    }
}

fn with_projects(cargo: &mut Command, projects: &[impl AsRef<str>]) {
    let features: Vec<&str> = projects.iter().map(AsRef::as_ref).collect();
    cargo.args(["--no-default-features", "--features", &features.join(",")]);
}

/// Runs cargo with this program around rustc.
fn record(cargo: &mut Command, target: &Path, library: &str) -> Cost {
    let file = target.with_file_name("record");
    let deps = target.join("debug/deps");
    each_file(&deps, &mut |path| {
        if is_named(path, library) {
            fs::remove_file(path).expect("an old library is removed");
        }
    });
    let program = std::env::current_exe().expect("the path of this program");
    run(cargo.env("RUSTC_WORKSPACE_WRAPPER", program).env(RECORD, &file));
    let text = fs::read_to_string(&file).expect("the record is read");
    let mut numbers = text.split(' ').filter_map(|number| number.parse().ok());
    let mut bytes = 0;
    each_file(&deps, &mut |path| {
        if is_named(path, library) && path.extension().is_some_and(|extension| extension == "rlib") {
            bytes = path.metadata().map_or(0, |data| data.len());
        }
    });
    Cost {
        cpu: numbers.next().unwrap_or_default(),
        memory: numbers.next().unwrap_or_default(),
        rlib: bytes as f64 / 1e6,
    }
}

fn is_named(path: &Path, start: &str) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(start))
}

fn outside(directory: &Path, target: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(directory)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("CARGO_PROFILE_DEV_DEBUG")
        .env_remove("LARKSPUR_REPOSITORY");
    cargo
}

/// Runs cargo with an empty target directory, and returns its CPU seconds.
fn whole(cargo: &mut Command, target: &Path) -> String {
    let _ = fs::remove_dir_all(target);
    let (before, _) = children();
    run(cargo.env("CARGO_TARGET_DIR", target));
    let (after, _) = children();
    format!("{:.0} CPU s", after - before)
}

/// Builds the crate openlark with its feature `full`.
pub fn openlark(scratch: &Path) -> String {
    let root = scratch.join("openlark");
    let manifest = "[package]\nname = \"dependent\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
                    openlark = { version = \"0.21\", default-features = false, features = [\"full\"] }\n\n[workspace]\n";
    write(&root.join("Cargo.toml"), manifest);
    write(&root.join("src/lib.rs"), "");
    let target = scratch.join("target-openlark");
    // The build excludes downloads.
    run(outside(&root, &target).args(["fetch", "--quiet"]));
    whole(outside(&root, &target).args(["build", "--quiet"]), &target)
}

/// Builds a crate with this source, over serde alone.
pub fn derived(sdk: &Path, source: &str) -> Cost {
    let root = sdk.with_file_name("derived");
    let manifest = "[package]\nname = \"derived\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
                    serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n\n[workspace]\n";
    write(&root.join("Cargo.toml"), manifest);
    write(&root.join("src/lib.rs"), source);
    let target = sdk.with_file_name("target-derived");
    record(
        outside(&root, &target).args(["build", "--quiet"]),
        &target,
        "libderived-",
    )
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file in a directory")).expect("a directory is made");
    fs::write(path, text).expect("a file is written");
}

/// Returns the manifest without the workspace, the development dependencies and the profiles of the repository.
fn alone(manifest: &str) -> String {
    let mut text = String::new();
    let mut is_kept = true;
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_kept = !line.starts_with("[profile.") && !line.contains("dev-dependencies");
            if line == "[workspace]" {
                text.push_str("[workspace]\n");
                is_kept = false;
            }
        }
        if is_kept {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

fn copy_directory(from: &Path, to: &Path) {
    each_file(from, &mut |path| {
        let place = to.join(path.strip_prefix(from).expect("a file below the directory"));
        fs::create_dir_all(place.parent().expect("a file in a directory")).expect("a directory is made");
        fs::copy(path, place).expect("a file is copied");
    });
}

/// Calls `visit` with each file below a directory, if there is one.
pub fn each_file(directory: &Path, visit: &mut dyn FnMut(&Path)) {
    let entries = fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            each_file(&path, visit);
        } else {
            visit(&path);
        }
    }
}

/// Runs a command, which must succeed, and returns what it prints.
pub fn run(command: &mut Command) -> String {
    let output = command.output().expect("the program is started");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {complaint}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
