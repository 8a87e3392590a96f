//! Transfers: the final name only ever holds all of one version of the file.

mod support;

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use larkspur::drive::v1::media;
use larkspur::error::{Problem, TransferFault};
use larkspur::transfer::Overwrite;
use larkspur::{Client, Error, RetryPolicy, Transfer};
use support::{Platform, Recorded, Reply};

fn file(length: usize) -> Vec<u8> {
    (0..length as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

fn transfer(client: &Client) -> Transfer {
    let patient = RetryPolicy::new().first_wait(Duration::from_millis(1));
    client.with_retries(patient).download(media::Download::new("boxcn1"))
}

/// The file, and nothing that tells its version.
fn typed(bytes: &[u8]) -> Reply {
    Reply::new(200, bytes.to_vec()).header("content-type", "image/png")
}

/// A transfer that does not try again.
fn once(client: &Client) -> Transfer {
    let impatient = client.with_retries(RetryPolicy::none());
    impatient.download(media::Download::new("boxcn1"))
}

fn whole(bytes: &[u8]) -> Reply {
    typed(bytes)
        .header("content-disposition", "attachment; filename=\"封面.png\"".as_bytes())
        .header("content-length", bytes.len().to_string())
        .header("etag", "\"v1\"")
}

/// The rest of the file, as the request asks for it.
fn rest(bytes: &[u8], request: &Recorded) -> Reply {
    let range = request.header("range");
    let first: usize = range["bytes=".len()..range.len() - 1].parse().unwrap();
    Reply::new(206, bytes[first..].to_vec())
        .header("content-type", "image/png")
        .header(
            "content-range",
            format!("bytes {first}-{}/{}", bytes.len() - 1, bytes.len()),
        )
        .header("etag", "\"v1\"")
}

/// Answers with the file: the first `cuts` times only the half of what was asked for.
async fn cutting(bytes: Vec<u8>, cuts: usize) -> Platform {
    let left = Mutex::new(cuts);
    Platform::start(move |request| {
        if request.is_for_a_token() {
            return support::token(7200);
        }
        let mut left = left.lock().unwrap();
        let cut = *left > 0;
        *left = left.saturating_sub(1);
        let reply = match request.header("range").is_empty() {
            true => whole(&bytes),
            false => rest(&bytes, request),
        };
        if cut { reply.cut_in_half() } else { reply }
    })
    .await
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn fault(error: &Error) -> &TransferFault {
    match error.problem() {
        Problem::Transfer(fault) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_gets_its_name_and_leaves_nothing_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(whole(&file(10_000))).await;
    let path = directory.path().join("cover.png");
    let report = transfer(&platform.client()).sha256().to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file(10_000));
    assert_eq!(names_in(directory.path()), ["cover.png"]);
    assert_eq!((report.bytes, report.attempts, report.resumed_from), (10_000, 1, None));
    assert_eq!(report.path.as_deref(), Some(&*path));
    assert_eq!(report.name.as_deref(), Some("封面.png"));
    assert_eq!(report.content_type.as_deref(), Some("image/png"));
    let sha256 = report.sha256.unwrap().to_string();
    assert_eq!(
        sha256,
        "a6d19f40528653c8fa0c558cb84dcf627ba8977c4b24cc8887f46a2589bd0480"
    );
}

#[tokio::test]
async fn in_a_directory_the_name_is_the_servers_and_nothing_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(whole(&file(10))).await;
    for _ in 0..2 {
        transfer(&platform.client()).to_dir(directory.path()).await.unwrap();
    }
    assert_eq!(names_in(directory.path()), ["封面 (1).png", "封面.png"]);
}

#[tokio::test]
async fn a_file_of_that_name_stays_unless_it_may_be_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cover.png");
    fs::write(&path, "mine").unwrap();
    let platform = Platform::replying(whole(&file(10))).await;
    let client = platform.client();
    let error = transfer(&client).to(&path).await.unwrap_err();
    assert!(matches!(fault(&error), TransferFault::Exists { .. }), "{error}");
    assert_eq!(platform.calls().len(), 0);
    assert_eq!(fs::read(&path).unwrap(), b"mine");

    transfer(&client).overwrite(Overwrite::Replace).to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file(10));
    assert_eq!(names_in(directory.path()), ["cover.png"]);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_continued_with_an_overlap() {
    let directory = tempfile::tempdir().unwrap();
    let platform = cutting(file(100_000), 2).await;
    let path = directory.path().join("cover.png");
    let report = transfer(&platform.client()).to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file(100_000));
    assert_eq!(report.attempts, 3);
    let calls = platform.calls();
    assert_eq!(calls[0].header("range"), "");
    assert_eq!(calls[1].header("range"), format!("bytes={}-", 50_000 - 4096));
    assert_eq!(calls[1].header("if-range"), "\"v1\"");
    assert_eq!(calls[1].header("accept-encoding"), "identity");
}

