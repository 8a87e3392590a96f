//! What the client has to know of an endpoint and its fields, made of the spec at run time. Generated code has the same
//! facts as constants; here they live as long as the program, which makes them once.

use larkspur::endpoint::{
    Ability, AppKind, BodyKind, DocumentedError, EndpointInfo, FixedHeader, Lifetime, Method, ResponseKind, TokenKind,
    Window,
};
use larkspur::wire::{FieldInfo, OfFile, Rule};
use larkspur_codegen::model;

/// The facts of an endpoint.
pub(crate) fn endpoint(described: &model::Endpoint) -> &'static EndpointInfo {
    let facts = EndpointInfo::new(text(&described.id), method(described.method), text(&described.path))
        .tokens(list(described.tokens.iter().flatten().map(token)))
        .apps(list(described.apps.iter().map(app)))
        .scopes(texts(described.scopes.iter().flatten()))
        .field_scopes(texts(&described.field_scopes))
        .abilities(list(described.abilities.iter().map(ability)))
        .limits(list(
            described.limits.iter().flat_map(|limits| &limits.windows).map(window),
        ))
        .headers(list(described.fixed_headers.iter().map(header)))
        .body(body(described.body))
        .response(response(&described.response))
        .errors(list(described.errors.iter().map(error)))
        .docs(text(described.docs.as_deref().unwrap_or_default()));
    Box::leak(Box::new(with_the_rest(facts, described)))
}

/// Facts of which a few endpoints alone have any.
fn with_the_rest(mut facts: EndpointInfo, described: &model::Endpoint) -> EndpointInfo {
    if let Some(field) = &described.idempotency {
        facts = facts.idempotency(text(field));
    }
    if described.repeatable {
        facts = facts.repeatable();
    }
    if let Some(lifetime) = &described.lifetime {
        let since = lifetime.since.as_deref().unwrap_or_default();
        facts = facts.lifetime(Lifetime::new(text(&lifetime.of), lifetime.seconds, text(since)));
    }
    if let Some(deprecation) = &described.deprecated {
        facts = facts.deprecated(text(deprecation.successor.as_deref().unwrap_or_default()));
    }
    facts
}

/// The facts of fields, in their order.
pub(crate) fn fields<'f>(described: impl IntoIterator<Item = &'f model::Field>) -> &'static [FieldInfo] {
    list(described.into_iter().map(field))
}

fn field(described: &model::Field) -> FieldInfo {
    let key = text(&described.key);
    let field = match described.place {
        model::Place::Path => FieldInfo::path(key),
        model::Place::Query => FieldInfo::query(key),
        model::Place::Header => FieldInfo::header(key),
        model::Place::Body => FieldInfo::body(key),
    };
    let field = if described.required { field.required() } else { field };
    let field = field.rules(rules(&described.bounds));
    match described.of_file {
        None => field,
        Some(model::FileFact::Name) => field.of_file(OfFile::Name),
        Some(model::FileFact::Size) => field.of_file(OfFile::Size),
        Some(model::FileFact::Adler32) => field.of_file(OfFile::Adler32),
    }
}

fn rules(bounds: &model::Bounds) -> &'static [Rule] {
    let rules = [
        bounds.min.map(Rule::Min),
        bounds.max.map(Rule::Max),
        bounds.min_length.map(Rule::MinLength),
        bounds.max_length.map(Rule::MaxLength),
        bounds.min_items.map(Rule::MinItems),
        bounds.max_items.map(Rule::MaxItems),
        bounds.min_bytes.map(Rule::MinBytes),
        bounds.max_bytes.map(Rule::MaxBytes),
    ];
    list(rules.into_iter().flatten())
}

fn list<T>(items: impl Iterator<Item = T>) -> &'static [T] {
    items.collect::<Vec<_>>().leak()
}

fn text(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn texts<'t>(all: impl IntoIterator<Item = &'t String>) -> &'static [&'static str] {
    list(all.into_iter().map(|one| text(one)))
}

fn method(method: model::Method) -> Method {
    match method {
        model::Method::Get => Method::Get,
        model::Method::Post => Method::Post,
        model::Method::Put => Method::Put,
        model::Method::Patch => Method::Patch,
        model::Method::Delete => Method::Delete,
    }
}

fn token(kind: &model::TokenKind) -> TokenKind {
    match kind {
        model::TokenKind::Tenant => TokenKind::Tenant,
        model::TokenKind::User => TokenKind::User,
        model::TokenKind::App => TokenKind::App,
    }
}

fn app(kind: &model::AppKind) -> AppKind {
    match kind {
        model::AppKind::Custom => AppKind::Custom,
        model::AppKind::Store => AppKind::Store,
    }
}

fn ability(ability: &model::Ability) -> Ability {
    match ability {
        model::Ability::Bot => Ability::Bot,
    }
}

fn window(window: &model::Window) -> Window {
    Window::new(window.calls, window.seconds.into())
}

fn header(header: &model::FixedHeader) -> FixedHeader {
    FixedHeader::new(text(&header.name), text(&header.value))
}

fn body(body: model::Body) -> BodyKind {
    match body {
        model::Body::None => BodyKind::None,
        model::Body::Json => BodyKind::Json,
        model::Body::Multipart => BodyKind::Multipart,
    }
}

fn response(response: &model::Response) -> ResponseKind {
    match response {
        model::Response::Empty => ResponseKind::Json { flat: false },
        model::Response::Json { flat, .. } => ResponseKind::Json { flat: *flat },
        model::Response::Binary(binary) => ResponseKind::Binary {
            ranges: binary.ranges,
            max_bytes: binary.max_bytes,
        },
    }
}

fn error(entry: &model::ErrorEntry) -> DocumentedError {
    let msg = entry.msg.as_deref().unwrap_or_default();
    let error = match entry.code {
        Some(code) => DocumentedError::code(
            entry.http,
            code,
            text(msg),
            text(entry.doc.as_deref().unwrap_or_default()),
        ),
        // A failure without code has no place for the platform's message but the hint.
        None => DocumentedError::status(entry.http, text(entry.doc.as_deref().unwrap_or(msg))),
    };
    if entry.retry { error.retry() } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_of_an_endpoint_are_those_of_the_generated_code() {
        let api = larkspur_codegen::load(&larkspur_mock::embedded_spec()).expect("the spec has no errors");
        for generated in larkspur::catalog::ENDPOINTS.iter().copied() {
            let described = api.endpoint(generated.id).expect(generated.id);
            assert_eq!(endpoint(described), generated);
        }
    }

    #[test]
    fn the_facts_of_fields_are_those_of_the_generated_code() {
        use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, Download};
        use larkspur::wire::Fields as _;

        let api = larkspur_codegen::load(&larkspur_mock::embedded_spec()).expect("the spec has no errors");
        let described = |id: &str| fields(&api.endpoint(id).expect(id).fields);
        let batch = BatchGetTmpDownloadUrl::new(["boxcn1"]);
        assert_eq!(described("drive.v1.media.batch_get_tmp_download_url"), batch.fields());
        // What the emitter adds for ranges stands behind the others.
        let download = Download::new("boxcn1");
        let known = described("drive.v1.media.download");
        assert_eq!(known, &download.fields()[..known.len()]);
    }
}
