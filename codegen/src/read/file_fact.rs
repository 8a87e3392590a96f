//! What a field says of the file that is sent with it.

use super::field::Home;
use super::value::Entries;
use super::{Reader, shown};
use crate::finding;
use crate::model::{Field, FileFact, Type};
use crate::yaml::Node;

impl Reader<'_> {
    /// Reads `of_file:`, which has no effect where no file goes.
    pub(super) fn of_file(&mut self, entries: &Entries<'_>, home: &Home<'_>) -> Option<FileFact> {
        if entries.get("of_file").is_some() && !home.multipart {
            let message = "`of_file` goes with a part of a multipart body only";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("of_file"), message);
        }
        self.optional(entries, "of_file", Self::file_fact)
    }

    fn file_fact(&mut self, node: &Node) -> Option<FileFact> {
        let facts = [FileFact::Name, FileFact::Size, FileFact::Adler32];
        self.word(node, &facts.map(|fact| (fact.as_str(), fact)))
    }

    /// Reports facts of files where there is no file, or more than one, or whose field cannot hold them.
    pub(super) fn file_facts(&mut self, fields: &[Field]) {
        let files = fields.iter().filter(|field| field.ty == Type::File).count();
        for field in fields {
            let Some(fact) = field.of_file else { continue };
            let fits = match fact {
                FileFact::Name | FileFact::Adler32 => field.ty == Type::String,
                FileFact::Size => matches!(field.ty, Type::Int | Type::String),
            };
            let (key, word) = (shown(&field.key), fact.as_str());
            let message = match (files, fits) {
                (1, true) => continue,
                (1, false) => format!("{key} has a type that cannot hold the {word} of a file"),
                (0, _) => format!("{key} tells the {word} of a file, and none is sent with it"),
                (count, _) => format!("{key} tells the {word} of a file, and there are {count}"),
            };
            self.report(finding::FILE_FACT, field.origin, message);
        }
    }
}
