//! The endpoints that the command line knows, from its embedded spec or from that of `--spec`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use larkspur::endpoint::{
    Ability, AppKind, BodyKind, DocumentedError, EndpointInfo, FixedField, FixedHeader, FixedValue, Lifetime, Method,
    PlatformHost, ResponseKind, TokenKind, Window,
};
use larkspur::wire::{FieldInfo, OfFile, Rule};
use larkspur_codegen::command::output::Stop;
use larkspur_codegen::index::Index;
use larkspur_codegen::model::{self, Api, Endpoint, Field};
use larkspur_codegen::{Source, command as spec};

/// Selects the spec whose endpoints a command knows.
#[derive(Args)]
pub(crate) struct SpecOption {
    /// Directory of another spec, in place of the embedded one.
    #[arg(long = "spec", value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: Option<PathBuf>,
}

impl SpecOption {
    /// Loads all endpoints.
    pub(crate) fn load(&self) -> Result<Api, Stop> {
        match &self.directory {
            Some(directory) => spec::load(&spec::read(directory)?),
            None => spec::load(&larkspur_mock::embedded_spec()),
        }
    }

    /// Returns the index of all endpoints.
    pub(crate) fn index(&self) -> Result<Index, Stop> {
        match &self.directory {
            Some(_) => Ok(Index::new(&self.load()?)),
            None => embedded_index(),
        }
    }

    /// Loads at least the endpoint with this id, if it exists.
    pub(crate) fn load_endpoint(&self, id: &str) -> Result<Api, Stop> {
        match &self.directory {
            Some(_) => self.load(),
            None => load_endpoint(id),
        }
    }
}

/// The index of the embedded spec, written by the generator.
const INDEX: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../generated/index.txt"));

/// Returns the index of the embedded endpoints, which is read in a fraction of the time of the spec.
pub(crate) fn embedded_index() -> Result<Index, Stop> {
    Index::parse(INDEX).map_err(|error| Stop::unable(format!("invalid embedded index: {error}")))
}

/// Loads the embedded files that describe the endpoint with this id. Without such an endpoint, nothing is loaded.
pub(crate) fn load_endpoint(id: &str) -> Result<Api, Stop> {
    let files = embedded_index()?.files(id);
    let embedded = larkspur_mock::embedded_spec();
    let mut source = Source::new();
    for (path, bytes) in embedded.files().filter(|(path, _)| files.contains(*path)) {
        source.add(path, bytes);
    }
    spec::load(&source)
}

/// Returns whether the endpoint responds with a file.
pub(crate) fn returns_file(endpoint: &Endpoint) -> bool {
    matches!(endpoint.response, model::Response::Binary(_))
}

/// Finds an embedded endpoint that responds with a file, with its description for the client.
pub(crate) fn find_file_endpoint(id: &str) -> Result<FileEndpoint, Stop> {
    let api = load_endpoint(id)?;
    match api.endpoint(id).filter(|endpoint| returns_file(endpoint)) {
        Some(endpoint) => Ok(FileEndpoint {
            info: endpoint_info(endpoint),
            fields: endpoint.fields.clone(),
        }),
        None => Err(unknown_file_endpoint(id)),
    }
}

/// An endpoint that responds with a file.
pub(crate) struct FileEndpoint {
    pub info: &'static EndpointInfo,
    pub fields: Vec<Field>,
}

fn unknown_file_endpoint(id: &str) -> Stop {
    let index = match embedded_index() {
        Ok(index) => index,
        Err(stop) => return stop,
    };
    let files = index.endpoints.iter().filter(|entry| entry.file);
    let ids: Vec<_> = files.map(|entry| entry.id.as_str()).collect();
    Stop::unable(format!(
        "no endpoint {id:?} that responds with a file: use one of\n  {}",
        ids.join("\n  ")
    ))
}

