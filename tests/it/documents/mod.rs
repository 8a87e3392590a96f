//! Documents, by their links.

mod export;
mod media;
mod references;
