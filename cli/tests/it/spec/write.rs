//! `spec schema`, `fmt`, `new` and `show`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::run::{Outcome, Ran, command, larkspur, root, run};

/// A directory with a spec of one file.
struct Spec {
    directory: tempfile::TempDir,
}

const FILE: &str = "# yaml-language-server: $schema=../../schema.json\n\
doc: Files.\n\n\
endpoints:\n  get:\n    http: GET /open-apis/im/v1/files/:file_key\n    path:\n      file_key: { type: string }\n\n\
  # about types\ntypes: {}\n";

impl Spec {
    fn new(text: &str) -> std::io::Result<Self> {
        let directory = tempfile::tempdir()?;
        fs::create_dir_all(directory.path().join("spec/im/v1"))?;
        fs::write(directory.path().join("spec/im/v1/file.yaml"), text)?;
        fs::copy(root().join("Cargo.toml"), directory.path().join("Cargo.toml"))?;
        Ok(Self { directory })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("spec").join(name)
    }

    fn text(&self, name: &str) -> std::io::Result<String> {
        fs::read_to_string(self.path(name))
    }

    /// Runs the program in the directory.
    fn run(&self, arguments: &[&str]) -> std::io::Result<Ran> {
        run(command(arguments).current_dir(self.directory.path()))
    }
}

fn begin(spec: &Spec, id: &str, http: &str) -> std::io::Result<Ran> {
    spec.run(&["spec", "new", id, "--http", http])
}

#[test]
fn help_has_examples_and_exit_codes() -> Outcome {
    for name in [
        "check", "diff", "export", "schema", "fmt", "gen", "import", "new", "share", "show",
    ] {
        let ran = larkspur(&["spec", name, "--help"])?;
        assert!(
            ran.code == Some(0) && ran.out.contains("Examples:") && ran.out.contains("Exit codes:"),
            "{name}: {}",
            ran.out
        );
    }
    Ok(())
}

#[test]
fn the_schema_is_printed_as_it_is_committed() -> Outcome {
    let ran = larkspur(&["spec", "schema"])?;
    assert_eq!(
        (ran.code, ran.out),
        (Some(0), fs::read_to_string(root().join("spec/schema.json"))?)
    );
    Ok(())
}

#[test]
fn a_file_is_formatted_once() -> Outcome {
    let spec = Spec::new("endpoints: { get: { http: GET /a } } # all\ndoc: Files.\n")?;
    let first = spec.run(&["spec", "fmt"])?;
    assert_eq!(first.code, Some(0), "{}", first.err);
    assert!(first.out.contains("file.yaml"), "{}", first.out);
    assert_eq!(
        spec.text("im/v1/file.yaml")?,
        "# yaml-language-server: $schema=../../schema.json\ndoc: Files.\n\nendpoints: # all\n  get:\n    http: GET /a\n"
    );
    assert_eq!(spec.run(&["spec", "fmt"])?.out, "");
    assert_eq!(spec.run(&["spec", "fmt", "--check"])?.code, Some(0));
    Ok(())
}

#[test]
fn fmt_check_names_first_changed_line() -> Outcome {
    let text =
        "# yaml-language-server: $schema=../../schema.json\ndoc: Files.\nendpoints:\n  get:\n      http: GET /a\n";
    let spec = Spec::new(text)?;
    let ran = spec.run(&["spec", "fmt", "--check", "spec/im"])?;
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.contains("file.yaml:3: ") && ran.err.contains("larkspur spec fmt"),
        "{}",
        ran.err
    );
    assert_eq!(spec.text("im/v1/file.yaml")?, text);
    Ok(())
}

#[test]
fn fmt_check_reports_missing_or_wrong_schema() -> Outcome {
    for text in [
        "doc: Files.\n",
        "# yaml-language-server: $schema=../schema.json\ndoc: Files.\n",
    ] {
        let spec = Spec::new(text)?;
        let ran = spec.run(&["spec", "fmt", "--check"])?;
        assert!(ran.code == Some(1) && ran.err.contains("file.yaml:1: "), "{}", ran.err);
        assert_eq!(spec.run(&["spec", "fmt"])?.code, Some(0));
        let (line, _) = FILE.split_once('\n').unwrap_or_default();
        assert_eq!(spec.text("im/v1/file.yaml")?, format!("{line}\ndoc: Files.\n"));
    }
    Ok(())
}

#[test]
fn reports_invalid_yaml_and_formats_the_rest() -> Outcome {
    let spec = Spec::new("doc:   Files.\n")?;
    fs::write(spec.path("im/v1/broken.yaml"), "doc: [\n")?;
    let ran = spec.run(&["spec", "fmt"])?;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("spec/im/v1/broken.yaml:"), "{}", ran.err);
    assert!(spec.text("im/v1/file.yaml")?.ends_with("\ndoc: Files.\n"));
    assert_eq!(spec.text("im/v1/broken.yaml")?, "doc: [\n");
    Ok(())
}

