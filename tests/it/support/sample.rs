//! A request and a response with a field of every kind, written as the generator writes them.
#![allow(dead_code)] // Each test file uses a part of it.

use std::collections::BTreeMap;

use larkspur::endpoint::{AppKind, BodyKind, EndpointInfo, Method, Request, TokenKind};
use larkspur::secret::SecretString;
use larkspur::wire::{
    Decode, Encode, FieldInfo, Fields, FieldsMut, Place, Rule, TextEnum, Unknown, Value, View, object, object_mut,
};
use larkspur::{ByteRange, UploadSource};

/// One of some colours.
#[derive(Debug, Clone, PartialEq)]
pub enum Colour {
    Red,
    Unrecognized(String),
}

impl TextEnum for Colour {
    fn set(&mut self, value: &str) {
        *self = match value {
            "red" => Self::Red,
            other => Self::Unrecognized(other.to_owned()),
        };
    }
}

impl Encode for Colour {
    fn view(&self) -> View<'_> {
        View::Str(match self {
            Self::Red => "red",
            Self::Unrecognized(text) => text,
        })
    }
}

impl Decode for Colour {
    fn blank() -> Self {
        Self::Unrecognized(String::new())
    }

    fn place(&mut self) -> Place<'_> {
        Place::Text(self)
    }
}

/// A value of every kind, and itself within.
#[derive(Clone)]
pub struct Sample {
    pub name: String,
    pub size: Option<i64>,
    pub ratio: Option<f64>,
    pub ready: Option<bool>,
    pub key: Option<SecretString>,
    pub colour: Option<Colour>,
    pub tags: Vec<String>,
    pub anything: Option<Value>,
    pub values: Vec<Value>,
    pub counts: BTreeMap<String, i64>,
    pub children: Vec<Sample>,
    pub parent: Option<Box<Sample>>,
    pub unknown: Unknown,
}

impl Fields for Sample {
    fn fields(&self) -> &'static [FieldInfo] {
        static FIELDS: [FieldInfo; 12] = [
            FieldInfo::body("name")
                .required()
                .rules(&[Rule::MinLength(1), Rule::MaxLength(8)]),
            FieldInfo::body("size").rules(&[Rule::Min(0.0), Rule::Max(10.0)]),
            FieldInfo::body("ratio"),
            FieldInfo::body("ready"),
            FieldInfo::body("key"),
            FieldInfo::body("colour"),
            FieldInfo::body("tags"),
            FieldInfo::body("anything"),
            FieldInfo::body("values"),
            FieldInfo::body("counts"),
            FieldInfo::body("children"),
            FieldInfo::body("parent"),
        ];
        &FIELDS
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        Some(match index {
            0 => &self.name,
            1 => &self.size,
            2 => &self.ratio,
            3 => &self.ready,
            4 => &self.key,
            5 => &self.colour,
            6 => &self.tags,
            7 => &self.anything,
            8 => &self.values,
            9 => &self.counts,
            10 => &self.children,
            11 => &self.parent,
            _ => return None,
        })
    }

    fn unknown(&self) -> Option<&Unknown> {
        Some(&self.unknown)
    }
}

impl FieldsMut for Sample {
    fn value_mut(&mut self, index: usize) -> Option<&mut dyn Decode> {
        Some(match index {
            0 => &mut self.name,
            1 => &mut self.size,
            2 => &mut self.ratio,
            3 => &mut self.ready,
            4 => &mut self.key,
            5 => &mut self.colour,
            6 => &mut self.tags,
            7 => &mut self.anything,
            8 => &mut self.values,
            9 => &mut self.counts,
            10 => &mut self.children,
            11 => &mut self.parent,
            _ => return None,
        })
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }
}

object!(Sample);
object_mut!(Sample {
    name,
    size,
    ratio,
    ready,
    key,
    colour,
    tags,
    anything,
    values,
    counts,
    children,
    parent,
});

/// Makes a request with these fields, each at its place.
macro_rules! request {
    ($name:ident, $endpoint:ident, { $($field:ident: $type:ty = $facts:expr),* $(,)? }) => {
        #[allow(missing_docs)]
        #[derive(Clone)]
        pub struct $name {
            $(pub $field: $type,)*
        }

        impl Fields for $name {
            fn fields(&self) -> &'static [FieldInfo] {
                static FIELDS: &[FieldInfo] = &[$($facts),*];
                FIELDS
            }

            fn value(&self, index: usize) -> Option<&dyn Encode> {
                let values: &[&dyn Encode] = &[$(&self.$field),*];
                values.get(index).copied()
            }
        }

        impl Request for $name {
            fn endpoint(&self) -> &'static EndpointInfo {
                &$endpoint
            }
        }

        object!($name);
    };
}

static UPDATE: EndpointInfo = EndpointInfo::new("test.v1.sample.update", Method::Patch, "/open-apis/:id/x")
    .tokens(&[TokenKind::Tenant])
    .body(BodyKind::Json);

request!(Update, UPDATE, {
    id: i64 = FieldInfo::path("id"),
    dry: Option<bool> = FieldInfo::query("dry"),
    trace: Option<String> = FieldInfo::header("X-Trace"),
    sample: Option<Sample> = FieldInfo::body("sample"),
    list: Option<Vec<i64>> = FieldInfo::body("list"),
});

static SEND: EndpointInfo = EndpointInfo::new("test.v1.sample.send", Method::Post, "/open-apis/send")
    .tokens(&[TokenKind::User])
    .body(BodyKind::Multipart);

request!(Send, SEND, {
    kind: String = FieldInfo::body("kind"),
    sizes: Option<Vec<i64>> = FieldInfo::body("sizes"),
    file: UploadSource = FieldInfo::body("file"),
    range: Option<ByteRange> = FieldInfo::header("Range"),
});

static SELL: EndpointInfo = EndpointInfo::new("test.v1.sample.sell", Method::Post, "/open-apis/sell/")
    .tokens(&[TokenKind::Tenant])
    .apps(&[AppKind::Store]);

request!(Sell, SELL, {
    price: Option<i64> = FieldInfo::body("price"),
});
