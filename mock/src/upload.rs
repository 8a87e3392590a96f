//! File uploads: in one call, or in parts through three endpoints that `upload` in the spec relates.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use larkspur_codegen::model::{Api, Endpoint, Field, FileAttribute, Type, Upload};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::file::File;
use crate::response::ErrorResponse;
use crate::validate::{Payload, UploadedFile};

/// The role of an endpoint in a multipart upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Prepare,
    Part,
    Finish,
}

/// A multipart upload as the spec describes it.
#[derive(Debug)]
struct UploadFlow {
    upload: Upload,
    /// Fields of the first step with the name and the size of the file.
    name: Option<String>,
    size: Option<String>,
    /// Fields of the first response that identify the upload.
    keys: Vec<String>,
    /// How long an upload stays open.
    lifetime: Option<Duration>,
}

/// An open multipart upload.
#[derive(Debug)]
struct UploadSession {
    name: String,
    size: usize,
    opened: Duration,
    parts: BTreeMap<usize, Bytes>,
}

/// The uploads of a mock server.
#[derive(Debug)]
pub(crate) struct Uploads {
    flows: Vec<UploadFlow>,
    /// Flow and step of each endpoint, by id.
    steps: HashMap<String, (usize, Step)>,
    sessions: HashMap<Vec<String>, UploadSession>,
    block_size: usize,
    /// Number of uploads and files so far.
    count: u64,
}

impl Uploads {
    /// Creates the uploads for the endpoints of this spec with this part size.
    pub(crate) fn new(api: &Api, block_size: usize) -> Self {
        let mut uploads = Self {
            flows: Vec::new(),
            steps: HashMap::new(),
            sessions: HashMap::new(),
            block_size,
            count: 0,
        };
        for (_, endpoint) in api.endpoints() {
            let Some(upload) = &endpoint.upload else { continue };
            let Some(flow) = UploadFlow::new(api, endpoint, upload) else {
                continue;
            };
            let step = [Step::Prepare, Step::Part, Step::Finish];
            for ((_, named), step) in upload.steps().into_iter().zip(step) {
                uploads
                    .steps
                    .insert(named.endpoint.clone(), (uploads.flows.len(), step));
            }
            uploads.flows.push(flow);
        }
        uploads
    }

    /// Receives the files of a call and completes its response. Returns a finished file with its token.
    pub(crate) fn receive(
        &mut self,
        call: &Call<'_>,
        payload: &Payload,
        data: &mut Map<String, Value>,
        now: Duration,
    ) -> Result<Option<(String, File)>, ErrorResponse> {
        match self.steps.get(&call.endpoint.id).copied() {
            Some((flow, Step::Prepare)) => {
                self.prepare(flow, payload, data, now);
                Ok(None)
            }
            Some((flow, Step::Part)) => self.add_part(flow, call, payload, now).map(|()| None),
            Some((flow, Step::Finish)) => {
                let session = self.finish(flow, call, payload, now)?;
                Ok(self.store(session.name, join_parts(session.parts), data))
            }
            None => match payload.files.as_slice() {
                [file] => Ok(self.store(file_name(call, payload, file), file.bytes.clone(), data)),
                _ => Ok(None),
            },
        }
    }

    fn prepare(&mut self, flow: usize, payload: &Payload, data: &mut Map<String, Value>, now: Duration) {
        self.count += 1;
        let flow = &self.flows[flow];
        let field = |key: &Option<String>| key.as_ref().and_then(|key| payload.body.get(key));
        let size = field(&flow.size).and_then(Value::as_u64).unwrap_or_default() as usize;
        for key in &flow.keys {
            if let Some(value) = data.get_mut(key) {
                append_number(value, self.count);
            }
        }
        data.insert(flow.upload.block_size.clone(), self.block_size.into());
        data.insert(flow.upload.block_count.clone(), size.div_ceil(self.block_size).into());
        let session = UploadSession {
            name: field(&flow.name).and_then(Value::as_str).unwrap_or_default().to_owned(),
            size,
            opened: now,
            parts: BTreeMap::new(),
        };
        self.sessions.insert(flow.session_key(data), session);
    }

    fn add_part(
        &mut self,
        flow: usize,
        call: &Call<'_>,
        payload: &Payload,
        now: Duration,
    ) -> Result<(), ErrorResponse> {
        let block_size = self.block_size;
        let flow = &self.flows[flow];
        let session = find_session(&mut self.sessions, flow, call, payload, now)?;
        let number_key = &flow.upload.number;
        let number = payload.body.get(number_key).and_then(Value::as_u64).unwrap_or_default() as usize;
        let invalid = |field: &str, value: String, description: String| {
            ErrorResponse::invalid_field(call.endpoint, field, value, description)
        };
        let count = session.size.div_ceil(block_size);
        if number >= count {
            let documented = ErrorResponse::documented(call.endpoint, &["out of bounds"]);
            return Err(documented
                .unwrap_or_else(|| invalid(number_key, number.to_string(), format!("must be less than {count}"))));
        }
        let Some(file) = payload.files.first() else {
            return Ok(());
        };
        let expected = block_size.min(session.size - number * block_size);
        if file.bytes.len() != expected {
            return Err(invalid(
                &file.field,
                file.bytes.len().to_string(),
                format!("part {number} must have {expected} bytes"),
            ));
        }
        session.parts.insert(number, file.bytes.clone());
        Ok(())
    }

