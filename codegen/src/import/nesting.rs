//! Nesting that a format has lost: which row of a flat table is inside which.
//!
//! Rows come as they are read from top to bottom, so a row is inside one of the objects that are still open above it.
//! What decides is the type (only an object holds rows, and one with a type of its own holds some), that no object
//! has two fields of one name, and the page's example, which shows where a key belongs. Of all readings the one with
//! the fewest contradictions is taken, and of equal ones that which leaves the fewest objects. A row that could stand
//! elsewhere just as well is unsure.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::doubt::Doubt;
use super::types::{self, Type};

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'t> {
    pub key: &'t str,
    /// As the page writes it.
    pub ty: &'t str,
}

/// What was found out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Nesting {
    /// How deep each row is.
    pub levels: Vec<usize>,
    /// The rows that could stand elsewhere, with the row inside which that is; `None` is the outermost level.
    pub unsure: Vec<(usize, Option<usize>)>,
}

/// So many readings are followed at a time.
const WIDTH: usize = 24;

/// Nothing deeper is looked for.
const MAX_DEPTH: usize = 12;

/// What speaks against a place.
mod cost {
    /// The example has the object without this key.
    pub(super) const LACKS: u32 = 4;
    /// The example does not have the object.
    pub(super) const UNKNOWN: u32 = 2;
    /// The example has something else there.
    pub(super) const OTHER_KIND: u32 = 2;
    /// Nothing shows that the object holds anything.
    pub(super) const VAGUE: u32 = 1;
    /// A type of its own that holds nothing.
    pub(super) const EMPTY: u32 = 3;
    /// What tells of pages, in an item of the page.
    pub(super) const PAGING: u32 = 1;
    /// A second field of the name.
    pub(super) const TWICE: u32 = 100;
}

/// Finds out the depth of each row.
pub(super) fn rebuild(rows: &[Entry<'_>], example: Option<&Value>) -> Nesting {
    let shapes: Vec<Shape> = rows.iter().map(|row| Shape::of(row.ty)).collect();
    let mut readings = vec![Reading::new(example)];
    for index in 0..rows.len() {
        let mut steps: Vec<(Rank, usize, usize)> = Vec::new();
        for (number, reading) in readings.iter().enumerate() {
            let depths = (0..reading.open.len()).rev();
            steps.extend(depths.map(|depth| (reading.rank(index, depth, rows, &shapes), number, depth)));
        }
        steps.sort_by_key(|(rank, ..)| *rank);
        steps.truncate(WIDTH);
        let step = |(rank, number, depth): (Rank, usize, usize)| {
            let (row, shape) = (rows[index], shapes[index]);
            readings[number].with(index, depth, row, shape, rank)
        };
        readings = steps.into_iter().map(step).collect();
    }
    for reading in &mut readings {
        reading.rank.cost += reading.empty_below(0, &shapes);
    }
    let best = readings.into_iter().min_by_key(|reading| reading.rank);
    let parents = best.map(|best| best.parents()).unwrap_or_default();
    let levels = levels(&parents);
    let unsure = Doubt::new(rows, &shapes, &parents, example).unsure();
    Nesting { levels, unsure }
}

/// What a type says of the rows below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub may_hold: bool,
    pub has_to_hold: bool,
    pub is_list: bool,
}

impl Shape {
    fn of(ty: &str) -> Self {
        let read = types::read(ty, Vec::new());
        let is_list = matches!(&read, Ok(Type::List(_)) | Err(Type::List(_)));
        let may_hold = match &read {
            Ok(ty) | Err(ty) => !ty.heart().is_scalar() && *ty.heart() != Type::File,
        };
        let has_to_hold = read.is_err() && !ty.is_empty() && may_hold;
        Self {
            may_hold,
            has_to_hold,
            is_list,
        }
    }
}

/// The objects of the example that one row stands for.
pub(super) type Objects<'v> = Vec<&'v Map<String, Value>>;

/// An object that may still get rows.
#[derive(Clone)]
struct Open<'t, 'v> {
    row: Option<usize>,
    keys: Rc<HashSet<&'t str>>,
    objects: Rc<Objects<'v>>,
}

