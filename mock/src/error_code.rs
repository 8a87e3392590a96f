//! Error codes that all endpoints share, with their HTTP statuses and messages.

/// Success.
pub(crate) const OK: i64 = 0;
/// The request is invalid as a whole.
pub(crate) const BAD_REQUEST: i64 = 9499;
/// Internal error of the platform.
pub(crate) const INTERNAL: i64 = 2200;
/// Token endpoints: a parameter is missing or invalid.
pub(crate) const APP_PARAMETER: i64 = 10003;
/// Token endpoints: the endpoint does not support this kind of app.
pub(crate) const APP_UNAUTHORIZED: i64 = 10005;
/// Token endpoint of store apps: the ticket is not the current one.
pub(crate) const APP_TICKET: i64 = 10012;
/// Token endpoint of store apps: the tenant token was refused.
pub(crate) const TENANT_TOKEN_REFUSED: i64 = 10013;
/// Token endpoints: invalid app secret.
pub(crate) const APP_SECRET: i64 = 10015;
/// Only store apps have tickets.
pub(crate) const APP_RESEND: i64 = 10016;
/// Rate limited.
pub(crate) const RATE_LIMIT: i64 = 99991400;
/// The request carries no token.
pub(crate) const TOKEN_MISSING: i64 = 99991661;
/// The tenant token is invalid, expired or unsupported by the endpoint.
pub(crate) const TENANT_TOKEN: i64 = 99991663;
/// The app token is invalid, expired or unsupported by the endpoint.
pub(crate) const APP_TOKEN: i64 = 99991664;
/// The user token is invalid or unsupported by the endpoint.
pub(crate) const USER_TOKEN: i64 = 99991668;
/// The token is malformed.
pub(crate) const TOKEN_MALFORMED: i64 = 99991671;
/// The app is missing a scope.
pub(crate) const APP_SCOPE: i64 = 99991672;
/// The user token has expired.
pub(crate) const USER_TOKEN_EXPIRED: i64 = 99991677;
/// The user has not granted a scope.
pub(crate) const USER_SCOPE: i64 = 99991679;
/// A field is missing or invalid.
pub(crate) const FIELD_VALIDATION: i64 = 99992402;

/// Returns HTTP status and message of a shared code.
///
/// The documentation gives status 400 for caller errors without exceptions.
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
        RATE_LIMIT => (429, "request trigger frequency limit"),
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

/// Codes of `authen.v2.oauth.token`, whose HTTP statuses and messages are in the spec.
pub(crate) mod oauth {
    /// A parameter is missing.
    pub(crate) const MISSING_PARAMETER: i64 = 20001;
    /// Invalid app secret.
    pub(crate) const CLIENT_SECRET: i64 = 20002;
    /// Unknown authorization code.
    pub(crate) const CODE_NOT_FOUND: i64 = 20003;
    /// The authorization code has expired.
    pub(crate) const CODE_EXPIRED: i64 = 20004;
    /// The authorization code or refresh token belongs to another app.
    pub(crate) const OTHER_APP: i64 = 20024;
    /// Unknown refresh token.
    pub(crate) const REFRESH_INVALID: i64 = 20026;
    /// The refresh token or the login has expired.
    pub(crate) const REFRESH_EXPIRED: i64 = 20037;
    /// Unknown app.
    pub(crate) const APP_NOT_FOUND: i64 = 20048;
    /// The verifier does not match the challenge.
    pub(crate) const PKCE_FAILED: i64 = 20049;
    /// The refresh token was revoked.
    pub(crate) const REFRESH_REVOKED: i64 = 20064;
    /// The authorization code was already used.
    pub(crate) const CODE_USED: i64 = 20065;
    /// A scope is repeated.
    pub(crate) const DUPLICATE_SCOPE: i64 = 20067;
    /// A scope was not granted.
    pub(crate) const SCOPE_NOT_GRANTED: i64 = 20068;
    /// The redirect URI differs from that of the login.
    pub(crate) const OTHER_REDIRECT_URI: i64 = 20071;
    /// The refresh token was already used.
    pub(crate) const REFRESH_USED: i64 = 20073;

    /// Returns the OAuth error name (RFC 6749) of a code. The documentation shows only `server_error`.
    pub(crate) fn error_name(http: u16, code: i64) -> &'static str {
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
