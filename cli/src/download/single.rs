//! One file: downloaded like those of a list, with retries and resume, to a path, a directory or standard output.

use std::time::Duration;

use larkspur::dynamic::DynamicRequest;
use larkspur::endpoint::{Method, Request as _};
use larkspur::error::{DownloadError, ErrorKind};
use larkspur::{ByteStream, Client, Error};
use larkspur_codegen::command::output::{self, Stop};

use crate::exit_code::stop_for;
use crate::progress::{FileProgress, Progress};
use crate::signals::run_until_signal;
use crate::target::{OutputFile, OverwriteOption, Target};

/// Maximum number of calls for a byte range.
const MAX_RANGE_CALLS: u32 = 6;

/// Options of the download of one file.
pub(crate) struct FileOptions<'a> {
    /// Where to write the file.
    pub target: &'a Target,
    pub overwrite: OverwriteOption,
    /// Text next to the progress bar.
    pub label: &'a str,
    /// Whether the request has a byte range.
    pub has_range: bool,
    /// Whether to print neither progress nor the path.
    pub quiet: bool,
}

/// Downloads a file and prints its path.
pub(crate) async fn download_file(
    client: &Client,
    request: DynamicRequest,
    options: &FileOptions<'_>,
) -> Result<(), Stop> {
    let is_idempotent = request.endpoint().method == Method::Get || request.endpoint().repeatable;
    let has_engine = is_idempotent && !options.has_range;
    let is_resumable = has_engine && *options.target != Target::Stdout;
    let advice = is_resumable.then_some("run the same command again to resume");
    let progress = Progress::new(options.quiet, 1);
    let bar = progress.start_file(options.label);
    let work = async {
        if has_engine {
            run_download(client, request, options, &bar).await
        } else {
            fetch(client, &request, options, is_idempotent).await
        }
    };
    let result = run_until_signal(work, advice).await;
    bar.finish();
    progress.finish();
    match result? {
        Some(saved) if !options.quiet => output::line(saved).map_err(Stop::from),
        _ => Ok(()),
    }
}

/// Downloads a complete file. Returns the line for standard output, unless that has the file.
async fn run_download(
    client: &Client,
    request: DynamicRequest,
    options: &FileOptions<'_>,
    bar: &FileProgress,
) -> Result<Option<String>, Stop> {
    let bar = bar.clone();
    let download = client.download(request).resume();
    let download = download.progress(move |now| bar.update(now.bytes, now.total));
    let report = match options.target {
        Target::Stdout => {
            let written = download.to_writer(tokio::io::stdout()).await;
            return written.map(|_| None).map_err(|error| stop_for_writer(&error));
        }
        Target::File(path) => download.overwrite(options.overwrite.for_path()).to(path).await,
        Target::Directory(path) => download.overwrite(options.overwrite.for_directory()).to_dir(path).await,
    };
    let report = report.map_err(|error| stop_for(&error))?;
    let path = report.path.unwrap_or_default();
    Ok(Some(format!("{} ({} bytes)", path.display(), report.bytes)))
}

/// Returns how the command ends if standard output cannot be written.
fn stop_for_writer(error: &Error) -> Stop {
    match error.kind() {
        ErrorKind::Download(DownloadError::Writer { source }) => std::io::Error::from(source.kind()).into(),
        _ => stop_for(error),
    }
}

/// Fetches a byte range, or a file that must not be requested twice. A connection that is lost restarts the range.
async fn fetch(
    client: &Client,
    request: &DynamicRequest,
    options: &FileOptions<'_>,
    is_idempotent: bool,
) -> Result<Option<String>, Stop> {
    if let Target::File(path) = options.target {
        options.overwrite.check(path)?;
    }
    let mut calls = 1;
    loop {
        let stream = client.fetch(request).await.map_err(|error| stop_for(&error))?;
        match write_stream(stream, options).await {
            Err(WriteError::Stream(error))
                if is_idempotent
                    && *options.target != Target::Stdout
                    && error.is_retryable()
                    && calls < MAX_RANGE_CALLS =>
            {
                tokio::time::sleep(Duration::from_millis(250) * 2_u32.pow(calls)).await;
                calls += 1;
            }
            Err(WriteError::Stream(error)) => return Err(stop_for(&error)),
            Err(WriteError::Output(stop)) => return Err(stop),
            Ok(saved) => return Ok(saved),
        }
    }
}

/// Writes a response to the target and prints its path.
pub(crate) async fn save_response(stream: ByteStream, options: &FileOptions<'_>) -> Result<(), Stop> {
    match write_stream(stream, options).await {
        Ok(Some(saved)) if !options.quiet => output::line(saved).map_err(Stop::from),
        Ok(_) => Ok(()),
        Err(WriteError::Stream(error)) => Err(stop_for(&error)),
        Err(WriteError::Output(stop)) => Err(stop),
    }
}

/// Why the bytes of a response could not be written.
enum WriteError {
    Stream(Error),
    Output(Stop),
}

async fn write_stream(mut stream: ByteStream, options: &FileOptions<'_>) -> Result<Option<String>, WriteError> {
    let path = match options.target {
        Target::Stdout => {
            while let Some(chunk) = stream.chunk().await.map_err(WriteError::Stream)? {
                output::bytes(&chunk).map_err(|error| WriteError::Output(error.into()))?;
            }
            return Ok(None);
        }
        Target::Directory(directory) if !options.overwrite.overwrite => {
            let saved = stream.save_in(directory).await.map_err(WriteError::Stream)?;
            return Ok(Some(format!("{} ({} bytes)", saved.path.display(), saved.bytes)));
        }
        Target::Directory(directory) => directory.join(stream.save_name()),
        Target::File(path) => path.clone(),
    };
    let mut file = OutputFile::create(&path, options.overwrite).map_err(WriteError::Output)?;
    let mut bytes = 0;
    while let Some(chunk) = stream.chunk().await.map_err(WriteError::Stream)? {
        file.write(&chunk).map_err(WriteError::Output)?;
        bytes += chunk.len();
    }
    let path = file.finish().map_err(WriteError::Output)?;
    Ok(Some(format!("{} ({bytes} bytes)", path.display())))
}