#[cfg(unix)]
#[test]
fn the_mode_of_a_formatted_file_stays() -> Outcome {
    use std::os::unix::fs::PermissionsExt as _;
    let spec = Spec::new("doc:   Files.\n")?;
    let path = spec.path("im/v1/file.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640))?;
    assert_eq!(spec.run(&["spec", "fmt"])?.code, Some(0));
    assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o640);
    Ok(())
}

#[test]
fn a_path_that_is_not_there_ends_with_two() -> Outcome {
    let ran = larkspur(&["spec", "fmt", "spec/missing.yaml"])?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("spec/missing.yaml"), "{}", ran.err);
    Ok(())
}

#[test]
fn a_new_entry_loads_generates_and_is_formatted() -> Outcome {
    let spec = Spec::new(FILE)?;
    let ran = begin(
        &spec,
        "drive.v1.file.copy",
        "POST /open-apis/drive/v1/files/:file_token/copy",
    )?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.starts_with("wrote spec/drive/v1/file.yaml:4\n"), "{}", ran.out);
    let text = spec.text("drive/v1/file.yaml")?;
    assert!(
        text.starts_with("# yaml-language-server: $schema=../../schema.json\n"),
        "{text}"
    );
    assert!(text.contains("\n      file_token: { type: string }\n"), "{text}");
    let gen_root = spec.directory.path().to_string_lossy().into_owned();
    let generated = spec.run(&["spec", "gen", "--root", &gen_root])?;
    assert!(
        generated.out.contains("wrote generated/drive/v1/file.rs"),
        "{}{}",
        generated.out,
        generated.err
    );
    assert_eq!(spec.run(&["spec", "fmt", "--check", "spec/drive"])?.code, Some(0));
    Ok(())
}

#[test]
fn comments_of_new_entry_are_valid_keys() -> Outcome {
    let spec = Spec::new(FILE)?;
    begin(
        &spec,
        "drive.v1.file.copy",
        "POST /open-apis/drive/v1/files/:file_token/copy",
    )?;
    let text = spec.text("drive/v1/file.yaml")?;
    let filled: Vec<String> = text
        .lines()
        .filter(|line| !line.contains("yaml-language-server") && !line.contains("Fill in"))
        .map(|line| {
            line.replacen("# ", "", 1)
                .replacen("#  ", "  ", 1)
                .replace("/...", "/page")
        })
        .collect();
    fs::write(spec.path("drive/v1/file.yaml"), filled.join("\n") + "\n")?;
    let ran = spec.run(&["spec", "show", "drive.v1.file.copy"])?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for part in [
        "What it does.",
        "special, 5/second",
        "may not read the file",
        "tenant or user",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    Ok(())
}

#[test]
fn appends_new_entry_to_file() -> Outcome {
    let spec = Spec::new(FILE)?;
    let ran = begin(&spec, "im.v1.file.list", "GET /open-apis/im/v1/files")?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let text = spec.text("im/v1/file.yaml")?;
    let (get, list) = (text.find("  get:"), text.find("  list:"));
    assert!(get.is_some() && get < list, "{text}");
    assert!(text.contains("# about types") && text.contains("types: {}"), "{text}");
    assert_eq!(spec.run(&["spec", "export"])?.out.matches("\"id\"").count(), 2);
    Ok(())
}

#[test]
fn an_entry_that_is_there_is_never_overwritten() -> Outcome {
    let spec = Spec::new(FILE)?;
    let ran = begin(&spec, "im.v1.file.get", "GET /open-apis/im/v1/other")?;
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.contains("spec/im/v1/file.yaml:5") && ran.err.contains("already"),
        "{}",
        ran.err
    );
    assert_eq!(spec.text("im/v1/file.yaml")?, FILE);
    Ok(())
}

#[test]
fn what_would_not_load_is_not_written() -> Outcome {
    let spec = Spec::new(FILE)?;
    for (id, http, part) in [
        ("im.v1.file", "GET /a", "invalid endpoint id"),
        ("im.v1.file.Get", "GET /a", "invalid endpoint id"),
        ("im.v1.file.list", "FETCH /a", "http-method"),
        ("im.v1.file.list", "GET /a//b", "url-path"),
        ("im.v1.file.list", "GET /a\n    tokens: []", "forbidden-character"),
        (
            "im.v1.file.list",
            "GET /open-apis/im/v1/files/:file_key",
            "duplicate-route",
        ),
        ("im.v1.types.list", "GET /a", "endpoints-in-types"),
    ] {
        let ran = begin(&spec, id, http)?;
        assert_eq!(ran.code, Some(1), "{id} {http}: {}", ran.err);
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert_eq!(spec.text("im/v1/file.yaml")?, FILE);
    assert!(!spec.path("im/v1/types.yaml").exists());
    Ok(())
}

#[test]
fn first_entry_creates_spec() -> Outcome {
    let directory = tempfile::tempdir()?;
    let place = directory.path().join("spec");
    let arguments = ["spec", "new", "my.v1.thing.get", "--http", "GET /my/things", "--spec"];
    let ran = larkspur(&[&arguments[..], &[&place.to_string_lossy()]].concat())?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("larkspur spec schema > "), "{}", ran.out);
    assert!(Path::new(&place).join("my/v1/thing.yaml").is_file());
    Ok(())
}

