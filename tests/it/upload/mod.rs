//! Files that are sent, in one call and in parts.

mod crash;
mod multipart;
mod platform;
mod resume;
mod single;
mod slow;
mod streams;
