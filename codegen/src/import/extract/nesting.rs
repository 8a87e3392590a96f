//! Reconstructs the nesting of a flat table: which row is a field of which object.
//!
//! Rows are in depth-first order, so the parent of a row is one of the objects that are still open above it. A beam
//! search assigns the parents with the lowest cost. The cost follows from the types (only objects have fields, and an
//! object with a type name has at least one), from unique keys within an object, and from the page's JSON example. Of
//! candidates with equal cost, the one with the deepest nesting wins. A row with a second parent of equal cost is
//! ambiguous.

mod example_objects;
mod key_set;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use super::super::model::Type;
use super::super::page::parse_type;
use example_objects::{KeyUse, KeyUses, Objects, collect_objects, objects_under};
use key_set::KeySet;

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'t> {
    pub key: &'t str,
    /// The type in the notation of the page.
    pub ty: &'t str,
}

/// The result of [`reconstruct`].
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Nesting {
    /// The level of each row, 0 for the top level.
    pub levels: Vec<usize>,
    /// The parent of each row; `None` is the top level.
    pub parents: Vec<Option<usize>>,
    /// The ambiguous rows, each with the alternative parent.
    pub ambiguous: Vec<(usize, Option<usize>)>,
}

/// The maximum number of candidates after each row.
const BEAM_WIDTH: usize = 24;

/// The maximum depth of open objects.
const MAX_DEPTH: usize = 12;

/// The costs of assigning a row to a parent.
mod cost {
    /// The object is in the example, without this key.
    pub(super) const MISSING_KEY: u32 = 4;
    /// The object is not in the example.
    pub(super) const UNKNOWN_OBJECT: u32 = 2;
    /// The row is a scalar, and its value in the example is an object.
    pub(super) const KIND_MISMATCH: u32 = 2;
    /// The type of the parent does not imply fields.
    pub(super) const UNTYPED_OBJECT: u32 = 1;
    /// An object with a type name and without fields.
    pub(super) const EMPTY_OBJECT: u32 = 3;
    /// A pagination field such as `has_more` inside an item of a list.
    pub(super) const PAGINATION_IN_ITEM: u32 = 1;
    /// A second field with the same key.
    pub(super) const DUPLICATE_KEY: u32 = 100;
}

/// Reconstructs the level of each row.
pub(super) fn reconstruct(rows: &[Entry<'_>], example: Option<&Value>) -> Nesting {
    let shapes: Vec<TypeShape> = rows.iter().map(|row| TypeShape::parse(row.ty)).collect();
    let numbers = number_keys(rows);
    let mut candidates = vec![Candidate::new(example)];
    for index in 0..rows.len() {
        let mut steps: Vec<(Rank, usize, usize)> = Vec::new();
        let mut uses = KeyUses::new(rows[index].key);
        for (number, candidate) in candidates.iter().enumerate() {
            let depths = (0..candidate.open.len()).rev();
            steps.extend(depths.map(|depth| {
                (
                    candidate.rank(index, depth, (rows[index], numbers[index]), &shapes, &mut uses),
                    number,
                    depth,
                )
            }));
        }
        steps.sort_by_key(|(rank, ..)| *rank);
        steps.truncate(BEAM_WIDTH);
        let step = |(rank, number, depth): (Rank, usize, usize)| {
            let (row, shape) = (rows[index], shapes[index]);
            candidates[number].with(index, depth, (row, numbers[index]), shape, rank)
        };
        candidates = steps.into_iter().map(step).collect();
    }
    for candidate in &mut candidates {
        candidate.rank.cost += candidate.empty_object_cost(0, &shapes);
    }
    let best = candidates.into_iter().min_by_key(|candidate| candidate.rank);
    let parents = best.map(|best| best.parents()).unwrap_or_default();
    let levels = levels_of(&parents);
    let ambiguous = AmbiguityCheck::new(rows, &shapes, &parents, example).ambiguous();
    Nesting {
        levels,
        parents,
        ambiguous,
    }
}

/// Returns a number for each row; rows with the same key have the same number.
fn number_keys(rows: &[Entry<'_>]) -> Vec<usize> {
    let mut numbers = HashMap::new();
    let number = |row: &Entry<'_>| {
        let next = numbers.len();
        *numbers.entry(row.key.to_owned()).or_insert(next)
    };
    rows.iter().map(number).collect()
}

/// Whether a type can or must have fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TypeShape {
    pub can_have_fields: bool,
    pub must_have_fields: bool,
    pub is_list: bool,
}

