//! Requests that are not sent.

use super::site::{CHAT_MESSAGES, IMAGE, LINKS, MEDIA, MESSAGES, SEND, Site};
use crate::support::run::{Outcome, larkspur};

/// Checks that the command fails before a request with all these parts in its message.
async fn refused(id: &str, arguments: &[&str], parts: &[&str]) -> Outcome {
    let site = Site::start().await?;
    let ran = site.call(id, arguments)?;
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
    for part in parts {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert!(site.mock.requests().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_all_violations_at_once() -> Outcome {
    let arguments = [
        "-p",
        "container_id_type=room",
        "-p",
        "page_size=200",
        "-p",
        "start_tme=1",
    ];
    let parts = [
        "im.v1.message.list: not sent: 4 invalid fields",
        "`container_id_type` must be one of: chat, thread (value: \"room\")",
        "`page_size` is 200, maximum 50 (value: \"200\")",
        "`start_tme` is an unknown field (did you mean `start_time`?)",
        "`container_id` is required",
    ];
    refused(MESSAGES, &arguments, &parts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_text_of_wrong_type() -> Outcome {
    let arguments = [&CHAT_MESSAGES[..], &["-p", "page_size=many"]].concat();
    let parts = ["`page_size` is a string, expected a 64-bit integer (value: \"many\")"];
    refused(MESSAGES, &arguments, &parts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_json_of_wrong_type() -> Outcome {
    let arguments = [&CHAT_MESSAGES[..], &["-p", "page_size:=2.5", "-p", "start_time:=17"]].concat();
    let parts = [
        "`page_size` is a number, expected a 64-bit integer",
        "`start_time` is a number, expected a string",
    ];
    refused(MESSAGES, &arguments, &parts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_list_that_is_too_long() -> Outcome {
    let arguments = ["-p", "file_tokens:=[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"]"];
    refused(LINKS, &arguments, &["`file_tokens` has 6 elements, maximum 5"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_path_traversal() -> Outcome {
    refused(
        MEDIA,
        &["-p", "file_token=..", "-o", "x"],
        &["`file_token` would change the called path"],
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_repeated_scalar_field() -> Outcome {
    let arguments = [&CHAT_MESSAGES[..], &["-p", "page_size=1", "-p", "page_size=2"]].concat();
    refused(MESSAGES, &arguments, &["`page_size` is set 2 times"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn file_parameter_takes_path() -> Outcome {
    let missing = ["-p", "image_type=message", "-p", "image=@/no/such/file"];
    refused(IMAGE, &missing, &["`image` cannot be read from /no/such/file"]).await?;
    let no_path = ["-p", "image_type=message", "-p", "image=cover.png"];
    refused(
        IMAGE,
        &no_path,
        &["`image` is a file: set its path with --param NAME=@PATH"],
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_non_body_fields_in_json() -> Outcome {
    let site = Site::start().await?;
    let body = r#"{"receive_id_type":"chat_id","receive_id":"oc_1","msg_type":"text","content":"{}","uid":"1"}"#;
    let file = site.file("body.json", body)?;
    let parts = [
        "`receive_id_type` is in --json but not a body field",
        "`uid` is an unknown field (did you mean `uuid`?)",
    ];
    refused(SEND, &["--json", &file], &parts).await?;
    refused(
        MESSAGES,
        &[&CHAT_MESSAGES[..], &["--json", &file]].concat(),
        &["the endpoint takes no body"],
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_body_that_is_not_an_object() -> Outcome {
    let site = Site::start().await?;
    for content in ["[1]", "{\"a\":", ""] {
        let file = site.file("body.json", content)?;
        refused(SEND, &["--json", &file], &["body.json: "]).await?;
    }
    refused(SEND, &["--json", "/no/such/file"], &["cannot read /no/such/file"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn never_shows_secrets() -> Outcome {
    let secret = ["-p", "app_id=cli_1", "-p", "app_secret:={\"s3cret\":1}"];
    let parts = ["`app_secret` is an object, expected a string"];
    refused("auth.v3.tenant_access_token.internal", &secret, &parts).await?;
    let site = Site::start().await?;
    for value in [
        "app_secret:=s3cret",
        "app_secret:={\"s3cret\":1}",
        "app_secret:=17171717",
    ] {
        let arguments = ["-p", "app_id=cli_1", "-p", value];
        let ran = site.call("auth.v3.tenant_access_token.internal", &arguments)?;
        assert_eq!(ran.code, Some(2));
        assert!(!ran.err.contains("s3cret") && !ran.err.contains("1717"), "{}", ran.err);
    }
    Ok(())
}

#[test]
fn suggests_similar_endpoint_id() -> Outcome {
    for (id, meant) in [
        ("im.v1.message.lst", "did you mean `im.v1.message.list`?"),
        ("ims.v1.message.list", "did you mean `im.v1.message.list`?"),
        ("nothing.of.the.kind", "`larkspur list` lists all endpoints"),
    ] {
        let ran = larkspur(&["call", id])?;
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains(meant), "{}", ran.err);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_unsupported_options() -> Outcome {
    let chat_messages = |more: &[&'static str]| [&CHAT_MESSAGES[..], more].concat();
    refused(
        MESSAGES,
        &chat_messages(&["--range", "0-1"]),
        &["is not supported by this endpoint"],
    )
    .await?;
    refused(LINKS, &["-p", "file_tokens=boxcn1", "--all"], &["is not paginated"]).await?;
    refused(MESSAGES, &chat_messages(&["-o", "no/such/file"]), &["create it first"]).await?;
    refused(MESSAGES, &chat_messages(&["-o", "."]), &["is a directory"]).await
}
