//! A request for an endpoint that is known only at run time.

use std::sync::OnceLock;

use larkspur::ByteRange;
use larkspur::endpoint::{Endpoint, Request};
use larkspur::wire::{Encode, Field, Fields};

use crate::stop::Stop;

/// What may come on top of the path.
pub(super) struct Extra {
    pub(super) range: Option<ByteRange>,
    pub(super) query: Vec<(String, String)>,
}

/// A file that is wanted.
pub(super) struct Wanted {
    endpoint: &'static Endpoint,
    path: Vec<String>,
    extra: Extra,
}

impl Wanted {
    /// The file at an endpoint that its path parameters name.
    pub(super) fn new(endpoint: &'static Endpoint, path: Vec<String>, extra: Extra) -> Result<Self, Stop> {
        let names: Vec<_> = parameters(endpoint).collect();
        if names.len() != path.len() {
            let (wanted, given) = (names.len(), path.len());
            let names = names.join(", ");
            return Err(Stop::unable(format!(
                "{} takes {wanted} ({names}), {given} given",
                endpoint.id
            )));
        }
        Ok(Self { endpoint, path, extra })
    }
}

/// Names of the path parameters, in their order.
fn parameters(endpoint: &'static Endpoint) -> impl Iterator<Item = &'static str> {
    endpoint.path.split('/').filter_map(|segment| segment.strip_prefix(':'))
}

/// Fields have to outlive the request. This program makes one request, whose keys are kept here.
static KEYS: OnceLock<Vec<String>> = OnceLock::new();
static FIELDS: OnceLock<Vec<Field>> = OnceLock::new();

impl Fields for Wanted {
    fn fields(&self) -> &'static [Field] {
        let keys = KEYS.get_or_init(|| self.extra.query.iter().map(|(key, _)| key.clone()).collect());
        FIELDS.get_or_init(|| {
            let of_path = parameters(self.endpoint).map(Field::path);
            let of_query = keys.iter().map(|key| Field::query(key));
            of_path.chain(of_query).chain([Field::header("Range")]).collect()
        })
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        let of_path = self.path.iter().map(|value| value as &dyn Encode);
        let of_query = self.extra.query.iter().map(|(_, value)| value as &dyn Encode);
        let range = &self.extra.range as &dyn Encode;
        of_path.chain(of_query).chain([range]).nth(index)
    }
}

impl Request for Wanted {
    fn endpoint(&self) -> &'static Endpoint {
        self.endpoint
    }
}
