//! No value of a path parameter changes which endpoint is called.

use crate::support::{Platform, Reply};
use larkspur::Client;
use larkspur::im::v1::file;
use proptest::prelude::*;

async fn target(key: &str) -> Result<String, String> {
    let platform = Platform::replying(Reply::new(200, "x").header("content-type", "image/png")).await;
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(platform.base_url())
        .build()
        .unwrap();
    match file::Get::new(key).send(&client).await {
        Ok(_) => Ok(platform.call().target),
        Err(error) => Err(error.violations()[0].rule.to_owned()),
    }
}

#[tokio::test]
async fn encodes_segment_delimiters() {
    for (key, segment) in [
        ("file_1-a.b~c", "file_1-a.b~c"),
        ("a/b", "a%2Fb"),
        ("a\\b", "a%5Cb"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("a#b", "a%23b"),
        ("a%2Fb", "a%252Fb"),
        ("%2e%2e", "%252e%252e"),
        ("../..", "..%2F.."),
        ("a;b:c@d&e", "a%3Bb%3Ac%40d%26e"),
        ("键 值", "%E9%94%AE%20%E5%80%BC"),
        ("...", "..."),
    ] {
        assert_eq!(target(key).await, Ok(format!("/open-apis/im/v1/files/{segment}")));
    }
}

#[tokio::test]
async fn rejects_invalid_segments() {
    for (key, rule) in [
        ("", "required"),
        (".", "path_segment"),
        ("..", "path_segment"),
        ("a\nb", "control_characters"),
        ("\0", "control_characters"),
    ] {
        assert_eq!(target(key).await, Err(rule.to_owned()), "{key:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn segment_decodes_to_the_value(key in "(\\PC|[./%\\\\?#2eE]){1,24}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        match runtime.block_on(target(&key)) {
            Err(_) => prop_assert!(matches!(key.as_str(), "." | ".."), "{}", key),
            Ok(target) => {
                let segment = target.strip_prefix("/open-apis/im/v1/files/").unwrap();
                prop_assert!(!segment.contains(['/', '\\', '?', '#']));
                let value = percent_encoding::percent_decode_str(segment).decode_utf8().unwrap();
                prop_assert_eq!(value, key);
            }
        }
    }
}
