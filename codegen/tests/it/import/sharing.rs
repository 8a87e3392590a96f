//! Types that an import shares over all its pages.

use larkspur_codegen::import::{Imported, Page, import};
use larkspur_codegen::{Source, lint};

/// Returns a page of an endpoint whose query has the type of user ids and whose response has the field `owner` with the
/// page's type `Person`.
fn page(project: &str, name: &str, fields: &str) -> String {
    format!(
        "---\ntitle: \"{name}\"\nfullPath: \"/{project}/{name}\"\nupdateTime: \"1768373788000\"\n---\n\n# {name}\n\n## 请求\n\n\
         基本 | -\n---|---\nHTTP URL | https://open.feishu.cn/open-apis/{project}/v1/{name}\nHTTP Method | GET\n\n\
         ### 查询参数\n\n名称 | 类型 | 必填 | 描述\n---|---|---|---\n\
         user_id_type | string | 否 | 可选值有：<br>- open_id：x<br>- union_id：x\n\n\
         ## 响应\n\n### 响应体\n\n名称 | 类型 | 描述\n---|---|---\n\
         data | \\- | \\-\n\\- owner | Person | x\n{fields}"
    )
}

fn imported(spec: &Source, pages: &[(&str, &str, &str)]) -> Imported {
    let texts: Vec<(String, String)> = pages
        .iter()
        .map(|(project, name, fields)| (format!("{project}-{name}.md"), page(project, name, fields)))
        .collect();
    let pages: Vec<Page<'_>> = texts.iter().map(|(name, text)| Page { name, text }).collect();
    import(spec, &pages).unwrap_or_else(|error| panic!("{error}"))
}

fn text(result: &Imported, path: &str) -> String {
    let found = result.spec.files().find(|(other, _)| *other == path);
    let (_, bytes) = found.unwrap_or_else(|| panic!("{path} is in {:?}", result.changed));
    String::from_utf8_lossy(bytes).into_owned()
}

const ID: &str = "\\- \\- id | string | x\n";
const NAME: &str = "\\- \\- name | string | x\n";

#[test]
fn enum_of_two_projects_is_one_type() {
    let result = imported(&Source::new(), &[("zoo", "feed", ID), ("farm", "feed", NAME)]);
    let types = text(&result, "spec/types.yaml");
    assert!(
        types.contains("  UserIdType:\n    enum: [open_id, union_id]\n"),
        "{types}"
    );
    let rules = lint::check(&result.spec);
    assert!(
        rules.findings.iter().all(|finding| finding.rule != "duplicate-type"),
        "{}",
        rules.findings
    );
    let again = imported(&result.spec, &[("zoo", "feed", ID), ("farm", "feed", NAME)]);
    assert_eq!(again.changed, Vec::<String>::new());
}

#[test]
fn existing_types_stay_and_are_used() {
    let first = imported(&Source::new(), &[("zoo", "feed", ID), ("farm", "feed", NAME)]);
    let types = text(&first, "spec/types.yaml");
    let second = imported(&first.spec, &[("shop", "feed", ID)]);
    assert!(text(&second, "spec/shop/v1/feed.yaml").contains("type: UserIdType"));
    assert_eq!(text(&second, "spec/types.yaml"), types);
    assert!(
        second.changed.iter().all(|path| path.starts_with("spec/shop/")),
        "{:?}",
        second.changed
    );
}
