//! The document that a command is for.

use clap::Args;
use larkspur::documents::{self, DocumentKind, DocumentRef, ReferenceError};

use crate::stop::Stop;

/// The document that a command is for.
#[derive(Args)]
pub(crate) struct Document {
    /// Link of the document, as the address bar shows it, or its token. Quote a link: `&` and `?` mean something to the shell.
    #[arg(value_name = "URL|TOKEN")]
    document: String,
    /// Kind of the document, where a bare token does not tell it: docx, sheet, bitable, wiki, doc.
    // The id by name, since that of the kind of token is `kind`.
    #[arg(id = "document_kind", long = "type", value_name = "KIND")]
    kind: Option<DocumentKind>,
}

impl Document {
    /// The document that is meant. Nothing has been sent yet.
    pub(crate) fn reference(&self) -> Result<DocumentRef, Stop> {
        DocumentRef::parse(&self.document, self.kind).map_err(|error| match error {
            ReferenceError::UnknownKind { seen } => Stop::unable(format!(
                "{seen} does not tell what kind of document it is of: give --type docx, sheet, bitable, wiki or doc, or the \
                 whole link"
            )),
            other => Stop::unable(other),
        })
    }
}

/// How a command ends over this error: where nothing could be done about the document, it was wrong usage.
pub(crate) fn stop(error: documents::Error) -> Stop {
    match error {
        documents::Error::Call(error) => Stop::failed(error),
        error @ documents::Error::Gone { .. } | error @ documents::Error::NoFile { .. } => Stop::failed(error),
        error @ documents::Error::NoPart { .. } => Stop::unable(format!("{error}; with --part ID")),
        other => Stop::unable(other),
    }
}
