//! What a run left that was killed between giving a file its name and tidying up.

use std::path::Path;

/// End of the name of a partial file.
const PARTIAL: &str = ".part";
/// What stands behind it in the name of the file that describes it.
const DESCRIPTION: &str = ".json";

/// Removes descriptions of partial files that are not there: they say nothing any more, and no later transfer looks at
/// them, since their files are done. One that cannot be removed does no harm.
pub(super) fn remove(directory: &Path) {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let partial = name.to_str().and_then(|name| name.strip_suffix(DESCRIPTION));
        let partial = partial.filter(|partial| partial.starts_with('.') && partial.ends_with(PARTIAL));
        let is_orphan = partial.is_some_and(|partial| directory.join(partial).symlink_metadata().is_err());
        if is_orphan {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
