//! What the whole platform costs: lines of generated Rust, the compiler's time and memory, the size of what it makes, and the
//! time of the spec tools.
//!
//! `cargo bench --bench platform` imports the documentation pages of `LARKSPUR_PLATFORM`, by default `../shared/docs/platform`,
//! into a copy of the spec in the target directory, and builds a copy of the SDK with it.
//! `-- --openlark` also builds the crate of that name with all its features, `-- --doc` runs rustdoc.
//! docs/internals/generated-code.md has the method and figures.

#![allow(clippy::print_stdout, reason = "prints tables")]

use std::env;
use std::path::{Path, PathBuf};

/// The same types with serde derives.
mod derive;
/// Pages, spec and tools.
mod pages;
/// Copies of the SDK, and what the compiler takes for them.
mod sdk;

use pages::Pages;
use sdk::{Cost, Sdk};

fn main() {
    // Cargo runs this program in place of rustc.
    if env::var_os(sdk::RECORD).is_some() {
        std::process::exit(sdk::run_rustc());
    }
    let Some(pages) = directory() else {
        println!("skipped, without pages: set LARKSPUR_PLATFORM to their directory");
        return;
    };
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("platform");
    let sdk = Sdk::copy(&scratch);
    let pages = Pages::import(&pages, &sdk.root);
    pages.report();
    pages.tools();
    compile(&sdk, &pages);
    if has("--doc") {
        let cost = sdk.document();
        println!(
            "`cargo doc` of all projects: {cost}, {:.0} MB of HTML",
            sdk.html_megabytes()
        );
    }
    if has("--openlark") {
        let (ours, theirs) = (sdk.whole_build(&pages.projects()), sdk::openlark(&scratch));
        println!("with dependencies, from an empty target directory: all projects {ours}, openlark `full` {theirs}");
    }
}

fn has(flag: &str) -> bool {
    env::args().any(|argument| argument == flag)
}

fn directory() -> Option<PathBuf> {
    let sibling = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/docs/platform");
    let path = env::var_os("LARKSPUR_PLATFORM").map_or_else(sibling, PathBuf::from);
    path.is_dir().then_some(path)
}

/// Prints what the compiler takes for the SDK, and for derives on the same types.
fn compile(sdk: &Sdk, pages: &Pages) {
    let (lines, bytes) = sdk.generated();
    let none = sdk.build::<&str>(&[]);
    let all = sdk.build(&pages.projects());
    let two = sdk.build(&["drive", "im"]);
    let derived = sdk::derived(&sdk.root, &derive::source(&pages.api()));
    println!("\n| debug build | lines | generated | CPU | peak memory | rlib |\n|---|---|---|---|---|---|");
    let row = |name: &str, size: &str, cost: Cost| println!("| {name} | {size} | {cost} |");
    row("the SDK without projects", "| ", none);
    let size = format!("{lines} | {:.1} MB", bytes as f64 / 1e6);
    row("all projects", &size, all);
    row("all projects, beyond the SDK without", "| ", all.beyond(none));
    row("`drive` and `im`, beyond the SDK without", "| ", two.beyond(none));
    row("serde derive on the same types", "| ", derived);
}
