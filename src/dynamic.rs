//! Requests for endpoints that are known only at run time, such as one that the user of a program names.
//!
//! For an endpoint that the spec does not have, [`Client::request`](crate::Client::request) needs its method and path only.
//!
//! Use the request type of an endpoint where there is one: it checks more at compile time. Otherwise a dynamic request works
//! like any other: it is validated before sending, and tokens, rate limits and retries follow from its [`EndpointInfo`].
//!
//! ```
//! use larkspur::endpoint::{EndpointInfo, Method, TokenKind};
//! use larkspur::dynamic::{DynamicRequest, Object};
//! use larkspur::wire::{FieldInfo, Rule};
//!
//! static ENDPOINT: EndpointInfo = EndpointInfo::new("crm.v1.contact.list", Method::Get, "/open-apis/crm/v1/accounts/:id/contacts")
//!     .tokens(&[TokenKind::Tenant]);
//! static FIELDS: [FieldInfo; 2] = [FieldInfo::path("id"), FieldInfo::query("page_size").rules(&[Rule::Max(100.0)])];
//!
//! # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
//! let request = DynamicRequest::new(&ENDPOINT, Object::new(&FIELDS))
//!     .with("id", "c-100")?
//!     .with("page_size", 50)?;
//! let response: String = client.call_json(&request).await?;
//! # Ok(())
//! # }
//! ```

mod route;

use std::collections::BTreeMap;

use secrecy::SecretString;

use crate::endpoint::{self, EndpointInfo};
use crate::error::{Error, ErrorKind, Result, Violation};
use crate::wire::{self, Encode, FieldInfo, Fields, View};
use crate::{ByteRange, UploadSource};

pub use route::RouteRequest;

/// A request for an endpoint that is known only at run time.
///
/// Send it with [`Client::call_json`](crate::Client::call_json), or, if the response is a file, with
/// [`Client::fetch`](crate::Client::fetch) or [`Client::download`](crate::Client::download).
#[derive(Debug, Clone)]
pub struct DynamicRequest {
    endpoint: &'static EndpointInfo,
    object: Object,
}

impl DynamicRequest {
    /// Creates a request with these fields; each field has its location.
    ///
    /// Endpoints and fields are `'static`. Leak those that are built at run time with [`Box::leak`], once per endpoint.
    pub fn new(endpoint: &'static EndpointInfo, object: Object) -> Self {
        Self { endpoint, object }
    }

    /// Sets the first field with this key, as [`Object::with`] does.
    ///
    /// # Errors
    ///
    /// Fails if no field has this key.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Result<Self> {
        self.object = self.object.with(key, value)?;
        Ok(self)
    }
}

impl Fields for DynamicRequest {
    fn fields(&self) -> &'static [FieldInfo] {
        self.object.fields()
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        self.object.value(index)
    }
}

impl endpoint::Request for DynamicRequest {
    fn endpoint(&self) -> &'static EndpointInfo {
        self.endpoint
    }
}

/// An object whose fields are known only at run time: that of a [`DynamicRequest`], or one nested in it.
#[derive(Clone)]
pub struct Object {
    fields: &'static [FieldInfo],
    /// One for each field.
    values: Vec<Option<Value>>,
}

impl Object {
    /// Creates an object without values.
    pub fn new(fields: &'static [FieldInfo]) -> Self {
        Self::from_values(fields, [])
    }

    /// Creates an object with values in the order of the fields. Missing values stay unset, surplus values are ignored.
    pub fn from_values(fields: &'static [FieldInfo], values: impl IntoIterator<Item = Option<Value>>) -> Self {
        let rest = std::iter::repeat_with(|| None);
        Self {
            fields,
            values: values.into_iter().chain(rest).take(fields.len()).collect(),
        }
    }

    /// Sets the first field with this key.
    ///
    /// # Errors
    ///
    /// Fails if no field has this key.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Result<Self> {
        let index = self.fields.iter().position(|field| field.key == key);
        match index.and_then(|index| self.values.get_mut(index)) {
            Some(slot) => *slot = Some(value.into()),
            None => return Err(unknown(key, self.fields)),
        }
        Ok(self)
    }
}

crate::object!(Object);

impl Fields for Object {
    fn fields(&self) -> &'static [FieldInfo] {
        self.fields
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        self.values.get(index).map(|value| value as &dyn Encode)
    }
}

fn unknown(key: &str, fields: &[FieldInfo]) -> Error {
    let keys: Vec<_> = fields.iter().map(|field| field.key).collect();
    let problem = format!("is not a field (fields: {})", keys.join(", "));
    let violation = Violation::new(key, "unknown_field", problem, "correct the name, or remove it");
    Error::new(ErrorKind::Validation(vec![violation]))
}

/// A value whose type is known only at run time.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text, including enum values.
    Text(String),
    /// Text that is never printed.
    Secret(SecretString),
    /// A part of a multipart body.
    File(UploadSource),
    /// A range of bytes of a file.
    Range(ByteRange),
    /// An object whose fields are known.
    Object(Object),
    /// A list.
    List(Vec<Value>),
    /// An object whose keys are data.
    Map(BTreeMap<String, Value>),
    /// Any JSON, which is not validated.
    Any(wire::Value),
}

impl Encode for Value {
    fn view(&self) -> View<'_> {
        match self {
            Self::Bool(value) => View::Bool(*value),
            Self::Int(value) => View::Int(*value),
            Self::Float(value) => View::Float(*value),
            Self::Text(value) => View::Str(value),
            Self::Secret(value) => View::Secret(value),
            Self::File(value) => View::File(value),
            Self::Range(value) => View::Range(value),
            Self::Object(value) => View::Object(value),
            Self::List(value) => View::List(value),
            Self::Map(value) => View::Map(value),
            Self::Any(value) => View::Any(value),
        }
    }
}

/// Conversions from types that determine the variant.
macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

from!(
    bool => Bool,
    i32 => Int,
    i64 => Int,
    f64 => Float,
    &str => Text,
    String => Text,
    SecretString => Secret,
    UploadSource => File,
    ByteRange => Range,
    Object => Object,
    wire::Value => Any,
);

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<BTreeMap<String, T>> for Value {
    fn from(values: BTreeMap<String, T>) -> Self {
        Self::Map(values.into_iter().map(|(key, value)| (key, value.into())).collect())
    }
}
