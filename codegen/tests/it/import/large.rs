//! Large pages: limits, and inputs that would take minutes if the work for one row grew with the number of rows.

use larkspur_codegen::Source;
use larkspur_codegen::import::{Imported, Page, import};

const OVERVIEW: &str = "# a\n\n## 请求\n:::html\n<md-table><md-tbody>\n\
<md-tr><md-th>HTTP URL</md-th><md-td>https://open.feishu.cn/open-apis/zoo/v1/animals</md-td></md-tr>\n\
<md-tr><md-th>HTTP Method</md-th><md-td>POST</md-td></md-tr>\n</md-tbody></md-table>\n:::\n\n";

fn import_page(text: &str) -> Imported {
    import(&Source::new(), &[Page { name: "page.md", text }]).unwrap_or_else(|error| panic!("{error}"))
}

/// Imports a page with this table of fields in a section.
fn import_table(section: &str, rows: impl Iterator<Item = String>) -> Imported {
    let rows: String = rows.collect();
    import_page(&format!(
        "{OVERVIEW}### {section}\n\n名称 | 类型 | 必填 | 描述\n---|---|---|---\n{rows}"
    ))
}

/// The number of imported fields.
fn fields(imported: &Imported) -> usize {
    imported.endpoints.iter().map(|endpoint| endpoint.counts.fields).sum()
}

fn notes(imported: &Imported) -> String {
    imported.notes.iter().map(|note| format!("{note}\n")).collect()
}

#[test]
fn page_with_too_many_rows_is_skipped() {
    let row = |number: usize| format!("k{number} | string | 否 | x\n");
    let skipped = import_table("请求体", (0..40_000).map(row));
    assert!(skipped.endpoints.is_empty() && skipped.changed.is_empty());
    let expected = "its tables have 40002 rows, more than the limit of 10000";
    assert!(notes(&skipped).contains(expected), "{}", notes(&skipped));
}

#[test]
fn page_over_size_limit_is_skipped() {
    let skipped = import_page(&format!("{OVERVIEW}{}", "x".repeat(4 * 1024 * 1024)));
    assert!(skipped.endpoints.is_empty());
    assert!(
        notes(&skipped).contains("more than the limit of 4194304"),
        "{}",
        notes(&skipped)
    );
}

/// The limit is on all of the address space, so what is used is less still.
#[test]
#[cfg(all(feature = "command", target_os = "linux"))]
fn too_many_rows_exit_with_1_within_200_mb() {
    let directory = tempfile::tempdir().expect("a directory");
    let rows: String = (0..40_000).map(|number| format!("k{number} | thing | x\n")).collect();
    let text = format!("{OVERVIEW}### 请求体\n\n名称 | 类型 | 描述\n---|---|---\n{rows}");
    std::fs::write(directory.path().join("page.md"), text).expect("a file");
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 200000 && exec \"$0\" import page.md --into spec"])
        .arg(env!("CARGO_BIN_EXE_larkspur-spec"))
        .current_dir(directory.path())
        .output()
        .expect("the command starts");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(printed.contains("more than the limit of 10000"), "{printed}");
}

#[test]
fn reads_many_values_and_scopes_of_a_field() {
    let named: String = (5_000..7_500).map(|number| format!("- item_{number}：y<br>")).collect();
    let unnamed: String = (0..2_500)
        .map(|number| format!("- {}{}：y<br>", "+".repeat(number % 99 + 1), "=".repeat(number / 99)))
        .collect();
    let rows = [format!("k | string | 否 | 可选值有：<br>{named}{unnamed}\n")];
    assert_eq!(fields(&import_table("请求体", rows.into_iter())), 1);
    let scopes: String = (0..5_000).map(|number| format!("x(zoo:a{number})<br>")).collect();
    let rows = [format!(
        "k | string | 否 | 字段权限要求：{}{scopes}\n",
        "<br>".repeat(80_000)
    )];
    assert_eq!(fields(&import_table("请求体", rows.into_iter())), 1);
}

#[test]
fn compares_long_tables_with_long_examples() {
    let keys: Vec<String> = (0..10_000).map(|number| format!("\"e{number}\": {number}")).collect();
    let rows: String = (0..1_500).map(|number| format!("k{number} |  | x\n")).collect();
    let example = format!("{{\"code\": 0, \"data\": {{{}}}}}", keys.join(","));
    let items = format!("{{\"code\": 0, \"data\": [{}]}}", vec!["{}"; 100_000].join(","));
    for example in [example, items] {
        let page = format!(
            "{OVERVIEW}### 响应体\n\n名称 | 类型 | 描述\n---|---|---\n{rows}\n### 响应体示例\n\n```json\n{example}\n```\n"
        );
        assert_eq!(fields(&import_page(&page)), 1_500);
    }
}