/// What tells the better of two readings: the smaller is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    cost: u32,
    /// The deeper the rows are, the fewer objects were left.
    depth: Reverse<usize>,
}

/// Where each row so far is.
#[derive(Clone)]
struct Reading<'t, 'v> {
    open: Vec<Open<'t, 'v>>,
    rank: Rank,
    trail: Option<Rc<Step>>,
}

/// The place of one row, and those before it.
struct Step {
    parent: Option<usize>,
    before: Option<Rc<Step>>,
}

impl Drop for Step {
    /// One after the other: a page of many rows must not need a deep stack.
    fn drop(&mut self) {
        let mut before = self.before.take();
        while let Some(mut step) = before.and_then(Rc::into_inner) {
            before = step.before.take();
        }
    }
}

impl<'t, 'v> Reading<'t, 'v> {
    fn new(example: Option<&'v Value>) -> Self {
        let mut objects = Vec::new();
        example.into_iter().for_each(|value| collect(value, &mut objects));
        let root = Open {
            row: None,
            keys: Rc::default(),
            objects: Rc::new(objects),
        };
        Self {
            open: vec![root],
            rank: Rank::default(),
            trail: None,
        }
    }

    /// What the reading is with the next row in the object at that depth.
    fn rank(&self, index: usize, depth: usize, rows: &[Entry<'_>], shapes: &[Shape]) -> Rank {
        let place = &self.open[depth];
        let holder = place.row.map(|row| shapes[row]);
        let twice = if place.keys.contains(rows[index].key) {
            cost::TWICE
        } else {
            0
        };
        let against = evidence(rows[index], shapes[index], &place.objects, holder);
        Rank {
            cost: self.rank.cost + self.empty_below(depth + 1, shapes) + against + twice,
            depth: Reverse(self.rank.depth.0 + depth),
        }
    }

    /// That reading.
    fn with(&self, index: usize, depth: usize, row: Entry<'t>, shape: Shape, rank: Rank) -> Self {
        let mut next = Self {
            open: self.open[..=depth].to_vec(),
            rank,
            trail: Some(Rc::new(Step {
                parent: self.open[depth].row,
                before: self.trail.clone(),
            })),
        };
        let place = &mut next.open[depth];
        Rc::make_mut(&mut place.keys).insert(row.key);
        let objects = inside(&place.objects, row.key);
        if (shape.may_hold || !objects.is_empty()) && next.open.len() <= MAX_DEPTH {
            next.open.push(Open {
                row: Some(index),
                keys: Rc::default(),
                objects: Rc::new(objects),
            });
        }
        next
    }

    /// What it costs that objects from that depth on are closed as they are.
    fn empty_below(&self, depth: usize, shapes: &[Shape]) -> u32 {
        let empty = |open: &&Open<'_, '_>| open.keys.is_empty() && open.row.is_some_and(|row| shapes[row].has_to_hold);
        let count = self.open[depth.min(self.open.len())..].iter().filter(empty).count();
        u32::try_from(count).unwrap_or(u32::MAX) * cost::EMPTY
    }

    /// The row inside which each row is.
    fn parents(&self) -> Vec<Option<usize>> {
        let mut parents = Vec::new();
        let mut step = self.trail.as_ref();
        while let Some(one) = step {
            parents.push(one.parent);
            step = one.before.as_ref();
        }
        parents.reverse();
        parents
    }
}

/// What speaks against a row in an object that the example has as these.
pub(super) fn evidence(row: Entry<'_>, shape: Shape, objects: &Objects<'_>, holder: Option<Shape>) -> u32 {
    let pages = matches!(row.key, "has_more" | "page_token" | "next_page_token");
    let paging = if pages && holder.is_some_and(|holder| holder.is_list) {
        cost::PAGING
    } else {
        0
    };
    let vague = holder.is_some_and(|holder| !holder.has_to_hold);
    let mut values = objects.iter().filter_map(|object| object.get(row.key)).peekable();
    let place = match (objects.is_empty(), values.peek().is_none()) {
        (true, _) if vague => cost::UNKNOWN + cost::VAGUE,
        (true, _) => cost::UNKNOWN,
        (false, true) => cost::LACKS,
        (false, false) if !shape.may_hold && values.any(Value::is_object) => cost::OTHER_KIND,
        (false, false) => 0,
    };
    place + paging
}

/// The objects that a key of some leads to.
pub(super) fn inside<'v>(objects: &Objects<'v>, key: &str) -> Objects<'v> {
    let mut found = Vec::new();
    for value in objects.iter().filter_map(|object| object.get(key)) {
        collect(value, &mut found);
    }
    found
}

