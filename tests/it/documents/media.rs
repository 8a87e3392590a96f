//! The media in documents, found page by page: against the mock with its sample documents.

use larkspur::documents::{DocumentKind, DocumentRef, Error, Media, MediaLocation, media};
use larkspur::error::ErrorKind;
use larkspur::{Client, RetryPolicy};
use larkspur_mock::{Failure, Mock, StubResponse, sample_documents};
use serde_json::json;

const TEXT: &str = "doxcnHandbook00000000000000";
const SPREADSHEET: &str = "shtcnBudget0000000000000000";
const BASE: &str = "bascnTasks00000000000000000";
const LOCKED: &str = "bascnLocked0000000000000000";

const BLOCKS: &str = "docx.v1.document.block.list";
const CELLS: &str = "sheets.v2.spreadsheet.values_batch_get";
const SHEETS: &str = "sheets.v3.spreadsheet.sheet.query";
const RECORDS: &str = "bitable.v1.app.table.record.search";

async fn mock() -> Mock {
    let mock = Mock::builder().content(sample_documents()).rate_limits(false);
    mock.start().await.unwrap()
}

fn client(mock: &Mock) -> Client {
    let client = Client::builder().base_url(mock.base_url());
    let client = client.app(mock.app_id(), mock.app_secret()).build().unwrap();
    client.with_retries(RetryPolicy::none())
}

async fn all(mock: &Mock, document: &str) -> Vec<Media> {
    let reference = DocumentRef::parse(document, None).unwrap();
    let mut list = media(&client(mock), &reference).await.unwrap();
    let mut found = Vec::new();
    while let Some(media) = list.next().await {
        found.push(media.unwrap());
    }
    found
}

fn tokens(found: &[Media]) -> Vec<&str> {
    found.iter().map(|media| media.token.as_str()).collect()
}

#[tokio::test]
async fn document_lists_each_media_once() {
    let mock = mock().await;
    let found = all(&mock, TEXT).await;
    let expected = [
        "boxcnLogo0001",
        "boxcnPlan0001",
        "boxcnRules0001",
        "boxcnForm0001",
        "boxcnReceipt01",
        "boxcnDesk0001",
        "boxcnReceipt02",
        "boxcnReceipt03",
    ];
    assert_eq!(tokens(&found), expected);
}

#[tokio::test]
async fn document_media_has_name_and_block() {
    let mock = mock().await;
    let found = all(&mock, TEXT).await;
    let rules = found.iter().find(|media| media.token == "boxcnRules0001").unwrap();
    assert_eq!(rules.name.as_deref(), Some("规章制度.pdf"));
    let location = MediaLocation::Block {
        document_id: TEXT.to_owned(),
        block_id: "doxcnBlkRules".to_owned(),
    };
    assert_eq!(rules.location, location);
}

#[tokio::test]
async fn requests_each_page_of_blocks_once() {
    let mock = mock().await;
    all(&mock, TEXT).await;
    assert_eq!(mock.calls(BLOCKS), 2);
}

#[tokio::test]
async fn reads_only_embedded_sheet() {
    let mock = mock().await;
    all(&mock, TEXT).await;
    let ranges = queries(&mock, CELLS, "ranges");
    assert_eq!(ranges, ["6e5ed3!A1:E12"]);
}

#[tokio::test]
async fn spreadsheet_lists_media_of_hidden_sheets() {
    let mock = mock().await;
    let found = all(&mock, SPREADSHEET).await;
    let cells: Vec<_> = found
        .iter()
        .map(|media| (media.token.as_str(), media.location.to_string()))
        .collect();
    let expected = [
        ("boxcnReceipt01", "cell 6e5ed3!C2"),
        ("boxcnDesk0001", "cell 6e5ed3!D2"),
        ("boxcnReceipt02", "cell 6e5ed3!C3"),
        ("boxcnReceipt03", "cell 6e5ed3!C3"),
        ("boxcnOld00001", "cell 4FRjKE!AB1"),
    ];
    assert_eq!(cells, expected.map(|(token, place)| (token, place.to_owned())));
}

#[tokio::test]
async fn reads_large_sheet_in_ranges() {
    let mock = mock().await;
    all(&mock, SPREADSHEET).await;
    let ranges = queries(&mock, CELLS, "ranges");
    let of_archive: Vec<_> = ranges.iter().filter(|range| range.starts_with("4FRjKE")).collect();
    assert_eq!(of_archive, ["4FRjKE!A1:CV200", "4FRjKE!A201:CV300", "4FRjKE!CW1:DP300"]);
}

