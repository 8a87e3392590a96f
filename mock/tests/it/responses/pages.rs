use std::collections::BTreeSet;

use larkspur_mock::Mock;
use serde_json::Value;

use crate::support::client::{Outcome, get};
use crate::support::spec;

async fn page(mock: &Mock, query: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let path = format!("/open-apis/test/v1/notes?{query}");
    Ok(get(mock.base_url(), &path)
        .token(mock.tenant_token())
        .send()
        .await?
        .json())
}

#[tokio::test]
async fn pages_end_without_has_more() -> Outcome {
    let mock = spec::notes().rate_limits(false).start().await?;
    let mut token = String::new();
    let mut sizes = Vec::new();
    let mut ids = BTreeSet::new();
    loop {
        let response = page(&mock, &format!("page_size=4&page_token={token}")).await?;
        let data = &response["data"];
        let items = data["items"].as_array().cloned().unwrap_or_default();
        sizes.push(items.len());
        ids.extend(items.iter().map(|item| item["note_id"].to_string()));
        match data["page_token"].as_str() {
            Some(next) if data["has_more"] == true => token = next.to_owned(),
            _ => break,
        }
    }
    assert_eq!(sizes, [4, 4, 2]);
    assert_eq!(ids.len(), 10, "each item comes once");
    Ok(())
}

#[tokio::test]
async fn rejects_unknown_page_token() -> Outcome {
    let mock = spec::notes().start().await?;
    let response = page(&mock, "page_token=page-9").await?;
    assert_eq!(response["code"], 99992402);
    assert_eq!(response["error"]["field_violations"][0]["field"], "page_token");
    Ok(())
}
