//! The last bytes that a sink has given on.

use crate::download::plan::OVERLAP;

/// The last bytes that a sink has given on, as many as are ever compared.
#[derive(Default)]
pub(crate) struct Tail(Vec<u8>);

impl Tail {
    /// Adds what follows.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let keep = OVERLAP as usize;
        self.0.extend_from_slice(&bytes[bytes.len().saturating_sub(keep)..]);
        self.0.drain(..self.0.len().saturating_sub(keep));
    }

    /// The last of them, so many or fewer.
    pub(crate) fn last(&self, count: u64) -> Vec<u8> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.0[self.0.len().saturating_sub(count)..].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bytes_are_kept_whatever_they_came_in() {
        let all: Vec<u8> = (0..20_000_u32).map(|index| (index % 251) as u8).collect();
        for size in [1, 100, 4095, 4096, 4097, 20_000] {
            let mut tail = Tail::default();
            all.chunks(size).for_each(|chunk| tail.push(chunk));
            assert_eq!(tail.last(OVERLAP), all[all.len() - OVERLAP as usize..], "{size}");
            assert_eq!(tail.last(3), all[all.len() - 3..], "{size}");
        }
    }
}
