//! Bytes to text for tables: UTF-8 with or without its mark, UTF-16 with its mark, else Latin-1, in
//! which every byte is a character, so that no table is lost over one.

use std::borrow::Cow;

/// The text of a table.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            std::str::from_utf8(bytes)
                .map_or_else(|_| Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()), Cow::Borrowed)
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn every_byte_becomes_something() {
        assert_eq!(text(b"\xef\xbb\xbfa,b"), "a,b");
        assert_eq!(text("é".as_bytes()), "é");
        assert_eq!(text(b"\xe9,1"), "é,1");
        assert_eq!(text(b"\xff\xfea\0,\0b\0"), "a,b");
        assert_eq!(text(b"\xfe\xff\0a\0,"), "a,");
    }
}
