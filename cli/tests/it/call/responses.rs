//! Responses and their output.

use std::fs;
use std::process::Stdio;

use larkspur_mock::{Failure, sample};

use super::site::{CHAT_MESSAGES, LINKS, MEDIA, MESSAGES, Site};
use crate::support::run::{Outcome, run};

#[tokio::test(flavor = "multi_thread")]
async fn prints_data_on_one_line() -> Outcome {
    let site = Site::start().await?;
    let ran = site.call(LINKS, &["-p", "file_tokens=boxcn1"])?;
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(ran.out.starts_with("{\"tmp_download_urls\":[{"), "{}", ran.out);
    assert_eq!(ran.out.lines().count(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn prints_complete_flat_response() -> Outcome {
    let site = Site::start().await?;
    let secret = format!(
        "{{\"app_id\":\"{}\",\"app_secret\":\"{}\"}}",
        site.mock.app_id(),
        site.mock.app_secret()
    );
    let ran = site.call_with_input("auth.v3.tenant_access_token.internal", &["--json", "-"], &secret)?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let response: serde_json::Value = serde_json::from_str(&ran.out)?;
    assert!(
        response["code"] == 0 && response["tenant_access_token"].is_string(),
        "{response}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn existing_output_needs_overwrite() -> Outcome {
    let site = Site::start().await?;
    let file = site.file("response.json", "old")?;
    for (id, parameter) in [(LINKS, "file_tokens=boxcn1"), (MEDIA, "file_token=boxcn1")] {
        let ran = site.call(id, &["-p", parameter, "-o", &file])?;
        assert_eq!((ran.code, site.mock.calls(id)), (Some(2), 0), "{id}: {}", ran.err);
        assert!(ran.err.contains("--overwrite"), "{id}: {}", ran.err);
        assert_eq!(fs::read_to_string(&file)?, "old");
    }
    let ran = site.call(LINKS, &["-p", "file_tokens=boxcn1", "-o", &file, "--overwrite"])?;
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{}", ran.err);
    let text = fs::read_to_string(&file)?;
    assert!(text.starts_with("{\n  \"tmp_download_urls\": ["), "{text}");
    assert_eq!(site.names()?, ["response.json"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_call_does_not_change_file() -> Outcome {
    let site = Site::start().await?;
    let file = site.file("response", "old")?;
    for (id, parameter) in [(LINKS, "file_tokens=boxcn1"), (MEDIA, "file_token=boxcn1")] {
        site.mock.fail_next(id, Failure::status(403))?;
        assert_eq!(
            site.call(id, &["-p", parameter, "-o", &file, "--overwrite"])?.code,
            Some(1),
            "{id}"
        );
    }
    assert_eq!(fs::read_to_string(&file)?, "old");
    assert_eq!(site.names()?, ["response"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn saves_file_or_writes_to_pipe() -> Outcome {
    let site = Site::start().await?;
    let expected = sample(MEDIA, "boxcn1");
    let to = site.path("named.bin");
    let ran = site.call(MEDIA, &["-p", "file_token=boxcn1", "-o", &to.to_string_lossy()])?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(fs::read(to)?, expected.bytes);

    let directory = site.path("files");
    fs::create_dir(&directory)?;
    site.call(MEDIA, &["-p", "file_token=boxcn1", "-o", &directory.to_string_lossy()])?;
    assert_eq!(fs::read(directory.join(&expected.name))?, expected.bytes);

    let output = site.command(MEDIA, &["-p", "file_token=boxcn1"]).output()?;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, expected.bytes);
    Ok(())
}

/// `script` has these options on Linux only.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn terminal_gets_indented_json_and_no_bytes() -> Outcome {
    let site = Site::start().await?;
    let on_a_terminal = |id: &str, parameter: &str| {
        let program = env!("CARGO_BIN_EXE_larkspur");
        let mut command = std::process::Command::new("script");
        command.args(["-qec", &format!("'{program}' call {id} -p {parameter}"), "/dev/null"]);
        command.env("LARKSPUR_BASE_URL", site.mock.base_url());
        command.env("LARKSPUR_APP_ID", site.mock.app_id());
        command.env("LARKSPUR_APP_SECRET", site.mock.app_secret());
        run(command.stdin(Stdio::null()))
    };
    let bytes = on_a_terminal(MEDIA, "file_token=boxcn1")?;
    assert_eq!(bytes.code, Some(2), "{bytes:?}");
    assert!(bytes.out.contains("add -o FILE"), "{bytes:?}");
    assert_eq!(site.mock.calls(MEDIA), 0);

    let json = on_a_terminal(LINKS, "file_tokens=boxcn1")?;
    let laid_out = "{\r\n  \"tmp_download_urls\": [\r\n    {\r\n";
    assert!(json.code == Some(0) && json.out.starts_with(laid_out), "{json:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn prints_code_hint_and_log_id_of_error() -> Outcome {
    let site = Site::start().await?;
    site.mock.fail_next(LINKS, Failure::code(1_061_002))?;
    let ran = site.call(LINKS, &["-p", "file_tokens=boxcn1"])?;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    for part in [
        LINKS,
        "HTTP 400, code 1061002: params error.",
        "log id: ",
        "documentation: https://",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_pipe_is_not_a_failure() -> Outcome {
    let site = Site::start().await?;
    let (reader, writer) = std::io::pipe()?;
    drop(reader);
    let mut command = site.command(MESSAGES, &CHAT_MESSAGES);
    let output = command
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()?
        .wait_with_output()?;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    Ok(())
}
