//! Which file has which name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use larkspur::download::file_name;

use super::history::History;
use super::item::ItemId;

/// Which file has which name in a directory. A name that a file once got stays its own, in later runs too.
pub(super) struct Names {
    directory: PathBuf,
    /// Whose a name is, by the name in lower case: some file systems take `A` and `a` for one.
    owners: HashMap<String, ItemId>,
    of_item: HashMap<ItemId, String>,
    /// The number from which on there may be a free one, by the name without it.
    next: HashMap<String, u32>,
}

impl Names {
    /// The names that earlier runs gave.
    pub(super) fn new(directory: &Path, history: &History) -> Self {
        let mut names = Self {
            directory: directory.to_owned(),
            owners: HashMap::new(),
            of_item: HashMap::new(),
            next: HashMap::new(),
        };
        for (id, name) in history.names() {
            names.give(id, name);
        }
        names
    }

    /// The name for a file that is called `wanted`: the one that it has, else this, else this with a number. Nothing
    /// is there under it.
    pub(super) fn choose(&mut self, id: &ItemId, wanted: &str) -> String {
        if let Some(own) = self.of_item.get(id)
            && !self.is_there(own)
        {
            return own.clone();
        }
        let base = wanted.to_lowercase();
        let mut number = self.next.get(&base).copied().unwrap_or(0);
        loop {
            let name = match number {
                0 => wanted.to_owned(),
                number => file_name::numbered(wanted, number),
            };
            number = number.saturating_add(1);
            let taken = self.owners.contains_key(&name.to_lowercase()) || self.is_there(&name);
            // There are more numbers than files in any directory.
            if !taken || number == u32::MAX {
                self.next.insert(base, number);
                self.give(id, &name);
                return name;
            }
        }
    }

    fn give(&mut self, id: &ItemId, name: &str) {
        self.owners.insert(name.to_lowercase(), id.clone());
        self.of_item.insert(id.clone(), name.to_owned());
    }

    fn is_there(&self, name: &str) -> bool {
        self.directory.join(name).symlink_metadata().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> ItemId {
        ItemId::read(&digit.repeat(32)).unwrap_or_else(|| unreachable!("32 hexadecimal digits"))
    }

    #[test]
    fn files_of_one_name_get_numbers_and_each_keeps_its_own() -> std::io::Result<()> {
        let directory = tempfile::tempdir()?;
        let mut names = Names::new(directory.path(), &History::default());
        assert_eq!(names.choose(&id("a"), "report.pdf"), "report.pdf");
        assert_eq!(names.choose(&id("b"), "report.pdf"), "report (1).pdf");
        assert_eq!(names.choose(&id("c"), "Report.PDF"), "Report (2).PDF");
        assert_eq!(names.choose(&id("b"), "another.pdf"), "report (1).pdf");
        Ok(())
    }

    #[test]
    fn what_is_there_already_keeps_its_name() -> std::io::Result<()> {
        let directory = tempfile::tempdir()?;
        std::fs::write(directory.path().join("report.pdf"), "of somebody else")?;
        let mut names = Names::new(directory.path(), &History::default());
        assert_eq!(names.choose(&id("a"), "report.pdf"), "report (1).pdf");
        Ok(())
    }
}
