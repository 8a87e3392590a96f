use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::site::{EXPORT, JOURNAL, MEDIA, Site, content};
use crate::support::run::Outcome;

#[tokio::test(flavor = "multi_thread")]
async fn files_of_one_name_get_names_that_stay_theirs_over_runs() -> Outcome {
    let site = Site::start().await?;
    let tokens = ["boxcn0", "boxcn1", "boxcn2", "boxcn3"];
    for token in tokens {
        site.mock
            .put_file(token, "report.pdf", "application/pdf", content(token));
    }
    let first = site.tell(MEDIA, &tokens, &[])?;
    let names = first.names();
    let distinct: BTreeSet<_> = names.values().map(String::as_str).collect();
    let expected = ["report.pdf", "report (1).pdf", "report (2).pdf", "report (3).pdf"];
    assert_eq!(distinct, expected.into());

    for token in ["boxcn1", "boxcn2"] {
        fs::remove_file(site.path(&names[token]))?;
    }
    let second = site.tell(MEDIA, &tokens, &["--jobs", "1"])?;
    assert_eq!(second.names(), names);
    for (token, name) in names {
        assert_eq!(fs::read_to_string(site.path(&name))?, content(&token));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_the_list_are_given_in_its_order() -> Outcome {
    let site = Site::start().await?;
    let lines = [
        r#"{"token": "boxcn0", "name": "a.txt"}"#,
        r#"{"token": "boxcn1", "name": "a.txt"}"#,
        r#"{"token": "boxcn2", "name": "A.txt"}"#,
    ];
    let names = site.tell(MEDIA, &lines, &[])?.names();
    let expected = [("boxcn0", "a.txt"), ("boxcn1", "a (1).txt"), ("boxcn2", "A (2).txt")];
    let expected: BTreeMap<_, _> = expected.map(|(token, name)| (token.to_owned(), name.to_owned())).into();
    assert_eq!(names, expected);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_somebody_else_keeps_its_name_and_its_content() -> Outcome {
    let site = Site::start().await?;
    site.put(&["boxcn0".to_owned()]);
    fs::write(site.path("boxcn0.bin"), "of somebody else")?;
    let names = site.tell(MEDIA, &["boxcn0"], &[])?.names();
    assert_eq!(names["boxcn0"], "boxcn0 (1).bin");
    assert_eq!(fs::read_to_string(site.path("boxcn0.bin"))?, "of somebody else");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_of_the_platform_leads_out_of_the_directory_or_reaches_the_terminal() -> Outcome {
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
    let told = site.tell(MEDIA, &lines, &[])?;
    assert_eq!(told.ran.code, Some(0), "{}", told.ran.err);
    for (token, name) in told.names() {
        let plain = name.chars().all(|c| !c.is_control() && !"/\\\u{202e}".contains(c));
        assert!(plain && !name.starts_with(['.', '-']), "{name:?}");
        assert_eq!(fs::read_to_string(site.path(&name))?, content(&token));
    }
    assert!(!told.ran.err.contains('\u{1b}'), "{:?}", told.ran.err);
    assert_eq!(site.names()?.len(), hostile.len() + 1);
    assert_eq!(fs::read_dir(site.around())?.count(), 2, "the list and the directory");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_that_gives_files_will_do() -> Outcome {
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
