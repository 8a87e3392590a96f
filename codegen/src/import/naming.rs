//! The id of an endpoint.

use std::collections::HashSet;

use heck::ToSnakeCase;

use super::basics::Basics;
use super::endpoint::Endpoint;
use super::note::{Note, Notes, shown};
use super::page::Document;
use crate::model::Api;
use crate::names;

/// The id, from the first of these that gives one: the page's link into the API explorer, the entry of the spec with
/// this method and path, the path.
pub(super) fn id(page: &Document<'_>, text: &str, basics: &Basics, known: &Api, notes: &mut Notes) -> String {
    let entry = entry(page, basics, known);
    if let Some(id) = explorer(text).or(entry) {
        return free(id);
    }
    let id = free(of_path(&basics.method, &basics.path));
    notes.add(
        basics.line,
        format!("the page names no id; {} was made of the path", shown(&id)),
    );
    id
}

/// An id whose project is no module of the SDK.
fn free(id: String) -> String {
    match id.split_once('.') {
        Some((project, rest)) if names::is_keyword(project) || names::is_reserved_project(project) => {
            format!("{project}_.{rest}")
        }
        _ => id,
    }
}

/// The id in `project=drive&version=v1&resource=media&method=download`.
fn explorer(text: &str) -> Option<String> {
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

/// Of the entries with this method and path the one whose page ends as this one does, else the first.
fn entry(page: &Document<'_>, basics: &Basics, known: &Api) -> Option<String> {
    let address = ["fullPath", "source_url", "source"]
        .iter()
        .find_map(|key| page.front(key));
    let last = address.and_then(|path| path.rsplit('/').next());
    let same =
        |endpoint: &&crate::model::Endpoint| endpoint.method.as_str() == basics.method && endpoint.path == basics.path;
    let all: Vec<_> = known.endpoints().map(|(_, endpoint)| endpoint).filter(same).collect();
    let ends = |endpoint: &&&crate::model::Endpoint| {
        let docs = endpoint.docs.as_deref().and_then(|docs| docs.rsplit('/').next());
        docs.is_some() && docs == last
    };
    let found = all.iter().find(ends).or_else(|| all.first().filter(|_| all.len() == 1));
    found.map(|endpoint| endpoint.id.clone())
}

/// An id made of the path alone: `/open-apis/im/v1/messages/:id/resources/:key` is `im.v1.message.resource.get`.
fn of_path(method: &str, path: &str) -> String {
    let path = path.strip_prefix("/open-apis").unwrap_or(path);
    let mut words: Vec<String> = Vec::new();
    let mut version = None;
    let mut ends_in_parameter = false;
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        ends_in_parameter = segment.starts_with(':');
        match segment {
            _ if ends_in_parameter => {}
            _ if version.is_none() && names::is_version(segment) => version = Some(segment),
            _ => words.extend(word(segment)),
        }
    }
    let mut words = words.into_iter();
    let project = words.next().unwrap_or_else(|| "unknown".to_owned());
    let mut words: Vec<String> = words.collect();
    let method = match (ends_in_parameter, words.len()) {
        (false, 2..) => words.pop().unwrap_or_default(),
        (false, _) if method == "GET" => "list".to_owned(),
        (_, _) => by_method(method).to_owned(),
    };
    let resource: Vec<String> = words.iter().map(|word| singular(word)).collect();
    let resource = if resource.is_empty() {
        project.clone()
    } else {
        resource.join(".")
    };
    format!("{project}.{}.{resource}.{method}", version.unwrap_or("v1"))
}

/// A segment as a name; some are none.
fn word(segment: &str) -> Option<String> {
    let name: String = segment
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    Some(name.to_snake_case()).filter(|name| names::is_snake(name))
}

fn by_method(method: &str) -> &'static str {
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

/// Gives pages that would be the same entry ids of their own.
pub(super) fn part(endpoints: &mut [Endpoint], notes: &mut Vec<Note>) {
    let mut taken = HashSet::new();
    for endpoint in endpoints {
        let first = endpoint.id.clone();
        let numbered = (2..).map(|number| format!("{first}_{number}"));
        let free = [first.clone()]
            .into_iter()
            .chain(numbered)
            .find(|id| taken.insert(id.clone()));
        endpoint.id = free.unwrap_or_default();
        if endpoint.id != first {
            let message = format!(
                "another page has the id {}; this one became {}",
                shown(&first),
                shown(&endpoint.id)
            );
            notes.push(Note::new(&endpoint.page, endpoint.line, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{explorer, of_path};

    #[test]
    fn the_link_into_the_explorer_names_the_endpoint() {
        let text =
            "(url=/api/tools/api_explore/api_explore_config?project=zoo&version=v1&resource=cage.animal&method=feed)";
        assert_eq!(explorer(text).as_deref(), Some("zoo.v1.cage.animal.feed"));
        assert_eq!(
            explorer("api_explore_config?project=../x&version=v1&resource=a&method=b"),
            None
        );
    }

    #[test]
    fn without_the_link_the_path_does() {
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
            assert_eq!(of_path(method, path), id);
        }
    }
}
