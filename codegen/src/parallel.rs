//! The files of a spec are independent of each other: as many at a time as there are processors.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Stack for the work: the YAML library takes some 40 KB for each level of nesting where nothing is optimized.
pub(crate) const STACK_BYTES: usize = 16 * 1024 * 1024;

/// The result of `work` for each of `items`, in their order.
///
/// It works on threads of its own, with a stack of [`STACK_BYTES`]; where the system gives none, on the caller's.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(items.len());
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return done };
            done.push((index, work(item)));
        }
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let spawn = |_| {
            thread::Builder::new()
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, worker)
        };
        let handles: Vec<_> = (0..threads).map_while(|thread| spawn(thread).ok()).collect();
        let mut results = if handles.is_empty() { worker() } else { Vec::new() };
        for handle in handles {
            match handle.join() {
                Ok(done) => results.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let numbers: Vec<u32> = (0..1000).collect();
        let doubled: Vec<u32> = numbers.iter().map(|number| number * 2).collect();
        assert_eq!(map(&numbers, |number| number * 2), doubled);
        assert!(map(&[0; 0], |number| *number).is_empty());
    }
}
