use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use larkspur_codegen::model::Api;
use larkspur_codegen::{Source, load};

use super::sdk::{each_file, run};

/// The pages as a spec in a copy of the SDK.
pub struct Pages {
    root: PathBuf,
    generator: PathBuf,
    count: usize,
    /// What `spec import` printed.
    imported: String,
    seconds: f64,
}

impl Pages {
    /// Imports every page into the spec of the copy, and generates.
    pub fn import(pages: &Path, root: &Path) -> Self {
        let generator = generator();
        let mut count = 0;
        each_file(pages, &mut |path| {
            count += usize::from(path.extension().is_some_and(|extension| extension == "md"));
        });
        let begin = Instant::now();
        let mut import = Command::new(&generator);
        let imported = run(import.arg("import").arg(pages).arg("--into").arg(root.join("spec")));
        let seconds = begin.elapsed().as_secs_f64();
        run(Command::new(&generator).args(["gen", "--root"]).arg(root));
        Self {
            root: root.to_owned(),
            generator,
            count,
            imported,
            seconds,
        }
    }

    /// Returns the model of the spec.
    pub fn api(&self) -> Api {
        let source = Source::read_dir(&self.root.join("spec")).expect("the spec is read");
        load(&source).unwrap_or_else(|findings| panic!("the imported spec is sound: {findings}"))
    }

    /// Returns the projects that have a feature.
    pub fn projects(&self) -> Vec<String> {
        let manifest = fs::read_to_string(self.root.join("Cargo.toml")).expect("the manifest is read");
        let block = manifest
            .split("# @generated features: ")
            .nth(1)
            .expect("the manifest has the block");
        let names = block.lines().filter_map(|line| line.strip_suffix(" = []"));
        names.map(str::to_owned).collect()
    }

    /// Prints what was imported, and the pages that were not with the reasons.
    pub fn report(&self) {
        let api = self.api();
        println!(
            "{} pages imported in {:.1} s: {} endpoints in {} files, {} types",
            self.count,
            self.seconds,
            api.endpoints().count(),
            api.modules.len(),
            api.types.len()
        );
        let is_refusal = |line: &&str| line.contains("skipped the page") || line.contains("describes no endpoint");
        let notes = self.imported.lines().filter(|line| line.starts_with("note: "));
        let refused: Vec<&str> = notes.filter(is_refusal).collect();
        println!("{} pages refused:", refused.len());
        for line in refused {
            println!("- {line}");
        }
    }

    /// Prints how long the tools take, the fastest of three runs each.
    pub fn tools(&self) {
        let spec = self.root.join("spec");
        let before = self.root.with_file_name("before");
        let _ = fs::remove_dir_all(&before);
        let changed = self.changed_file();
        let text = fs::read_to_string(&changed).expect("a file of the spec is read");
        let copy = |path: &Path| {
            let place = before.join(path.strip_prefix(&spec).expect("a file of the spec"));
            fs::create_dir_all(place.parent().expect("a file in a directory")).expect("a directory is made");
            fs::copy(path, place).expect("a file is copied");
        };
        each_file(&spec, &mut |path| copy(path));
        println!("\n| tool | seconds |\n|---|---|");
        let check = || {
            drop(
                Command::new(&self.generator)
                    .args(["check", "--spec"])
                    .arg(&spec)
                    .output(),
            )
        };
        println!("| check | {:.2} |", fastest(&|| {}, &check));
        let edit = |round: usize| {
            let edited = text.replacen("endpoints:\n", &format!("# {round}\nendpoints:\n"), 1);
            let edited = edited.replacen("type: string", &format!("type: string, doc: Round {round}."), 1);
            fs::write(&changed, edited).expect("a file of the spec is written");
        };
        edit(0);
        let diff = || {
            let mut command = Command::new(&self.generator);
            drop(command.arg("diff").arg(&before).arg(&spec).output());
        };
        println!("| diff | {:.2} |", fastest(&|| {}, &diff));
        let forget = || {
            for directory in ["generated", "target"] {
                let _ = fs::remove_dir_all(self.root.join(directory));
            }
        };
        let generate = || {
            drop(run(Command::new(&self.generator)
                .args(["gen", "--root"])
                .arg(&self.root)))
        };
        println!("| gen, from nothing | {:.2} |", fastest(&forget, &generate));
        let round = std::cell::Cell::new(1);
        let next = || {
            round.set(round.get() + 1);
            edit(round.get());
        };
        println!("| gen, one file changed | {:.2} |", fastest(&next, &generate));
        fs::write(&changed, &text).expect("a file of the spec is written");
        generate();
    }

    fn changed_file(&self) -> PathBuf {
        self.root.join("spec/im/v1/chat.yaml")
    }
}

/// Returns the seconds of the fastest of three runs, each after `prepare`.
fn fastest(prepare: &dyn Fn(), work: &dyn Fn()) -> f64 {
    let times = (0..3).map(|_| {
        prepare();
        let begin = Instant::now();
        work();
        begin.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

/// Builds `larkspur-spec`, optimized and with mimalloc.
fn generator() -> PathBuf {
    // Cargo puts its directory for benchmarks into the target directory.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let options = "build --quiet --release --package larkspur-codegen --features command,mimalloc --bin larkspur-spec";
    let mut cargo = Command::new(env!("CARGO"));
    run(cargo
        .args(options.split(' '))
        .arg("--target-dir")
        .arg(&target)
        .current_dir(env!("CARGO_MANIFEST_DIR")));
    target.join("release/larkspur-spec")
}
