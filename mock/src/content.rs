//! Content of a test's own, from a JSON text: replies and files.

use serde_json::Value;

use crate::control::read_reply;
use crate::file::File;
use crate::reply::Reply;

/// Documents to try a program on: a text on two pages of blocks with tables, images and attachments, a spreadsheet, a base
/// whose media anybody may download, one with advanced permissions, and nodes of a wiki. For
/// [`Builder::content`](crate::Builder::content); docs/mock.md lists their tokens.
pub fn sample_documents() -> &'static str {
    include_str!("../content/documents.json")
}

/// Replies and files.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// Each with the endpoint that is to give it.
    pub(crate) replies: Vec<(String, Reply)>,
    /// Each with its token.
    pub(crate) files: Vec<(String, File)>,
}

/// Why a text is no content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// It is no JSON object with nothing but `replies` and `files`, both lists.
    #[error("content takes a JSON object with lists `replies` and `files`: {0}")]
    Form(String),
    /// A reply cannot be read.
    #[error(
        "replies[{0}] cannot be read: it takes `endpoint`, `when`, `without`, and one of `data`, `code` and `http`, as \
         POST /_mock/reply does"
    )]
    Reply(usize),
    /// A reply is for an endpoint that the spec does not have.
    #[error("replies[{index}]: the spec has no endpoint `{endpoint}`")]
    UnknownEndpoint {
        /// Which reply.
        index: usize,
        /// What it names.
        endpoint: String,
    },
    /// A file cannot be read.
    #[error("files[{0}] cannot be read: it takes texts `token`, `name`, `content_type` and `text`, its content")]
    File(usize),
}

impl Content {
    /// What a text holds.
    pub(crate) fn read(text: &str) -> Result<Self, ContentError> {
        let form = |problem: &str| ContentError::Form(problem.to_owned());
        let content: Value = serde_json::from_str(text).map_err(|error| form(&error.to_string()))?;
        let fields = content.as_object().ok_or_else(|| form("it is no object"))?;
        let known = |key: &String| ["replies", "files"].contains(&key.as_str());
        if let Some(key) = fields.keys().find(|key| !known(key)) {
            return Err(form(&format!("it has {key:?}")));
        }
        let list = |key: &str| match fields.get(key) {
            None => Ok(&[][..]),
            Some(Value::Array(list)) => Ok(list.as_slice()),
            Some(_) => Err(form(&format!("`{key}` is no list"))),
        };
        let replies = list("replies")?.iter().enumerate();
        let files = list("files")?.iter().enumerate();
        Ok(Self {
            replies: replies
                .map(|(index, wish)| read_reply(wish).ok_or(ContentError::Reply(index)))
                .collect::<Result<_, _>>()?,
            files: files
                .map(|(index, wish)| read_file(wish).ok_or(ContentError::File(index)))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Adds what another text holds; of replies that fit a call its own count.
    pub(crate) fn extend(&mut self, other: Self) {
        self.replies.extend(other.replies);
        self.files.extend(other.files);
    }
}

fn read_file(wish: &Value) -> Option<(String, File)> {
    let known = |key: &String| ["token", "name", "content_type", "text"].contains(&key.as_str());
    if !wish.as_object()?.keys().all(known) {
        return None;
    }
    let text = |key: &str| Some(wish.get(key)?.as_str()?.to_owned());
    Some((
        text("token")?,
        File::new(text("name")?, text("content_type")?, text("text")?),
    ))
}