#[tokio::test]
async fn halves_oversized_range() {
    let mock = mock().await;
    let too_large = StubResponse::failure(Failure::code(90_221).http(200));
    mock.put_response(CELLS, too_large.when("ranges", "6e5ed3!A1:E12"))
        .unwrap();
    let values = json!([[{"type": "embed-image", "fileToken": "boxcnHalf0001"}]]);
    let half = json!({ "valueRanges": [{ "range": "6e5ed3!A7:E12", "values": values }] });
    mock.put_response(CELLS, StubResponse::data(half).when("ranges", "6e5ed3!A7:E12"))
        .unwrap();
    let found = all(&mock, SPREADSHEET).await;
    let half = found.iter().find(|media| media.token == "boxcnHalf0001").unwrap();
    assert_eq!(half.location.to_string(), "cell 6e5ed3!A7");
    assert!(queries(&mock, CELLS, "ranges").contains(&"6e5ed3!A1:E6".to_owned()));
}

#[tokio::test]
async fn oversized_cell_is_an_error() {
    let mock = mock().await;
    let grid = json!({ "row_count": 1, "column_count": 1 });
    let sheets = json!({ "sheets": [{ "sheet_id": "s1", "resource_type": "sheet", "grid_properties": grid }] });
    mock.put_response(SHEETS, StubResponse::data(sheets)).unwrap();
    mock.put_response(CELLS, StubResponse::failure(Failure::code(90_221)))
        .unwrap();
    let reference = DocumentRef::parse(SPREADSHEET, None).unwrap();
    let mut list = media(&client(&mock), &reference).await.unwrap();
    let error = list.next().await.unwrap().unwrap_err();
    assert!(
        matches!(&error, Error::Call(error) if error.code() == Some(90_221)),
        "{error}"
    );
    assert_eq!(mock.calls(CELLS), 1);
}

#[tokio::test]
async fn base_lists_each_attachment_once() {
    let mock = mock().await;
    let found = all(&mock, BASE).await;
    let expected = ["boxcnPaint0001", "boxcnPaint0002", "boxcnMove00001", "boxcnPhoto0001"];
    assert_eq!(tokens(&found), expected);
    assert_eq!(mock.calls(RECORDS), 3);
}

#[tokio::test]
async fn attachment_has_name_and_record() {
    let mock = mock().await;
    let found = all(&mock, BASE).await;
    assert_eq!(found[0].name.as_deref(), Some("墙面.jpeg"));
    let location = MediaLocation::Record {
        table_id: "tblTasks00001".to_owned(),
        record_id: "recTask000001".to_owned(),
        field: "附件".to_owned(),
    };
    assert_eq!(found[0].location, location);
}

#[tokio::test]
async fn protected_attachment_has_access_proof() {
    let mock = mock().await;
    for media in all(&mock, LOCKED).await {
        let report = client(&mock)
            .download(media.request())
            .to_writer(tokio::io::sink())
            .await;
        assert!(report.is_ok(), "{media:?}: {report:?}");
    }
}

#[tokio::test]
async fn protected_attachment_requires_proof() {
    let mock = mock().await;
    for mut media in all(&mock, LOCKED).await {
        media.extra = None;
        let error = client(&mock)
            .download(media.request())
            .to_writer(tokio::io::sink())
            .await;
        assert_eq!(error.unwrap_err().status(), Some(400));
    }
}

#[tokio::test]
async fn unprotected_base_needs_no_proof() {
    let mock = mock().await;
    assert!(all(&mock, BASE).await.iter().all(|media| media.extra.is_none()));
}

#[tokio::test]
async fn wiki_node_lists_media_of_its_document() {
    let mock = mock().await;
    for (node, document) in [
        ("https://sample.feishu.cn/wiki/wikcnHandbook0001", TEXT),
        (
            "https://sample.feishu.cn/wiki/wikcnBudget000001?sheet=6e5ed3",
            SPREADSHEET,
        ),
        ("wikcnTasks0000001", BASE),
    ] {
        assert_eq!(all(&mock, node).await, all(&mock, document).await, "{node}");
    }
}

