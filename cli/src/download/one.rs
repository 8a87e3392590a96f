//! One file.

use std::path::Path;

use larkspur::Saved;
use larkspur::dynamic::Request;
use larkspur::wire::FieldInfo;

use super::request::Shape;
use super::{Arguments, find};
use crate::output;
use crate::stop::Stop;

/// Brings one file.
pub(super) async fn run(arguments: &Arguments) -> Result<(), Stop> {
    let request = request(arguments)?;
    can_take_a_file(&arguments.to)?;
    let client = arguments.caller.client()?;
    let download = client.fetch(&request).await.map_err(Stop::failed)?;
    let saved = if arguments.to.is_dir() {
        download.save_in(&arguments.to).await
    } else {
        download.save(&arguments.to).await
    };
    let Saved { path, bytes, .. } = saved.map_err(Stop::failed)?;
    output::line(format!("{} ({bytes} bytes)", path.display()))?;
    Ok(())
}

fn request(arguments: &Arguments) -> Result<Request, Stop> {
    let endpoint = find(&arguments.endpoint)?;
    let names: Vec<_> = Shape::path_parameters(endpoint).collect();
    let given = arguments.values.len();
    if names.len() != given {
        let (wanted, names) = (names.len(), names.join(", "));
        let problem = format!("{} takes {wanted} ({names}), {given} given", endpoint.id);
        return Err(Stop::unable(problem));
    }
    let of_path = names.into_iter().map(FieldInfo::path);
    let of_query = arguments
        .query
        .iter()
        .map(|(key, _)| FieldInfo::query(key.clone().leak()));
    let shape = Shape::new(endpoint, of_path.chain(of_query).collect());
    let of_query = arguments.query.iter().map(|(_, value)| value);
    let values = arguments.values.iter().chain(of_query).cloned().map(Some).collect();
    Ok(shape.request(values, arguments.range))
}

/// Looks before anything is sent: a large download must not end in a slip of the path.
fn can_take_a_file(to: &Path) -> Result<(), Stop> {
    if to.is_dir() {
        return Ok(());
    }
    let missing = match to.parent() {
        // `new/` means a directory, and `Path` would take it for a file `new`.
        _ if to.as_os_str().to_string_lossy().ends_with(std::path::is_separator) => to,
        Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => parent,
        _ => return Ok(()),
    };
    Err(Stop::unable(format!(
        "there is no directory {}: make it first, or give another --to",
        missing.display()
    )))
}