#[test]
fn shows_endpoint_with_generated_functions() -> Outcome {
    let ran = larkspur(&["spec", "show", "drive.v1.media.batch_get_tmp_download_url"])?;
    let generated = fs::read_to_string(root().join("generated/drive/v1/media.rs"))?;
    let new = "pub fn new(file_tokens: impl IntoIterator<Item = impl Into<String>>) -> Self";
    assert!(generated.contains(new));
    for part in [
        new,
        "larkspur::drive::v1::media::BatchGetTmpDownloadUrl",
        "GET /open-apis/drive/v1/medias/batch_get_tmp_download_url",
        "https://open.feishu.cn/document/server-docs/docs/drive-v1/media/batch_get_tmp_download_url",
        "any of bitable:app, ",
        "tenant or user",
        "required; 1 to 5 items",
        "86400 seconds",
        "1061002  InvalidParams",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    assert_eq!(ran.code, Some(0));
    Ok(())
}

#[test]
fn unknown_id_suggests_nearest() -> Outcome {
    let ran = larkspur(&["spec", "show", "drive.v1.media.downlod"])?;
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("did you mean `drive.v1.media.download`?"),
        "{}",
        ran.err
    );
    let ran = larkspur(&["spec", "show", "nothing.like.it"])?;
    assert!(ran.err.contains("larkspur list"), "{}", ran.err);
    Ok(())
}

#[test]
fn whether_a_call_may_be_sent_again_is_shown() -> Outcome {
    let ran = larkspur(&["spec", "show", "auth.v3.app_ticket.resend"])?;
    assert!(ran.out.contains("a repeated call has no further effect"), "{}", ran.out);
    let ran = larkspur(&["spec", "show", "authen.v2.oauth.token"])?;
    assert!(!ran.out.contains("idempotent"), "{}", ran.out);
    Ok(())
}

#[test]
fn shows_task_start_and_state() -> Outcome {
    let starts = larkspur(&["spec", "show", "drive.v1.export_task.create"])?.out;
    for part in [
        "drive.v1.export_task.get reports it by ticket, token",
        "pub fn wait(self, client: &Client) -> polling::Poller<Get>",
    ] {
        assert!(starts.contains(part), "{part}: {starts}");
    }
    let tells = larkspur(&["spec", "show", "drive.v1.export_task.get"])?.out;
    let state = "`result.job_status`: done at 0; failed at 3, 107, ";
    assert!(tells.contains(state), "{tells}");
    assert!(tells.contains("; reason in `result.job_error_msg`"), "{tells}");
    Ok(())
}

#[test]
fn shows_every_endpoint_of_cursed_spec() -> Outcome {
    let spec = root()
        .join("codegen/tests/fixtures/cursed/spec")
        .to_string_lossy()
        .into_owned();
    let export: serde_json::Value = serde_json::from_str(&larkspur(&["spec", "export", "--spec", &spec])?.out)?;
    for endpoint in export["endpoints"].as_array().ok_or("no list")? {
        let id = endpoint["id"].as_str().ok_or("no id")?;
        let ran = larkspur(&["spec", "show", id, "--spec", &spec])?;
        assert_eq!(ran.code, Some(0), "{id}: {}", ran.err);
    }
    Ok(())
}

/// The minimum content of a page.
const PAGE: &str = "# a\n\n## 请求\n:::html\n<md-table><md-tbody>\n\
<md-tr><md-th>HTTP URL</md-th><md-td>https://open.feishu.cn/open-apis/zoo/v1/animals/:id</md-td></md-tr>\n\
<md-tr><md-th>HTTP Method</md-th><md-td>GET</md-td></md-tr>\n</md-tbody></md-table>\n:::\n";

#[test]
fn imports_page_and_reports_unknown_lines() -> Outcome {
    let spec = Spec::new(FILE)?;
    fs::write(spec.directory.path().join("page.md"), PAGE)?;
    let ran = spec.run(&["spec", "import", "page.md"])?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        spec.text("zoo/v1/animal.yaml")?
            .contains("http: GET /open-apis/zoo/v1/animals/:id")
    );
    assert!(ran.out.contains("note: page.md:6: "), "{}", ran.out);
    Ok(())
}

