//! The tables of a page, each read once, so that it is known which were not.

use std::collections::HashSet;

use super::field::{self, Field, Place};
use super::note::{Notes, shown};
use super::page::Document;
use super::rows::{self, Parameter, Shape};
use super::table::Table;

/// A page of which parts have been read.
pub(super) struct Parts<'d, 't> {
    document: &'d Document<'t>,
    /// The sections that have been, by line.
    read: HashSet<u32>,
}

impl<'d, 't> Parts<'d, 't> {
    pub fn new(document: &'d Document<'t>) -> Self {
        Self {
            document,
            read: HashSet::new(),
        }
    }

    /// The tables of the section with one of these titles.
    pub fn tables(&mut self, titles: &[&str]) -> &'d [Table] {
        let section = self.document.section(titles);
        self.read.extend(section.map(|section| section.line));
        section.map_or(&[], |section| &section.tables)
    }

    /// What `read` makes of the parameters there.
    pub fn parameters<T>(
        &mut self,
        titles: &[&str],
        shape: Shape<'_>,
        notes: &mut Notes,
        read: impl FnOnce(Vec<Parameter<'d>>, &mut Notes) -> T,
    ) -> T {
        let rows = rows::parameters(self.tables(titles), shape, notes);
        read(rows, notes)
    }

    /// The fields there.
    pub fn fields(&mut self, titles: &[&str], shape: Shape<'_>, place: Place, notes: &mut Notes) -> Vec<Field> {
        self.parameters(titles, shape, notes, |rows, notes| field::read(&rows, place, notes))
    }

    /// Notes the tables that nobody has read, and the elements in the others that nobody knows.
    pub fn note_unread(&self, notes: &mut Notes) {
        for section in &self.document.sections {
            for table in &section.tables {
                for (line, name) in &table.strange {
                    notes.add(*line, format!("nobody knows what the element {} says", shown(name)));
                }
                if !self.read.contains(&section.line) && !table.rows.is_empty() {
                    let title = shown(section.title);
                    notes.add(table.line, format!("a table of the section {title} was left out"));
                }
            }
        }
    }
}
