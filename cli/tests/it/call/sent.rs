//! Requests that are sent.

use serde_json::{Value, json};

use super::site::{CHAT_MESSAGES, IMAGE, LINKS, MEDIA, MESSAGES, RECORD, SEND, Site};
use crate::support::run::Outcome;

#[tokio::test(flavor = "multi_thread")]
async fn sends_parameters_in_their_places() -> Outcome {
    let site = Site::start().await?;
    let path = ["-p", "app_token=bas/1", "-p", "table_id=tbl1"];
    let others = ["-p", "user_id_type=union_id", "-p", "fields:={\"Name\":\"Ada\"}"];
    site.response(RECORD, &[path, others].concat())?;
    let sent = site.sent(RECORD)?;
    assert_eq!(sent.path, "/open-apis/bitable/v1/apps/bas%2F1/tables/tbl1/records");
    assert_eq!(sent.query, [("user_id_type".to_owned(), "union_id".to_owned())]);
    let body: Value = serde_json::from_slice(&sent.body)?;
    assert_eq!(body, json!({"fields": {"Name": "Ada"}}));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn list_parameter_by_element_or_json() -> Outcome {
    for arguments in [
        &["-p", "file_tokens=boxcn1", "-p", "file_tokens=boxcn2"][..],
        &["-p", "file_tokens:=[\"boxcn1\",\"boxcn2\"]"],
    ] {
        let site = Site::start().await?;
        site.response(LINKS, arguments)?;
        let query: Vec<_> = site.sent(LINKS)?.query.into_iter().map(|(_, value)| value).collect();
        assert_eq!(query, ["boxcn1", "boxcn2"]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn parses_text_by_field_type() -> Outcome {
    let site = Site::start().await?;
    let arguments = [
        "-p",
        "receive_id_type=email",
        "-p",
        "receive_id=7",
        "-p",
        "msg_type=text",
        "-p",
    ];
    site.response(SEND, &[&arguments[..], &["content={\"text\":\"a=b\"}"]].concat())?;
    let body: Value = serde_json::from_slice(&site.sent(SEND)?.body)?;
    assert_eq!(
        body,
        json!({"receive_id": "7", "msg_type": "text", "content": "{\"text\":\"a=b\"}"})
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_body_from_file_or_stdin() -> Outcome {
    let body = json!({"receive_id": "oc_1", "msg_type": "text", "content": "{}", "uuid": null});
    let arguments = ["-p", "receive_id_type=chat_id", "--json"];
    let site = Site::start().await?;
    let file = site.file("body.json", &body.to_string())?;
    site.response(SEND, &[&arguments[..], &[&file]].concat())?;
    let from_file = site.sent(SEND)?.body;

    let site = Site::start().await?;
    let ran = site.call_with_input(SEND, &[&arguments[..], &["-"]].concat(), &body.to_string())?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(site.sent(SEND)?.body, from_file);
    // Null counts as absent.
    let sent: Value = serde_json::from_slice(&from_file)?;
    assert_eq!(sent, json!({"receive_id": "oc_1", "msg_type": "text", "content": "{}"}));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn parameter_overrides_json_body() -> Outcome {
    let site = Site::start().await?;
    // An overridden value is not checked.
    let body = json!({"receive_id": 1, "msg_type": "text", "content": "{}"});
    let file = site.file("body.json", &body.to_string())?;
    let arguments = [
        "-p",
        "receive_id_type=chat_id",
        "-p",
        "receive_id=oc_2",
        "--json",
        &file,
    ];
    site.response(SEND, &arguments)?;
    let sent: Value = serde_json::from_slice(&site.sent(SEND)?.body)?;
    assert_eq!(sent["receive_id"], "oc_2");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_file_with_its_name() -> Outcome {
    let site = Site::start().await?;
    let file = format!("image=@{}", site.file("cover.png", "the bytes")?);
    site.response(IMAGE, &["-p", "image_type=message", "-p", &file])?;
    let form = String::from_utf8_lossy(&site.sent(IMAGE)?.body).into_owned();
    assert!(
        form.contains("filename=\"cover.png\"") && form.contains("the bytes"),
        "{form}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn allow_undocumented_sends_unlisted_value() -> Outcome {
    let site = Site::start().await?;
    let arguments = [
        &CHAT_MESSAGES[..],
        &["-p", "sort_type=ByNothing", "--allow-undocumented"],
    ]
    .concat();
    // The mock server refuses it.
    assert_eq!(site.call(MESSAGES, &arguments)?.code, Some(1));
    let sent = site.sent(MESSAGES)?.query;
    assert!(
        sent.contains(&("sort_type".to_owned(), "ByNothing".to_owned())),
        "{sent:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn allow_undocumented_sends_names_and_bounds() -> Outcome {
    let site = Site::start().await?;
    let undocumented = ["-p", "page_size=500", "-p", "new=1", "--allow-undocumented"];
    site.call(MESSAGES, &[&CHAT_MESSAGES[..], &undocumented].concat())?;
    let sent = site.sent(MESSAGES)?.query;
    for (name, value) in [("page_size", "500"), ("new", "1")] {
        assert!(sent.contains(&(name.to_owned(), value.to_owned())), "{sent:?}");
    }
    let undocumented = [
        "-p",
        "receive_id_type=chat_id",
        "-p",
        "flags:={\"x\":1}",
        "--allow-undocumented",
    ];
    site.call(SEND, &undocumented)?;
    let body: Value = serde_json::from_slice(&site.sent(SEND)?.body)?;
    assert_eq!(body, json!({"flags": {"x": 1}}));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_range_header() -> Outcome {
    let site = Site::start().await?;
    let to = site.path("part");
    let arguments = ["-p", "file_token=boxcn1", "--range", "-16", "-o", &to.to_string_lossy()];
    let ran = site.call(MEDIA, &arguments)?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(site.sent(MEDIA)?.header("range"), Some("bytes=-16"));
    Ok(())
}
