//! Credentials and the kind of token.

use super::site::{LINKS, Site};
use crate::support::run::{Outcome, run};

const ONE: [&str; 2] = ["-p", "file_tokens=boxcn1"];

/// Returns the redacted token of the request.
fn bearer(site: &Site) -> Result<String, Box<dyn std::error::Error>> {
    Ok(site.sent(LINKS)?.header("authorization").unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn caller_option_selects_token() -> Outcome {
    for (arguments, expected) in [(&[][..], "Bearer t-***"), (&["--caller", "user"], "Bearer u-***")] {
        let site = Site::start().await?;
        let mut command = site.command(LINKS, &[&ONE[..], arguments].concat());
        let ran = run(command.env("LARKSPUR_USER_TOKEN", site.mock.user_token()))?;
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert_eq!(bearer(&site)?, expected);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn user_token_suffices() -> Outcome {
    let site = Site::start().await?;
    let mut command = site.command(LINKS, &ONE);
    command.env_remove("LARKSPUR_APP_ID").env_remove("LARKSPUR_APP_SECRET");
    let ran = run(command.env("LARKSPUR_USER_TOKEN", site.mock.user_token()))?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(bearer(&site)?, "Bearer u-***");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoint_without_tokens_needs_no_credentials() -> Outcome {
    let site = Site::start().await?;
    let mut command = site.command(
        "auth.v3.tenant_access_token.internal",
        &["-p", "app_id=cli_1", "-p", "app_secret=x"],
    );
    let ran = run(command.env_remove("LARKSPUR_APP_ID").env_remove("LARKSPUR_APP_SECRET"))?;
    // The request reached the mock server, which does not know the app.
    assert_eq!((ran.code, site.mock.requests().len()), (Some(1), 1), "{}", ran.err);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_missing_credentials() -> Outcome {
    let site = Site::start().await?;
    let as_user = site.call(LINKS, &[&ONE[..], &["--caller", "user"]].concat())?;
    assert_eq!(as_user.code, Some(2));
    assert!(as_user.err.contains("LARKSPUR_USER_TOKEN"), "{}", as_user.err);

    let as_app = site.call(LINKS, &[&ONE[..], &["--caller", "app"]].concat())?;
    assert_eq!(as_app.code, Some(2));
    assert!(
        as_app.err.contains("unsupported token kind app") && as_app.err.contains("--caller"),
        "{}",
        as_app.err
    );

    let nobody = run(site.command(LINKS, &ONE).env_remove("LARKSPUR_APP_ID"))?;
    assert_eq!(nobody.code, Some(2));
    assert!(nobody.err.contains("LARKSPUR_APP_ID"), "{}", nobody.err);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_token_is_not_shown() -> Outcome {
    let site = Site::start().await?;
    let mut command = site.command(LINKS, &[&ONE[..], &["--caller", "user"]].concat());
    let ran = run(command.env("LARKSPUR_USER_TOKEN", "u-s3cret-of-nobody"))?;
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(!ran.err.contains("s3cret"), "{}", ran.err);
    Ok(())
}
