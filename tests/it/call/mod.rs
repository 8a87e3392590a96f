//! A call and its response.

mod dynamic;
mod equality;
mod failures;
mod fixed_fields;
mod hosts;
mod interceptors;
mod json;
mod lenient_decoding;
mod name_header;
mod pagination;
mod path_parameters;
mod polling;
mod rate_limits;
mod retries;
mod tls;
mod token_refused;
mod undocumented;
mod wire;
