//! Requests that are put together here are those of the generated types.

use std::error::Error;

use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::endpoint::Request as _;
use larkspur::{Client, RetryPolicy, im, wire};
use larkspur_codegen::model::{Api, Body, Endpoint, Field, Place, Response, Type, TypeKind};
use larkspur_mock::Mock;
use serde_json::{Map, Value as Json, json};

use super::parameter::Parameter;
use super::request::{Wanted, assemble};

type Outcome = Result<(), Box<dyn Error>>;

fn api() -> Result<Api, Box<dyn Error>> {
    Ok(larkspur_codegen::load(&larkspur_mock::embedded_spec())?)
}

fn parameters(texts: &[&str]) -> Result<Vec<Parameter>, Box<dyn Error>> {
    let all: Result<Vec<Parameter>, _> = texts.iter().map(|text| text.parse()).collect();
    Ok(all?)
}

fn wanted(parameters: &[Parameter], body: Option<Map<String, Json>>) -> Wanted<'_> {
    Wanted {
        parameters,
        body,
        range: None,
        allow_unknown: false,
    }
}

#[test]
fn what_breaks_the_spec_is_what_breaks_it_in_a_request_type() -> Outcome {
    let api = api()?;
    let found = |id: &str, texts: &[&str]| -> Result<_, Box<dyn Error>> {
        let endpoint = api.endpoint(id).ok_or("no endpoint")?;
        let parameters = parameters(texts)?;
        Ok(assemble(&api, endpoint, wanted(&parameters, None))
            .err()
            .unwrap_or_default())
    };
    let typed = BatchGetTmpDownloadUrl::new(["1", "", "3", "4", "5", "6\n"]);
    let tokens = "file_tokens:=[\"1\",\"\",\"3\",\"4\",\"5\",\"6\\n\"]";
    let id = "drive.v1.media.batch_get_tmp_download_url";
    assert_eq!(found(id, &[tokens])?, wire::check(&typed));

    let kind = im::v1::message::ListContainerIdType::Chat;
    let typed = im::v1::message::List::new(kind, "").page_size(0);
    let texts = ["container_id_type=chat", "container_id=", "page_size=0"];
    assert_eq!(found("im.v1.message.list", &texts)?, wire::check(&typed));
    Ok(())
}

/// Each endpoint of the spec is called with all its fields. The stand-in, which knows the spec and nothing of this
/// program, finds no field wrong.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_any_endpoint_is_as_its_spec_says() -> Outcome {
    let api = api()?;
    let mock = Mock::builder().rate_limits(false).start().await?;
    let stranger = Client::builder().base_url(mock.base_url()).retries(RetryPolicy::none());
    let caller = stranger
        .clone()
        .app(mock.app_id(), mock.app_secret())
        .user_token(mock.user_token());
    let (stranger, caller) = (stranger.build()?, caller.build()?);
    let file = tempfile::NamedTempFile::new()?;
    // As much as any endpoint wants at least.
    std::fs::write(file.path(), [b'x'; 4096])?;
    let upload = format!("@{}", file.path().display());
    let mut wrong = Vec::new();
    for (_, endpoint) in api.endpoints() {
        let (parameters, body) = filled(&api, endpoint, &upload)?;
        let request = assemble(&api, endpoint, wanted(&parameters, body))
            .map_err(|violations| format!("{}: {violations:?}", endpoint.id))?;
        let client = if request.endpoint().tokens.is_empty() {
            &stranger
        } else {
            &caller
        };
        let ended = match endpoint.response {
            Response::Binary(_) => client.fetch(&request).await.map(|_| ()),
            _ => client.call_json(&request).await.map(|_| ()),
        };
        if let Err(error) = ended {
            // Some endpoints want values that only they know, such as the code of a login.
            let fields = error.api_error().map(|answer| &answer.field_violations);
            wrong.extend((!fields.is_some_and(Vec::is_empty)).then(|| error.to_string()));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    Ok(())
}

/// Parameters and a body.
type Filled = (Vec<Parameter>, Option<Map<String, Json>>);

/// Those that set every field.
fn filled(api: &Api, endpoint: &Endpoint, upload: &str) -> Result<Filled, String> {
    let mut body = Map::new();
    let mut parameters = Vec::new();
    let paging = endpoint.pagination.as_ref();
    // Only the platform makes tokens of pages.
    let is_token = |field: &&Field| paging.is_some_and(|paging| paging.token == field.key);
    let is_size = |field: &Field| paging.is_some_and(|paging| paging.size.as_ref() == Some(&field.key));
    // What is said of a file has to be so, and the client says it.
    let own = |field: &&Field| !is_token(field) && field.of_file.is_none();
    for field in endpoint.fields.iter().filter(own) {
        let value = match is_size(field) {
            true => of_type(api, &field.ty, field, 0),
            false => example(api, field, 0),
        };
        let text = match (&field.ty, field.place) {
            (Type::File, _) => format!("{}={upload}", field.rust),
            (_, Place::Body) if endpoint.body == Body::Json => {
                body.insert(field.key.clone(), value);
                continue;
            }
            _ => format!("{}:={value}", field.rust),
        };
        parameters.push(text.parse()?);
    }
    Ok((parameters, (endpoint.body == Body::Json).then_some(body)))
}

/// A value that the spec allows.
fn example(api: &Api, field: &Field, depth: usize) -> Json {
    match &field.example {
        Some(example) => example.clone(),
        None => of_type(api, &field.ty, field, depth),
    }
}

fn of_type(api: &Api, ty: &Type, field: &Field, depth: usize) -> Json {
    let bounds = &field.bounds;
    match ty {
        Type::String => "x".repeat(bounds.min_length.unwrap_or(1) as usize).into(),
        Type::Int => (bounds.min.unwrap_or(1.0) as i64).into(),
        Type::Float => bounds.min.unwrap_or(1.0).into(),
        Type::Bool => true.into(),
        Type::Any => json!({"any": 1}),
        Type::File => Json::Null,
        Type::List(inner) => {
            let elements = 0..bounds.min_items.unwrap_or(1);
            elements.map(|_| of_type(api, inner, field, depth)).collect()
        }
        Type::Map(inner) => json!({"key": of_type(api, inner, field, depth)}),
        Type::Named(id) => match &api.type_def(*id).kind {
            TypeKind::StringEnum(variants) => variants[0].value.clone().into(),
            TypeKind::IntEnum(variants) => variants[0].value.into(),
            TypeKind::Object(fields) => {
                // A type may contain itself, in a field that can be left out.
                let inner = fields.iter().filter(|inner| inner.required || depth < 3);
                let entries = inner.map(|inner| (inner.key.clone(), example(api, inner, depth + 1)));
                Json::Object(entries.collect())
            }
        },
    }
}
