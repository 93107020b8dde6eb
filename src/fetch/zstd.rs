//! Zstandard, block by block, as the bytes come: the library decodes whole blocks, so here is told where each of them ends.

use super::unpack::Fault;
use ruzstd::decoding::errors::{FrameDecoderError, FrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::Write;

/// The largest window of a frame, as RFC 9659 has it for bodies on the web: so much of what was unpacked is kept to refer back to.
const WINDOW: u64 = 8 << 20;
/// The largest block.
const BLOCK: usize = 128 << 10;
/// How a frame begins.
const MAGIC: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();

const DAMAGED: Fault = Fault::Damaged("its packed body is damaged");

/// A body that is being unpacked: a row of frames.
pub struct Zstd {
    decoder: FrameDecoder,
    /// What came and is not yet decoded: less than a block.
    begun: Vec<u8>,
    next: Next,
    cap: u64,
}

/// What the next bytes are.
#[derive(Clone, Copy)]
enum Next {
    /// How a frame begins; a body may end here.
    Head,
    /// A block, in a frame with or without a sum at its end.
    Block(Frame),
    /// So many bytes of a frame that is meant for others.
    Others(usize),
}

#[derive(Clone, Copy)]
struct Frame {
    is_summed: bool,
    /// To how much it unpacks, where it says so.
    said: Option<u64>,
    /// How much of it was unpacked.
    got: u64,
}

impl Zstd {
    /// Begins.
    pub fn new(cap: u64) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Self { decoder, begun: Vec::new(), next: Next::Head, cap }
    }

    /// Takes what came. The caller knows whether the sink was full where it fails.
    pub fn take(&mut self, chunk: &[u8], sink: &mut impl Write) -> Result<(), Fault> {
        let mut begun = std::mem::take(&mut self.begun);
        begun.extend_from_slice(chunk);
        let mut rest = begun.as_slice();
        while let Some(used) = self.step(rest, sink)? {
            rest = &rest[used..];
        }
        let used = begun.len() - rest.len();
        begun.drain(..used);
        self.begun = begun;
        Ok(())
    }

    /// Whether the body may end here.
    pub fn is_whole(&self) -> bool {
        self.begun.is_empty() && matches!(self.next, Next::Head)
    }

    /// Does the next thing with what is there, and says how many bytes that took; nothing where there is too little.
    fn step(&mut self, bytes: &[u8], sink: &mut impl Write) -> Result<Option<usize>, Fault> {
        match self.next {
            Next::Head => self.head(bytes),
            Next::Block(frame) => self.block(frame, bytes, sink),
            Next::Others(left) => {
                let used = left.min(bytes.len());
                self.next = if left == used { Next::Head } else { Next::Others(left - used) };
                Ok((used > 0 || left == 0).then_some(used))
            }
        }
    }

    fn head(&mut self, bytes: &[u8]) -> Result<Option<usize>, Fault> {
        let [first, second, third, fourth, rest @ ..] = bytes else { return Ok(None) };
        if (0x50..=0x5f).contains(first) && [*second, *third, *fourth] == [0x2a, 0x4d, 0x18] {
            let Some(length) = rest.first_chunk::<4>() else { return Ok(None) };
            self.next = Next::Others(u32::from_le_bytes(*length) as usize);
            return Ok(Some(8));
        }
        if [*first, *second, *third, *fourth] != MAGIC {
            return Err(DAMAGED);
        }
        let Some(what) = rest.first() else { return Ok(None) };
        let (is_single, is_reserved, is_summed) = (what & 0x20 != 0, what & 0x08 != 0, what & 0x04 != 0);
        let window = usize::from(!is_single);
        let dictionary = [0, 1, 2, 4][usize::from(what & 3)];
        let size = [usize::from(is_single), 2, 4, 8][usize::from(what >> 6)];
        let length = MAGIC.len() + 1 + window + dictionary + size;
        if is_reserved {
            return Err(DAMAGED);
        }
        if bytes.len() < length {
            return Ok(None);
        }
        self.decoder.reset(&bytes[..length]).map_err(|error| match error {
            FrameDecoderError::WindowSizeTooBig { .. }
            | FrameDecoderError::FrameHeaderError(FrameHeaderError::WindowTooBig { .. }) => Fault::Damaged(
                "its packed body takes more memory to unpack than the web allows (a Zstandard window of more than 8 MiB)",
            ),
            FrameDecoderError::DictNotProvided { .. } => {
                Fault::Damaged("its packed body needs a Zstandard dictionary, which nobody asked for")
            }
            _ => DAMAGED,
        })?;
        let said = (size > 0).then(|| self.decoder.content_size());
        if said.is_some_and(|said| said > self.cap) {
            return Err(Fault::TooLarge);
        }
        self.next = Next::Block(Frame { is_summed, said, got: 0 });
        Ok(Some(length))
    }

    fn block(&mut self, frame: Frame, bytes: &[u8], sink: &mut impl Write) -> Result<Option<usize>, Fault> {
        let [first, second, third, ..] = bytes else { return Ok(None) };
        let is_last = first & 1 != 0;
        let is_one_byte_repeated = first >> 1 & 3 == 1;
        let size = usize::from(first >> 3) | usize::from(*second) << 5 | usize::from(*third) << 13;
        if size > BLOCK {
            return Err(DAMAGED);
        }
        let length = 3 + if is_one_byte_repeated { 1 } else { size } + if is_last && frame.is_summed { 4 } else { 0 };
        let Some(whole) = bytes.get(..length) else { return Ok(None) };
        let decoded = self.decoder.decode_blocks(whole, BlockDecodingStrategy::UptoBlocks(1));
        decoded.map_err(|_| DAMAGED)?;
        let wrote = self.decoder.collect_to_writer(sink).map_err(|_| DAMAGED)?;
        let got = frame.got + wrote as u64;
        self.next = Next::Block(Frame { got, ..frame });
        if is_last {
            let sum = self.decoder.get_checksum_from_data();
            let is_right = sum.is_none_or(|sum| Some(sum) == self.decoder.get_calculated_checksum());
            if !is_right || frame.said.is_some_and(|said| said != got) {
                return Err(DAMAGED);
            }
            self.next = Next::Head;
        }
        Ok(Some(length))
    }
}
