//! The spec of this repository, as the model sees it.

use std::path::Path;

use larkspur_codegen::model::{Api, Body, Place, Response, Type, TypeKind, Window};
use larkspur_codegen::{Source, load};

fn repository() -> Api {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let source = Source::read_dir(&root).expect("spec/ can be read");
    load(&source).unwrap_or_else(|findings| panic!("{}", findings.render(&source, false)))
}

#[test]
fn keeps_every_rate_limit_of_a_download() {
    let api = repository();
    let download = api.endpoint("drive.v1.media.download").expect("it is in the spec");
    let limits = download.limits.clone().expect("it has limits");
    assert!(limits.special);
    assert_eq!(
        limits.windows,
        [
            Window { calls: 5, seconds: 1 },
            Window {
                calls: 10_000,
                seconds: 86_400
            }
        ]
    );
    assert_eq!(download.rust, "Download");
    assert_eq!(download.path, "/open-apis/drive/v1/medias/:file_token/download");
}

#[test]
fn response_contains_named_type() {
    let api = repository();
    let endpoint = api
        .endpoint("drive.v1.media.batch_get_tmp_download_url")
        .expect("it is in the spec");
    let Response::Json { ty, flat: false } = endpoint.response else {
        panic!("it returns JSON")
    };
    let response = api.type_def(ty);
    assert_eq!(response.rust, "BatchGetTmpDownloadUrlResponse");
    let TypeKind::Object(fields) = &response.kind else {
        panic!("a response is an object")
    };
    let link = fields[0].ty.named().expect("the list holds a named type");
    assert_eq!(api.type_def(link).rust, "TmpDownloadUrl");
    assert!(api.type_def(link).in_response && !api.type_def(link).in_request);
}

#[test]
fn repeated_query_parameter_is_bounded_list() {
    let api = repository();
    let endpoint = api
        .endpoint("drive.v1.media.batch_get_tmp_download_url")
        .expect("it is in the spec");
    let tokens = &endpoint.fields[0];
    assert_eq!(tokens.ty, Type::List(Box::new(Type::String)));
    assert_eq!(
        (tokens.place, tokens.bounds.min_items, tokens.bounds.max_items),
        (Place::Query, Some(1), Some(5))
    );
    assert_eq!(tokens.example, Some(serde_json::json!(["boxcnrHpsg1QDqXAAAyachabcef"])));
}

#[test]
fn endpoint_without_token_has_empty_tokens() {
    let api = repository();
    let internal = api
        .endpoint("auth.v3.tenant_access_token.internal")
        .expect("it is in the spec");
    assert_eq!(internal.tokens, Some(Vec::new()));
    assert_eq!(internal.scopes, Some(Vec::new()));
    assert_eq!(internal.body, Body::Json);
    assert!(matches!(internal.response, Response::Json { flat: true, .. }));
}

#[test]
fn megabytes_are_powers_of_1024() {
    let api = repository();
    let get = api.endpoint("im.v1.file.get").expect("it is in the spec");
    let Response::Binary(binary) = &get.response else {
        panic!("it returns bytes")
    };
    assert_eq!(binary.max_bytes, Some(100 * 1024 * 1024));
    assert_eq!(binary.headers[0].needs.as_deref(), Some("Content-Type"));
}
