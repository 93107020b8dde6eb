//! Bodies that are gzip although nobody said so.

use crate::feeds::DecodeError;
use flate2::read::MultiGzDecoder;
use std::borrow::Cow;
use std::io::Read;

/// The most bytes that a body may unpack to.
const MOST: u64 = 8 * 1024 * 1024;

/// A body as it was meant, and whether it broke off.
#[derive(Debug)]
pub struct Unpacked<'a> {
    /// The body.
    pub bytes: Cow<'a, [u8]>,
    /// Whether the packed body was cut off, so that this is its beginning.
    pub is_cut: bool,
}

/// Unpacks what is packed; all else stays as it is.
pub fn unpacked(bytes: &[u8]) -> Result<Unpacked<'_>, DecodeError> {
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(Unpacked { bytes: Cow::Borrowed(bytes), is_cut: false });
    }
    let mut out = Vec::new();
    let outcome = MultiGzDecoder::new(bytes).take(MOST + 1).read_to_end(&mut out);
    if out.len() as u64 > MOST {
        return Err(DecodeError::not_this("news feed", "it is gzip, and unpacks to more than 8 MiB"));
    }
    match outcome {
        Ok(_) => Ok(Unpacked { bytes: Cow::Owned(out), is_cut: false }),
        Err(error) if out.is_empty() => {
            Err(DecodeError::not_this("news feed", &format!("it begins like gzip, and cannot be unpacked: {error}")))
        }
        // Whatever follows the last whole block is lost, not what stands before.
        Err(_) => Ok(Unpacked { bytes: Cow::Owned(out), is_cut: true }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn packed_bodies_are_unpacked_within_bounds() {
        let body = b"<rss>a feed</rss>";
        assert_eq!(unpacked(&packed(body)).unwrap().bytes.as_ref(), body);
        assert_eq!(unpacked(body).unwrap().bytes.as_ref(), body);
        let noise: Vec<u8> = (0..200_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let whole = packed(&noise);
        let cut = unpacked(&whole[..whole.len() / 2]).unwrap();
        assert!(cut.is_cut && noise.starts_with(&cut.bytes) && cut.bytes.len() > 10_000);
        let bomb = unpacked(&packed(&vec![b' '; 20_000_000])).unwrap_err().to_string();
        assert!(bomb.contains("more than 8 MiB"), "{bomb}");
        assert!(unpacked(b"\x1f\x8bnothing").unwrap_err().to_string().contains("cannot be unpacked"));
    }
}
