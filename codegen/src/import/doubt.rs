//! Rows of which it is not sure inside which object they are.

use std::collections::HashSet;

use serde_json::Value;

use super::nesting::{Entry, Objects, Shape, collect, evidence, inside};

/// Looks whether a row could be elsewhere, once all rows are known.
pub(super) struct Doubt<'t, 'v> {
    rows: &'t [Entry<'t>],
    shapes: &'t [Shape],
    parents: &'t [Option<usize>],
    /// The keys of each row that holds some; of the outermost level at the end.
    keys: Vec<HashSet<&'t str>>,
    objects: Vec<Objects<'v>>,
}

impl<'t, 'v> Doubt<'t, 'v> {
    pub fn new(
        rows: &'t [Entry<'t>],
        shapes: &'t [Shape],
        parents: &'t [Option<usize>],
        example: Option<&'v Value>,
    ) -> Self {
        let outermost = rows.len();
        let mut keys = vec![HashSet::new(); rows.len() + 1];
        let mut objects: Vec<Objects<'v>> = vec![Vec::new(); rows.len() + 1];
        example
            .into_iter()
            .for_each(|value| collect(value, &mut objects[outermost]));
        for (index, row) in rows.iter().enumerate() {
            let parent = parents[index].unwrap_or(outermost);
            keys[parent].insert(row.key);
            objects[index] = inside(&objects[parent], row.key);
        }
        Self {
            rows,
            shapes,
            parents,
            keys,
            objects,
        }
    }

    /// The rows that could, with the row inside which that is.
    pub fn unsure(&self) -> Vec<(usize, Option<usize>)> {
        (1..self.rows.len())
            .filter_map(|index| Some((index, self.elsewhere(index)?)))
            .collect()
    }

    /// Another object in which a row could be with as good a reason.
    fn elsewhere(&self, index: usize) -> Option<Option<usize>> {
        let here = self.parents[index];
        // The first row of an object that has to hold one is not free to leave.
        let held = here.is_some_and(|parent| parent + 1 == index && self.shapes[parent].has_to_hold);
        if held {
            return None;
        }
        let against = self.against(index, here);
        let mut above = Some(index - 1);
        let mut open = Vec::new();
        while let Some(row) = above {
            open.push(Some(row));
            above = self.parents[row];
        }
        open.push(None);
        let could = |place: &Option<usize>| {
            let holds = place.is_none_or(|row| self.shapes[row].may_hold);
            let free = !self.keys[place.unwrap_or(self.rows.len())].contains(self.rows[index].key);
            *place != here && holds && free && self.against(index, *place) <= against
        };
        open.into_iter().find(could)
    }

    fn against(&self, index: usize, place: Option<usize>) -> u32 {
        let holder = place.map(|row| self.shapes[row]);
        let objects = &self.objects[place.unwrap_or(self.rows.len())];
        evidence(self.rows[index], self.shapes[index], objects, holder)
    }
}
