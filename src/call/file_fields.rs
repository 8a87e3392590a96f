//! A request whose file is at hand, with what its other fields say of that.

use crate::endpoint::{EndpointInfo, Request};
use crate::error::{ErrorKind, Violation};
use crate::upload_source::{Content, UploadSource, blocking};
use crate::wire::{Encode, FieldInfo, Fields, OfFile, Unknown, View};

/// A request as it is sent: files at paths are open, and fields of which the spec says that they tell of the file tell it,
/// unless the caller has set them.
pub(crate) struct FilledRequest<'r> {
    request: &'r dyn Request,
    /// Values that take the place of those of the request, by the index of their field.
    values: Vec<(usize, Box<dyn Encode>)>,
}

impl<'r> FilledRequest<'r> {
    /// What has to take the place of a request; `None` for one that sends no file.
    pub(crate) async fn of(request: &'r dyn Request) -> Result<Option<Self>, ErrorKind> {
        let mut filled = Self {
            request,
            values: Vec::new(),
        };
        let mut told: Option<UploadSource> = None;
        for (index, upload) in files(request) {
            let upload = upload.opened().await?;
            told.get_or_insert_with(|| upload.clone());
            filled.values.push((index, Box::new(upload)));
        }
        let Some(file) = told else { return Ok(None) };
        for (index, field) in request.fields().iter().enumerate() {
            let Some(fact) = field.of_file else { continue };
            let absent = matches!(request.value(index).map(Encode::view), None | Some(View::Absent));
            if !absent {
                continue;
            }
            match file.fact(fact).await? {
                Some(value) => filled.values.push((index, value)),
                None if field.required => return Err(untold(field)),
                None => {}
            }
        }
        Ok(Some(filled))
    }
}

/// A stream that would have to be read to know what the platform wants to be told first.
fn untold(field: &FieldInfo) -> ErrorKind {
    ErrorKind::Validation(vec![Violation::new(
        field.key,
        "required",
        "is required, and a stream does not tell it before it is sent",
        "set it, or give the file with `UploadSource::path` or `UploadSource::bytes`",
    )])
}

/// The files of a request, each with the index of its field.
fn files(request: &dyn Request) -> Vec<(usize, UploadSource)> {
    let fields = request.fields().iter().enumerate();
    let files = fields.filter_map(|(index, _)| match request.value(index)?.view() {
        View::File(part) => Some((index, UploadSource::from_part(part)?.clone())),
        _ => None,
    });
    files.collect()
}

impl UploadSource {
    /// What a field says of this file. A stream has no checksum before it is sent.
    pub(crate) async fn fact(&self, fact: OfFile) -> Result<Option<Box<dyn Encode>>, ErrorKind> {
        Ok(match fact {
            OfFile::Name => Some(Box::new(self.file_name().to_owned())),
            OfFile::Size => match self.length() {
                // What is longer than that is no file.
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
                let sum = blocking(move || file.adler32()).await?;
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
        let own = self.values.iter().find(|(at, _)| *at == index);
        match own {
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
