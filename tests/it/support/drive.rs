//! An endpoint that accepts files of at most 100 bytes, its multipart endpoints for larger ones, and a mock server that
//! has them.
#![allow(dead_code)] // Each test file uses a part of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use larkspur::endpoint::{BodyKind, DocumentedError, EndpointInfo, Lifetime, Method, Request, TokenKind};
use larkspur::upload::{InParts, Parts, Step, UploadSource};
use larkspur::wire::{Decode, Encode, FieldInfo, Fields, FieldsMut, OfFile, Rule, Unknown};
use larkspur::{Client, RateLimitMode, RetryPolicy};

use super::{Platform, Recorded, Reply, form, token};

/// Bytes that may go in one call.
pub const MOST: usize = 100;
/// Bytes of a part.
pub const BLOCK: usize = 64;
/// The upload is no longer known.
pub const FORGOTTEN: i64 = 1_061_021;

const TENANT: &[TokenKind] = &[TokenKind::Tenant];

static WHOLE: EndpointInfo = EndpointInfo::new("test.v1.file.whole", Method::Post, "/whole")
    .tokens(TENANT)
    .body(BodyKind::Multipart);
static PREPARE: EndpointInfo = EndpointInfo::new("test.v1.file.prepare", Method::Post, "/prepare")
    .tokens(TENANT)
    .body(BodyKind::Json)
    .lifetime(Lifetime::new("upload", 86400, ""));
static PART: EndpointInfo = EndpointInfo::new("test.v1.file.part", Method::Post, "/part")
    .tokens(TENANT)
    .body(BodyKind::Multipart)
    .repeatable()
    .errors(&[
        DocumentedError::code(400, FORGOTTEN, "upload id expire.", ""),
        DocumentedError::code(200, 1_061_045, "can retry.", "").retry(),
    ]);
static FINISH: EndpointInfo = EndpointInfo::new("test.v1.file.finish", Method::Post, "/finish")
    .tokens(TENANT)
    .body(BodyKind::Json);

/// A request that sends a file.
#[derive(Clone)]
pub struct Whole {
    pub folder: String,
    pub file_name: Option<String>,
    pub size: Option<i64>,
    pub checksum: Option<String>,
    pub file: UploadSource,
}

impl Whole {
    pub fn new(folder: &str, file: UploadSource) -> Self {
        Self {
            folder: folder.to_owned(),
            file_name: None,
            size: None,
            checksum: None,
            file,
        }
    }

    pub async fn send(self, client: &Client) -> larkspur::Result<Stored> {
        let mut stored = Stored::blank();
        client.call(&self, &mut stored).await?;
        Ok(stored)
    }
}

impl Fields for Whole {
    fn fields(&self) -> &'static [FieldInfo] {
        static FIELDS: [FieldInfo; 5] = [
            FieldInfo::body("folder").required(),
            FieldInfo::body("file_name")
                .required()
                .rules(&[Rule::MaxLength(20)])
                .of_file(OfFile::Name),
            FieldInfo::body("size").required().of_file(OfFile::Size),
            FieldInfo::body("checksum").of_file(OfFile::Adler32),
            FieldInfo::body("file")
                .required()
                .rules(&[Rule::MinBytes(1), Rule::MaxBytes(MOST as u64)]),
        ];
        &FIELDS
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        Some(match index {
            0 => &self.folder,
            1 => &self.file_name,
            2 => &self.size,
            3 => &self.checksum,
            4 => &self.file,
            _ => return None,
        })
    }
}

impl Request for Whole {
    fn endpoint(&self) -> &'static EndpointInfo {
        &WHOLE
    }
}

impl InParts for Whole {
    type Response = Stored;

    fn parts(&self) -> &'static Parts {
        static PARTS: Parts = Parts::new(
            Step::new(
                &PREPARE,
                &[
                    FieldInfo::body("folder").required(),
                    FieldInfo::body("file_name").required(),
                    FieldInfo::body("size").required(),
                ],
            ),
            Step::new(
                &PART,
                &[
                    FieldInfo::body("upload_id").required(),
                    FieldInfo::body("seq").required(),
                    FieldInfo::body("size").required().of_file(OfFile::Size),
                    FieldInfo::body("checksum").of_file(OfFile::Adler32),
                    FieldInfo::body("file").required(),
                ],
            ),
            Step::new(
                &FINISH,
                &[
                    FieldInfo::body("upload_id").required(),
                    FieldInfo::body("block_num").required(),
                ],
            ),
        )
        .restart(&[FORGOTTEN]);
        &PARTS
    }
}

/// A request that sends a file of any size, and whatever is in it.
pub struct Free(pub UploadSource);

impl Fields for Free {
    fn fields(&self) -> &'static [FieldInfo] {
        static FIELDS: [FieldInfo; 1] = [FieldInfo::body("file").required()];
        &FIELDS
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        (index == 0).then_some(&self.0 as &dyn Encode)
    }
}

impl Request for Free {
    fn endpoint(&self) -> &'static EndpointInfo {
        static ENDPOINT: EndpointInfo = EndpointInfo::new("test.v1.file.free", Method::Post, "/free")
            .tokens(TENANT)
            .body(BodyKind::Multipart)
            .repeatable();
        &ENDPOINT
    }
}

/// The response once the platform has the file.
#[derive(Debug, Default)]
pub struct Stored {
    pub file_token: Option<String>,
    unknown: Unknown,
}

impl Fields for Stored {
    fn fields(&self) -> &'static [FieldInfo] {
        static FIELDS: [FieldInfo; 1] = [FieldInfo::body("file_token")];
        &FIELDS
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        (index == 0).then_some(&self.file_token as &dyn Encode)
    }
}

