//! How far a transfer has come.

/// How far a transfer has come.
///
/// `bytes` is a position in the file: what is asked for again after a fault counts once. It falls back to 0
/// where the file has to come anew from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes of the file are here.
    pub bytes: u64,
    /// How many it has, where the platform tells.
    pub total: Option<u64>,
    /// Which call this is, the first being 1.
    pub attempt: u32,
}

/// Whoever wants to know.
pub(crate) type Listener = Box<dyn FnMut(Progress) + Send>;
