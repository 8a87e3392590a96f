//! That a page is of an old version, and which is the new one.

use super::page::Document;
use super::tree::{Map, Tree};
use crate::names;

/// Words of such a warning.
const WARNINGS: &[&str] = &[
    "迁移至",
    "新版本>>",
    "已废弃",
    "不再维护",
    "deprecated",
    "migrate to",
    "no longer maintained",
];

/// The mapping of the spec, where the page warns that there is a new version.
pub(super) fn of(page: &Document<'_>, id: &str) -> Option<Tree> {
    let mut lines = page
        .before_request()
        .flat_map(|section| section.lines.iter().map(|line| line.text));
    let warning = lines.find(|line| WARNINGS.iter().any(|word| line.to_lowercase().contains(word)))?;
    let successor = warning
        .split('(')
        .filter_map(|link| link.split(')').next())
        .find_map(successor);
    let mut map = Map::default();
    map.put_some(
        "successor",
        successor.filter(|successor| successor != id).map(Tree::text),
    );
    Some(map.done())
}

/// The id of the endpoint that an address of the portal is about: `/lingo-v1/file/upload`.
fn successor(link: &str) -> Option<String> {
    let path = link.split(['?', '#']).next().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').collect();
    let [.., module, resource, method] = segments.as_slice() else {
        return None;
    };
    let (project, version) = module.rsplit_once('-')?;
    let id = format!("{project}.{version}.{resource}.{method}");
    names::is_endpoint_id(&id).then_some(id)
}
