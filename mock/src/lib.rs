//! A mock server for the Feishu / Lark Open Platform that enforces the spec.
//!
//! It serves every endpoint of the spec over HTTP on loopback. It reads the spec itself and is independent of the SDK and
//! its generated code. It refuses requests that the platform would refuse, and responds with values of the documented
//! types.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use larkspur_mock::{Failure, Mock};
//!
//! let mock = Mock::start().await?;
//! mock.put_file("boxcn1", "封面.png", "image/png", "the bytes");
//! mock.fail_next("drive.v1.media.download", Failure::status(500))?;
//!
//! let base_url = mock.base_url();       // pass these three to the client
//! let app = (mock.app_id(), mock.app_secret());
//!
//! assert_eq!(mock.calls("drive.v1.media.download"), 0);
//! # Ok(())
//! # }
//! ```
//!
//! `docs/cli/mock-server.md` describes what it enforces.

mod auth_endpoint;
mod builder;
mod call;
mod content;
mod control;
mod error_code;
mod file;
mod login;
mod mock;
mod rate_limit;
mod record;
mod response;
mod server;
mod stub;
mod synthesize;
mod task;
mod token;
mod upload;
mod validate;

pub use builder::{Builder, StartError, embedded_spec};
pub use content::{ContentError, sample_documents};
pub use file::{File, sample};
pub use login::Login;
pub use mock::{Mock, UnknownEndpoint};
pub use record::Recorded;
pub use stub::{Failure, StubResponse};
pub use task::{Task, TaskError};
