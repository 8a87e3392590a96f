use std::fs;
use std::process::Command;

use larkspur_mock::{Mock, sample};

use crate::support::run::{Outcome, command, larkspur, run};

const MEDIA: &str = "drive.v1.media.download";

/// Returns the command with the app of a mock server.
fn download(mock: &Mock, arguments: &[&str]) -> Command {
    let mut command = command(&[&["download", "--endpoint"], arguments].concat());
    command.env("LARKSPUR_BASE_URL", mock.base_url());
    command.env("LARKSPUR_APP_ID", mock.app_id());
    command.env("LARKSPUR_APP_SECRET", mock.app_secret());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn saves_file_under_name_from_platform() -> Outcome {
    let mock = Mock::start().await?;
    let directory = tempfile::tempdir()?;
    let ran = run(&mut download(
        &mock,
        &[MEDIA, "boxcn1", "--to", &directory.path().to_string_lossy()],
    ))?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let expected = sample(MEDIA, "boxcn1");
    assert_eq!(fs::read(directory.path().join(expected.name))?, expected.bytes);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn saves_range_to_path() -> Outcome {
    let mock = Mock::start().await?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("part");
    let arguments = [MEDIA, "boxcn1", "--range", "-16", "--to", &path.to_string_lossy()];
    let ran = run(&mut download(&mock, &arguments))?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let whole = sample(MEDIA, "boxcn1").bytes;
    assert_eq!(fs::read(path)?, whole[whole.len() - 16..]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_query_parameters() -> Outcome {
    let mock = Mock::start().await?;
    let directory = tempfile::tempdir()?;
    let place = directory.path().to_string_lossy();
    let arguments = [MEDIA, "boxcn1", "--query", "extra={\"a\":1}", "--to", &place];
    assert_eq!(run(&mut download(&mock, &arguments))?.code, Some(0));
    let query: Vec<_> = mock.requests().into_iter().flat_map(|request| request.query).collect();
    assert_eq!(query, [("extra".to_owned(), "{\"a\":1}".to_owned())]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_directory_exits_2_before_sending() -> Outcome {
    let mock = Mock::start().await?;
    let directory = tempfile::tempdir()?;
    for place in ["new/", "new/file"] {
        let to = format!("{}/{place}", directory.path().display());
        let ran = run(&mut download(&mock, &[MEDIA, "boxcn1", "--to", &to]))?;
        assert_eq!(ran.code, Some(2), "{place}: {}", ran.err);
        assert!(ran.err.contains("create it first"), "{place}: {}", ran.err);
    }
    assert!(mock.requests().is_empty());
    Ok(())
}

#[test]
fn unknown_file_endpoint_exits_2_with_list() -> Outcome {
    for id in ["drive.v1.media.batch_get_tmp_download_url", "no.such.endpoint"] {
        let ran = larkspur(&["download", "--endpoint", id, "boxcn1"])?;
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains(id) && ran.err.contains(MEDIA), "{}", ran.err);
    }
    Ok(())
}

#[test]
fn too_many_tokens_exit_2() -> Outcome {
    let ran = larkspur(&["download", "--endpoint", MEDIA, "one", "two"])?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("file_token"), "{}", ran.err);
    Ok(())
}

#[test]
fn reports_missing_app_id() -> Outcome {
    let ran = larkspur(&["download", "--endpoint", MEDIA, "boxcn1"])?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("LARKSPUR_APP_ID"), "{}", ran.err);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_app_exits_2_without_secret() -> Outcome {
    let mock = Mock::start().await?;
    let mut command = download(&mock, &[MEDIA, "boxcn1"]);
    let ran = run(command.env("LARKSPUR_APP_SECRET", "not-the-secret"))?;
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(
        ran.err.contains("10015") && !ran.err.contains("not-the-secret"),
        "{}",
        ran.err
    );
    Ok(())
}
