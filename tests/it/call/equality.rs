//! `PartialEq` and `Default` of generated types.

use larkspur::drive::v1::media::BatchGetTmpDownloadUrlResponse as Links;

fn decoded(json: &str) -> Links {
    serde_json::from_str(json).unwrap()
}

const ONE: &str = r#"{"tmp_download_urls":[{"file_token":"boxcn1","tmp_download_url":"https://a.test/1"}]}"#;

#[test]
fn equal_fields_are_equal() {
    assert_eq!(decoded(ONE), decoded(ONE));
}

#[test]
fn different_nested_field_is_unequal() {
    assert_ne!(decoded(ONE), decoded(&ONE.replace("/1", "/2")));
}

#[test]
fn different_length_is_unequal() {
    assert_ne!(decoded(ONE), Links::default());
}

#[test]
fn unknown_field_is_unequal() {
    let more = ONE.replace(r#"{"tmp_download_urls""#, r#"{"more":1,"tmp_download_urls""#);
    assert_ne!(decoded(ONE), decoded(&more));
}

#[test]
fn default_response_is_the_empty_object() {
    let mut links = Links::default();
    assert_eq!(links, decoded("{}"));
    links.tmp_download_urls = decoded(ONE).tmp_download_urls;
    assert_eq!(links, decoded(ONE));
}
