//! The kept body of a reply, compressed: what a mended mapping is applied to at once, and what a person may accept later. Only the
//! body and what its reading needs; the address, which may hold secrets, only as a hash.

use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};
use jiff::Timestamp;
use std::cell::RefCell;
use std::fmt;
use std::io::{self, Read};
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
    /// What the store holds. As it was written, since making a slice of it would copy it while the body is still there.
    pub bytes: Arc<Vec<u8>>,
}

impl Packed {
    /// Compresses bytes; `None` where they stay larger than [`MOST`].
    pub fn pack(bytes: &[u8]) -> Option<Self> {
        let packed = PACKER.with_borrow_mut(|packer| packer.pack(bytes))?;
        Some(Self { size: bytes.len() as u64, bytes: Arc::new(packed) })
    }

    /// The bytes; an error where they are damaged or more than `cap`.
    pub fn unpack(&self, cap: u64) -> io::Result<Vec<u8>> {
        let expected = usize::try_from(self.size.min(cap)).unwrap_or(0);
        let mut bytes = Vec::with_capacity(expected);
        DeflateDecoder::new(self.bytes.as_slice()).take(cap.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != self.size || self.size > cap {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not the body that was kept"));
        }
        Ok(bytes)
    }
}

thread_local! {
    /// One for each thread that packs: its tables are a quarter of a megabyte, and made anew for each of a thousand replies they would
    /// leave as many holes in memory, with texts between them that stay.
    static PACKER: RefCell<Packer> = RefCell::new(Packer::new());
}

struct Packer {
    compress: Compress,
    room: Box<[u8]>,
}

impl Packer {
    fn new() -> Self {
        // Tables shrink to a tenth at any level; the quickest ones cost a third of the time.
        Self { compress: Compress::new(Compression::new(2), false), room: vec![0; 16 << 10].into() }
    }

    fn pack(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.compress.reset();
        let mut packed = Vec::new();
        let (mut read, mut wrote) = (0, 0);
        loop {
            let status = self.compress.compress(&bytes[read..], &mut self.room, FlushCompress::Finish).ok()?;
            let chunk = &self.room[..usize::try_from(self.compress.total_out()).ok()? - wrote];
            (read, wrote) = (usize::try_from(self.compress.total_in()).ok()?, wrote + chunk.len());
            if wrote > MOST {
                return None;
            }
            // Exactly what a short one needs; a long one grows by a quarter.
            packed.reserve_exact(chunk.len().max(packed.len() / 4));
            packed.extend_from_slice(chunk);
            if status == Status::StreamEnd {
                return Some(packed);
            }
        }
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
        let cut = Packed { bytes: Arc::new(packed.bytes[..packed.bytes.len() / 2].to_vec()), ..packed };
        assert!(cut.unpack(u64::MAX).is_err());
    }
}
