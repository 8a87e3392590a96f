//! The apps that a mock knows.

use std::collections::HashMap;

use larkspur_codegen::model::AppKind;

use crate::code;
use crate::refusal::Refusal;

/// What the mock knows of an app.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) secret: String,
    pub(crate) kind: AppKind,
}

/// Every app, by its id.
pub(crate) struct Apps(HashMap<String, App>);

impl Apps {
    /// These and no others.
    pub(crate) fn new(apps: HashMap<String, App>) -> Self {
        Self(apps)
    }

    /// The app with this id, of whatever kind.
    pub(crate) fn get(&self, id: &str) -> Option<&App> {
        self.0.get(id)
    }

    /// Whether id and secret belong together, and the app is of the kind that an endpoint is for. The code is
    /// what one of another kind is refused with.
    pub(crate) fn check(&self, id: &str, secret: &str, kind: AppKind, otherwise: i64) -> Result<(), Refusal> {
        match self.get(id) {
            None => Err(Refusal::common(code::APP_PARAMETER)),
            Some(app) if app.secret != secret => Err(Refusal::common(code::APP_SECRET)),
            Some(app) if app.kind != kind => Err(Refusal::common(otherwise)),
            Some(_) => Ok(()),
        }
    }
}
