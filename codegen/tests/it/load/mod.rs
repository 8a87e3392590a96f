//! From YAML to the model.

mod any_spec;
mod cursed;
mod fixed_fields;
mod hostile;
mod idempotency;
mod large;
mod platform_types;
mod repository;
mod second_source;
mod time_formats;