impl TypeShape {
    fn parse(ty: &str) -> Self {
        let read = parse_type(ty, Vec::new());
        let is_list = matches!(&read, Ok(Type::List(_)) | Err(Type::List(_)));
        let can_have_fields = match &read {
            Ok(ty) | Err(ty) => !ty.innermost().is_scalar() && *ty.innermost() != Type::File,
        };
        let must_have_fields = read.is_err() && !ty.is_empty() && can_have_fields;
        Self {
            can_have_fields,
            must_have_fields,
            is_list,
        }
    }
}

/// An object to which the next row can be assigned.
#[derive(Clone)]
struct Open<'v> {
    row: Option<usize>,
    keys: KeySet,
    objects: Rc<Objects<'v>>,
}

/// The order of candidates; the smallest is the best.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    cost: u32,
    /// The sum of the levels; deeper is better.
    depth: Reverse<usize>,
}

/// An assignment of parents to the first rows.
#[derive(Clone)]
struct Candidate<'v> {
    open: Vec<Open<'v>>,
    rank: Rank,
    last_step: Option<Rc<Step>>,
}

/// The parent of one row, linked to the step of the row above.
struct Step {
    parent: Option<usize>,
    previous: Option<Rc<Step>>,
}

impl Drop for Step {
    /// Drops the list iteratively: recursion could overflow the stack for a table with many rows.
    fn drop(&mut self) {
        let mut previous = self.previous.take();
        while let Some(mut step) = previous.and_then(Rc::into_inner) {
            previous = step.previous.take();
        }
    }
}

impl<'v> Candidate<'v> {
    fn new(example: Option<&'v Value>) -> Self {
        let mut objects = Vec::new();
        example
            .into_iter()
            .for_each(|value| collect_objects(value, &mut objects));
        let root = Open {
            row: None,
            keys: KeySet::default(),
            objects: Rc::new(objects),
        };
        Self {
            open: vec![root],
            rank: Rank::default(),
            last_step: None,
        }
    }

