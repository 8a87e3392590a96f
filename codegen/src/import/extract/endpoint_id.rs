//! The id of an endpoint, `drive.v1.file.copy`.

use heck::ToSnakeCase;

use super::super::model::{Notes, Overview, quoted};
use super::super::page::Document;
use crate::model::{Api, Endpoint};
use crate::names;

/// Returns the id from the page's link to the API explorer, else from the entry of the spec with the same method and
/// path, else from the path.
pub(super) fn derive_endpoint_id(
    page: &Document<'_>,
    text: &str,
    overview: &Overview,
    api: &Api,
    notes: &mut Notes,
) -> String {
    let existing = id_from_spec(page, overview, api);
    if let Some(id) = id_from_explorer_link(text).or(existing) {
        return escape_project(id);
    }
    let id = escape_project(id_from_path(&overview.method, &overview.path));
    notes.add(
        overview.line,
        format!("no id on the page; {} derived from the path", quoted(&id)),
    );
    id
}

/// Appends `_` to a project that cannot be a module of the SDK.
fn escape_project(id: String) -> String {
    match id.split_once('.') {
        Some((project, rest)) if names::is_keyword(project) || names::is_reserved_project(project) => {
            format!("{project}_.{rest}")
        }
        _ => id,
    }
}

/// Returns the id in `project=drive&version=v1&resource=media&method=download`.
fn id_from_explorer_link(text: &str) -> Option<String> {
    let (_, link) = text.split_once("api_explore_config?")?;
    let link = link.split([')', '"', ' ', '\n']).next().unwrap_or_default();
    let value = |name: &str| {
        let mut pairs = link.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let (project, version) = (value("project")?, value("version")?);
    let id = format!("{project}.{version}.{}.{}", value("resource")?, value("method")?);
    names::is_endpoint_id(&id).then_some(id)
}

/// Returns the id of the entry with the same method and path. Of several, it must have the last segment of the page's
/// address.
fn id_from_spec(page: &Document<'_>, overview: &Overview, api: &Api) -> Option<String> {
    let address = ["fullPath", "source_url", "source"]
        .iter()
        .find_map(|key| page.front_matter(key));
    let last = address.and_then(|path| path.rsplit('/').next());
    let same = |endpoint: &&Endpoint| endpoint.method.as_str() == overview.method && endpoint.path == overview.path;
    let all: Vec<_> = api.endpoints().map(|(_, endpoint)| endpoint).filter(same).collect();
    let same_page = |endpoint: &&&Endpoint| {
        let docs = endpoint.docs.as_deref().and_then(|docs| docs.rsplit('/').next());
        docs.is_some() && docs == last
    };
    let found = all
        .iter()
        .find(same_page)
        .or_else(|| all.first().filter(|_| all.len() == 1));
    found.map(|endpoint| endpoint.id.clone())
}

/// Derives an id from the path: `/open-apis/im/v1/messages/:id/resources/:key` becomes `im.v1.message.resource.get`.
fn id_from_path(method: &str, path: &str) -> String {
    let path = path.strip_prefix("/open-apis").unwrap_or(path);
    let mut words: Vec<String> = Vec::new();
    let mut version = None;
    let mut ends_in_parameter = false;
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        ends_in_parameter = segment.starts_with(':');
        match segment {
            _ if ends_in_parameter => {}
            _ if version.is_none() && names::is_version(segment) => version = Some(segment),
            _ => words.extend(segment_name(segment)),
        }
    }
    let mut words = words.into_iter();
    let project = words.next().unwrap_or_else(|| "unknown".to_owned());
    let mut words: Vec<String> = words.collect();
    let method = match (ends_in_parameter, words.len()) {
        (false, 2..) => words.pop().unwrap_or_default(),
        (false, _) if method == "GET" => "list".to_owned(),
        (_, _) => default_name(method).to_owned(),
    };
    let resource: Vec<String> = words.iter().map(|word| singular(word)).collect();
    let resource = if resource.is_empty() {
        project.clone()
    } else {
        resource.join(".")
    };
    format!("{project}.{}.{resource}.{method}", version.unwrap_or("v1"))
}

/// Converts a segment of the path to a name.
fn segment_name(segment: &str) -> Option<String> {
    let name: String = segment
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    Some(name.to_snake_case()).filter(|name| names::is_snake(name))
}

fn default_name(method: &str) -> &'static str {
    match method {
        "GET" => "get",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        _ => "delete",
    }
}

fn singular(word: &str) -> String {
    match word.strip_suffix("ies") {
        Some(stem) if !stem.is_empty() => format!("{stem}y"),
        _ => word
            .strip_suffix('s')
            .filter(|stem| stem.len() > 2 && !stem.ends_with('s'))
            .unwrap_or(word)
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{id_from_explorer_link, id_from_path};

    #[test]
    fn reads_the_id_of_the_explorer_link() {
        let text =
            "(url=/api/tools/api_explore/api_explore_config?project=zoo&version=v1&resource=cage.animal&method=feed)";
        assert_eq!(id_from_explorer_link(text).as_deref(), Some("zoo.v1.cage.animal.feed"));
        assert_eq!(
            id_from_explorer_link("api_explore_config?project=../x&version=v1&resource=a&method=b"),
            None
        );
    }

    #[test]
    fn derives_the_id_from_the_path() {
        for (method, path, id) in [
            (
                "GET",
                "/open-apis/zoo/v1/cages/:cage_id/animals/:animal_id",
                "zoo.v1.cage.animal.get",
            ),
            ("GET", "/open-apis/zoo/v1/cages", "zoo.v1.cage.list"),
            ("POST", "/open-apis/zoo/v1/cages/:cage_id/feed", "zoo.v1.cage.feed"),
            ("POST", "/open-apis/zoo-shop/ticket/get", "zoo_shop.v1.ticket.get"),
            ("POST", "/", "unknown.v1.unknown.create"),
        ] {
            assert_eq!(id_from_path(method, path), id);
        }
    }
}
