//! Files that come in: in one call, or in parts as `upload` in the spec relates the endpoints that take them.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use larkspur_codegen::model::{Api, Endpoint, Field, FileFact, Upload};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::file::File;
use crate::refusal::Refusal;
use crate::validate::{Sent, Taken};

/// What an endpoint is to an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Prepare,
    Part,
    Finish,
}

/// What the spec says of uploads that go over three endpoints.
#[derive(Debug)]
struct Way {
    upload: Upload,
    /// Fields of the first step that say how the file is called and how many bytes it has.
    name: Option<String>,
    size: Option<String>,
    /// Fields of the first answer that tell the upload from others.
    keys: Vec<String>,
    /// How long it is remembered.
    lifetime: Option<Duration>,
}

/// An upload that has begun.
#[derive(Debug)]
struct Begun {
    name: String,
    size: usize,
    since: Duration,
    parts: BTreeMap<usize, Bytes>,
}

/// All uploads.
#[derive(Debug)]
pub(crate) struct Uploads {
    ways: Vec<Way>,
    steps: HashMap<String, (usize, Step)>,
    begun: HashMap<Vec<String>, Begun>,
    block: usize,
    /// How many uploads and files there have been.
    count: u64,
}

impl Uploads {
    /// For the endpoints of this spec, with parts of this size.
    pub(crate) fn new(api: &Api, block: usize) -> Self {
        let mut uploads = Self {
            ways: Vec::new(),
            steps: HashMap::new(),
            begun: HashMap::new(),
            block,
            count: 0,
        };
        for (_, endpoint) in api.endpoints() {
            let Some(upload) = &endpoint.upload else { continue };
            let Some(way) = way(api, endpoint, upload) else {
                continue;
            };
            let step = [Step::Prepare, Step::Part, Step::Finish];
            for ((_, named), step) in upload.steps().into_iter().zip(step) {
                uploads.steps.insert(named.endpoint.clone(), (uploads.ways.len(), step));
            }
            uploads.ways.push(way);
        }
        uploads
    }

    /// Takes what came with a call, and makes the answer one about it. Gives a file that is there now, and its token.
    pub(crate) fn take(
        &mut self,
        call: &Call<'_>,
        taken: &Taken,
        answer: &mut Map<String, Value>,
        now: Duration,
    ) -> Result<Option<(String, File)>, Refusal> {
        match self.steps.get(&call.endpoint.id).copied() {
            Some((way, Step::Prepare)) => {
                self.prepare(way, taken, answer, now);
                Ok(None)
            }
            Some((way, Step::Part)) => self.part(way, call, taken, now).map(|()| None),
            Some((way, Step::Finish)) => {
                let begun = self.finish(way, call, taken, now)?;
                Ok(self.keep(begun.name, join(begun.parts), answer))
            }
            None => match taken.files.as_slice() {
                [file] => Ok(self.keep(name(call, taken, file), file.bytes.clone(), answer)),
                _ => Ok(None),
            },
        }
    }

    fn prepare(&mut self, way: usize, taken: &Taken, answer: &mut Map<String, Value>, now: Duration) {
        self.count += 1;
        let way = &self.ways[way];
        let told = |key: &Option<String>| key.as_ref().and_then(|key| taken.body.get(key));
        let size = told(&way.size).and_then(Value::as_u64).unwrap_or_default() as usize;
        for key in &way.keys {
            if let Some(value) = answer.get_mut(key) {
                number(value, self.count);
            }
        }
        answer.insert(way.upload.block_size.clone(), self.block.into());
        answer.insert(way.upload.block_count.clone(), size.div_ceil(self.block).into());
        let begun = Begun {
            name: told(&way.name).and_then(Value::as_str).unwrap_or_default().to_owned(),
            size,
            since: now,
            parts: BTreeMap::new(),
        };
        self.begun.insert(key(way, answer), begun);
    }

    fn part(&mut self, way: usize, call: &Call<'_>, taken: &Taken, now: Duration) -> Result<(), Refusal> {
        let block = self.block;
        let way = &self.ways[way];
        let begun = find(&mut self.begun, way, call, taken, now)?;
        let number_key = &way.upload.number;
        let number = taken.body.get(number_key).and_then(Value::as_u64).unwrap_or_default() as usize;
        let wrong =
            |field: &str, value: String, description: String| Refusal::field(call.endpoint, field, value, description);
        let count = begun.size.div_ceil(block);
        if number >= count {
            let documented = Refusal::documented(call.endpoint, &["out of bounds"]);
            return Err(documented
                .unwrap_or_else(|| wrong(number_key, number.to_string(), format!("must be less than {count}"))));
        }
        let Some(file) = taken.files.first() else { return Ok(()) };
        let length = block.min(begun.size - number * block);
        if file.bytes.len() != length {
            let came = file.bytes.len().to_string();
            return Err(wrong(
                &file.field,
                came,
                format!("part {number} must have {length} bytes"),
            ));
        }
        begun.parts.insert(number, file.bytes.clone());
        Ok(())
    }

