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
const FLOATING_IMAGES: &str = "sheets.v3.spreadsheet.sheet.float_image.query";
const DOWNLOAD: &str = "drive.v1.media.download";
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

/// The media, without the parts that are skipped.
async fn all(mock: &Mock, document: &str) -> Vec<Media> {
    let reference = DocumentRef::parse(document, None).unwrap();
    let mut list = media(&client(mock), &reference).await.unwrap();
    let mut found = Vec::new();
    while let Some(next) = list.next().await {
        match next {
            Err(Error::Skipped(_)) => {}
            media => found.push(media.unwrap()),
        }
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
        let report = media.download(&client(&mock)).to_writer(tokio::io::sink()).await;
        assert!(report.is_ok(), "{media:?}: {report:?}");
    }
}

#[tokio::test]
async fn protected_attachment_requires_proof() {
    let mock = mock().await;
    for mut media in all(&mock, LOCKED).await {
        media.extra = None;
        let error = media.download(&client(&mock)).to_writer(tokio::io::sink()).await;
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

/// Everything that the list returns: a token with its kind, or the message on a skipped part.
async fn listed(mock: &Mock, document: &str) -> Vec<String> {
    let reference = DocumentRef::parse(document, None).unwrap();
    let mut list = media(&client(mock), &reference).await.unwrap();
    let mut found = Vec::new();
    while let Some(next) = list.next().await {
        found.push(match next {
            Ok(media) => format!("{} {}", media.kind.as_str(), media.token),
            Err(Error::Skipped(skipped)) => skipped.to_string(),
            Err(error) => panic!("{error}"),
        });
    }
    found
}

/// Makes these the blocks of a document.
fn put_blocks(mock: &Mock, document: &str, blocks: &serde_json::Value) {
    let page = StubResponse::data(json!({ "items": blocks, "has_more": false }));
    mock.put_response(BLOCKS, page.when("document_id", document)).unwrap();
}

fn synced(block_id: &str, document: &str, source: &str) -> serde_json::Value {
    let source = json!({ "source_document_id": document, "source_block_id": source });
    json!({ "block_id": block_id, "block_type": 50, "reference_synced": source })
}

fn image(block_id: &str, parent_id: &str, token: &str) -> serde_json::Value {
    json!({ "block_id": block_id, "parent_id": parent_id, "block_type": 27, "image": { "token": token } })
}

#[tokio::test]
async fn whiteboard_is_downloaded_as_image() {
    let mock = mock().await;
    let board = json!({ "block_id": "b1", "block_type": 43, "board": { "token": "wbcn1" } });
    put_blocks(&mock, TEXT, &json!([board]));
    assert_eq!(listed(&mock, TEXT).await, ["whiteboard wbcn1"]);
    let directory = tempfile::tempdir().unwrap();
    let found = all(&mock, TEXT).await;
    found[0]
        .download(&client(&mock))
        .to_dir(directory.path())
        .await
        .unwrap();
    assert_eq!(mock.calls("board.v1.whiteboard.download_as_image"), 1);
}

#[tokio::test]
async fn follows_synced_blocks_of_other_documents() {
    let mock = mock().await;
    put_blocks(
        &mock,
        TEXT,
        &json!([synced("b1", "doxcnSource", "s1"), image("b2", "", "boxcn1")]),
    );
    let source = json!([
        image("before", "doxcnSource", "boxcnBefore"),
        { "block_id": "s1", "parent_id": "doxcnSource", "block_type": 49, "children": ["i1", "g1"] },
        image("i2", "g1", "boxcnNested"),
        { "block_id": "g1", "parent_id": "s1", "block_type": 24 },
        image("i1", "s1", "boxcnInside"),
        image("after", "doxcnSource", "boxcnAfter"),
    ]);
    put_blocks(&mock, "doxcnSource", &source);
    let found = listed(&mock, TEXT).await;
    assert_eq!(found, ["file boxcn1", "file boxcnNested", "file boxcnInside"]);
}

#[tokio::test]
async fn cycle_of_synced_blocks_ends() {
    let mock = mock().await;
    put_blocks(
        &mock,
        TEXT,
        &json!([synced("b1", "doxcnOne", "s1"), synced("b2", TEXT, "b1")]),
    );
    let one = [synced("s1", "doxcnTwo", "s2"), image("i1", "s1", "boxcn1")];
    put_blocks(&mock, "doxcnOne", &json!(one));
    let two = [
        synced("s2", "doxcnOne", "s1"),
        synced("s3", TEXT, "b1"),
        image("i2", "s2", "boxcn2"),
    ];
    put_blocks(&mock, "doxcnTwo", &json!(two));
    assert_eq!(listed(&mock, TEXT).await, ["file boxcn1", "file boxcn2"]);
    assert_eq!(mock.calls(BLOCKS), 3);
}

#[tokio::test]
async fn unreadable_source_of_synced_block_is_skipped() {
    let mock = mock().await;
    let blocks = [
        synced("b1", "doxcnSecret", "s1"),
        synced("b2", "doxcnOther", "gone"),
        json!({ "block_id": "b3", "block_type": 50 }),
        image("b4", "", "boxcn1"),
    ];
    put_blocks(&mock, TEXT, &json!(blocks));
    let refused = StubResponse::failure(Failure::code(1_770_032)).when("document_id", "doxcnSecret");
    mock.put_response(BLOCKS, refused).unwrap();
    put_blocks(&mock, "doxcnOther", &json!([image("i1", "", "boxcnOther")]));
    let found = listed(&mock, TEXT).await;
    let [undecodable, image, refused, missing] = &found[..] else {
        panic!("{found:#?}");
    };
    assert_eq!(image, "file boxcn1");
    let prefix = format!("skipped synced block (block b3 of {TEXT}): its value in the response");
    assert!(undecodable.starts_with(&prefix), "{undecodable}");
    let prefix = format!("skipped synced block (block b1 of {TEXT}): {BLOCKS}: the platform returned HTTP");
    assert!(refused.starts_with(&prefix) && refused.contains("1770032"), "{refused}");
    let expected = "skipped synced block (block gone of doxcnOther): it is missing from the response of the platform";
    assert_eq!(missing, expected);
}

#[tokio::test]
async fn parts_without_an_endpoint_are_skipped() {
    let mock = mock().await;
    let blocks = json!([
        { "block_id": "b1", "block_type": 29, "mindnote": { "token": "bmncn1" } },
        { "block_id": "b2", "block_type": 21, "diagram": { "diagram_type": 1 } },
        { "block_id": "b3", "block_type": 18, "bitable": { "token": "bascnWithoutTable" } },
    ]);
    put_blocks(&mock, TEXT, &blocks);
    let sheets = json!({ "sheets": [
        { "sheet_id": "s1", "resource_type": "bitable" },
        { "sheet_id": "s2", "resource_type": "#UNSUPPORTED_TYPE" },
        { "sheet_id": "s3", "resource_type": "sheet" },
    ]});
    mock.put_response(SHEETS, StubResponse::data(sheets)).unwrap();
    let parts = |found: Vec<String>| {
        found
            .into_iter()
            .map(|text| text.split(": ").next().unwrap().to_owned())
    };
    let found: Vec<_> = parts(listed(&mock, TEXT).await).collect();
    let expected = ["mind map (block b1", "diagram (block b2", "base (block b3"];
    assert_eq!(found, expected.map(|part| format!("skipped {part} of {TEXT})")));
    let found: Vec<_> = parts(listed(&mock, SPREADSHEET).await).collect();
    assert_eq!(
        found,
        ["base (sheet s1)", "sheet (sheet s2)", "sheet (sheet s3)"].map(|part| format!("skipped {part}"))
    );
}

#[tokio::test]
async fn lists_floating_images_of_sheets() {
    let mock = mock().await;
    let images = json!({ "items": [
        { "float_image_id": "f1", "float_image_token": "boxcnFloat1" },
        { "float_image_id": "f2", "float_image_token": [7] },
    ]});
    let images = StubResponse::data(images).when("sheet_id", "6e5ed3");
    mock.put_response(FLOATING_IMAGES, images).unwrap();
    let refused = StubResponse::failure(Failure::code(1_310_213)).when("sheet_id", "4FRjKE");
    mock.put_response(FLOATING_IMAGES, refused).unwrap();
    let found = listed(&mock, SPREADSHEET).await;
    assert!(found.contains(&"file boxcnFloat1".to_owned()), "{found:#?}");
    let skipped: Vec<_> = found.iter().filter(|text| text.starts_with("skipped")).collect();
    let [base, undecodable, refused] = skipped[..] else {
        panic!("{found:#?}");
    };
    assert!(base.starts_with("skipped base (sheet 9xYzAb): "), "{base}");
    assert!(
        undecodable.starts_with("skipped floating images (sheet 6e5ed3): its value"),
        "{undecodable}"
    );
    assert!(
        refused.starts_with("skipped floating images (sheet 4FRjKE): "),
        "{refused}"
    );
}

#[tokio::test]
async fn undecodable_media_of_blocks_are_skipped() {
    let mock = mock().await;
    let elements = json!([{ "file": "boxcn5" }, { "file": { "file_token": [] } }]);
    let blocks = json!([
        { "block_id": "b1", "block_type": 27, "image": "boxcn1" },
        { "block_id": "b2", "block_type": 23, "file": { "token": { "token": "boxcn2" } } },
        { "block_id": "b3", "image": { "token": "boxcn3" } },
        { "block_id": "b4", "block_type": 2, "text": { "elements": elements } },
        { "block_id": "b5", "block_type": 2, "text": { "elements": [], "style": 5 } },
    ]);
    put_blocks(&mock, TEXT, &blocks);
    let found = listed(&mock, TEXT).await;
    let blocks: Vec<_> = found.iter().map(|text| text.split(' ').nth(3).unwrap()).collect();
    assert_eq!(blocks, ["b3", "b1", "b2", "b4"], "{found:#?}");
}

#[tokio::test]
async fn refused_image_is_requested_with_its_document() {
    let extra = |key: &str| format!(r#"{{"{key}":"{TEXT}","doc_type":"docx"}}"#);
    for key in ["doc_id", "doc_token"] {
        let mock = mock().await;
        put_blocks(&mock, TEXT, &json!([image("b1", "", "boxcnLogo0001")]));
        let found = all(&mock, TEXT).await;
        // The last stub that matches counts.
        let forbidden = || StubResponse::failure(Failure::code(1_061_004).http(403));
        mock.put_response(DOWNLOAD, forbidden().without("extra")).unwrap();
        for refused in ["doc_id", "doc_token"].into_iter().filter(|refused| *refused != key) {
            mock.put_response(DOWNLOAD, forbidden().when("extra", extra(refused)))
                .unwrap();
        }
        let report = found[0].download(&client(&mock)).to_writer(tokio::io::sink()).await;
        assert!(report.is_ok(), "{report:?}");
        let sent = queries(&mock, DOWNLOAD, "extra");
        let expected: &[String] = if key == "doc_id" {
            &[extra("doc_id")]
        } else {
            &[extra("doc_id"), extra("doc_token")]
        };
        assert_eq!(sent, expected);
    }
}

/// The values of a query parameter, call by call.
fn queries(mock: &Mock, endpoint: &str, key: &str) -> Vec<String> {
    let requests = mock.requests().into_iter();
    let of_endpoint = requests.filter(|request| request.endpoint.as_deref() == Some(endpoint));
    let values = of_endpoint.flat_map(|request| request.query.into_iter().filter(|(name, _)| name == key));
    values.map(|(_, value)| value).collect()
}
