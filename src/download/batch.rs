//! Chunks that are gathered and written with one vectored call.

use std::io::{self, IoSlice, Write};

use bytes::{Bytes, BytesMut};

use crate::transfer::before_disk_write;

/// Chunks below this size are copied into one buffer, since each slice of a vectored write has a cost.
const SMALL_CHUNK: usize = 4096;

/// Chunks that are written together. Large chunks are not copied.
#[derive(Default)]
pub(crate) struct WriteBatch {
    chunks: Vec<Bytes>,
    small: BytesMut,
    bytes: usize,
}

impl WriteBatch {
    /// Adds a chunk.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        self.bytes += chunk.len();
        if chunk.len() < SMALL_CHUNK {
            self.small.extend_from_slice(&chunk);
        } else {
            self.gather();
            self.chunks.push(chunk);
        }
    }

    /// Returns the number of bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the chunks in order.
    pub(crate) fn into_chunks(mut self) -> Vec<Bytes> {
        self.gather();
        self.chunks
    }

    fn gather(&mut self) {
        if !self.small.is_empty() {
            self.chunks.push(self.small.split().freeze());
        }
    }
}

/// Writes all chunks. Adds the number of written bytes to `written`, even if it fails.
pub(crate) fn write_all(to: &mut impl Write, chunks: &[Bytes], written: &mut u64) -> io::Result<()> {
    let mut slices: Vec<_> = chunks.iter().map(|chunk| IoSlice::new(chunk)).collect();
    let mut rest = slices.as_mut_slice();
    IoSlice::advance_slices(&mut rest, 0);
    while !rest.is_empty() {
        match write(to, rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                *written += count as u64;
                IoSlice::advance_slices(&mut rest, count);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn write(to: &mut impl Write, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    let first = slices.first().map_or(0, |slice| slice.len());
    match before_disk_write(first)? {
        torn if torn < first => to.write(&slices[0][..torn]),
        _ => to.write_vectored(slices),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Accepts at most 700 bytes with each write.
    struct Slow(Vec<u8>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(700);
            self.0.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn preserves_the_order_of_chunks() {
        let sizes = [1, 5000, 2, 3, 0, 4096, 4095, 10_000];
        let all: Vec<u8> = (0..sizes.iter().sum::<usize>()).map(|index| index as u8).collect();
        let mut batch = WriteBatch::default();
        let mut start = 0;
        for size in sizes {
            batch.push(Bytes::copy_from_slice(&all[start..start + size]));
            start += size;
        }
        assert_eq!(batch.bytes(), all.len());
        let (mut slow, mut written) = (Slow(Vec::new()), 0);
        write_all(&mut slow, &batch.into_chunks(), &mut written).unwrap();
        assert_eq!((slow.0, written), (all.clone(), all.len() as u64));
    }
}
