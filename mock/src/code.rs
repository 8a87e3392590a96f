//! Codes that every endpoint may answer with, with the HTTP status and message that go with them.

/// Everything is well.
pub(crate) const OK: i64 = 0;
/// The request as a whole is wrong, in a way that no field explains.
pub(crate) const BAD_REQUEST: i64 = 9499;
/// A fault of the platform.
pub(crate) const INTERNAL: i64 = 2200;
/// The token endpoint: a parameter is missing or wrong.
pub(crate) const APP_PARAMETER: i64 = 10003;
/// The token endpoint: the secret is not the app's.
pub(crate) const APP_SECRET: i64 = 10015;
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
