//! Uploads in one call and in parts.

use std::time::Duration;

use larkspur_codegen::Source;
use larkspur_mock::Mock;

use crate::support::client::{Outcome, Response, post};

const FILES: &str = r#"
endpoints:
  send:
    http: POST /open-apis/test/v1/files
    tokens: []
    multipart:
      name: { type: string, required: true, of_file: name }
      size: { type: int, required: true, of_file: size }
      sum: { type: string, of_file: adler32 }
      file: { type: file, required: true, min_bytes: 1, max_bytes: 10 }
    response: { token: { type: string, required: true } }
    upload:
      prepare: test.v1.file.begin
      part: test.v1.file.part
      finish: test.v1.file.end
      restart: [3]
    errors:
      - 1
      - 2
      - 4
      - 5

  begin:
    http: POST /open-apis/test/v1/files/begin
    tokens: []
    body:
      name: { type: string, required: true }
      size: { type: int, required: true }
    response:
      upload_id: { type: string, required: true, example: up }
      block_size: { type: int, required: true }
      block_num: { type: int, required: true }
    lifetime: { of: upload, seconds: 60 }

  part:
    http: POST /open-apis/test/v1/files/part
    tokens: []
    multipart:
      upload_id: { type: string, required: true }
      seq: { type: int, required: true }
      size: { type: int, required: true, of_file: size }
      file: { type: file, required: true }
    errors:
      - 3
      - 6

  end:
    http: POST /open-apis/test/v1/files/end
    tokens: []
    body: { upload_id: { type: string, required: true } }
    response: { token: { type: string, required: true } }
    errors:
      - 3
      - 7

  get:
    http: GET /open-apis/test/v1/files/:token
    tokens: []
    path: { token: { type: string, required: true } }
    response: binary
"#;

const ERRORS: &str = r#"
errors:
  1: { http: 400, msg: the actual size is another. }
  2: { http: 400, msg: checksum param Invalid. }
  3: { http: 400, msg: upload id expire. }
  4: { http: 400, msg: The file size exceed the max value. }
  5: { http: 400, msg: File's size can't be 0. }
  6: { http: 400, msg: block num out of bounds. }
  7: { http: 400, msg: "block missing, please upload all blocks." }
"#;

async fn mock() -> Result<Mock, Box<dyn std::error::Error>> {
    let mut source = Source::new();
    source.add("spec/test/v1/file.yaml", FILES);
    source.add("spec/test/v1/errors.yaml", ERRORS);
    let builder = Mock::builder().spec(source).block_size(4).stopped_clock();
    Ok(builder.start().await?)
}

async fn form(mock: &Mock, path: &str, parts: &[(&str, &str)]) -> Result<Response, Box<dyn std::error::Error>> {
    let mut form = String::new();
    for (name, content) in parts {
        let file = if *name == "file" { "; filename=\"文件\"" } else { "" };
        form.push_str(&format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"
        ));
    }
    form.push_str("--edge--\r\n");
    let request = post(mock.base_url(), path).header("content-type", "multipart/form-data; boundary=edge");
    request.body(form).send().await
}

async fn json(mock: &Mock, path: &str, body: &str) -> Result<Response, Box<dyn std::error::Error>> {
    let request = post(mock.base_url(), path).header("content-type", "application/json");
    request.body(body.to_owned()).send().await
}

const ROOT: &str = "/open-apis/test/v1/files";
const PART: &str = "/open-apis/test/v1/files/part";
const BEGIN: (&str, &str) = ("/open-apis/test/v1/files/begin", r#"{"name":"a.txt","size":10}"#);
const END: (&str, &str) = ("/open-apis/test/v1/files/end", r#"{"upload_id":"up-1"}"#);

#[tokio::test]
async fn file_metadata_must_match_file() -> Outcome {
    let mock = mock().await?;
    for (size, sum, content, expected) in [
        ("3", "38600999", "abc", (200, Some(0))),
        ("4", "38600999", "abc", (400, Some(1))),
        ("3", "38600998", "abc", (400, Some(2))),
        ("11", "1", "abcdefghijk", (400, Some(4))),
        ("0", "1", "", (400, Some(5))),
    ] {
        let parts = [("name", "a.txt"), ("size", size), ("sum", sum), ("file", content)];
        assert_eq!(form(&mock, ROOT, &parts).await?.outcome(), expected, "{parts:?}");
    }
    Ok(())
}

#[tokio::test]
async fn multipart_upload_completes_with_all_parts() -> Outcome {
    let mock = mock().await?;
    json(&mock, BEGIN.0, BEGIN.1).await?;
    let part = |number, content: &'static str, size| {
        [
            ("upload_id", "up-1"),
            ("seq", number),
            ("size", size),
            ("file", content),
        ]
    };
    assert_eq!(
        form(&mock, PART, &part("2", "89", "2")).await?.outcome(),
        (200, Some(0))
    );
    assert_eq!(json(&mock, END.0, END.1).await?.outcome(), (400, Some(7)));
    assert_eq!(form(&mock, PART, &part("3", "x", "1")).await?.outcome(), (400, Some(6)));
    let short = form(&mock, PART, &part("0", "012", "3")).await?;
    assert_eq!(short.wrong_fields(), ["file"]);
    form(&mock, PART, &part("0", "xxxx", "4")).await?;
    form(&mock, PART, &part("0", "0123", "4")).await?;
    form(&mock, PART, &part("1", "4567", "4")).await?;
    assert_eq!(json(&mock, END.0, END.1).await?.outcome(), (200, Some(0)));
    let file = mock.file("test.v1.file.get", "token-2");
    assert_eq!((file.name.as_str(), &file.bytes[..]), ("a.txt", &b"0123456789"[..]));
    assert_eq!(json(&mock, END.0, END.1).await?.outcome(), (400, Some(3)));
    Ok(())
}

#[tokio::test]
async fn upload_expires_after_lifetime() -> Outcome {
    let mock = mock().await?;
    json(&mock, BEGIN.0, BEGIN.1).await?;
    mock.advance(Duration::from_secs(61));
    let parts = [("upload_id", "up-1"), ("seq", "0"), ("size", "4"), ("file", "0123")];
    assert_eq!(form(&mock, PART, &parts).await?.outcome(), (400, Some(3)));
    Ok(())
}
