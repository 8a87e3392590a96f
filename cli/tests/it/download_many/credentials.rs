//! `--credentials`, on Unix, where files have modes.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::site::{MEDIA, Site};
use crate::support::run::{Outcome, run};

/// Returns the command with a credentials file of this content and mode, and no credentials in its environment.
fn command(site: &Site, content: &str, mode: u32) -> Result<Command, Box<dyn std::error::Error>> {
    let file = site.parent().join("app");
    fs::write(&file, content)?;
    fs::set_permissions(&file, Permissions::from_mode(mode))?;
    let mut command = site.command(MEDIA, &["boxcn0"], &["--credentials"])?;
    command.arg(file);
    for variable in ["LARKSPUR_APP_ID", "LARKSPUR_APP_SECRET", "LARKSPUR_BASE_URL"] {
        command.env_remove(variable);
    }
    Ok(command)
}

fn content(site: &Site) -> String {
    let (id, secret, url) = (site.mock.app_id(), site.mock.app_secret(), site.mock.base_url());
    format!("# the app\n  export LARKSPUR_BASE_URL={url}\nLARKSPUR_APP_ID={id}\n\nLARKSPUR_APP_SECRET=\"{secret}\"\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_credentials_from_private_file() -> Outcome {
    let site = Site::start().await?;
    for mode in [0o600, 0o400] {
        let ran = run(&mut command(&site, &content(&site), mode)?)?;
        assert_eq!(ran.code, Some(0), "{}", ran.err);
    }
    assert_eq!(site.mock.calls(MEDIA), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_credentials_file_open_to_others() -> Outcome {
    let site = Site::start().await?;
    for mode in [0o640, 0o604, 0o644, 0o620, 0o777] {
        let ran = run(&mut command(&site, &content(&site), mode)?)?;
        assert_eq!(ran.code, Some(2), "{mode:o}");
        assert!(
            ran.err.contains("chmod 600") && ran.err.contains(&format!("{mode:04o}")),
            "{}",
            ran.err
        );
    }
    assert!(site.mock.requests().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_combine_file_and_environment() -> Outcome {
    let site = Site::start().await?;
    let mut command = command(&site, "LARKSPUR_APP_ID=cli_1\n", 0o600)?;
    let ran = run(command.env("LARKSPUR_APP_SECRET", "of-another-app"))?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("LARKSPUR_APP_SECRET"), "{}", ran.err);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_invalid_line_without_showing_it() -> Outcome {
    let site = Site::start().await?;
    for line in ["s3cret-of-no-name", "SECRET=s3cret-of-no-name"] {
        let ran = run(&mut command(&site, &format!("\n{line}\n"), 0o600)?)?;
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains("app:2: "), "{}", ran.err);
        assert!(!ran.err.contains("s3cret"), "{}", ran.err);
    }
    Ok(())
}
