//! Compiles the examples of README and docs.

#[doc = include_str!("../README.md")]
struct Readme;

#[doc = include_str!("../README.zh-CN.md")]
struct ReadmeInChinese;

#[doc = include_str!("../docs/guide/authentication.md")]
struct Authentication;

#[doc = include_str!("../docs/guide/rate-limits.md")]
struct RateLimits;

#[doc = include_str!("../docs/guide/errors.md")]
struct Errors;

#[doc = include_str!("../docs/guide/retries.md")]
struct Retries;

#[doc = include_str!("../docs/guide/pagination.md")]
struct Pagination;

#[doc = include_str!("../docs/guide/polling.md")]
struct Polling;

#[doc = include_str!("../docs/guide/observability.md")]
struct Observability;

#[cfg(feature = "redis")]
#[doc = include_str!("../docs/guide/redis.md")]
struct Redis;

#[doc = include_str!("../docs/guide/downloads.md")]
struct Downloads;

#[cfg(feature = "documents")]
#[doc = include_str!("../docs/guide/documents.md")]
struct Documents;

#[cfg(feature = "drive")]
#[doc = include_str!("../docs/guide/uploads.md")]
struct Uploads;