impl FieldsMut for Stored {
    fn value_mut(&mut self, index: usize) -> Option<&mut dyn Decode> {
        (index == 0).then_some(&mut self.file_token as &mut dyn Decode)
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }
}

/// What a drive has of one upload.
#[derive(Debug, Clone, Default)]
struct Begun {
    name: String,
    size: usize,
    parts: BTreeMap<usize, Vec<u8>>,
}

/// What a drive has.
#[derive(Debug, Default)]
struct Held {
    uploads: BTreeMap<String, Begun>,
    files: Vec<(String, Vec<u8>)>,
    count: usize,
}

/// A response that replaces the regular one; `None` for the regular one.
type Instead = dyn Fn(&Recorded) -> Option<Reply> + Send + Sync;

/// A mock server that stores files.
#[derive(Clone)]
pub struct Drive {
    pub platform: Platform,
    held: Arc<Mutex<Held>>,
}

impl Drive {
    pub async fn start() -> Self {
        Self::faulty(|_| None).await
    }

    /// One that sometimes responds with a fault, and then has done nothing.
    pub async fn faulty(instead: impl Fn(&Recorded) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let held = Arc::new(Mutex::new(Held::default()));
        let (drive, instead): (_, Box<Instead>) = (held.clone(), Box::new(instead));
        let platform = Platform::start(move |request| match request.is_for_a_token() {
            true => token(7200),
            false => instead(request).unwrap_or_else(|| drive.lock().unwrap().answer(request)),
        });
        Self {
            platform: platform.await,
            held,
        }
    }

    /// The files that there are, by name.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        self.held.lock().unwrap().files.clone()
    }

    /// Forgets the uploads that were begun.
    pub fn forget(&self) {
        self.held.lock().unwrap().uploads.clear();
    }

    /// The received calls in short: `prepare`, `part 0`, `finish`, `whole`.
    pub fn calls(&self) -> Vec<String> {
        let calls = self.platform.calls();
        let name = |call: &Recorded| match call.target.as_str() {
            "/part" => format!("part {}", form::text(call, "seq").unwrap()),
            other => other.trim_start_matches('/').to_owned(),
        };
        calls.iter().map(name).collect()
    }

    /// A client that retries at once.
    pub fn client(&self) -> Client {
        client(&self.platform.base_url()).with_retries(at_once())
    }
}

/// A retry policy with hardly any wait.
pub fn at_once() -> RetryPolicy {
    RetryPolicy::new().initial_backoff(Duration::from_millis(1))
}

/// A client of a drive at this address, which tries once.
pub fn client(url: &str) -> Client {
    Client::builder()
        .tenant_token("t-1")
        .base_url(url)
        .rate_limits(RateLimitMode::Off)
        .retries(RetryPolicy::none())
        .build()
        .unwrap()
}

impl Held {
    fn answer(&mut self, request: &Recorded) -> Reply {
        match request.target.as_str() {
            "/whole" => {
                let content = form::content(request, "file").unwrap();
                self.keep(form::text(request, "file_name").unwrap(), content)
            }
            "/prepare" => self.prepare(request),
            "/part" => self.part(request),
            _ => self.finish(request),
        }
    }

    fn prepare(&mut self, request: &Recorded) -> Reply {
        let asked: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        self.count += 1;
        let (id, size) = (
            format!("upload-{}", self.count),
            asked["size"].as_u64().unwrap() as usize,
        );
        let begun = Begun {
            name: asked["file_name"].as_str().unwrap().to_owned(),
            size,
            parts: BTreeMap::new(),
        };
        self.uploads.insert(id.clone(), begun);
        let count = size.div_ceil(BLOCK);
        Reply::data(&format!(
            r#"{{"upload_id":"{id}","block_size":{BLOCK},"block_num":{count}}}"#
        ))
    }

    fn part(&mut self, request: &Recorded) -> Reply {
        let text = |name| form::text(request, name).unwrap();
        let content = form::content(request, "file").unwrap();
        if text("size") != content.len().to_string() {
            return refused(
                1_062_009,
                "the actual size is inconsistent with the parameter declaration size.",
            );
        }
        if text("checksum") != adler2::adler32_slice(&content).to_string() {
            return refused(1_062_008, "checksum param Invalid.");
        }
        let Some(begun) = self.uploads.get_mut(&text("upload_id")) else {
            return refused(FORGOTTEN, "upload id expire.");
        };
        begun.parts.insert(text("seq").parse().unwrap(), content);
        Reply::data("{}")
    }

    fn finish(&mut self, request: &Recorded) -> Reply {
        let asked: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let Some(begun) = self.uploads.remove(asked["upload_id"].as_str().unwrap()) else {
            return refused(FORGOTTEN, "upload id expire.");
        };
        let content: Vec<u8> = begun.parts.into_values().flatten().collect();
        match content.len() == begun.size {
            true => self.keep(begun.name, content),
            false => refused(1_062_010, "block missing, please upload all blocks."),
        }
    }

    fn keep(&mut self, name: String, content: Vec<u8>) -> Reply {
        self.files.push((name, content));
        Reply::data(&format!(r#"{{"file_token":"box-{}"}}"#, self.files.len()))
    }
}

pub fn refused(code: i64, msg: &str) -> Reply {
    Reply::json(400, &format!(r#"{{"code":{code},"msg":"{msg}"}}"#))
}

/// A file of so many bytes, of which no part is like another.
pub fn content(length: usize) -> Vec<u8> {
    (0..length as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}
