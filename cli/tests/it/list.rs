use serde_json::Value;

use crate::support::run::{Outcome, larkspur};

#[test]
fn every_endpoint_is_a_line_without_headings() -> Outcome {
    let ran = larkspur(&["list"])?;
    let ids: Vec<_> = ran.out.lines().filter_map(|line| line.split(' ').next()).collect();
    let api = larkspur_codegen::load(&larkspur_mock::embedded_spec())?;
    let mut expected: Vec<_> = api.endpoints().map(|(_, endpoint)| endpoint.id.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(ids, expected);
    Ok(())
}

#[test]
fn a_filter_is_looked_for_in_id_path_and_summary_whatever_the_capitals() -> Outcome {
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
fn what_should_no_longer_be_used_is_marked() -> Outcome {
    let ran = larkspur(&["list", "baike.v1.file.download"])?;
    assert!(ran.out.contains("[deprecated: lingo.v1.file.download]"), "{}", ran.out);
    Ok(())
}

#[test]
fn a_filter_that_nothing_has_ends_with_one() -> Outcome {
    let ran = larkspur(&["list", "nothing of the kind"])?;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("nothing of the kind"), "{}", ran.err);
    Ok(())
}

#[test]
fn a_list_for_programs_has_the_facts_of_each_endpoint() -> Outcome {
    let ran = larkspur(&["list", "im.v1.file.get", "--format", "json"])?;
    let list: Value = serde_json::from_str(&ran.out)?;
    assert_eq!(list[0]["id"], "im.v1.file.get");
    assert_eq!(list[0]["method"], "GET");
    assert_eq!(list[0]["path"], "/open-apis/im/v1/files/:file_key");
    assert_eq!(list[0]["deprecated"], false);
    Ok(())
}
