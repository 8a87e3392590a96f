//! Values of responses cannot control a terminal.

use std::fs;
use std::path::Path;

use larkspur_mock::{Mock, StubResponse};
use serde_json::{Value, json};

use crate::support::run::{Outcome, command, root, run};

/// A name that clears the screen, in two encodings, and turns the rest of the line around.
const HOSTILE: &str = "a\u{9b}2J\u{7f}\u{1b}[2J\u{202e}gnp.exe";

fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\n') || c == '\u{202e}'
}

/// Returns a document whose only block is an attachment with this name.
async fn mock() -> Result<Mock, Box<dyn std::error::Error>> {
    let mock = Mock::builder().rate_limits(false).start().await?;
    let block = json!({"block_id": "doxcnBlk1", "block_type": 23, "file": {"token": HOSTILE, "name": HOSTILE}});
    let page = json!({"items": [block], "has_more": false});
    mock.put_response("docx.v1.document.block.list", StubResponse::data(page))?;
    Ok(mock)
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_media_escape_control_characters() -> Outcome {
    let mock = mock().await?;
    for format in ["json", "human"] {
        let mut command = command(&["media", "doxcn1", "--type", "docx", "--list", "--format", format]);
        command.env("LARKSPUR_BASE_URL", mock.base_url());
        command.env("LARKSPUR_APP_ID", mock.app_id());
        command.env("LARKSPUR_APP_SECRET", mock.app_secret());
        let ran = run(&mut command)?;
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(!ran.out.contains(is_unsafe) && !ran.err.contains(is_unsafe), "{ran:?}");
        if format == "json" {
            let list: Value = serde_json::from_str(&ran.out)?;
            assert_eq!(list["media"][0]["name"], HOSTILE, "the value is unchanged");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_and_calls_escape_control_characters() -> Outcome {
    let mock = mock().await?;
    let directory = tempfile::tempdir()?;
    for arguments in [
        &["media", "doxcn1", "--type", "docx", "--to"][..],
        &["media", "doxcn1", "--type", "docx", "--format", "json", "--to"],
        &["call", "docx.v1.document.block.list", "-p", "document_id=doxcn1", "-p"],
    ] {
        let mut command = command(arguments);
        if arguments.contains(&"call") {
            command.arg("page_size=1");
        } else {
            command.arg(directory.path());
        }
        command.env("LARKSPUR_BASE_URL", mock.base_url());
        command.env("LARKSPUR_APP_ID", mock.app_id());
        command.env("LARKSPUR_APP_SECRET", mock.app_secret());
        let ran = run(&mut command)?;
        assert!(!ran.out.contains(is_unsafe) && !ran.err.contains(is_unsafe), "{ran:?}");
    }
    Ok(())
}

/// All other files write through the functions of these.
const WRITERS: [&str; 2] = ["codegen/src/command/output.rs", "cli/src/download/progress.rs"];

#[test]
fn all_commands_write_through_one_module() -> Outcome {
    for directory in ["cli/src", "codegen/src/command"] {
        check_directory(&root().join(directory))?;
    }
    Ok(())
}

fn check_directory(directory: &Path) -> Outcome {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            check_directory(&path)?;
            continue;
        }
        if WRITERS.iter().any(|writer| path.ends_with(writer)) {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        for way in [
            "print!",
            "println!",
            "eprintln!",
            "anstream::std",
            "io::stdout().lock",
            "stderr().lock",
        ] {
            assert!(!text.contains(way), "{}: `{way}` writes unescaped text", path.display());
        }
    }
    Ok(())
}
