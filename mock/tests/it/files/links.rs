use std::time::Duration;

use larkspur_mock::{Mock, sample};
use serde_json::Value;

use crate::support::client::{Outcome, Response, get};

const BATCH: &str = "/open-apis/drive/v1/medias/batch_get_tmp_download_url";

async fn batch(mock: &Mock, query: &str) -> Result<Response, Box<dyn std::error::Error>> {
    get(mock.base_url(), &format!("{BATCH}?{query}"))
        .token(mock.user_token())
        .send()
        .await
}

fn links(response: &Response) -> Vec<(String, String)> {
    let json = response.json();
    let list = json["data"]["tmp_download_urls"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.iter()
        .map(|link| (text(&link["file_token"]), text(&link["tmp_download_url"])))
        .collect()
}

#[tokio::test]
async fn issues_link_per_token() -> Outcome {
    let mock = Mock::start().await?;
    mock.put_file("boxcn1", "n", "text/plain", "put");
    let links = links(&batch(&mock, "file_tokens=boxcn1&file_tokens=boxcn2").await?);
    let tokens: Vec<_> = links.iter().map(|(token, _)| token.as_str()).collect();
    assert_eq!(tokens, ["boxcn1", "boxcn2"]);
    let put = get("", &links[0].1).send().await?;
    let made_up = get("", &links[1].1).send().await?;
    assert_eq!(put.body, "put");
    assert_eq!(made_up.body, sample("drive.v1.media.download", "boxcn2").bytes);
    Ok(())
}

#[tokio::test]
async fn link_needs_its_own_code() -> Outcome {
    let mock = Mock::start().await?;
    let links = links(&batch(&mock, "file_tokens=boxcn1&file_tokens=boxcn2").await?);
    let code = links[1].1.split_once('?').map_or("", |(_, query)| query);
    let path = links[0].1.split_once('?').map_or("", |(path, _)| path);
    for url in [path.to_owned(), format!("{path}?{code}"), format!("{path}?code=0")] {
        assert_eq!(get("", &url).send().await?.status, 403, "{url}");
    }
    Ok(())
}

#[tokio::test]
async fn link_expires_after_documented_lifetime() -> Outcome {
    let mock = Mock::builder().stopped_clock().start().await?;
    let links = links(&batch(&mock, "file_tokens=boxcn1").await?);
    mock.advance(Duration::from_secs(24 * 60 * 60 - 1));
    assert_eq!(get("", &links[0].1).send().await?.status, 200);
    mock.advance(Duration::from_secs(1));
    assert_eq!(get("", &links[0].1).send().await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn accepts_one_to_five_tokens() -> Outcome {
    let mock = Mock::start().await?;
    let many = |count: usize| vec!["file_tokens=boxcn"; count].join("&");
    for (query, outcome) in [
        (many(0), (400, Some(1061002))),
        ("file_tokens=".to_owned(), (400, Some(1061002))),
        (many(1), (200, Some(0))),
        (many(5), (200, Some(0))),
        (many(6), (400, Some(1061002))),
        ("file_tokens=boxcn&file_tokens=".to_owned(), (400, Some(1061002))),
        (format!("{}&file_tokens=", many(5)), (400, Some(1061002))),
    ] {
        assert_eq!(batch(&mock, &query).await?.outcome(), outcome, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn rejects_joined_tokens() -> Outcome {
    let mock = Mock::start().await?;
    let response = batch(&mock, "file_tokens=boxcn1,boxcn2").await?;
    assert_eq!(response.outcome(), (400, Some(1061002)));
    assert_eq!(response.wrong_fields(), ["file_tokens"]);
    Ok(())
}
