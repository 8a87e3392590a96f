//! The byte spans of a file that are present.

/// The byte spans of a file that are present, in order. Spans neither overlap nor touch; the end of a span is exclusive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ByteSpans(Vec<(u64, u64)>);

impl ByteSpans {
    /// A span of `count` bytes from the beginning of the file.
    pub(crate) fn from_prefix(count: u64) -> Self {
        let mut spans = Self::default();
        spans.add(0, count);
        spans
    }

    /// Adds a span.
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

    /// Removes all spans after the first gap.
    pub(crate) fn truncate_to_prefix(&mut self) {
        *self = Self::from_prefix(self.prefix());
    }

    /// Returns the number of bytes before the first gap.
    pub(crate) fn prefix(&self) -> u64 {
        match self.0.first() {
            Some((0, end)) => *end,
            _ => 0,
        }
    }

    /// Returns the number of bytes.
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|(start, end)| end - start).sum()
    }

    /// Returns the end of the last span.
    pub(crate) fn end(&self) -> u64 {
        self.0.last().map_or(0, |span| span.1)
    }

    /// Returns whether all bytes of the span are present.
    pub(crate) fn contains(&self, start: u64, end: u64) -> bool {
        start >= end || self.0.iter().any(|span| span.0 <= start && end <= span.1)
    }

    /// Returns the spans that are missing from a file of this size.
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

    /// Returns the spans.
    pub(crate) fn as_slice(&self) -> &[(u64, u64)] {
        &self.0
    }
}

impl FromIterator<(u64, u64)> for ByteSpans {
    fn from_iter<T: IntoIterator<Item = (u64, u64)>>(spans: T) -> Self {
        let mut merged = Self::default();
        spans.into_iter().for_each(|(start, end)| merged.add(start, end));
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_adjacent_and_overlapping_spans() {
        let mut spans = ByteSpans::default();
        for (start, end) in [(10, 20), (30, 40), (50, 60), (5, 5)] {
            spans.add(start, end);
        }
        assert_eq!(spans.as_slice(), [(10, 20), (30, 40), (50, 60)]);
        spans.add(20, 30);
        assert_eq!(spans.as_slice(), [(10, 40), (50, 60)]);
        spans.add(35, 55);
        assert_eq!(spans.as_slice(), [(10, 60)]);
        spans.add(0, 5);
        assert_eq!(spans.as_slice(), [(0, 5), (10, 60)]);
        spans.add(0, 100);
        assert_eq!(spans.as_slice(), [(0, 100)]);
    }

    #[test]
    fn agrees_with_a_bitmap() {
        for seed in 0..200 {
            let mut random = fastrand::Rng::with_seed(seed);
            let (mut spans, mut bytes) = (ByteSpans::default(), [false; 64]);
            for _ in 0..random.usize(1..12) {
                let (start, end) = (random.usize(0..64), random.usize(0..=64));
                spans.add(start as u64, end as u64);
                bytes.iter_mut().take(end).skip(start).for_each(|byte| *byte = true);
            }
            let present = bytes.iter().filter(|byte| **byte).count();
            let missing = spans.missing(64).iter().map(|(start, end)| end - start).sum::<u64>();
            assert_eq!((spans.count(), missing), (present as u64, 64 - present as u64));
            let prefix = bytes.iter().take_while(|byte| **byte).count();
            assert_eq!(spans.prefix(), prefix as u64);
            for position in 0..64 {
                assert_eq!(spans.contains(position, position + 1), bytes[position as usize]);
            }
        }
    }

    #[test]
    fn missing_spans_end_with_the_file() {
        let spans: ByteSpans = [(0, 10), (20, 30)].into_iter().collect();
        assert_eq!(spans.missing(25), [(10, 20)]);
        assert_eq!(spans.missing(40), [(10, 20), (30, 40)]);
        assert_eq!((spans.prefix(), spans.count(), spans.end()), (10, 20, 30));
    }
}
