//! What a call does where a window is full.

/// What a call does where a window is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RateLimitMode {
    /// It waits for its turn, as long as its deadline allows. Calls of one endpoint and tenant get their turns in
    /// the order in which they came.
    #[default]
    Wait,
    /// It fails at once with [`RateLimitError`](crate::error::RateLimitError), which says how long to wait.
    Fail,
    /// Nothing is counted; the platform refuses what is too much. A pause that the platform asked for is waited for
    /// all the same.
    Off,
}