    fn finish(&mut self, way: usize, call: &Call<'_>, taken: &Taken, now: Duration) -> Result<Begun, Refusal> {
        let block = self.block;
        let way = &self.ways[way];
        let begun = find(&mut self.begun, way, call, taken, now)?;
        if begun.parts.len() < begun.size.div_ceil(block) {
            let documented = Refusal::documented(call.endpoint, &["missing"]);
            return Err(documented.unwrap_or_else(|| Refusal::fields(call.endpoint, Vec::new())));
        }
        let begun = self.begun.remove(&key(way, &sent(call, taken)));
        begun.ok_or_else(|| forgotten(way, call.endpoint))
    }

    /// A file under a token of its own, which is the first text of the answer.
    fn keep(&mut self, name: String, bytes: Bytes, answer: &mut Map<String, Value>) -> Option<(String, File)> {
        self.count += 1;
        let token = answer.values_mut().find(|value| value.is_string())?;
        number(token, self.count);
        let token = token.as_str()?.to_owned();
        Some((token, File::new(name, "application/octet-stream", bytes)))
    }
}

fn way(api: &Api, endpoint: &Endpoint, upload: &Upload) -> Option<Way> {
    let prepare = api.endpoint(&upload.prepare.endpoint)?;
    let part = api.endpoint(&upload.part.endpoint)?;
    let says = |fact: FileFact| {
        let field = endpoint.fields.iter().find(|field| field.of_file == Some(fact))?;
        let there = prepare.fields.iter().any(|other| other.key == field.key);
        there.then(|| field.key.clone())
    };
    // What a part has to repeat, and does not say of itself.
    let repeats =
        |field: &&Field| field.required && field.of_file.is_none() && field.key != upload.number && !is_file(field);
    Some(Way {
        name: says(FileFact::Name),
        size: says(FileFact::Size),
        keys: part
            .fields
            .iter()
            .filter(repeats)
            .map(|field| field.key.clone())
            .collect(),
        lifetime: prepare
            .lifetime
            .as_ref()
            .map(|lifetime| Duration::from_secs(lifetime.seconds)),
        upload: upload.clone(),
    })
}

fn is_file(field: &Field) -> bool {
    field.ty == larkspur_codegen::model::Type::File
}

/// The upload that a call is about, unless it is forgotten.
fn find<'b>(
    begun: &'b mut HashMap<Vec<String>, Begun>,
    way: &Way,
    call: &Call<'_>,
    taken: &Taken,
    now: Duration,
) -> Result<&'b mut Begun, Refusal> {
    let alive = |begun: &&mut Begun| way.lifetime.is_none_or(|lifetime| now < begun.since + lifetime);
    let found = begun.get_mut(&key(way, &sent(call, taken))).filter(alive);
    found.ok_or_else(|| forgotten(way, call.endpoint))
}

fn forgotten(way: &Way, endpoint: &Endpoint) -> Refusal {
    let mut errors = endpoint.errors.iter();
    let entry = errors.find(|entry| entry.code.is_some_and(|code| way.upload.restart.contains(&code)));
    let documented = entry.and_then(|entry| Some(Refusal::new(entry.http, entry.code?, entry.msg.as_deref()?)));
    documented.unwrap_or_else(|| Refusal::fields(endpoint, Vec::new()))
}

/// The body of a call and its query.
fn sent(call: &Call<'_>, taken: &Taken) -> Map<String, Value> {
    let mut sent = taken.body.clone();
    sent.extend(
        call.query
            .iter()
            .map(|(key, value)| (key.clone(), value.clone().into())),
    );
    sent
}

/// What tells an upload from others.
fn key(way: &Way, values: &Map<String, Value>) -> Vec<String> {
    let keys = way.keys.iter();
    keys.map(|key| match values.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    })
    .collect()
}

fn join(parts: BTreeMap<usize, Bytes>) -> Bytes {
    let mut whole = BytesMut::new();
    parts.values().for_each(|part| whole.extend_from_slice(part));
    whole.freeze()
}

/// The name that a file has: as a field says, else as its part of the form does.
fn name(call: &Call<'_>, taken: &Taken, file: &Sent) -> String {
    let field = call
        .endpoint
        .fields
        .iter()
        .find(|field| field.of_file == Some(FileFact::Name));
    let said = field
        .and_then(|field| taken.body.get(&field.key))
        .and_then(Value::as_str);
    said.map(str::to_owned)
        .or_else(|| file.name.clone())
        .unwrap_or_default()
}

/// Makes a value another one than that of any other upload.
fn number(value: &mut Value, count: u64) {
    match value {
        Value::String(text) => text.push_str(&format!("-{count}")),
        Value::Number(number) => *number = count.into(),
        _ => {}
    }
}
