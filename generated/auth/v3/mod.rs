//! Version.
pub mod tenant_access_token;
