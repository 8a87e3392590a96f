//! Which bytes of a file are there.

/// Which bytes of a file are there: spans that neither overlap nor touch, in their order. The second number of each is the
/// position behind its last byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ByteSpans(Vec<(u64, u64)>);

impl ByteSpans {
    /// So many bytes from the start of the file.
    pub(crate) fn beginning(count: u64) -> Self {
        let mut done = Self::default();
        done.add(0, count);
        done
    }

    /// Adds what lies between these positions.
    pub(crate) fn add(&mut self, start: u64, end: u64) {
        if start >= end {
            return;
        }
        let first = self.0.partition_point(|span| span.1 < start);
        let behind = self.0.partition_point(|span| span.0 <= end);
        let touched = self.0.get(first..behind).unwrap_or_default();
        let start = touched.first().map_or(start, |span| span.0.min(start));
        let end = touched.last().map_or(end, |span| span.1.max(end));
        self.0.splice(first..behind, [(start, end)]);
    }

    /// Forgets all but the beginning of the file.
    pub(crate) fn keep_beginning(&mut self) {
        *self = Self::beginning(self.prefix());
    }

    /// How many bytes are there without a gap from the start of the file.
    pub(crate) fn prefix(&self) -> u64 {
        match self.0.first() {
            Some((0, end)) => *end,
            _ => 0,
        }
    }

    /// How many bytes are there.
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|(start, end)| end - start).sum()
    }

    /// The position behind the last byte that is there.
    pub(crate) fn end(&self) -> u64 {
        self.0.last().map_or(0, |span| span.1)
    }

    /// Whether all between these positions is there.
    pub(crate) fn has(&self, start: u64, end: u64) -> bool {
        start >= end || self.0.iter().any(|span| span.0 <= start && end <= span.1)
    }

    /// What a file of this size lacks.
    pub(crate) fn missing(&self, total: u64) -> Vec<(u64, u64)> {
        let mut missing = Vec::new();
        let mut position = 0;
        for (start, end) in &self.0 {
            missing.push((position, (*start).min(total)));
            position = *end;
        }
        missing.push((position, total));
        missing.retain(|(start, end)| start < end);
        missing
    }

    /// The spans.
    pub(crate) fn spans(&self) -> &[(u64, u64)] {
        &self.0
    }
}

impl FromIterator<(u64, u64)> for ByteSpans {
    fn from_iter<T: IntoIterator<Item = (u64, u64)>>(spans: T) -> Self {
        let mut done = Self::default();
        spans.into_iter().for_each(|(start, end)| done.add(start, end));
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_touch_or_overlap_become_one() {
        let mut done = ByteSpans::default();
        for (start, end) in [(10, 20), (30, 40), (50, 60), (5, 5)] {
            done.add(start, end);
        }
        assert_eq!(done.spans(), [(10, 20), (30, 40), (50, 60)]);
        done.add(20, 30);
        assert_eq!(done.spans(), [(10, 40), (50, 60)]);
        done.add(35, 55);
        assert_eq!(done.spans(), [(10, 60)]);
        done.add(0, 5);
        assert_eq!(done.spans(), [(0, 5), (10, 60)]);
        done.add(0, 100);
        assert_eq!(done.spans(), [(0, 100)]);
    }

    #[test]
    fn it_agrees_with_a_map_of_single_bytes() {
        for seed in 0..200 {
            let mut random = fastrand::Rng::with_seed(seed);
            let (mut done, mut bytes) = (ByteSpans::default(), [false; 64]);
            for _ in 0..random.usize(1..12) {
                let (start, end) = (random.usize(0..64), random.usize(0..=64));
                done.add(start as u64, end as u64);
                bytes.iter_mut().take(end).skip(start).for_each(|byte| *byte = true);
            }
            let there = bytes.iter().filter(|byte| **byte).count();
            let missing = done.missing(64).iter().map(|(start, end)| end - start).sum::<u64>();
            assert_eq!((done.count(), missing), (there as u64, 64 - there as u64));
            let prefix = bytes.iter().take_while(|byte| **byte).count();
            assert_eq!(done.prefix(), prefix as u64);
            for position in 0..64 {
                assert_eq!(done.has(position, position + 1), bytes[position as usize]);
            }
        }
    }

    #[test]
    fn what_is_missing_ends_where_the_file_does() {
        let done: ByteSpans = [(0, 10), (20, 30)].into_iter().collect();
        assert_eq!(done.missing(25), [(10, 20)]);
        assert_eq!(done.missing(40), [(10, 20), (30, 40)]);
        assert_eq!((done.prefix(), done.count(), done.end()), (10, 20, 30));
    }
}
