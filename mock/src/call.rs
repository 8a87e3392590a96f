//! A call: a request that has found its endpoint.

use bytes::Bytes;
use hyper::header::HeaderMap;
use larkspur_codegen::model::{Endpoint, Place};

/// A request and the endpoint that it is for.
pub(crate) struct Call<'a> {
    pub(crate) endpoint: &'a Endpoint,
    /// Path parameters, decoded, in their order.
    pub(crate) path: Vec<(String, String)>,
    /// Parameters of the query, decoded, in their order.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
}

impl Call<'_> {
    /// Every text that came for a field outside of the body.
    pub(crate) fn texts(&self, place: Place, key: &str) -> Vec<&str> {
        match place {
            Place::Path => named(&self.path, key),
            Place::Query => named(&self.query, key),
            Place::Header => {
                let values = self.headers.get_all(key).iter();
                values
                    .filter_map(|value| std::str::from_utf8(value.as_bytes()).ok())
                    .collect()
            }
            Place::Body => Vec::new(),
        }
    }

    /// The first text that came for a parameter of the query.
    pub(crate) fn query(&self, key: &str) -> Option<&str> {
        self.texts(Place::Query, key).into_iter().next()
    }

    /// The token of the file that the call is about: the last path parameter, else the first
    /// parameter of the query.
    pub(crate) fn file_token(&self) -> &str {
        let parameter = self.path.last().or_else(|| self.query.first());
        parameter.map_or("", |(_, value)| value)
    }
}

fn named<'a>(pairs: &'a [(String, String)], key: &str) -> Vec<&'a str> {
    pairs
        .iter()
        .filter(|(name, _)| name == key)
        .map(|(_, value)| value.as_str())
        .collect()
}
