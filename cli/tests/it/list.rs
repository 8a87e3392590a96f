use serde_json::Value;

use crate::support::run::{Outcome, larkspur};

#[test]
fn prints_line_per_endpoint() -> Outcome {
    let ran = larkspur(&["list"])?;
    let ids: Vec<_> = ran.out.lines().filter_map(|line| line.split(' ').next()).collect();
    let api = larkspur_codegen::load(&larkspur_mock::embedded_spec())?;
    let mut expected: Vec<_> = api.endpoints().map(|(_, endpoint)| endpoint.id.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(ids, expected);
    Ok(())
}

#[test]
fn filter_searches_all_columns_ignoring_case() -> Outcome {
    for filter in [
        "media.batch_get",
        "get /open-apis/drive/v1/medias/BATCH",
        "temporary DOWNLOAD links",
    ] {
        let ran = larkspur(&["list", filter])?;
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let line =
            "drive.v1.media.batch_get_tmp_download_url  GET /open-apis/drive/v1/medias/batch_get_tmp_download_url  ";
        assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
        assert!(ran.out.starts_with(line), "{}", ran.out);
    }
    Ok(())
}

#[test]
fn marks_deprecated_endpoints() -> Outcome {
    let ran = larkspur(&["list", "baike.v1.file.download"])?;
    assert!(ran.out.contains("[deprecated: lingo.v1.file.download]"), "{}", ran.out);
    Ok(())
}

#[test]
fn filter_without_match_exits_1() -> Outcome {
    let ran = larkspur(&["list", "nothing of the kind"])?;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("nothing of the kind"), "{}", ran.err);
    Ok(())
}

#[test]
fn json_list_describes_each_endpoint() -> Outcome {
    let ran = larkspur(&["list", "im.v1.file.get", "--format", "json"])?;
    let list: Value = serde_json::from_str(&ran.out)?;
    assert_eq!(list[0]["id"], "im.v1.file.get");
    assert_eq!(list[0]["method"], "GET");
    assert_eq!(list[0]["path"], "/open-apis/im/v1/files/:file_key");
    assert_eq!(list[0]["deprecated"], false);
    Ok(())
}
