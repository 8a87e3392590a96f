//! Files that are sent, in one call and in parts.

#[path = "../support/drive.rs"]
mod drive;
#[path = "../support/form.rs"]
mod form;
#[path = "../support/mod.rs"]
mod support;

mod at_once;
mod in_parts;
mod killed;
mod platform;
mod resumed;
mod slow;
mod streams;

use support::{Platform, Recorded, Reply, token};
