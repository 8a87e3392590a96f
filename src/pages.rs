//! The examples of the pages in this repository compile.

#[doc = include_str!("../README.md")]
struct Readme;

#[doc = include_str!("../README.zh-CN.md")]
struct ReadmeInChinese;

#[doc = include_str!("../docs/tokens.md")]
struct Tokens;

#[doc = include_str!("../docs/limits.md")]
struct Limits;

#[doc = include_str!("../docs/guide/retries.md")]
struct Retries;

#[doc = include_str!("../docs/paging.md")]
struct Paging;

#[doc = include_str!("../docs/tasks.md")]
struct Tasks;

#[doc = include_str!("../docs/guide/observability.md")]
struct Observability;

#[cfg(feature = "redis")]
#[doc = include_str!("../docs/many-processes.md")]
struct ManyProcesses;

#[doc = include_str!("../docs/guide/downloads.md")]
struct Downloads;

#[cfg(feature = "documents")]
#[doc = include_str!("../docs/guide/documents.md")]
struct Workflows;

#[cfg(feature = "drive")]
#[doc = include_str!("../docs/guide/uploads.md")]
struct Uploads;