#[tokio::test]
async fn a_later_transfer_goes_on_with_what_a_failed_one_left() {
    let directory = tempfile::tempdir().unwrap();
    let platform = cutting(file(100_000), 1).await;
    let path = directory.path().join("cover.png");
    let client = platform.client();
    once(&client).to(&path).await.unwrap_err();
    assert_eq!(names_in(directory.path()).len(), 2);

    let report = transfer(&client).resume().sha256().to(&path).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), file(100_000));
    assert_eq!(names_in(directory.path()), ["cover.png"]);
    assert_eq!((report.attempts, report.resumed_from), (1, Some(50_000)));
    let sha256 = report.sha256.unwrap().to_string();
    assert_eq!(
        sha256,
        "e24ae9cbcc7500392dfa5d018f63f0bf87232dc30ae5996d8ca6b25c2ae4b665"
    );
}

#[tokio::test]
async fn without_resume_a_transfer_begins_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let platform = cutting(file(100_000), 1).await;
    let path = directory.path().join("cover.png");
    let client = platform.client();
    once(&client).to(&path).await.unwrap_err();
    let report = transfer(&client).to(&path).await.unwrap();
    assert_eq!((report.attempts, report.resumed_from), (1, None));
    assert_eq!(platform.calls()[1].header("range"), "");
}

#[tokio::test]
async fn a_writer_has_each_byte_once() {
    let platform = cutting(file(100_000), 3).await;
    let mut writer = Vec::new();
    let report = transfer(&platform.client()).to_writer(&mut writer).await.unwrap();
    assert_eq!(writer, file(100_000));
    assert_eq!((report.path, report.attempts), (None, 4));
}

#[tokio::test]
async fn progress_is_a_position_that_never_passes_the_total() {
    let platform = cutting(file(100_000), 2).await;
    let seen: Arc<Mutex<Vec<u64>>> = Arc::default();
    let told = Arc::clone(&seen);
    let transfer = transfer(&platform.client()).progress(move |progress| {
        assert_eq!(progress.total, Some(100_000));
        told.lock().unwrap().push(progress.bytes);
    });
    transfer.to_writer(tokio::io::sink()).await.unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.is_sorted() && seen.last() == Some(&100_000), "{seen:?}");
}

/// The rest of the file is never sent.
async fn hanging(bytes: Vec<u8>) -> Platform {
    Platform::start(move |request| match request.is_for_a_token() {
        true => support::token(7200),
        false => whole(&bytes[..bytes.len() / 2]).announcing(bytes.len()).hang(),
    })
    .await
}