/// Converts an endpoint to the description that the client needs.
///
/// Generated code has the same descriptions as constants. Those built here are leaked, once per run of the program.
pub(crate) fn endpoint_info(endpoint: &Endpoint) -> &'static EndpointInfo {
    let info = EndpointInfo::new(
        leak_text(&endpoint.id),
        convert_method(endpoint.method),
        leak_text(&endpoint.path),
    )
    .tokens(leak_list(endpoint.tokens.iter().flatten().map(convert_token)))
    .apps(leak_list(endpoint.apps.iter().map(convert_app)))
    .scopes(leak_texts(endpoint.scopes.iter().flatten()))
    .field_scopes(leak_texts(&endpoint.field_scopes))
    .abilities(leak_list(endpoint.abilities.iter().map(convert_ability)))
    .limits(leak_list(
        endpoint
            .limits
            .iter()
            .flat_map(|limits| &limits.windows)
            .map(convert_window),
    ))
    .host(convert_host(endpoint.host))
    .headers(leak_list(endpoint.fixed_headers.iter().map(convert_header)))
    .fixed_fields(leak_list(endpoint.fixed_fields.iter().map(convert_fixed_field)))
    .body(convert_body(endpoint.body))
    .response(convert_response(&endpoint.response))
    .errors(leak_list(endpoint.errors.iter().map(convert_error)))
    .docs(leak_text(endpoint.docs.as_deref().unwrap_or_default()));
    Box::leak(Box::new(add_optional_info(info, endpoint)))
}

fn add_optional_info(mut info: EndpointInfo, endpoint: &Endpoint) -> EndpointInfo {
    if let Some(field) = &endpoint.idempotency {
        info = info.idempotency(leak_text(field));
    }
    if endpoint.repeatable {
        info = info.repeatable();
    }
    if let Some(lifetime) = &endpoint.lifetime {
        let since = lifetime.since.as_deref().unwrap_or_default();
        info = info.lifetime(Lifetime::new(
            leak_text(&lifetime.of),
            lifetime.seconds,
            leak_text(since),
        ));
    }
    if let Some(deprecation) = &endpoint.deprecated {
        info = info.deprecated(leak_text(deprecation.successor.as_deref().unwrap_or_default()));
    }
    info
}

/// Converts fields to the descriptions that the client needs, in order.
pub(crate) fn field_infos<'f>(fields: impl IntoIterator<Item = &'f Field>) -> &'static [FieldInfo] {
    leak_list(fields.into_iter().map(convert_field))
}

fn convert_field(field: &Field) -> FieldInfo {
    let key = leak_text(&field.key);
    let info = match field.place {
        model::Place::Path => FieldInfo::path(key),
        model::Place::Query => FieldInfo::query(key),
        model::Place::Header => FieldInfo::header(key),
        model::Place::Body => FieldInfo::body(key),
    };
    let info = if field.required { info.required() } else { info };
    let info = info.rules(convert_rules(field));
    match field.of_file {
        None => info,
        Some(model::FileAttribute::Name) => info.of_file(OfFile::Name),
        Some(model::FileAttribute::Size) => info.of_file(OfFile::Size),
        Some(model::FileAttribute::Adler32) => info.of_file(OfFile::Adler32),
    }
}

fn convert_rules(field: &Field) -> &'static [Rule] {
    let bounds = &field.bounds;
    let rules = [
        bounds.min.map(Rule::Min),
        bounds.max.map(Rule::Max),
        bounds.min_length.map(Rule::MinLength),
        bounds.max_length.map(Rule::MaxLength),
        bounds.min_items.map(Rule::MinItems),
        bounds.max_items.map(Rule::MaxItems),
        bounds.min_bytes.map(Rule::MinBytes),
        bounds.max_bytes.map(Rule::MaxBytes),
        field
            .pattern
            .as_deref()
            .map(|pattern| Rule::Pattern(leak_text(pattern))),
    ];
    leak_list(rules.into_iter().flatten())
}

fn leak_list<T>(items: impl Iterator<Item = T>) -> &'static [T] {
    items.collect::<Vec<_>>().leak()
}

fn leak_text(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn leak_texts<'t>(texts: impl IntoIterator<Item = &'t String>) -> &'static [&'static str] {
    leak_list(texts.into_iter().map(|text| leak_text(text)))
}

fn convert_method(method: model::Method) -> Method {
    match method {
        model::Method::Get => Method::Get,
        model::Method::Post => Method::Post,
        model::Method::Put => Method::Put,
        model::Method::Patch => Method::Patch,
        model::Method::Delete => Method::Delete,
    }
}

fn convert_token(kind: &model::TokenKind) -> TokenKind {
    match kind {
        model::TokenKind::Tenant => TokenKind::Tenant,
        model::TokenKind::User => TokenKind::User,
        model::TokenKind::App => TokenKind::App,
    }
}

fn convert_app(kind: &model::AppKind) -> AppKind {
    match kind {
        model::AppKind::Custom => AppKind::Custom,
        model::AppKind::Store => AppKind::Store,
    }
}

fn convert_ability(ability: &model::Ability) -> Ability {
    match ability {
        model::Ability::Bot => Ability::Bot,
    }
}

