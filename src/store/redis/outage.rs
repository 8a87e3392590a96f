//! What becomes of rate windows while Redis is away.

/// What becomes of rate windows while Redis is away: it refuses, is too slow, or takes no writes.
///
/// Tokens and logins leave no choice: each process gets a tenant or app token by itself, and a login is not renewed
/// before Redis is back, for its refresh token works only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnOutage {
    /// Each process counts its own calls, as it would without Redis. Together they may then make more calls than the
    /// limit allows; the platform refuses those, and they are tried again.
    #[default]
    Local,
    /// The call fails.
    Fail,
}
