//! A run of many downloads dies, or its disk fails, at each step: no finished file is fetched again, and a second run
//! downloads the rest.

use super::site::{JOURNAL, MEDIA, Site};
use crate::support::run::{Outcome, run};

/// Larger than one write, so that it has a sidecar.
const LARGE: usize = 1_200_000;

const FILES: [(&str, &str, usize); 3] = [
    ("boxcn0", "a.bin", 10),
    ("boxcn1", "a.bin", LARGE),
    ("boxcn2", "b.bin", 5_000),
];

async fn site() -> Result<Site, Box<dyn std::error::Error>> {
    let site = Site::start().await?;
    for (token, name, size) in FILES {
        site.mock
            .put_file(token, name, "application/octet-stream", content(token, size));
    }
    Ok(site)
}

fn content(token: &str, size: usize) -> Vec<u8> {
    token.bytes().cycle().take(size).collect()
}

/// Injects a fault at each step in turn, until a run has fewer steps. Runs with a fault exit with one of these codes, `None`
/// for a killed process. A sample has every fourth step; all run with
/// `LARKSPUR_EXHAUSTIVE=1 cargo test --package larkspur-cli --test it crash`.
#[allow(clippy::print_stdout)]
async fn at_each_step(what: &str, codes: &[Option<i32>]) -> Outcome {
    let stride = if std::env::var_os("LARKSPUR_EXHAUSTIVE").is_some() {
        1
    } else {
        4
    };
    let first = 1 + usize::try_from(std::process::id())? % stride;
    println!("{what}: every {stride} steps from {first}");
    for step in (first..).step_by(stride) {
        let site = site().await?;
        let lines = FILES.map(|(token, ..)| token);
        let mut command = site.command(MEDIA, &lines, &["--jobs", "2"])?;
        let ran = run(command.env("LARKSPUR_INJECT", format!("{what}:{step}")))?;
        if ran.code == Some(0) {
            println!("{what}: {} steps", step - 1);
            assert!(step > 10, "the steps are not counted");
            return Ok(());
        }
        assert!(codes.contains(&ran.code), "{what}:{step}: {ran:?}");
        let finished: Vec<_> = site.files()?.into_values().collect();

        let ran = run(command.env_remove("LARKSPUR_INJECT"))?;
        assert_eq!(ran.code, Some(0), "{what}:{step}: {}", ran.err);
        for (token, _, size) in FILES {
            let content = content(token, size);
            if finished.contains(&content) {
                assert_eq!(site.fetched(token), 1, "{what}:{step}: {token}");
            }
            let found = site.files()?.into_values().filter(|found| *found == content).count();
            assert_eq!(found, 1, "{what}:{step}: {token}");
        }
        let names = site.names()?;
        assert_eq!(names, [JOURNAL, "a (1).bin", "a.bin", "b.bin"], "{what}:{step}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn resumes_after_kill_at_any_step() -> Outcome {
    at_each_step("kill", &[None]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn resumes_after_full_disk_at_any_step() -> Outcome {
    at_each_step("ENOSPC", &[Some(2)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn resumes_after_disk_error_at_any_step() -> Outcome {
    at_each_step("EIO", &[Some(2)]).await
}
