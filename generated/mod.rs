// @generated stand-in until the generator's output is there.

pub mod auth;
#[cfg(feature = "drive")]
pub mod drive;
#[cfg(feature = "im")]
pub mod im;
