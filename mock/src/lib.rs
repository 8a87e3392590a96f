//! A stand-in for the Feishu / Lark Open Platform that enforces the spec.
//!
//! It serves every endpoint of the spec over HTTP on loopback, and it does so from the spec itself:
//! it knows nothing of the SDK or of generated code. It refuses what the platform would refuse, and
//! answers what the spec says an endpoint answers.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use larkspur_mock::{Failure, Mock};
//!
//! let mock = Mock::start().await?;
//! mock.put_file("boxcn1", "封面.png", "image/png", "the bytes");
//! mock.fail_next("drive.v1.media.download", Failure::status(500))?;
//!
//! let base_url = mock.base_url();       // give these three to the client
//! let app = (mock.app_id(), mock.app_secret());
//!
//! assert_eq!(mock.calls("drive.v1.media.download"), 0);
//! # Ok(())
//! # }
//! ```
//!
//! `docs/mock.md` says what is enforced and how.

mod answer;
mod app;
mod behaviour;
mod builder;
mod call;
mod clock;
mod code;
mod content;
mod control;
mod embed;
mod failure;
mod file;
mod handle;
mod header;
mod limit;
mod link;
mod login;
mod logins;
mod merge;
mod mock;
mod page;
mod pkce;
mod progress;
mod query;
mod range;
mod record;
mod refusal;
mod reply;
mod route;
mod sample;
mod server;
mod state;
mod sync;
mod synthesize;
mod task;
mod ticket;
mod token;
mod uploads;
mod validate;

pub use builder::{Builder, StartError};
pub use content::{ContentError, sample_documents};
pub use embed::embedded_spec;
pub use failure::Failure;
pub use file::File;
pub use login::Login;
pub use mock::{Mock, UnknownEndpoint};
pub use record::Recorded;
pub use reply::Reply;
pub use sample::sample;
pub use task::{Task, TaskError};
