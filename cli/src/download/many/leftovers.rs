//! What a run left that was killed between giving a file its name and tidying up.

use std::path::Path;

/// What a run calls its partial files: this, a digest, and the end.
const BEGINNING: &str = ".download.";
/// End of the name of a partial file.
const PARTIAL: &str = ".part";
/// How many hexadecimal digits the digest has.
const DIGITS: usize = 16;
/// What stands behind it in the name of the file that describes it.
const DESCRIPTION: &str = ".json";

/// Removes descriptions of partial files that are not there: they say nothing any more, and no later transfer looks at
/// them, since their files are done. One that cannot be removed does no harm.
pub(super) fn remove(directory: &Path) {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let partial = name.to_str().and_then(|name| name.strip_suffix(DESCRIPTION));
        let partial = partial.filter(|partial| is_of_a_transfer(partial));
        let is_orphan = partial.is_some_and(|partial| directory.join(partial).symlink_metadata().is_err());
        if is_orphan {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Whether a run calls a partial file like that. Others that end alike are somebody's own.
fn is_of_a_transfer(name: &str) -> bool {
    let digest = name.strip_prefix(BEGINNING).and_then(|rest| rest.strip_suffix(PARTIAL));
    digest.is_some_and(|digest| digest.len() == DIGITS && digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_removed_is_what_a_run_left_and_has_no_file() -> std::io::Result<()> {
        let directory = tempfile::tempdir()?;
        let stays = [
            ".download.0123456789abcdee.part",
            ".download.0123456789abcdee.part.json",
            ".notes.part.json",
            ".download.mine.part.json",
            "download.0123456789abcdef.part.json",
        ];
        for name in stays.into_iter().chain([".download.0123456789abcdef.part.json"]) {
            std::fs::write(directory.path().join(name), "")?;
        }
        remove(directory.path());
        let left = std::fs::read_dir(directory.path())?.count();
        assert!(stays.iter().all(|name| directory.path().join(name).is_file()));
        assert_eq!(left, stays.len());
        Ok(())
    }
}