    fn finish(
        &mut self,
        flow: usize,
        call: &Call<'_>,
        payload: &Payload,
        now: Duration,
    ) -> Result<UploadSession, ErrorResponse> {
        let block_size = self.block_size;
        let flow = &self.flows[flow];
        let session = find_session(&mut self.sessions, flow, call, payload, now)?;
        if session.parts.len() < session.size.div_ceil(block_size) {
            let documented = ErrorResponse::documented(call.endpoint, &["missing"]);
            return Err(documented.unwrap_or_else(|| ErrorResponse::invalid_fields(call.endpoint, Vec::new())));
        }
        let session = self.sessions.remove(&flow.session_key(&request_values(call, payload)));
        session.ok_or_else(|| flow.unknown_session(call.endpoint))
    }

    /// Returns the file under a new token, which is the first text of the response.
    fn store(&mut self, name: String, bytes: Bytes, data: &mut Map<String, Value>) -> Option<(String, File)> {
        self.count += 1;
        let token = data.values_mut().find(|value| value.is_string())?;
        append_number(token, self.count);
        let token = token.as_str()?.to_owned();
        Some((token, File::new(name, "application/octet-stream", bytes)))
    }
}

impl UploadFlow {
    fn new(api: &Api, endpoint: &Endpoint, upload: &Upload) -> Option<Self> {
        let prepare = api.endpoint(&upload.prepare.endpoint)?;
        let part = api.endpoint(&upload.part.endpoint)?;
        let prepare_field = |fact: FileAttribute| {
            let field = endpoint.fields.iter().find(|field| field.of_file == Some(fact))?;
            let exists = prepare.fields.iter().any(|other| other.key == field.key);
            exists.then(|| field.key.clone())
        };
        // Fields of a part that describe neither the part nor its file refer to the upload.
        let is_key = |field: &&Field| {
            field.required && field.of_file.is_none() && field.key != upload.number && field.ty != Type::File
        };
        Some(Self {
            name: prepare_field(FileAttribute::Name),
            size: prepare_field(FileAttribute::Size),
            keys: part
                .fields
                .iter()
                .filter(is_key)
                .map(|field| field.key.clone())
                .collect(),
            lifetime: prepare
                .lifetime
                .as_ref()
                .map(|lifetime| Duration::from_secs(lifetime.seconds)),
            upload: upload.clone(),
        })
    }

    /// Returns the values that identify an upload.
    fn session_key(&self, values: &Map<String, Value>) -> Vec<String> {
        let keys = self.keys.iter();
        keys.map(|key| match values.get(key) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        })
        .collect()
    }

    /// Returns the documented error after which a client starts the upload again.
    fn unknown_session(&self, endpoint: &Endpoint) -> ErrorResponse {
        let mut errors = endpoint.errors.iter();
        let entry = errors.find(|entry| entry.code.is_some_and(|code| self.upload.restart.contains(&code)));
        let documented =
            entry.and_then(|entry| Some(ErrorResponse::new(entry.http, entry.code?, entry.msg.as_deref()?)));
        documented.unwrap_or_else(|| ErrorResponse::invalid_fields(endpoint, Vec::new()))
    }
}

/// Returns the open upload that a call refers to.
fn find_session<'s>(
    sessions: &'s mut HashMap<Vec<String>, UploadSession>,
    flow: &UploadFlow,
    call: &Call<'_>,
    payload: &Payload,
    now: Duration,
) -> Result<&'s mut UploadSession, ErrorResponse> {
    let is_open = |session: &&mut UploadSession| flow.lifetime.is_none_or(|lifetime| now < session.opened + lifetime);
    let key = flow.session_key(&request_values(call, payload));
    let found = sessions.get_mut(&key).filter(is_open);
    found.ok_or_else(|| flow.unknown_session(call.endpoint))
}

/// Returns the values of body and query.
fn request_values(call: &Call<'_>, payload: &Payload) -> Map<String, Value> {
    let mut values = payload.body.clone();
    values.extend(
        call.query
            .iter()
            .map(|(key, value)| (key.clone(), value.clone().into())),
    );
    values
}

fn join_parts(parts: BTreeMap<usize, Bytes>) -> Bytes {
    let mut whole = BytesMut::new();
    parts.values().for_each(|part| whole.extend_from_slice(part));
    whole.freeze()
}

/// Returns the name of a file: that of its field, else that of its form part.
fn file_name(call: &Call<'_>, payload: &Payload, file: &UploadedFile) -> String {
    let field = call
        .endpoint
        .fields
        .iter()
        .find(|field| field.of_file == Some(FileAttribute::Name));
    let name = field
        .and_then(|field| payload.body.get(&field.key))
        .and_then(Value::as_str);
    name.map(str::to_owned)
        .or_else(|| file.name.clone())
        .unwrap_or_default()
}

fn append_number(value: &mut Value, count: u64) {
    match value {
        Value::String(text) => text.push_str(&format!("-{count}")),
        Value::Number(number) => *number = count.into(),
        _ => {}
    }
}
