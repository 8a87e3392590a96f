// @generated stand-in.
//! Tokens.

/// Get the tenant token of a custom app.
#[derive(Clone)]
#[non_exhaustive]
pub struct Internal {
    /// Id.
    pub app_id: String,
    /// Secret.
    pub app_secret: ::larkspur::secret::SecretString,
}

impl Internal {
    /// The facts.
    pub const ENDPOINT: ::larkspur::endpoint::Endpoint = ::larkspur::endpoint::Endpoint::new(
        "auth.v3.tenant_access_token.internal",
        ::larkspur::endpoint::Method::Post,
        "/open-apis/auth/v3/tenant_access_token/internal",
    )
    .headers(&[::larkspur::endpoint::FixedHeader::new(
        "Content-Type",
        "application/json; charset=utf-8",
    )])
    .body(::larkspur::endpoint::BodyKind::Json)
    .response(::larkspur::endpoint::ResponseKind::Json { flat: true });

    /// A request with what is required.
    pub fn new(
        app_id: impl Into<String>,
        app_secret: impl Into<::larkspur::secret::SecretString>,
    ) -> Self {
        Self {
            app_id: app_id.into(),
            app_secret: app_secret.into(),
        }
    }

    /// Sends the request.
    pub async fn send(self, client: &::larkspur::Client) -> ::larkspur::Result<InternalResponse> {
        let mut response = <InternalResponse as ::larkspur::wire::Decode>::blank();
        client.call(&self, &mut response).await?;
        Ok(response)
    }
}

impl ::larkspur::wire::Fields for Internal {
    fn each<'a>(
        &'a self,
        visit: &mut dyn FnMut(&'static ::larkspur::wire::Field, &'a dyn ::larkspur::wire::Encode),
    ) {
        static FIELDS: [::larkspur::wire::Field; 2] = [
            ::larkspur::wire::Field::body("app_id").required(),
            ::larkspur::wire::Field::body("app_secret").required(),
        ];
        visit(&FIELDS[0], &self.app_id);
        visit(&FIELDS[1], &self.app_secret);
    }
}

impl ::larkspur::endpoint::Request for Internal {
    fn endpoint(&self) -> &'static ::larkspur::endpoint::Endpoint {
        &Self::ENDPOINT
    }
}

::larkspur::wire::object!(Internal);

/// The answer.
#[derive(Clone)]
#[non_exhaustive]
pub struct InternalResponse {
    /// The token.
    pub tenant_access_token: ::larkspur::secret::SecretString,
    /// Seconds.
    pub expire: i64,
    /// Keys that the spec does not know.
    pub unknown: ::larkspur::wire::Unknown,
}

impl ::larkspur::wire::Fields for InternalResponse {
    fn each<'a>(
        &'a self,
        visit: &mut dyn FnMut(&'static ::larkspur::wire::Field, &'a dyn ::larkspur::wire::Encode),
    ) {
        static FIELDS: [::larkspur::wire::Field; 2] = [
            ::larkspur::wire::Field::body("tenant_access_token").required(),
            ::larkspur::wire::Field::body("expire").required(),
        ];
        visit(&FIELDS[0], &self.tenant_access_token);
        visit(&FIELDS[1], &self.expire);
    }

    fn unknown(&self) -> Option<&::larkspur::wire::Unknown> {
        Some(&self.unknown)
    }
}

impl ::larkspur::wire::FieldsMut for InternalResponse {
    #[inline]
    fn field(&mut self, key: &str) -> Option<&mut dyn ::larkspur::wire::Decode> {
        Some(match key {
            "tenant_access_token" => &mut self.tenant_access_token,
            "expire" => &mut self.expire,
            _ => return None,
        })
    }

    fn unknown_mut(&mut self) -> &mut ::larkspur::wire::Unknown {
        &mut self.unknown
    }

    fn required(&self) -> &'static [&'static str] {
        &["tenant_access_token", "expire"]
    }
}

::larkspur::wire::object!(InternalResponse);
::larkspur::wire::object_mut!(InternalResponse {
    tenant_access_token,
    expire
});
