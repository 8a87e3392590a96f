//! The spec that was in the repository when this crate was built.

use larkspur_codegen::Source;

/// Path and content of each file, in the order of their paths.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/spec.rs"));

/// The spec that this crate carries.
///
/// The command line uses it too, where it runs outside a repository.
pub fn embedded_spec() -> Source {
    let mut source = Source::new();
    for (path, text) in FILES {
        source.add(*path, *text);
    }
    source
}
