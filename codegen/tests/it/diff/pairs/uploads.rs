use crate::diff::pair::Pair;

const WITHOUT: &str = "  remove:\n";
const TAKES: &str = "  send:
    http: POST /open-apis/demo/v1/files
    multipart:
      file_name: { type: string, required: true }
      size: { type: int, required: true }
      file: { type: file, required: true, max_bytes: 20 MB }
    response: { file_token: { type: string } }
    upload:
      prepare: demo.v1.thing.prepare
      part: demo.v1.thing.part
      finish: demo.v1.thing.finish

  prepare:
    http: POST /open-apis/demo/v1/files/prepare
    body:
      size: { type: int, required: true }
    response:
      upload_id: { type: string }
      block_size: { type: int }
      block_num: { type: int }

  part:
    http: POST /open-apis/demo/v1/files/part
    multipart:
      upload_id: { type: string, required: true }
      seq: { type: int, required: true }
      file: { type: file, required: true }
    errors:
      - 1

  finish:
    http: POST /open-apis/demo/v1/files/finish
    body:
      upload_id: { type: string, required: true }
    response: { file_token: { type: string } }

  remove:
";
const UPLOAD: &str = "    upload:
      prepare: demo.v1.thing.prepare
      part: demo.v1.thing.part
      finish: demo.v1.thing.finish
";
const ADDED: &str = "    upload:
      prepare: demo.v1.thing.prepare
      part: demo.v1.thing.part
      finish: demo.v1.thing.finish

  prepare:
";
const SENT: (&str, &str) = (WITHOUT, TAKES);
const NAME: &str = "      file_name: { type: string, required: true }\n";
const FILLED: &str = "      file_name: { type: string, required: true, of_file: name }\n";
const OPTIONAL: &str = "      file_name: { type: string }\n";

pub const PAIRS: &[Pair] = &[
    Pair::new("upload-added", &[("\n  prepare:\n", ADDED)])
        .before(&[SENT, (UPLOAD, "")])
        .user("fn sends(file: larkspur::UploadSource) -> Send { Send::new(\"name\", 1, file) }"),
    Pair::new(
        "upload-changed",
        &[(
            "      finish: demo.v1.thing.finish\n",
            "      finish: demo.v1.thing.finish\n      restart: [1]\n",
        )],
    )
    .before(&[SENT]),
    Pair::new("upload-removed", &[(UPLOAD, "")])
        .before(&[SENT])
        .user("fn sends(client: larkspur::Client, request: Send) { let _ = client.upload(request); }"),
    Pair::new(
        "file-fact-changed",
        &[(OPTIONAL, "      file_name: { type: string, of_file: name }\n")],
    )
    .before(&[SENT, (NAME, OPTIONAL)])
    .user("fn sends(file: larkspur::UploadSource) -> Send { Send::new(1, file).file_name(\"name\") }"),
    Pair::new("field-became-optional", &[(NAME, FILLED)])
        .before(&[SENT])
        .also(&["file-fact-changed"])
        .user("fn sends(file: larkspur::UploadSource) -> Send { Send::new(\"name\", 1, file) }"),
    Pair::new("request-bound-tighter", &[("max_bytes: 20 MB", "max_bytes: 10 MB")]).before(&[SENT]),
    Pair::new("request-bound-looser", &[("max_bytes: 20 MB", "max_bytes: 30 MB")]).before(&[SENT]),
];