    /// Returns the rank of the candidate with the next row assigned to the object at `depth`.
    fn rank(
        &self,
        index: usize,
        depth: usize,
        (row, number): (Entry<'_>, usize),
        shapes: &[TypeShape],
        uses: &mut KeyUses<'_>,
    ) -> Rank {
        let place = &self.open[depth];
        let parent_shape = place.row.map(|row| shapes[row]);
        let duplicate = if place.keys.contains(number) {
            cost::DUPLICATE_KEY
        } else {
            0
        };
        let placement = placement_cost(row, shapes[index], uses.find(&place.objects), parent_shape);
        Rank {
            cost: self.rank.cost + self.empty_object_cost(depth + 1, shapes) + placement + duplicate,
            depth: Reverse(self.rank.depth.0 + depth),
        }
    }

    /// Returns the candidate with the next row assigned to the object at `depth`.
    fn with(
        &self,
        index: usize,
        depth: usize,
        (row, number): (Entry<'_>, usize),
        shape: TypeShape,
        rank: Rank,
    ) -> Self {
        let mut next = Self {
            open: self.open[..=depth].to_vec(),
            rank,
            last_step: Some(Rc::new(Step {
                parent: self.open[depth].row,
                previous: self.last_step.clone(),
            })),
        };
        let place = &mut next.open[depth];
        place.keys.insert(number);
        let objects = objects_under(&place.objects, row.key);
        if (shape.can_have_fields || !objects.is_empty()) && next.open.len() <= MAX_DEPTH {
            next.open.push(Open {
                row: Some(index),
                keys: KeySet::default(),
                objects: Rc::new(objects),
            });
        }
        next
    }

    /// Returns the cost of closing the objects from `depth` on without further fields.
    fn empty_object_cost(&self, depth: usize, shapes: &[TypeShape]) -> u32 {
        let empty = |open: &&Open<'_>| open.keys.is_empty() && open.row.is_some_and(|row| shapes[row].must_have_fields);
        let count = self.open[depth.min(self.open.len())..].iter().filter(empty).count();
        u32::try_from(count).unwrap_or(u32::MAX) * cost::EMPTY_OBJECT
    }

    /// Returns the parent of each row.
    fn parents(&self) -> Vec<Option<usize>> {
        let mut parents = Vec::new();
        let mut step = self.last_step.as_ref();
        while let Some(current) = step {
            parents.push(current.parent);
            step = current.previous.as_ref();
        }
        parents.reverse();
        parents
    }
}

/// Returns the cost of assigning a row to a parent that corresponds to objects of the example.
fn placement_cost(row: Entry<'_>, shape: TypeShape, key_use: KeyUse, parent_shape: Option<TypeShape>) -> u32 {
    let is_pagination = matches!(row.key, "has_more" | "page_token" | "next_page_token");
    let pagination = if is_pagination && parent_shape.is_some_and(|parent_shape| parent_shape.is_list) {
        cost::PAGINATION_IN_ITEM
    } else {
        0
    };
    let untyped = parent_shape.is_some_and(|parent_shape| !parent_shape.must_have_fields);
    let place = match key_use {
        KeyUse::NoObject if untyped => cost::UNKNOWN_OBJECT + cost::UNTYPED_OBJECT,
        KeyUse::NoObject => cost::UNKNOWN_OBJECT,
        KeyUse::Missing => cost::MISSING_KEY,
        KeyUse::Object if !shape.can_have_fields => cost::KIND_MISMATCH,
        KeyUse::Object | KeyUse::Value => 0,
    };
    place + pagination
}

fn levels_of(parents: &[Option<usize>]) -> Vec<usize> {
    let mut levels: Vec<usize> = Vec::new();
    for parent in parents {
        let level = parent.map_or(0, |parent| levels[parent] + 1);
        levels.push(level);
    }
    levels
}

/// Finds ambiguous rows after the assignment of all rows.
struct AmbiguityCheck<'t, 'v> {
    rows: &'t [Entry<'t>],
    shapes: &'t [TypeShape],
    parents: &'t [Option<usize>],
    /// The keys of the fields of each row; those of the top level are last.
    keys: Vec<HashSet<&'t str>>,
    objects: Vec<Objects<'v>>,
}

impl<'t, 'v> AmbiguityCheck<'t, 'v> {
    fn new(
        rows: &'t [Entry<'t>],
        shapes: &'t [TypeShape],
        parents: &'t [Option<usize>],
        example: Option<&'v Value>,
    ) -> Self {
        let top_level = rows.len();
        let mut keys = vec![HashSet::new(); rows.len() + 1];
        let mut objects: Vec<Objects<'v>> = vec![Vec::new(); rows.len() + 1];
        example
            .into_iter()
            .for_each(|value| collect_objects(value, &mut objects[top_level]));
        for (index, row) in rows.iter().enumerate() {
            let parent = parents[index].unwrap_or(top_level);
            keys[parent].insert(row.key);
            objects[index] = objects_under(&objects[parent], row.key);
        }
        Self {
            rows,
            shapes,
            parents,
            keys,
            objects,
        }
    }

    /// Returns the ambiguous rows, each with the alternative parent.
    fn ambiguous(&self) -> Vec<(usize, Option<usize>)> {
        (1..self.rows.len())
            .filter_map(|index| Some((index, self.alternative_parent(index)?)))
            .collect()
    }