#[test]
fn useless_pages_exit_with_1_missing_with_2() -> Outcome {
    let spec = Spec::new(FILE)?;
    fs::write(spec.directory.path().join("page.md"), "# About us\n")?;
    assert_eq!(spec.run(&["spec", "import", "page.md"])?.code, Some(1));
    assert_eq!(spec.run(&["spec", "import", "other.md"])?.code, Some(2));
    assert_eq!(spec.text("im/v1/file.yaml")?, FILE);
    Ok(())
}

#[test]
fn project_called_spec_keeps_its_directory() -> Outcome {
    let spec = Spec::new(FILE)?;
    let ran = begin(&spec, "spec.v1.thing.get", "GET /open-apis/spec/v1/things")?;
    assert!(ran.out.starts_with("wrote spec/spec/v1/thing.yaml:"), "{ran:?}");
    assert!(spec.path("spec/v1/thing.yaml").is_file());
    assert!(!spec.path("v1").exists());
    fs::write(spec.directory.path().join("page.md"), PAGE.replace("/zoo/", "/spec/"))?;
    let ran = spec.run(&["spec", "import", "page.md"])?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(spec.path("spec/v1/animal.yaml").is_file());
    let inside = spec.path("spec/v1");
    let ran = run(command(&["spec", "check", "thing.yaml", "--format", "json"]).current_dir(inside))?;
    let json: serde_json::Value = serde_json::from_str(&ran.out)?;
    assert_eq!(json["findings"][0]["path"], "spec/spec/v1/thing.yaml", "{ran:?}");
    Ok(())
}

/// A spec in which the path is a symbolic link to a directory outside, or to a file in it.
#[cfg(unix)]
fn linked(path: &str, to_file: bool) -> Result<(Spec, tempfile::TempDir), Box<dyn std::error::Error>> {
    let (spec, outside) = (Spec::new(FILE)?, tempfile::tempdir()?);
    let mut target = outside.path().to_owned();
    if to_file {
        target.push("mine.yaml");
        fs::write(&target, "doc:   Mine.\n")?;
    }
    let link = spec.path(path);
    fs::create_dir_all(link.parent().ok_or("no parent")?)?;
    std::os::unix::fs::symlink(target, link)?;
    Ok((spec, outside))
}

#[cfg(unix)]
#[test]
fn new_and_import_refuse_links_below_spec() -> Outcome {
    for (path, to_file) in [("zoo", false), ("zoo/v1", false), ("zoo/v1/animal.yaml", true)] {
        let (spec, outside) = linked(path, to_file)?;
        fs::write(spec.directory.path().join("page.md"), PAGE)?;
        let before = fs::read_dir(outside.path())?.count();
        for arguments in [
            &[
                "spec",
                "new",
                "zoo.v1.animal.get",
                "--http",
                "GET /open-apis/zoo/v1/animals",
            ][..],
            &["spec", "import", "page.md"],
        ] {
            let ran = spec.run(arguments)?;
            assert_eq!(ran.code, Some(2), "{path}: {ran:?}");
            assert!(ran.err.contains("is a symbolic link: replace it by a"), "{ran:?}");
        }
        assert_eq!(fs::read_dir(outside.path())?.count(), before, "{path}");
        if to_file {
            assert_eq!(fs::read_to_string(outside.path().join("mine.yaml"))?, "doc:   Mine.\n");
        }
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn fmt_refuses_links_below_spec() -> Outcome {
    let (spec, outside) = linked("im/v1/link.yaml", true)?;
    std::os::unix::fs::symlink(outside.path(), spec.path("im/v2"))?;
    for path in ["spec/im/v1/link.yaml", "spec/im/v2/mine.yaml", "spec/im/v2"] {
        let ran = spec.run(&["spec", "fmt", path])?;
        assert_eq!(ran.code, Some(2), "{path}: {ran:?}");
        assert!(ran.err.contains("is a symbolic link"), "{ran:?}");
    }
    assert_eq!(spec.run(&["spec", "fmt"])?.code, Some(0));
    assert_eq!(fs::read_to_string(outside.path().join("mine.yaml"))?, "doc:   Mine.\n");
    Ok(())
}

#[test]
fn writing_commands_need_a_spec() -> Outcome {
    let empty = tempfile::tempdir()?;
    fs::write(empty.path().join("page.md"), PAGE)?;
    for arguments in [
        &["new", "zoo.v1.animal.get", "--http", "GET /open-apis/zoo/v1/animals"][..],
        &["import", "page.md"],
        &["fmt"],
        &["gen"],
        &["diff"],
    ] {
        let ran = run(command(&[&["spec"], arguments].concat()).current_dir(empty.path()))?;
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{arguments:?}: {ran:?}");
    }
    Ok(())
}