#[cfg(unix)]
#[tokio::test]
async fn what_stays_beside_the_target_is_for_its_owner_alone_and_tells_no_secret() {
    let directory = tempfile::tempdir().unwrap();
    let platform = cutting(file(100_000), 1).await;
    let request = media::Download::new("boxcnSecretToken").extra("{\"secret\":\"extra\"}");
    let path = directory.path().join("cover.png");
    let client = platform.client().with_retries(RetryPolicy::none());
    client.download(request).to(&path).await.unwrap_err();
    let names = names_in(directory.path());
    assert!(
        names[0].starts_with(".cover.png.") && names[0].ends_with(".part"),
        "{names:?}"
    );
    assert_eq!(names[1], format!("{}.json", names[0]));
    for name in &names {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(directory.path().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let sidecar = fs::read_to_string(directory.path().join(&names[1])).unwrap();
    for secret in [
        "boxcnSecretToken",
        "extra",
        support::TENANT_TOKEN,
        support::APP_SECRET,
        "http",
    ] {
        assert!(!sidecar.contains(secret), "{sidecar}");
    }
    assert!(sidecar.contains("drive.v1.media.download"), "{sidecar}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_place_of_the_partial_file_is_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    let platform = cutting(file(100_000), 1).await;
    let path = directory.path().join("cover.png");
    let client = platform.client();
    once(&client).to(&path).await.unwrap_err();
    let partial = directory.path().join(&names_in(directory.path())[0]);
    let victim = directory.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    for link in [std::os::unix::fs::symlink, fs::hard_link::<&Path, &Path>] {
        fs::remove_file(&partial).unwrap();
        link(&victim, &partial).unwrap();
        let error = transfer(&client).to(&path).await.unwrap_err();
        assert!(matches!(error.problem(), Problem::Local { .. }), "{error}");
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
    }
}

#[tokio::test]
async fn two_transfers_do_not_write_one_partial_file() {
    let directory = tempfile::tempdir().unwrap();
    let platform = hanging(file(100_000)).await;
    let path = directory.path().join("cover.png");
    let client = platform.client();
    let (told, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let first = transfer(&client)
        .progress(move |_| assert!(told.send(()).is_ok()))
        .to(path.clone());
    let first = tokio::spawn(first);
    begun.recv().await.unwrap();
    let error = transfer(&client).resume().to(&path).await.unwrap_err();
    assert!(matches!(fault(&error), TransferFault::Busy { .. }), "{error}");
    first.abort();
}

#[tokio::test]
async fn a_stall_is_noticed_and_the_rest_is_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = file(100_000);
    let first = Mutex::new(true);
    let platform = Platform::start(move |request| match request.is_for_a_token() {
        true => support::token(7200),
        false if std::mem::take(&mut *first.lock().unwrap()) => whole(&bytes[..60_000]).announcing(100_000).hang(),
        false => rest(&bytes, request),
    })
    .await;
    let path = directory.path().join("cover.png");
    let transfer = transfer(&platform.client()).stall(Duration::from_millis(50));
    assert_eq!(transfer.to(&path).await.unwrap().attempts, 2);
    assert_eq!(fs::read(&path).unwrap(), file(100_000));
    assert_eq!(platform.calls()[1].header("range"), format!("bytes={}-", 60_000 - 4096));
}

/// Takes nothing for a while before each write.
struct Slow(Vec<u8>, Option<std::pin::Pin<Box<tokio::time::Sleep>>>);

impl tokio::io::AsyncWrite for Slow {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        let wait = self
            .1
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::from_millis(300))));
        std::task::ready!(Future::poll(wait.as_mut(), context));
        self.1 = None;
        self.0.extend_from_slice(bytes);
        std::task::Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn poll_shutdown(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_slow_reader_is_no_stall() {
    let platform = cutting(file(10_000), 0).await;
    let mut slow = Slow(Vec::new(), None);
    let transfer = transfer(&platform.client()).stall(Duration::from_millis(100));
    assert_eq!(transfer.to_writer(&mut slow).await.unwrap().attempts, 1);
    assert_eq!(slow.0, file(10_000));
}

#[tokio::test]
async fn a_deadline_ends_the_transfer_and_leaves_what_came() {
    let directory = tempfile::tempdir().unwrap();
    let platform = hanging(file(2_000_000)).await;
    let path = directory.path().join("cover.png");
    let transfer = transfer(&platform.client()).deadline(Duration::from_millis(300));
    let error = transfer.to(&path).await.unwrap_err();
    assert!(error.to_string().contains("300ms"), "{error}");
    let partial = directory.path().join(&names_in(directory.path())[0]);
    // All but what was gathered for the next write.
    assert!(fs::metadata(partial).unwrap().len() > 400_000);
}

#[tokio::test]
async fn a_transfer_that_is_dropped_can_be_gone_on_with() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = file(2_000_000);
    let first = Mutex::new(true);
    let platform = Platform::start(move |request| match request.is_for_a_token() {
        true => support::token(7200),
        false if std::mem::take(&mut *first.lock().unwrap()) => whole(&bytes[..1_500_000]).announcing(2_000_000).hang(),
        false => rest(&bytes, request),
    })
    .await;
    let path = directory.path().join("cover.png");
    let client = platform.client();
    let (told, mut come) = tokio::sync::mpsc::unbounded_channel();
    let dropped = transfer(&client).progress(move |progress| assert!(told.send(progress.bytes).is_ok()));
    let running = tokio::spawn(dropped.to(path.clone()));
    while come.recv().await.unwrap() < 1_500_000 {}
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    // A write that was under way ends by itself, and its lock with it.
    let report = loop {
        match transfer(&client).resume().to(&path).await {
            Err(error) if matches!(error.problem(), Problem::Transfer(TransferFault::Busy { .. })) => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            other => break other.unwrap(),
        }
    };
    assert!(report.resumed_from > Some(500_000), "{report:?}");
    assert_eq!(fs::read(&path).unwrap(), file(2_000_000));
}

#[tokio::test]
async fn a_writer_that_had_the_beginning_of_another_version_gets_no_more() {
    let bytes = file(100_000);
    let count = Mutex::new(0);
    let platform = Platform::start(move |request| {
        if request.is_for_a_token() {
            return support::token(7200);
        }
        let mut count = count.lock().unwrap();
        *count += 1;
        let untagged = |bytes: &[u8]| typed(bytes).length();
        match *count {
            1 => untagged(&bytes).cut_in_half(),
            2 => untagged(&bytes).cut_in_half(),
            _ => untagged(&bytes.iter().map(|byte| !byte).collect::<Vec<_>>()),
        }
    })
    .await;
    let mut writer = Vec::new();
    let error = transfer(&platform.client()).to_writer(&mut writer).await.unwrap_err();
    assert!(
        matches!(fault(&error), TransferFault::Diverged { bytes: 50_000 }),
        "{error}"
    );
    assert_eq!(writer, file(100_000)[..50_000]);
}

#[tokio::test]
async fn a_writer_gets_the_rest_where_the_beginning_comes_again() {
    let bytes = file(100_000);
    let count = Mutex::new(0);
    let platform = Platform::start(move |request| {
        if request.is_for_a_token() {
            return support::token(7200);
        }
        let mut count = count.lock().unwrap();
        *count += 1;
        let reply = typed(&bytes).length();
        if *count < 3 { reply.cut_in_half() } else { reply }
    })
    .await;
    let mut writer = Vec::new();
    let report = transfer(&platform.client())
        .sha256()
        .to_writer(&mut writer)
        .await
        .unwrap();
    assert_eq!(writer, file(100_000));
    assert_eq!((report.attempts, report.bytes), (3, 100_000));
}

#[tokio::test]
async fn what_is_no_whole_file_is_not_sent() {
    let platform = Platform::replying(whole(&file(10))).await;
    let client = platform.client();
    let json = media::BatchGetTmpDownloadUrl::new(["boxcn1"]);
    let error = client.download(json).to_writer(tokio::io::sink()).await.unwrap_err();
    assert!(matches!(fault(&error), TransferFault::NotBinary), "{error}");
    let part = media::Download::new("boxcn1").range(0..10);
    let error = client.download(part).to_writer(tokio::io::sink()).await.unwrap_err();
    assert!(matches!(fault(&error), TransferFault::Ranged), "{error}");
    assert_eq!(platform.calls().len(), 0);
}

#[tokio::test]
async fn a_refusal_of_the_platform_is_not_tried_again_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(Reply::new(403, "")).await;
    let error = transfer(&platform.client()).to_dir(directory.path()).await.unwrap_err();
    assert_eq!(error.documented(), Some(media::DownloadError::NoPermission));
    assert_eq!(platform.calls().len(), 1);
    assert_eq!(names_in(directory.path()), [""; 0]);
}

#[tokio::test]
async fn a_server_that_never_gets_further_is_given_up() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(Reply::new(503, "")).await;
    let error = transfer(&platform.client()).to_dir(directory.path()).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(503), 4));
    assert_eq!(platform.calls().len(), 4);
}

#[tokio::test]
async fn a_file_that_changes_with_every_answer_is_given_up() {
    let count = Mutex::new(0);
    let platform = Platform::start(move |request| {
        if request.is_for_a_token() {
            return support::token(7200);
        }
        let mut count = count.lock().unwrap();
        *count += 1;
        let tag = format!("\"v{count}\"");
        typed(&file(10_000)).length().header("etag", tag).cut_in_half()
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    transfer(&platform.client()).to_dir(directory.path()).await.unwrap_err();
    assert_eq!(platform.calls().len(), 5);
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::replying(whole(b"")).await;
    let path = directory.path().join("empty");
    assert_eq!(transfer(&platform.client()).to(&path).await.unwrap().bytes, 0);
    assert_eq!(fs::read(&path).unwrap(), b"");
}
