use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::site::{EXPORT, JOURNAL, MEDIA, Site, content};
use crate::support::run::Outcome;

#[tokio::test(flavor = "multi_thread")]
async fn numbered_names_are_stable_across_runs() -> Outcome {
    let site = Site::start().await?;
    let tokens = ["boxcn0", "boxcn1", "boxcn2", "boxcn3"];
    for token in tokens {
        site.mock
            .put_file(token, "report.pdf", "application/pdf", content(token));
    }
    let first = site.run_json(MEDIA, &tokens, &[])?;
    let names = first.names();
    let distinct: BTreeSet<_> = names.values().map(String::as_str).collect();
    let expected = ["report.pdf", "report (1).pdf", "report (2).pdf", "report (3).pdf"];
    assert_eq!(distinct, expected.into());

    for token in ["boxcn1", "boxcn2"] {
        fs::remove_file(site.path(&names[token]))?;
    }
    let second = site.run_json(MEDIA, &tokens, &["--jobs", "1"])?;
    assert_eq!(second.names(), names);
    for (token, name) in names {
        assert_eq!(fs::read_to_string(site.path(&name))?, content(&token));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn assigns_list_names_in_order() -> Outcome {
    let site = Site::start().await?;
    let lines = [
        r#"{"token": "boxcn0", "name": "a.txt"}"#,
        r#"{"token": "boxcn1", "name": "a.txt"}"#,
        r#"{"token": "boxcn2", "name": "A.txt"}"#,
    ];
    let names = site.run_json(MEDIA, &lines, &[])?.names();
    let expected = [("boxcn0", "a.txt"), ("boxcn1", "a (1).txt"), ("boxcn2", "A (2).txt")];
    let expected: BTreeMap<_, _> = expected.map(|(token, name)| (token.to_owned(), name.to_owned())).into();
    assert_eq!(names, expected);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_overwrite_existing_files() -> Outcome {
    let site = Site::start().await?;
    site.put(&["boxcn0".to_owned()]);
    fs::write(site.path("boxcn0.bin"), "of somebody else")?;
    let names = site.run_json(MEDIA, &["boxcn0"], &[])?.names();
    assert_eq!(names["boxcn0"], "boxcn0 (1).bin");
    assert_eq!(fs::read_to_string(site.path("boxcn0.bin"))?, "of somebody else");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sanitizes_hostile_names() -> Outcome {
    let hostile = [
        "../../evil",
        "..\\evil",
        "/etc/passwd",
        "\u{1b}[31mred",
        JOURNAL,
        ".bashrc",
        "-rf",
        "CON",
        "invoice\u{202e}fdp.exe",
        "..",
    ];
    let site = Site::start().await?;
    let tokens: Vec<_> = (0..hostile.len()).map(|number| format!("boxcn{number}")).collect();
    for (token, name) in tokens.iter().zip(hostile) {
        site.mock.put_file(token.as_str(), name, "text/plain", content(token));
    }
    let lines: Vec<_> = tokens.iter().map(String::as_str).collect();
    let summary = site.run_json(MEDIA, &lines, &[])?;
    assert_eq!(summary.ran.code, Some(0), "{}", summary.ran.err);
    for (token, name) in summary.names() {
        let plain = name.chars().all(|c| !c.is_control() && !"/\\\u{202e}".contains(c));
        assert!(plain && !name.starts_with(['.', '-']), "{name:?}");
        assert_eq!(fs::read_to_string(site.path(&name))?, content(&token));
    }
    assert!(!summary.ran.err.contains('\u{1b}'), "{:?}", summary.ran.err);
    assert_eq!(site.names()?.len(), hostile.len() + 1);
    assert_eq!(fs::read_dir(site.parent())?.count(), 2, "the list and the directory");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn supports_all_file_endpoints() -> Outcome {
    for endpoint in [MEDIA, EXPORT, "im.v1.file.get", "baike.v1.file.download"] {
        let site = Site::start().await?;
        site.put(&["boxcn0".to_owned()]);
        let ran = site.run(endpoint, &["boxcn0"], &[])?;
        assert_eq!(ran.code, Some(0), "{endpoint}: {}", ran.err);
        assert_eq!(
            fs::read_to_string(site.path("boxcn0.bin"))?,
            content("boxcn0"),
            "{endpoint}"
        );
    }
    Ok(())
}
