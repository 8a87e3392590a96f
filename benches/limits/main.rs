//! What counting a call costs, compared with governor.
//!
//! `cargo bench --bench limits` prints how many calls governor lets into one window as it is meant to be used, and
//! the time that one call costs: counted by the client, and by as many cells of governor as make it exact.

use std::hint::black_box;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group};
use governor::clock::FakeRelativeClock;
use larkspur::endpoint::Window;
use larkspur::store::{Admission, MemoryWindows, WindowKey, WindowStore as _};

mod cells;

use cells::{Cell, Cells, quota};

const KEY: WindowKey<'_> = WindowKey {
    host: "open.feishu.cn",
    app: "cli_slkdjalasdkjasd",
    tenant: "736588c9260f175d",
    endpoint: "drive.v1.media.batch_get_tmp_download_url",
};

/// A window that lets every call of the benchmark through and counts some thousand of them at any time.
fn window(calls: u32) -> Window {
    let mut window = Window::new(calls, 1);
    window.per = Duration::from_micros(200);
    window
}

/// Asks at once: in memory nothing is waited for.
fn take(windows: &MemoryWindows, asked: &[Window]) -> bool {
    let mut taken = windows.acquire(KEY, asked);
    let taken = taken.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    matches!(taken, Poll::Ready(Ok(Admission::Granted)))
}

fn counting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("limits");
    for windows in [vec![window(100_000)], vec![window(100_000), window(50_000)]] {
        let asked = windows.len();
        let memory = MemoryWindows::new();
        group.bench_function(BenchmarkId::new("larkspur", asked), |bencher| {
            bencher.iter(|| assert!(take(&memory, black_box(&windows))));
        });
        let mut cells: Vec<_> = windows.iter().map(|window| Cells::new(*window)).collect();
        group.bench_function(BenchmarkId::new("governor_cells", asked), |bencher| {
            bencher.iter(|| assert!(cells.iter_mut().all(Cells::take)));
        });
    }
    group.finish();
}

/// How many calls governor lets through in one interval of the window's length.
fn let_through(window: Window) -> u32 {
    let clock = FakeRelativeClock::default();
    let mut each = window;
    each.per /= window.calls;
    let limiter = Cell::direct_with_clock(quota(each, window.calls), clock.clone());
    let step = window.per / 1000;
    let mut calls = 0;
    for _ in 0..1000 {
        while limiter.check().is_ok() {
            calls += 1;
        }
        clock.advance(step);
    }
    calls
}

#[allow(clippy::print_stdout)]
fn shape() {
    for (calls, seconds) in [(5, 1), (50, 1), (1000, 60), (10_000, 86_400)] {
        let calls_in = let_through(Window::new(calls, seconds));
        println!(
            "governor, quota {calls} in {seconds} s, burst {calls}: {calls_in} calls in one interval of {seconds} s"
        );
    }
    let cell = size_of::<Cell<governor::clock::MonotonicClock>>();
    println!("governor, 10000 cells: {} KB", cell * 10_000 / 1024);
    let stamp = size_of::<tokio::time::Instant>();
    println!("larkspur, 10000 moments: {} KB", stamp * 10_000 / 1024);
}

criterion_group!(benches, counting);

fn main() {
    shape();
    benches();
    Criterion::default().configure_from_args().final_summary();
}