/// Of very long lists the first items say enough, and of very many objects the first ones.
const MAX_ITEMS: usize = 32;
const MAX_OBJECTS: usize = 256;

pub(super) fn collect<'v>(value: &'v Value, found: &mut Objects<'v>) {
    match value {
        Value::Object(object) if found.len() < MAX_OBJECTS => found.push(object),
        Value::Array(items) => items.iter().take(MAX_ITEMS).for_each(|item| collect(item, found)),
        _ => {}
    }
}

fn levels(parents: &[Option<usize>]) -> Vec<usize> {
    let mut levels: Vec<usize> = Vec::new();
    for parent in parents {
        let level = parent.map_or(0, |parent| levels[parent] + 1);
        levels.push(level);
    }
    levels
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Entry, Nesting, rebuild};

    /// Rows as `key type`, and what the page shows.
    fn read(rows: &[&str], example: Option<&Value>) -> Nesting {
        let entry = |row: &&'_ str| row.split_once(' ').map(|(key, ty)| (key.to_owned(), ty.to_owned()));
        let rows: Vec<(String, String)> = rows.iter().filter_map(entry).collect();
        let rows: Vec<Entry<'_>> = rows.iter().map(|(key, ty)| Entry { key, ty }).collect();
        rebuild(&rows, example)
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
    fn the_example_shows_where_a_key_belongs() {
        let example = json!({"code": 0, "data": {
            "cages": [{"id": "1", "keeper": {"id": "2", "name": "x"}, "name": "y"}], "has_more": false}});
        let nesting = read(CAGES, Some(&example));
        assert_eq!(nesting.levels, [0, 0, 1, 2, 2, 3, 3, 2, 1]);
        assert_eq!(nesting.unsure, []);
    }

    #[test]
    fn a_second_field_of_a_name_is_in_the_object_around() {
        // The keeper of the example has no name, and there are two names.
        let example = json!({"code": 0, "data": {
            "cages": [{"id": "1", "keeper": {"id": "2"}, "name": "y"}], "has_more": false}});
        assert_eq!(read(CAGES, Some(&example)).levels, [0, 0, 1, 2, 2, 3, 3, 2, 1]);
    }

    #[test]
    fn without_an_example_what_could_be_elsewhere_is_unsure() {
        let nesting = read(&["data -", "cage cage", "id string", "total int"], None);
        assert_eq!(nesting.levels, [0, 1, 2, 2]);
        assert_eq!(nesting.unsure, [(3, Some(0))]);
    }

    #[test]
    fn a_scalar_holds_nothing_and_a_type_of_its_own_something() {
        let nesting = read(&["cage cage", "id string", "note object"], None);
        assert_eq!(nesting.levels, [0, 1, 1]);
        assert_eq!(nesting.unsure, [(2, None)]);
    }

    #[test]
    fn an_object_that_nothing_is_shown_of_holds_nothing() {
        let nesting = read(&["note object", "cages list", "total int"], None);
        assert_eq!((nesting.levels, nesting.unsure), (vec![0, 0, 0], vec![]));
    }

    #[test]
    fn a_key_that_the_example_has_outside_goes_there() {
        let example = json!({"cage": null, "total": 1});
        let nesting = read(&["cage cage", "id string", "total int"], Some(&example));
        assert_eq!((nesting.levels, nesting.unsure), (vec![0, 1, 0], vec![]));
    }

    #[test]
    fn a_table_of_many_rows_is_read() {
        let rows: Vec<String> = (0..500).map(|number| format!("key{number} thing")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        assert_eq!(read(&rows, None).levels.len(), 500);
    }
}