fn convert_window(window: &model::Window) -> Window {
    Window::new(window.calls, window.seconds.into())
}

fn convert_header(header: &model::FixedHeader) -> FixedHeader {
    FixedHeader::new(leak_text(&header.name), leak_text(&header.value))
}

fn convert_host(host: model::PlatformHost) -> PlatformHost {
    match host {
        model::PlatformHost::Open => PlatformHost::Open,
        model::PlatformHost::Www => PlatformHost::Www,
        model::PlatformHost::Accounts => PlatformHost::Accounts,
    }
}

fn convert_fixed_field(field: &model::FixedField) -> FixedField {
    let value = match (field.value.as_bool(), field.value.as_i64()) {
        (Some(flag), _) => FixedValue::Bool(flag),
        (_, Some(number)) => FixedValue::Int(number),
        _ => FixedValue::Str(leak_text(&field.text())),
    };
    let create = if field.place == model::Place::Query {
        FixedField::query
    } else {
        FixedField::body
    };
    create(leak_text(&field.key), value)
}

fn convert_body(body: model::Body) -> BodyKind {
    match body {
        model::Body::None => BodyKind::None,
        model::Body::Json => BodyKind::Json,
        model::Body::Multipart => BodyKind::Multipart,
    }
}

fn convert_response(response: &model::Response) -> ResponseKind {
    match response {
        model::Response::Empty => ResponseKind::Json { flat: false },
        model::Response::Json { flat, .. } => ResponseKind::Json { flat: *flat },
        model::Response::Binary(binary) => ResponseKind::Binary {
            ranges: binary.ranges,
            max_bytes: binary.max_bytes,
        },
    }
}

fn convert_error(entry: &model::ErrorEntry) -> DocumentedError {
    let msg = entry.msg.as_deref().unwrap_or_default();
    let error = match entry.code {
        Some(code) => DocumentedError::code(
            entry.http,
            code,
            leak_text(msg),
            leak_text(entry.doc.as_deref().unwrap_or_default()),
        ),
        // An error without a code has no message field, so that the message serves as its hint.
        None => DocumentedError::status(entry.http, leak_text(entry.doc.as_deref().unwrap_or(msg))),
    };
    if entry.retry { error.retry() } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_index_is_that_of_embedded_spec() {
        let api = larkspur_codegen::load(&larkspur_mock::embedded_spec()).expect("the spec has no errors");
        assert!(embedded_index().expect("the index is valid") == Index::new(&api));
    }

    #[test]
    fn each_endpoint_loads_from_its_files() {
        for entry in embedded_index().expect("the index is valid").endpoints {
            let api = load_endpoint(&entry.id).expect("its files are complete");
            assert!(api.endpoint(&entry.id).is_some(), "{}", entry.id);
        }
        assert!(
            load_endpoint("drive.v1.file.nothing")
                .unwrap()
                .endpoint("drive.v1.file.nothing")
                .is_none()
        );
    }

    #[test]
    fn endpoint_infos_match_generated_code() {
        let api = larkspur_codegen::load(&larkspur_mock::embedded_spec()).expect("the spec has no errors");
        for generated in larkspur::catalog::ENDPOINTS.iter().copied() {
            let described = endpoint_info(api.endpoint(generated.id).expect(generated.id));
            let codes = |info: &EndpointInfo| {
                let mut errors: Vec<_> = info.documented_errors().copied().collect();
                errors.sort_by_key(|error| (error.code, error.http));
                errors
            };
            assert_eq!(codes(described), codes(generated));
            // Generated code refers to the definitions of codes.
            let without_errors = |info: &EndpointInfo| (*info).errors(&[]).codes(&[], &[]);
            assert_eq!(without_errors(described), without_errors(generated));
        }
    }

    #[test]
    fn field_infos_match_generated_code() {
        use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, Download};
        use larkspur::wire::Fields as _;

        let api = larkspur_codegen::load(&larkspur_mock::embedded_spec()).expect("the spec has no errors");
        let described = |id: &str| field_infos(&api.endpoint(id).expect(id).fields);
        let batch = BatchGetTmpDownloadUrl::new(["boxcn1"]);
        assert_eq!(described("drive.v1.media.batch_get_tmp_download_url"), batch.fields());
        // Generated code appends the field of the range.
        let download = Download::new("boxcn1");
        let infos = described("drive.v1.media.download");
        assert_eq!(infos, &download.fields()[..infos.len()]);
    }
}
