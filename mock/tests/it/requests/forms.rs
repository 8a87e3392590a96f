use larkspur_mock::Mock;

use crate::support::client::{Outcome, Response, post};
use crate::support::spec;

/// Uploads a form with these parts: name, whether it is a file, content.
async fn upload(mock: &Mock, parts: &[(&str, bool, &str)]) -> Result<Response, Box<dyn std::error::Error>> {
    let mut form = String::new();
    for (name, is_file, content) in parts {
        let file_name = if *is_file { "; filename=\"笔记.txt\"" } else { "" };
        form.push_str(&format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n{content}\r\n"
        ));
    }
    form.push_str("--edge--\r\n");
    let request = post(mock.base_url(), "/open-apis/test/v1/notes/n1/files").token(mock.app_token());
    request
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(form)
        .send()
        .await
}

#[tokio::test]
async fn accepts_complete_form() -> Outcome {
    let mock = spec::notes().start().await?;
    let parts = [
        ("file_name", false, "a.txt"),
        ("size", false, "3"),
        ("file", true, "abc"),
    ];
    assert_eq!(upload(&mock, &parts).await?.outcome(), (200, Some(0)));
    Ok(())
}

#[tokio::test]
async fn reports_missing_and_invalid_form_parts() -> Outcome {
    let mock = spec::notes().start().await?;
    let response = upload(&mock, &[("file_name", false, "a.txt"), ("size", false, "101")]).await?;
    assert_eq!(response.outcome(), (400, Some(99992402)));
    assert_eq!(response.wrong_fields(), ["size", "file"]);
    let response = upload(
        &mock,
        &[("file_name", false, ""), ("size", false, "x"), ("file", true, "")],
    )
    .await?;
    assert_eq!(response.wrong_fields(), ["file_name", "size"]);
    Ok(())
}

#[tokio::test]
async fn rejects_body_without_form() -> Outcome {
    let mock = spec::notes().start().await?;
    let path = "/open-apis/test/v1/notes/n1/files";
    let json = post(mock.base_url(), path)
        .token(mock.app_token())
        .header("content-type", "application/json");
    let response = json.body("{}").send().await?;
    assert!(
        response.wrong_fields().contains(&"Content-Type".to_owned()),
        "{response:?}"
    );
    let cut = post(mock.base_url(), path).token(mock.app_token());
    let cut = cut
        .header("content-type", "multipart/form-data; boundary=edge")
        .body("--edge\r\nContent-");
    let response = cut.send().await?;
    assert!(response.wrong_fields().contains(&"body".to_owned()), "{response:?}");
    Ok(())
}