#[tokio::test]
async fn rejects_mind_map_with_supported_kinds() {
    let mock = mock().await;
    let reference = DocumentRef::parse("https://sample.feishu.cn/wiki/wikcnMindmap00001", None).unwrap();
    let error = media(&client(&mock), &reference).await.unwrap_err();
    let is_of = |document: &DocumentRef| document.kind() == DocumentKind::Mindnote;
    assert!(
        matches!(&error, Error::MediaUnsupported { document } if is_of(document)),
        "{error}"
    );
    let text = error.to_string();
    assert!(
        text.contains("bmncnIdeas000001") && text.contains("docx, sheet, bitable"),
        "{text}"
    );
}

#[tokio::test]
async fn rejects_file_with_download_hint() {
    let mock = mock().await;
    let reference = DocumentRef::parse("https://sample.feishu.cn/file/boxcnFile00000001", None).unwrap();
    let error = media(&client(&mock), &reference).await.unwrap_err();
    assert!(error.to_string().contains("drive.v1.file.download"), "{error}");
    assert!(mock.requests().is_empty());
}

#[tokio::test]
async fn lists_embedded_media_of_partial_document() {
    let mock = mock().await;
    let sheet = json!({ "block_id": "b1", "block_type": 30, "sheet": { "token": format!("{SPREADSHEET}_6e5ed3") } });
    let page = json!({ "items": [sheet], "has_more": true, "page_token": "gone" });
    mock.put_response(BLOCKS, StubResponse::data(page)).unwrap();
    mock.put_response(
        BLOCKS,
        StubResponse::failure(Failure::code(1_770_032)).when("page_token", "gone"),
    )
    .unwrap();
    let reference = DocumentRef::parse(TEXT, None).unwrap();
    let mut list = media(&client(&mock), &reference).await.unwrap();
    assert!(list.next().await.unwrap().is_err());
    assert_eq!(list.next().await.unwrap().unwrap().token, "boxcnReceipt01");
}

#[tokio::test]
async fn cycle_of_pages_is_an_error() {
    let mock = mock().await;
    let page = json!({ "items": [], "has_more": true, "page_token": "again" });
    for endpoint in [BLOCKS, RECORDS] {
        mock.put_response(endpoint, StubResponse::data(page.clone())).unwrap();
    }
    for document in [TEXT, BASE] {
        let reference = DocumentRef::parse(document, None).unwrap();
        let mut list = media(&client(&mock), &reference).await.unwrap();
        let error = list.next().await.unwrap().unwrap_err();
        assert!(
            matches!(&error, Error::Call(call) if matches!(call.kind(), ErrorKind::Pagination(_))),
            "{error}"
        );
        assert!(list.next().await.is_none(), "{document}");
    }
}

#[tokio::test]
async fn odd_fields_of_a_block_keep_its_media() {
    let mock = mock().await;
    let image =
        |token: &str, caption: serde_json::Value| json!({ "token": token, "width": 384.586, "caption": caption });
    let page = json!({
        "items": [
            { "block_id": "b1", "block_type": 27, "image": image("boxcn1", json!("text")) },
            "no block",
            { "block_id": "b2", "block_type": 27, "image": image("boxcn2", json!([])), "children": "b3" },
        ],
        "has_more": false,
    });
    mock.put_response(BLOCKS, StubResponse::data(page)).unwrap();
    assert_eq!(tokens(&all(&mock, TEXT).await), ["boxcn1", "boxcn2"]);
}

#[tokio::test]
async fn ignores_values_of_any_shape() {
    let mock = mock().await;
    let fields = json!({
        "a": null, "b": [], "c": [[], 1, "x", {"file_token": 7}, {"file_token": ""}], "d": {"value": 3},
        "e": {"file_token": "alone"}, "f": [{"file_token": "boxcnFound0001", "url": 5}],
    });
    let page = json!({ "items": [{ "record_id": "r1", "fields": fields }], "has_more": false });
    mock.put_response(RECORDS, StubResponse::data(page)).unwrap();
    let found = all(&mock, LOCKED).await;
    assert_eq!(tokens(&found), ["boxcnFound0001"]);
}

/// The values of a query parameter, call by call.
fn queries(mock: &Mock, endpoint: &str, key: &str) -> Vec<String> {
    let requests = mock.requests().into_iter();
    let of_endpoint = requests.filter(|request| request.endpoint.as_deref() == Some(endpoint));
    let values = of_endpoint.flat_map(|request| request.query.into_iter().filter(|(name, _)| name == key));
    values.map(|(_, value)| value).collect()
}
