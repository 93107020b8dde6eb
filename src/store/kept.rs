//! The kept body of a reply, compressed: what a mended mapping is applied to at once, and what a person may accept later. Only the
//! body and what its reading needs; the address, which may hold secrets, only as a hash.

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use jiff::Timestamp;
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

/// A body that is larger than this when compressed is not kept.
pub const MOST: usize = 8 << 20;

/// The body of one reply.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// Hash of the address that it came from.
    pub address: String,
    /// SHA-256 of the body, in hexadecimal.
    pub reply_hash: String,
    /// When it was fetched.
    pub fetched: Timestamp,
    /// The media type that the server gave.
    pub content_type: Option<String>,
    /// The `Last-Modified` that the server gave.
    pub last_modified: Option<String>,
    /// Its bytes, compressed.
    pub packed: Packed,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reply_hash, fetched, packed, .. } = self;
        write!(f, "Kept({reply_hash} of {fetched}, {} bytes)", packed.size)
    }
}

/// Bytes, compressed.
#[derive(Clone, PartialEq, Eq)]
pub struct Packed {
    /// How many bytes it unpacks to.
    pub size: u64,
    /// What the store holds.
    pub bytes: Arc<[u8]>,
}

impl Packed {
    /// Compresses bytes; `None` where they stay larger than [`MOST`].
    pub fn pack(bytes: &[u8]) -> Option<Self> {
        // Tables shrink to a tenth at any level; the quickest ones cost a third of the time.
        let mut encoder = DeflateEncoder::new(Capped(Vec::new()), Compression::new(3));
        encoder.write_all(bytes).ok()?;
        let packed = encoder.finish().ok()?.0;
        Some(Self { size: bytes.len() as u64, bytes: packed.into() })
    }

    /// The bytes; an error where they are damaged or more than `cap`.
    pub fn unpack(&self, cap: u64) -> io::Result<Vec<u8>> {
        let expected = usize::try_from(self.size.min(cap)).unwrap_or(0);
        let mut bytes = Vec::with_capacity(expected);
        DeflateDecoder::new(&*self.bytes).take(cap.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != self.size || self.size > cap {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not the body that was kept"));
        }
        Ok(bytes)
    }
}

/// Takes up to [`MOST`] bytes and then refuses.
struct Capped(Vec<u8>);

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "larger than what is kept"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_packed_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let packed = Packed::pack(&bytes).unwrap();
            prop_assert_eq!(packed.unpack(2000).unwrap(), bytes);
        }
    }

    #[test]
    fn what_stays_too_large_is_not_kept_and_damage_is_said() {
        // Noise does not compress.
        let mut state = 1_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        })
        .take(MOST + 100_000)
        .collect();
        assert!(Packed::pack(&noise).is_none());
        let packed = Packed::pack(&vec![b'1'; MOST * 2]).unwrap();
        assert!(packed.bytes.len() < MOST / 100);
        assert!(packed.unpack(100).is_err(), "more than the cap");
        let cut = Packed { bytes: packed.bytes[..packed.bytes.len() / 2].into(), ..packed };
        assert!(cut.unpack(u64::MAX).is_err());
    }
}
