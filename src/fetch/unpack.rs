//! Unpacking bodies while they come, against a cap on what they unpack to: a few kilobytes can be a gigabyte. By the client library's
//! own switches neither the cap nor the words would be ours.

use super::zstd::Zstd;
use flate2::{Decompress, FlushDecompress, Status};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use std::io::{self, Write};

/// What we ask servers for.
pub const ACCEPTED: &str = "gzip, br, zstd, deflate";

/// How a body may be packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip.
    Gzip,
    /// deflate, in zlib's frame or bare: servers disagree.
    Deflate,
    /// Brotli.
    Brotli,
    /// Zstandard.
    Zstd,
}

impl Packing {
    /// How the headers say that it is packed. The error is what they say otherwise, in words.
    pub fn said(headers: &HeaderMap) -> Result<Self, String> {
        let values = headers.get_all(CONTENT_ENCODING).iter();
        let text: Vec<&str> = values.map(|value| value.to_str().unwrap_or("?")).collect();
        let text = text.join(",").to_lowercase();
        let words: Vec<&str> =
            text.split(',').map(str::trim).filter(|word| !word.is_empty() && *word != "identity").collect();
        match words.as_slice() {
            [] => Ok(Self::Plain),
            ["gzip" | "x-gzip"] => Ok(Self::Gzip),
            ["deflate"] => Ok(Self::Deflate),
            ["br"] => Ok(Self::Brotli),
            ["zstd"] => Ok(Self::Zstd),
            [one] => Err(format!("its body is packed as \"{}\", which nobody asked for", shortened(one))),
            _ => Err("its body is packed more than once, which nobody asked for".to_owned()),
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Why a body cannot be unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is more than the cap.
    TooLarge,
    /// It is damaged, cut, or not packed at all; in words.
    Damaged(&'static str),
}

/// A body that is being unpacked.
pub struct Unpacker {
    how: How,
    most: u64,
    came: u64,
}

enum How {
    Plain(Sink),
    Gzip(Box<flate2::write::MultiGzDecoder<Sink>>),
    Deflate(Box<Deflate>),
    Brotli(Box<brotli_decompressor::DecompressorWriter<Sink>>),
    Zstd(Box<Zstd>, Sink),
}

impl Unpacker {
    /// Begins; `expected` is how many bytes were announced.
    pub fn new(packing: Packing, cap: u64, expected: u64) -> Self {
        let mut sink = Sink { bytes: Vec::new(), cap, full: false };
        let how = match packing {
            Packing::Plain => {
                sink.bytes.reserve_exact(usize::try_from(expected.min(cap)).unwrap_or(0));
                How::Plain(sink)
            }
            Packing::Gzip => How::Gzip(Box::new(flate2::write::MultiGzDecoder::new(sink))),
            Packing::Deflate => How::Deflate(Box::new(Deflate { inner: None, begun: Vec::new(), ended: false, sink })),
            Packing::Brotli => How::Brotli(Box::new(brotli_decompressor::DecompressorWriter::new(sink, 16 << 10))),
            Packing::Zstd => How::Zstd(Box::new(Zstd::new(cap)), sink),
        };
        Self { how, most: cap.saturating_add(64 << 10), came: 0 }
    }

    /// Takes what came.
    pub fn take(&mut self, chunk: &[u8]) -> Result<(), Fault> {
        // An endless row of empty members would unpack to nothing for ever.
        self.came = self.came.saturating_add(chunk.len() as u64);
        let damaged = Fault::Damaged("its packed body is damaged");
        if self.came > self.most {
            return Err(Fault::TooLarge);
        }
        let (written, full) = match &mut self.how {
            How::Plain(sink) => (sink.write_all(chunk), sink.full),
            How::Gzip(decoder) => (decoder.write_all(chunk), decoder.get_ref().full),
            How::Deflate(deflate) => (deflate.take(chunk), deflate.sink.full),
            How::Brotli(decoder) => (decoder.write_all(chunk), decoder.get_ref().full),
            How::Zstd(decoder, sink) => {
                let taken = decoder.take(chunk, sink);
                return if sink.full { Err(Fault::TooLarge) } else { taken };
            }
        };
        match written {
            Ok(()) => Ok(()),
            Err(_) if full => Err(Fault::TooLarge),
            Err(_) => Err(damaged),
        }
    }

    /// The whole body; an error where it was cut.
    pub fn finish(self) -> Result<Vec<u8>, Fault> {
        let cut = Fault::Damaged("its packed body was cut off on its way");
        match self.how {
            How::Plain(sink) => Ok(sink.bytes),
            // Nothing at all is an empty body, said to be packed.
            _ if self.came == 0 => Ok(Vec::new()),
            How::Gzip(decoder) => decoder.finish().map(|sink| sink.bytes).map_err(|_| cut),
            How::Deflate(deflate) if deflate.ended => Ok(deflate.sink.bytes),
            How::Deflate(_) => Err(cut),
            How::Zstd(decoder, sink) if decoder.is_whole() => Ok(sink.bytes),
            How::Zstd(..) => Err(cut),
            How::Brotli(mut decoder) => match decoder.close() {
                Ok(()) => Ok(std::mem::take(&mut decoder.get_mut().bytes)),
                Err(_) if decoder.get_ref().full => Err(Fault::TooLarge),
                Err(_) => Err(cut),
            },
        }
    }
}

/// deflate with or without zlib's frame, told apart by its first two bytes.
struct Deflate {
    inner: Option<Decompress>,
    begun: Vec<u8>,
    ended: bool,
    sink: Sink,
}

impl Deflate {
    fn take(&mut self, chunk: &[u8]) -> io::Result<()> {
        let mut begun = std::mem::take(&mut self.begun);
        begun.extend_from_slice(chunk);
        if self.inner.is_none() {
            let [first, second, ..] = begun[..] else {
                self.begun = begun;
                return Ok(());
            };
            let framed = first & 0x0f == 8 && (u16::from(first) << 8 | u16::from(second)).is_multiple_of(31);
            self.inner = Some(Decompress::new(framed));
        }
        let Some(inner) = &mut self.inner else { return Ok(()) };
        let mut rest = begun.as_slice();
        let mut room = [0; 16 << 10];
        while !self.ended {
            let (read, wrote) = (inner.total_in(), inner.total_out());
            let status = inner.decompress(rest, &mut room, FlushDecompress::None)?;
            let read = usize::try_from(inner.total_in() - read).unwrap_or(usize::MAX);
            let wrote = usize::try_from(inner.total_out() - wrote).unwrap_or(usize::MAX);
            rest = &rest[read..];
            self.sink.write_all(&room[..wrote])?;
            self.ended = status == Status::StreamEnd;
            if read == 0 && wrote == 0 || rest.is_empty() && wrote < room.len() {
                break;
            }
        }
        Ok(())
    }
}

/// Where unpacked bytes go, up to a cap.
struct Sink {
    bytes: Vec<u8>,
    cap: u64,
    full: bool,
}

impl Write for Sink {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        if self.bytes.len() as u64 + chunk.len() as u64 > self.cap {
            self.full = true;
            return Err(io::Error::other("more than the cap"));
        }
        append(&mut self.bytes, chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Appends a chunk. A body of unknown length grows by a quarter: doubling would hold twice of what a large one needs.
fn append(bytes: &mut Vec<u8>, chunk: &[u8]) {
    if bytes.capacity() - bytes.len() < chunk.len() {
        bytes.reserve_exact(chunk.len().max(bytes.len() / 4));
    }
    bytes.extend_from_slice(chunk);
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    fn packed(packing: Packing, bare: bool, bytes: &[u8]) -> Vec<u8> {
        let level = Compression::new(6);
        match packing {
            Packing::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Packing::Deflate if bare => {
                let mut encoder = DeflateEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Packing::Deflate => {
                let mut encoder = ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Packing::Zstd => ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest),
            Packing::Plain | Packing::Brotli => bytes.to_vec(),
        }
    }

    fn unpacked(packing: Packing, cap: u64, bytes: &[u8], step: usize) -> Result<Vec<u8>, Fault> {
        let mut unpacker = Unpacker::new(packing, cap, 0);
        for chunk in bytes.chunks(step.max(1)) {
            unpacker.take(chunk)?;
        }
        unpacker.finish()
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back_in_any_pieces(bytes in prop::collection::vec(any::<u8>(), 0..40_000), step in 1_usize..5_000) {
            for (packing, bare) in [
                (Packing::Plain, false),
                (Packing::Gzip, false),
                (Packing::Deflate, false),
                (Packing::Deflate, true),
                (Packing::Zstd, false),
            ] {
                let packed = packed(packing, bare, &bytes);
                prop_assert_eq!(unpacked(packing, 40_000, &packed, step), Ok(bytes.clone()));
                if packing != Packing::Plain {
                    let cut = unpacked(packing, 40_000, &packed[..packed.len() - 1], step);
                    prop_assert!(cut.is_err() || bare, "{:?}", packing);
                }
            }
        }

        #[test]
        fn a_damaged_frame_panics_nowhere_and_keeps_to_the_cap(
            bytes in prop::collection::vec(0..9_u8, 1..3_000),
            hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            step in 1_usize..900,
        ) {
            let mut packed = packed(Packing::Zstd, false, &bytes);
            for (at, byte) in hits {
                let at = at.index(packed.len());
                packed[at] = byte;
            }
            prop_assert!(unpacked(Packing::Zstd, 3_000, &packed, step).map_or(0, |bytes| bytes.len()) <= 3_000);
        }

        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..400), step in 1_usize..50) {
            for packing in [Packing::Gzip, Packing::Deflate, Packing::Brotli, Packing::Zstd] {
                let _ = unpacked(packing, 10_000, &bytes, step);
            }
        }
    }

    #[test]
    fn a_bomb_meets_the_cap() {
        let zeros = vec![0; 3 << 20];
        for (packing, bare) in
            [(Packing::Gzip, false), (Packing::Deflate, false), (Packing::Deflate, true), (Packing::Zstd, false)]
        {
            let bomb = packed(packing, bare, &zeros);
            assert!(bomb.len() < 10_000);
            assert_eq!(unpacked(packing, 1 << 20, &bomb, 4096), Err(Fault::TooLarge), "{packing:?}");
        }
        // "watchfloor " 20,000 times, in Brotli.
        let brotli = [
            0x5b, 0x5f, 0x5b, 0x83, 0x5f, 0x02, 0xa0, 0x06, 0x39, 0x2c, 0x03, 0x90, 0xe2, 0x1b, 0xd9, 0xfd, 0x30, 0x35,
            0x00,
        ];
        assert_eq!(unpacked(Packing::Brotli, 220_000, &brotli, 4), Ok("watchfloor ".repeat(20_000).into_bytes()));
        assert_eq!(unpacked(Packing::Brotli, 219_999, &brotli, 4), Err(Fault::TooLarge));
        assert!(matches!(unpacked(Packing::Brotli, 220_000, &brotli[..12], 4), Err(Fault::Damaged(_))));
    }

    /// "watchfloor " 20,000 times, as the reference program packs it: the frame with a window and a sum, the one with its size instead.
    const ZSTD: [&[u8]; 2] = [
        b"\x28\xb5\x2f\xfd\x04\x68\x9c\x00\x00\x58watchfloor \x01\x00\xf2\xff\xce\x8b\x17\x45\x00\
          \x00\x00\x01\x00\x5d\x5b\xce\x0b\x10\xa6\x3b\x21\xc1",
        b"\x28\xb5\x2f\xfd\xa0\x60\x5b\x03\x00\x9c\x00\x00\x58watchfloor \x01\x00\xf2\xff\xce\x8b\
          \x17\x4d\x00\x00\x08\x6f\x01\x00\x5c\x5b\x39\x10\x02",
    ];
    /// A frame that is meant for others.
    const FOR_OTHERS: &[u8] = b"\x5f\x2a\x4d\x18\x05\x00\x00\x00hello";

    #[test]
    fn zstandard_of_others_is_read_frame_after_frame() {
        let plain = "watchfloor ".repeat(20_000).into_bytes();
        for frame in ZSTD {
            for step in [1, 7, 1_000] {
                assert_eq!(unpacked(Packing::Zstd, 220_000, frame, step).as_ref(), Ok(&plain));
                assert_eq!(unpacked(Packing::Zstd, 219_999, frame, step), Err(Fault::TooLarge));
            }
        }
        let row = [FOR_OTHERS, ZSTD[0], FOR_OTHERS, ZSTD[1]].concat();
        assert_eq!(unpacked(Packing::Zstd, 440_000, &row, 5), Ok([plain.clone(), plain].concat()));
        assert_eq!(unpacked(Packing::Zstd, 439_999, &row, 5), Err(Fault::TooLarge));
        assert_eq!(unpacked(Packing::Zstd, 0, FOR_OTHERS, 100), Ok(Vec::new()));
    }

    #[test]
    fn zstandard_that_is_cut_or_damaged_is_said() {
        let error = |bytes: &[u8]| match unpacked(Packing::Zstd, 440_000, bytes, 9) {
            Err(Fault::Damaged(why)) => why,
            other => panic!("{:?}", other.map(|bytes| bytes.len())),
        };
        for frame in [ZSTD[0], ZSTD[1], FOR_OTHERS] {
            for length in 1..frame.len() {
                assert!(error(&frame[..length]).contains("cut off"), "{length}");
            }
            assert!(error(&[frame, b"\n<!-- -->"].concat()).contains("damaged"));
        }
        // Another letter, another sum, another size, a bit that nobody may use.
        for (frame, at) in [(0, 12), (0, 41), (1, 5), (0, 4)] {
            let mut bytes = ZSTD[frame].to_vec();
            bytes[at] ^= 8;
            assert!(error(&bytes).contains("damaged"), "{at}");
        }
    }

    #[test]
    fn zstandard_with_a_large_window_a_dictionary_or_a_boast_is_refused_before_it_takes_memory() {
        let refused = |head: &[u8]| unpacked(Packing::Zstd, 32 << 20, &[b"\x28\xb5\x2f\xfd", head].concat(), 3);
        // 8 MiB, and an eighth more; and in a single segment, where the size is the window.
        assert_eq!(refused(b"\x00\x68\x01\x00\x00"), Ok(Vec::new()));
        for head in [&b"\x00\x69"[..], b"\x00\xff", b"\xa0\x01\x00\x80\x00"] {
            assert!(matches!(refused(head), Err(Fault::Damaged(why)) if why.contains("8 MiB")), "{head:x?}");
        }
        assert!(matches!(refused(b"\x01\x00\x07"), Err(Fault::Damaged(why)) if why.contains("dictionary")));
        assert_eq!(refused(b"\xc0\x00\xff\xff\xff\xff\xff\xff\xff\xff"), Err(Fault::TooLarge));
        assert!(matches!(refused(b"\x00\x00\xff\xff\xff"), Err(Fault::Damaged(why)) if why.contains("damaged")));
    }

    #[test]
    fn what_is_no_packed_body_is_said() {
        assert!(matches!(unpacked(Packing::Gzip, 100, b"<rss></rss>", 5), Err(Fault::Damaged(_))));
        assert!(matches!(unpacked(Packing::Zstd, 100, b"<rss></rss>", 5), Err(Fault::Damaged(_))));
        let said = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_ENCODING, text.parse().unwrap());
            Packing::said(&headers)
        };
        assert_eq!(said("GZIP"), Ok(Packing::Gzip));
        assert_eq!(said("zstd"), Ok(Packing::Zstd));
        assert_eq!(said("identity"), Ok(Packing::Plain));
        assert!(said("klingon").unwrap_err().contains("\"klingon\""));
        assert!(said("gzip, gzip").unwrap_err().contains("more than once"));
    }

    #[test]
    fn a_body_of_unknown_length_takes_at_most_a_quarter_more_than_it_needs() {
        let mut bytes = Vec::new();
        for number in 0..2_000_u32 {
            append(&mut bytes, &[1; 1_000][..number as usize % 1_000]);
            assert!(bytes.capacity() <= bytes.len() + bytes.len() / 4 + 1_000);
        }
    }
}