    /// Returns another parent with at most the same cost.
    fn alternative_parent(&self, index: usize) -> Option<Option<usize>> {
        let here = self.parents[index];
        // The first field of an object that must have fields has no alternative.
        let is_first = here.is_some_and(|parent| parent + 1 == index && self.shapes[parent].must_have_fields);
        if is_first {
            return None;
        }
        let current = self.cost_at(index, here);
        let mut above = Some(index - 1);
        let mut open = Vec::new();
        while let Some(row) = above {
            open.push(Some(row));
            above = self.parents[row];
        }
        open.push(None);
        let is_alternative = |place: &Option<usize>| {
            let can_hold = place.is_none_or(|row| self.shapes[row].can_have_fields);
            let free = !self.keys[place.unwrap_or(self.rows.len())].contains(self.rows[index].key);
            *place != here && can_hold && free && self.cost_at(index, *place) <= current
        };
        open.into_iter().find(is_alternative)
    }

    fn cost_at(&self, index: usize, place: Option<usize>) -> u32 {
        let parent_shape = place.map(|row| self.shapes[row]);
        let objects = &self.objects[place.unwrap_or(self.rows.len())];
        let key_use = KeyUse::find(objects, self.rows[index].key);
        placement_cost(self.rows[index], self.shapes[index], key_use, parent_shape)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Entry, Nesting, reconstruct};

    /// Reconstructs rows written as `key type`.
    fn read(rows: &[&str], example: Option<&Value>) -> Nesting {
        let entry = |row: &&'_ str| row.split_once(' ').map(|(key, ty)| (key.to_owned(), ty.to_owned()));
        let rows: Vec<(String, String)> = rows.iter().filter_map(entry).collect();
        let rows: Vec<Entry<'_>> = rows.iter().map(|(key, ty)| Entry { key, ty }).collect();
        reconstruct(&rows, example)
    }

    const CAGES: &[&str] = &[
        "code int",
        "data -",
        "cages cage[]",
        "id string",
        "keeper person",
        "id string",
        "name string",
        "name string",
        "has_more boolean",
    ];

    #[test]
    fn the_example_determines_the_parent() {
        let example = json!({"code": 0, "data": {
            "cages": [{"id": "1", "keeper": {"id": "2", "name": "x"}, "name": "y"}], "has_more": false}});
        let nesting = read(CAGES, Some(&example));
        assert_eq!(nesting.levels, [0, 0, 1, 2, 2, 3, 3, 2, 1]);
        assert_eq!(nesting.ambiguous, []);
    }

    #[test]
    fn a_duplicate_key_belongs_to_the_outer_object() {
        // The table has two names, and the keeper of the example has no name.
        let example = json!({"code": 0, "data": {
            "cages": [{"id": "1", "keeper": {"id": "2"}, "name": "y"}], "has_more": false}});
        assert_eq!(read(CAGES, Some(&example)).levels, [0, 0, 1, 2, 2, 3, 3, 2, 1]);
    }

    #[test]
    fn a_row_is_ambiguous_without_an_example() {
        let nesting = read(&["data -", "cage cage", "id string", "total int"], None);
        assert_eq!(nesting.levels, [0, 1, 2, 2]);
        assert_eq!(nesting.ambiguous, [(3, Some(0))]);
    }

    #[test]
    fn a_named_type_has_fields_and_a_scalar_none() {
        let nesting = read(&["cage cage", "id string", "note object"], None);
        assert_eq!(nesting.levels, [0, 1, 1]);
        assert_eq!(nesting.ambiguous, [(2, None)]);
    }

    #[test]
    fn an_untyped_object_has_no_fields() {
        let nesting = read(&["note object", "cages list", "total int"], None);
        assert_eq!((nesting.levels, nesting.ambiguous), (vec![0, 0, 0], vec![]));
    }

    #[test]
    fn a_key_outside_of_the_object_closes_it() {
        let example = json!({"cage": null, "total": 1});
        let nesting = read(&["cage cage", "id string", "total int"], Some(&example));
        assert_eq!((nesting.levels, nesting.ambiguous), (vec![0, 1, 0], vec![]));
    }

    #[test]
    fn reads_a_table_of_many_rows() {
        let rows: Vec<String> = (0..500).map(|number| format!("key{number} thing")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        assert_eq!(read(&rows, None).levels.len(), 500);
    }
}
