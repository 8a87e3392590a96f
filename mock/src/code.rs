//! Codes that every endpoint may answer with, with the HTTP status and message that go with them.

/// Everything is well.
pub(crate) const OK: i64 = 0;
/// The request as a whole is wrong, in a way that no field explains.
pub(crate) const BAD_REQUEST: i64 = 9499;
/// A fault of the platform.
pub(crate) const INTERNAL: i64 = 2200;
/// The token endpoint: a parameter is missing or wrong.
pub(crate) const APP_PARAMETER: i64 = 10003;
/// The token endpoints: the app is of a kind that an endpoint is not for.
pub(crate) const APP_UNAUTHORIZED: i64 = 10005;
/// The token endpoint of store apps: the ticket is not the last one.
pub(crate) const APP_TICKET: i64 = 10012;
/// The token endpoint of store apps: there is no token for the tenant.
pub(crate) const TENANT_TOKEN_REFUSED: i64 = 10013;
/// The token endpoint: the secret is not the app's.
pub(crate) const APP_SECRET: i64 = 10015;
/// Only store apps have tickets.
pub(crate) const APP_RESEND: i64 = 10016;
/// Too many calls.
pub(crate) const RATE: i64 = 99991400;
/// No token came.
pub(crate) const TOKEN_MISSING: i64 = 99991661;
/// The tenant token is wrong or expired, or the endpoint takes none.
pub(crate) const TENANT_TOKEN: i64 = 99991663;
/// The app token is wrong or expired, or the endpoint takes none.
pub(crate) const APP_TOKEN: i64 = 99991664;
/// The user token is wrong, or the endpoint takes none.
pub(crate) const USER_TOKEN: i64 = 99991668;
/// What came is no token.
pub(crate) const TOKEN_MALFORMED: i64 = 99991671;
/// The app lacks a scope.
pub(crate) const APP_SCOPE: i64 = 99991672;
/// The user token has expired.
pub(crate) const USER_TOKEN_EXPIRED: i64 = 99991677;
/// The user has not agreed to a scope.
pub(crate) const USER_SCOPE: i64 = 99991679;
/// A field is missing or wrong.
pub(crate) const FIELD_VALIDATION: i64 = 99992402;

/// HTTP status and message of a code, where it is one of these.
///
/// The documentation gives 400 to failures of the caller without saying which have another status.
pub(crate) fn common(code: i64) -> Option<(u16, &'static str)> {
    Some(match code {
        BAD_REQUEST => (400, "bad request"),
        INTERNAL => (500, "internal error"),
        APP_PARAMETER => (400, "invalid parameter"),
        APP_UNAUTHORIZED => (400, "app id unauthorized"),
        APP_TICKET => (400, "get app access token fail"),
        TENANT_TOKEN_REFUSED => (400, "get tenant access token fail"),
        APP_RESEND => (400, "app resend fail"),
        APP_SECRET => (400, "wrong app secret"),
        RATE => (429, "request trigger frequency limit"),
        TOKEN_MISSING => (400, "Need a token"),
        TENANT_TOKEN => (
            400,
            "Invalid access token for authorization. Please make a request with token attached",
        ),
        APP_TOKEN => (400, "invalid app token"),
        USER_TOKEN => (
            400,
            "Invalid access token for authorization. Please make a request with token attached.",
        ),
        TOKEN_MALFORMED => (400, "Invalid token: must start with t-/u-"),
        APP_SCOPE => (400, "Access denied. One of the following scopes is required"),
        USER_TOKEN_EXPIRED => (400, "token expire"),
        USER_SCOPE => (
            400,
            "Unauthorized. You do not have permission to perform the requested operation on the resource.",
        ),
        FIELD_VALIDATION => (400, "field validation failed"),
        _ => return None,
    })
}

/// Codes of `authen.v2.oauth.token`. HTTP status and message stand in the spec.
pub(crate) mod oauth {
    /// A parameter is missing.
    pub(crate) const MISSING_PARAMETER: i64 = 20001;
    /// The secret is not the app's.
    pub(crate) const CLIENT_SECRET: i64 = 20002;
    /// There is no such code.
    pub(crate) const CODE_NOT_FOUND: i64 = 20003;
    /// The code is too old.
    pub(crate) const CODE_EXPIRED: i64 = 20004;
    /// The code or refresh token is another app's.
    pub(crate) const OTHER_APP: i64 = 20024;
    /// There is no such refresh token.
    pub(crate) const REFRESH_INVALID: i64 = 20026;
    /// The refresh token is too old, or the login is.
    pub(crate) const REFRESH_EXPIRED: i64 = 20037;
    /// There is no such app.
    pub(crate) const APP_NOT_FOUND: i64 = 20048;
    /// The verifier is not that of the challenge.
    pub(crate) const PKCE_FAILED: i64 = 20049;
    /// The refresh token was revoked.
    pub(crate) const REFRESH_REVOKED: i64 = 20064;
    /// The code was used before.
    pub(crate) const CODE_USED: i64 = 20065;
    /// A scope is there twice.
    pub(crate) const DUPLICATE_SCOPE: i64 = 20067;
    /// A scope was not granted.
    pub(crate) const SCOPE_NOT_GRANTED: i64 = 20068;
    /// The address is not that of the login.
    pub(crate) const OTHER_REDIRECT_URI: i64 = 20071;
    /// The refresh token was used before.
    pub(crate) const REFRESH_USED: i64 = 20073;

    /// The word of OAuth (RFC 6749) for a failure. The documentation shows one of them, `server_error`.
    pub(crate) fn error(http: u16, code: i64) -> &'static str {
        match code {
            20002 | 20048 => "invalid_client",
            20003 | 20004 | 20024 | 20026 | 20037 | 20049 | 20064 | 20065 | 20071 | 20073 => "invalid_grant",
            20009 | 20010 | 20069 | 20074 => "unauthorized_client",
            20036 => "unsupported_grant_type",
            20067 | 20068 => "invalid_scope",
            20072 => "temporarily_unavailable",
            _ if http >= 500 => "server_error",
            _ => "invalid_request",
        }
    }
}
