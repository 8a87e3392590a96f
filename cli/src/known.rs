//! The endpoints that this program knows: those of the spec that it was built with, or of another one.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use larkspur_codegen::Source;
pub(crate) use larkspur_codegen::command::find_endpoint as find;
use larkspur_codegen::model::Api;

use crate::spec;
use crate::stop::Stop;

/// Which endpoints there are to call.
#[derive(Args)]
pub(crate) struct Known {
    /// Directory of a spec with endpoints of your own, instead of the one that this program was built with.
    #[arg(long = "spec", value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: Option<PathBuf>,
}

impl Known {
    /// All of them.
    pub(crate) fn all(&self) -> Result<Api, Stop> {
        match &self.directory {
            Some(directory) => spec::load(&spec::read(directory)?),
            None => embedded(|_| true),
        }
    }

    /// Those among which the endpoint with this id is, if there is one.
    pub(crate) fn around(&self, id: &str) -> Result<Api, Stop> {
        match &self.directory {
            Some(_) => self.all(),
            None => around(id),
        }
    }
}

/// The embedded endpoints among which that with this id is, if there is one: its project. No entry of the spec refers to
/// another one, so it can be loaded alone, in a fraction of the time.
pub(crate) fn around(id: &str) -> Result<Api, Stop> {
    embedded(|project| id.split('.').next() == Some(project))
}

/// The embedded spec of the projects that are wanted.
pub(crate) fn embedded(wanted: impl Fn(&str) -> bool) -> Result<Api, Stop> {
    let whole = larkspur_mock::embedded_spec();
    let mut source = Source::new();
    for (path, bytes) in whole.files() {
        if path.split('/').nth(1).is_some_and(&wanted) {
            source.add(path, bytes);
        }
    }
    spec::load(&source)
}
