//! Fields of a request that follow from its file: its name, its size and its checksum.

use crate::endpoint::{EndpointInfo, Request};
use crate::error::{ErrorKind, Violation};
use crate::upload_source::{Content, UploadSource, run_blocking};
use crate::wire::{Encode, FieldInfo, Fields, OfFile, Unknown, View};

/// A request with its files opened, and with the fields that the spec derives from the file, unless the caller has set them.
pub(crate) struct FilledRequest<'r> {
    request: &'r dyn Request,
    /// Values that override those of the request, by the index of their field.
    values: Vec<(usize, Box<dyn Encode>)>,
}

impl<'r> FilledRequest<'r> {
    /// Opens the files of a request and fills its fields. Returns `None` for a request without a file.
    pub(crate) async fn from_request(request: &'r dyn Request) -> Result<Option<Self>, ErrorKind> {
        let mut filled = Self {
            request,
            values: Vec::new(),
        };
        let mut first: Option<UploadSource> = None;
        for (index, upload) in files(request) {
            let upload = upload.opened().await?;
            first.get_or_insert_with(|| upload.clone());
            filled.values.push((index, Box::new(upload)));
        }
        let Some(file) = first else { return Ok(None) };
        for (index, field) in request.fields().iter().enumerate() {
            let Some(fact) = field.of_file else { continue };
            let absent = matches!(request.value(index).map(Encode::view), None | Some(View::Absent));
            if !absent {
                continue;
            }
            match file.derived_value(fact).await? {
                Some(value) => filled.values.push((index, value)),
                None if field.required => return Err(missing_field(field)),
                None => {}
            }
        }
        Ok(Some(filled))
    }
}

/// The error for a required field that depends on the content of a stream.
fn missing_field(field: &FieldInfo) -> ErrorKind {
    ErrorKind::Validation(vec![Violation::new(
        field.key,
        "required",
        "is required and unknown for a stream",
        "set it, or use `UploadSource::path` or `UploadSource::bytes`",
    )])
}

/// Returns the files of a request with the indices of their fields.
fn files(request: &dyn Request) -> Vec<(usize, UploadSource)> {
    let fields = request.fields().iter().enumerate();
    let files = fields.filter_map(|(index, _)| match request.value(index)?.view() {
        View::File(part) => Some((index, UploadSource::from_part(part)?.clone())),
        _ => None,
    });
    files.collect()
}

impl UploadSource {
    /// Returns the value of a field that follows from this file. A stream has no checksum.
    pub(crate) async fn derived_value(&self, fact: OfFile) -> Result<Option<Box<dyn Encode>>, ErrorKind> {
        Ok(match fact {
            OfFile::Name => Some(Box::new(self.file_name().to_owned())),
            OfFile::Size => match self.length() {
                Some(length) => Some(Box::new(i64::try_from(length).unwrap_or(i64::MAX))),
                None => None,
            },
            OfFile::Adler32 => match self.adler32().await? {
                Some(sum) => Some(Box::new(sum.to_string())),
                None => None,
            },
        })
    }

    async fn adler32(&self) -> Result<Option<u32>, ErrorKind> {
        match &self.content() {
            Content::Bytes(bytes) => Ok(Some(adler2::adler32_slice(bytes))),
            Content::Local(file) => {
                let file = file.clone();
                let sum = run_blocking(move || file.adler32()).await?;
                sum.map(Some).map_err(ErrorKind::Upload)
            }
            Content::Path(_) | Content::Stream(_) => Ok(None),
        }
    }
}

impl Fields for FilledRequest<'_> {
    fn fields(&self) -> &'static [FieldInfo] {
        self.request.fields()
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        let overriding = self.values.iter().find(|(at, _)| *at == index);
        match overriding {
            Some((_, value)) => Some(&**value),
            None => self.request.value(index),
        }
    }

    fn unknown(&self) -> Option<&Unknown> {
        self.request.unknown()
    }
}

impl Request for FilledRequest<'_> {
    fn endpoint(&self) -> &'static EndpointInfo {
        self.request.endpoint()
    }
}
