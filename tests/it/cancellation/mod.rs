//! A call may be dropped at any point: it leaves no permit, no lock and no task behind.

mod calls;
mod interceptors;
mod logins;
mod points;
mod rate_limits;
mod store_app;
mod streams;
