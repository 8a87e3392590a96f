// @generated stand-in.
//! Files.

/// Download.
#[derive(Clone)]
#[non_exhaustive]
pub struct Get {
    /// Key.
    pub file_key: String,
}

impl Get {
    /// The facts.
    pub const ENDPOINT: ::larkspur::endpoint::Endpoint = ::larkspur::endpoint::Endpoint::new(
        "im.v1.file.get",
        ::larkspur::endpoint::Method::Get,
        "/open-apis/im/v1/files/:file_key",
    )
    .tokens(&[::larkspur::endpoint::TokenKind::Tenant])
    .headers(&[::larkspur::endpoint::FixedHeader::new(
        "Content-Type",
        "application/json",
    )])
    .response(::larkspur::endpoint::ResponseKind::Binary {
        ranges: false,
        max_bytes: Some(104857600),
    })
    .errors(&[
        ::larkspur::endpoint::DocumentedError::code(
            400,
            234001,
            "Invalid request param.",
            "A parameter is wrong.",
        ),
        ::larkspur::endpoint::DocumentedError::code(
            400,
            234005,
            "Image has been deleted",
            "The file no longer exists.",
        ),
    ]);

    /// A request with what is required.
    pub fn new(file_key: impl Into<String>) -> Self {
        Self {
            file_key: file_key.into(),
        }
    }

    /// Sends the request.
    pub async fn send(
        self,
        client: &::larkspur::Client,
    ) -> ::larkspur::Result<::larkspur::Download> {
        client.fetch(&self).await
    }
}

impl ::larkspur::wire::Fields for Get {
    fn each<'a>(
        &'a self,
        visit: &mut dyn FnMut(&'static ::larkspur::wire::Field, &'a dyn ::larkspur::wire::Encode),
    ) {
        static FIELDS: [::larkspur::wire::Field; 1] = [::larkspur::wire::Field::path("file_key")];
        visit(&FIELDS[0], &self.file_key);
    }
}

impl ::larkspur::endpoint::Request for Get {
    fn endpoint(&self) -> &'static ::larkspur::endpoint::Endpoint {
        &Self::ENDPOINT
    }
}

::larkspur::wire::object!(Get);

/// Failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GetError {
    /// 234001
    InvalidParam,
    /// 234005
    Deleted,
}

impl ::larkspur::endpoint::Documented for GetError {
    const ENDPOINT: &'static ::larkspur::endpoint::Endpoint = &Get::ENDPOINT;

    fn from_answer(code: Option<i64>, http: u16) -> Option<Self> {
        Some(match (code, http) {
            (Some(234001), _) => Self::InvalidParam,
            (Some(234005), _) => Self::Deleted,
            _ => return None,
        })
    }
}
