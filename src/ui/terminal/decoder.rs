//! From the bytes a terminal sends to inputs: UTF-8, the cursor keys' sequences (ECMA-48 and xterm's), SGR mouse reports,
//! bracketed paste. What it does not know it swallows whole, so that an answer nobody asked for is never taken for keys.

use super::input::{Input, Key, KeyCode};
use std::time::Duration;

/// How long an Escape may be followed by the rest of a sequence before it was the key.
const ESCAPE: Duration = Duration::from_millis(50);
/// How long the rest of a longer sequence may take, on a bad line, before it is given up.
const SEQUENCE: Duration = Duration::from_millis(500);
/// How long a paste may pause before its end is taken to be lost, and keys count again.
const PASTE: Duration = Duration::from_millis(900);
/// Longer parameters belong to nothing that is known here.
const PARAMETERS: usize = 32;
const ESC: u8 = 0x1b;
const PASTE_END: &[u8] = b"\x1b[201~";

/// What came before, as far as it matters for what comes next.
#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    /// The first bytes of a character of `1` bytes.
    Utf8(Vec<u8>, usize),
    Escape,
    /// After `ESC [`: the parameters so far.
    Csi(Vec<u8>),
    /// After `ESC O`: one byte more.
    Single,
    /// After the Linux console's `ESC [ [`: one byte more, a function key's, which is none of ours.
    Console,
    /// In a string (OSC, DCS, SOS, PM, APC), which BEL or `ESC \` ends; whether an Escape was just seen.
    Text(bool),
    /// In a paste: how many bytes of its end were just seen.
    Paste(usize),
}

/// The decoder of one terminal's bytes.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
}

impl Decoder {
    /// How long to wait for the next byte before [`Self::lull`]; `None` for ever, as nothing is open. Below one second.
    pub fn patience(&self) -> Option<Duration> {
        match self.state {
            State::Ground => None,
            State::Escape => Some(ESCAPE),
            State::Utf8(..) | State::Csi(_) | State::Single | State::Console | State::Text(_) => Some(SEQUENCE),
            State::Paste(_) => Some(PASTE),
        }
    }

    /// Nothing came for [`Self::patience`]: an Escape alone was the key, anything else is given up.
    pub fn lull(&mut self, inputs: &mut Vec<Input>) {
        if std::mem::take(&mut self.state) == State::Escape {
            press(inputs, KeyCode::Esc, false);
        }
    }

    /// The next byte.
    pub fn push(&mut self, byte: u8, inputs: &mut Vec<Input>) {
        self.state = match std::mem::take(&mut self.state) {
            State::Ground => ground(byte, inputs),
            State::Utf8(mut bytes, length) if byte & 0xc0 == 0x80 => {
                bytes.push(byte);
                if bytes.len() < length {
                    State::Utf8(bytes, length)
                } else {
                    if let Some(c) = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next()) {
                        press(inputs, KeyCode::Char(c), false);
                    }
                    State::Ground
                }
            }
            State::Utf8(..) => ground(byte, inputs),
            State::Escape => match byte {
                b'[' => State::Csi(Vec::new()),
                b'O' => State::Single,
                b']' | b'P' | b'X' | b'^' | b'_' => State::Text(false),
                // Escape and another key, in one packet or with Alt, which nothing is bound to.
                _ => {
                    press(inputs, KeyCode::Esc, false);
                    ground(byte, inputs)
                }
            },
            State::Csi(mut parameters) => match byte {
                b'[' if parameters.is_empty() => State::Console,
                0x20..=0x3f => {
                    if parameters.len() < PARAMETERS {
                        parameters.push(byte);
                    }
                    State::Csi(parameters)
                }
                b'~' if parameters == b"200" => State::Paste(0),
                0x40..=0x7e => {
                    inputs.extend(sequence(&parameters, byte));
                    State::Ground
                }
                _ => ground(byte, inputs),
            },
            State::Single => {
                inputs.extend(sequence(b"", byte));
                State::Ground
            }
            State::Console => State::Ground,
            State::Text(after_escape) => match byte {
                0x07 => State::Ground,
                b'\\' if after_escape => State::Ground,
                _ => State::Text(byte == ESC),
            },
            // Pasted text is for fields, of which there are none yet; it is never taken for keys.
            State::Paste(seen) => match PASTE_END.get(seen) {
                Some(&expected) if expected == byte && seen + 1 == PASTE_END.len() => State::Ground,
                Some(&expected) if expected == byte => State::Paste(seen + 1),
                _ => State::Paste(usize::from(byte == ESC)),
            },
        };
    }
}

/// A byte with nothing open before it.
fn ground(byte: u8, inputs: &mut Vec<Input>) -> State {
    match byte {
        ESC => return State::Escape,
        b'\r' | b'\n' => press(inputs, KeyCode::Enter, false),
        b'\t' => press(inputs, KeyCode::Tab, false),
        0x01..=0x1a => press(inputs, KeyCode::Char(char::from(byte + 0x60)), true),
        b' '..=b'~' => press(inputs, KeyCode::Char(char::from(byte)), false),
        0xc2..=0xdf => return State::Utf8(vec![byte], 2),
        0xe0..=0xef => return State::Utf8(vec![byte], 3),
        0xf0..=0xf4 => return State::Utf8(vec![byte], 4),
        // Backspace and what no keyboard sends.
        _ => {}
    }
    State::Ground
}

/// A whole control sequence by its parameters and its last byte; `None` for one that is no key.
fn sequence(parameters: &[u8], last: u8) -> Option<Input> {
    let parameters = std::str::from_utf8(parameters).ok()?;
    if let Some(report) = parameters.strip_prefix('<') {
        return mouse(report, last);
    }
    let mut numbers = parameters.split(';');
    let first = numbers.next().unwrap_or_default();
    // Modifiers are sent as one more than the sum of Shift 1, Alt 2, Ctrl 4.
    let modifiers = numbers.next().and_then(|number| number.parse::<u8>().ok()).unwrap_or(1).saturating_sub(1);
    let code = match (last, first) {
        (b'A', _) => KeyCode::Up,
        (b'B', _) => KeyCode::Down,
        (b'C', _) => KeyCode::Right,
        (b'D', _) => KeyCode::Left,
        (b'H', _) | (b'~', "1" | "7") => KeyCode::Home,
        (b'F', _) | (b'~', "4" | "8") => KeyCode::End,
        (b'~', "5") => KeyCode::PageUp,
        (b'~', "6") => KeyCode::PageDown,
        (b'Z', _) => KeyCode::BackTab,
        // The keypad's Enter in application mode.
        (b'M', "") => KeyCode::Enter,
        _ => return None,
    };
    Some(Input::Key(Key { code, ctrl: modifiers & 4 != 0 }))
}

/// An SGR mouse report: button, column and row from 1; `M` for pressed, `m` for released.
fn mouse(report: &str, last: u8) -> Option<Input> {
    let mut numbers = report.split(';').map(str::parse::<u16>);
    let (Some(Ok(button)), Some(Ok(column)), Some(Ok(row))) = (numbers.next(), numbers.next(), numbers.next()) else {
        return None;
    };
    // The bits 4, 8 and 16 are Shift, Alt and Ctrl.
    match (last, button & !0b1_1100) {
        (b'M', 0) => Some(Input::Click(column.saturating_sub(1), row.saturating_sub(1))),
        (b'M', 64) => Some(Input::Wheel(-1)),
        (b'M', 65) => Some(Input::Wheel(1)),
        _ => None,
    }
}

fn press(inputs: &mut Vec<Input>, code: KeyCode, ctrl: bool) {
    inputs.push(Input::Key(Key { code, ctrl }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(bytes: &[u8]) -> Vec<Input> {
        let (mut decoder, mut inputs) = (Decoder::default(), Vec::new());
        for &byte in bytes {
            decoder.push(byte, &mut inputs);
        }
        if decoder.patience().is_some() {
            decoder.lull(&mut inputs);
        }
        inputs
    }

    fn key(code: KeyCode) -> Input {
        Input::Key(Key { code, ctrl: false })
    }

    fn ctrl(code: KeyCode) -> Input {
        Input::Key(Key { code, ctrl: true })
    }

    #[test]
    fn characters_and_control_keys() {
        assert_eq!(
            decode("qé→🌍\r\t".as_bytes()),
            [
                key(KeyCode::Char('q')),
                key(KeyCode::Char('é')),
                key(KeyCode::Char('→')),
                key(KeyCode::Char('🌍')),
                key(KeyCode::Enter),
                key(KeyCode::Tab),
            ]
        );
        assert_eq!(decode(b"\x03\x0c\x7f\x00"), [ctrl(KeyCode::Char('c')), ctrl(KeyCode::Char('l'))]);
    }

    #[test]
    fn keys_sent_as_sequences() {
        let sent: [(&[u8], KeyCode); 14] = [
            (b"\x1b[A", KeyCode::Up),
            (b"\x1bOB", KeyCode::Down),
            (b"\x1b[C", KeyCode::Right),
            (b"\x1bOD", KeyCode::Left),
            (b"\x1b[H", KeyCode::Home),
            (b"\x1b[1~", KeyCode::Home),
            (b"\x1b[7~", KeyCode::Home),
            (b"\x1bOF", KeyCode::End),
            (b"\x1b[4~", KeyCode::End),
            (b"\x1b[8~", KeyCode::End),
            (b"\x1b[5~", KeyCode::PageUp),
            (b"\x1b[6~", KeyCode::PageDown),
            (b"\x1b[Z", KeyCode::BackTab),
            (b"\x1bOM", KeyCode::Enter),
        ];
        for (bytes, code) in sent {
            assert_eq!(decode(bytes), [key(code)], "{}", bytes.escape_ascii());
        }
        assert_eq!(decode(b"\x1b[1;5A\x1b[1;2B"), [ctrl(KeyCode::Up), key(KeyCode::Down)]);
    }

    #[test]
    fn an_escape_is_a_key_when_nothing_follows_and_before_another_key() {
        assert_eq!(decode(b"\x1b"), [key(KeyCode::Esc)]);
        assert_eq!(decode(b"\x1b\x1b"), [key(KeyCode::Esc), key(KeyCode::Esc)]);
        assert_eq!(decode(b"\x1bq"), [key(KeyCode::Esc), key(KeyCode::Char('q'))]);
        assert_eq!(decode(b"\x1b\x1b[A"), [key(KeyCode::Esc), key(KeyCode::Up)]);
    }

    #[test]
    fn clicks_and_the_wheel() {
        assert_eq!(
            decode(b"\x1b[<0;5;3M\x1b[<0;5;3m\x1b[<2;1;1M\x1b[<64;9;9M\x1b[<65;9;9M\x1b[<16;1;1M"),
            [Input::Click(4, 2), Input::Wheel(-1), Input::Wheel(1), Input::Click(0, 0)]
        );
    }

    #[test]
    fn answers_and_unknown_sequences_are_swallowed_whole() {
        let sent: [&[u8]; 8] = [
            b"\x1b[?62;22;52c",
            b"\x1b]11;rgb:1111/2222/3333\x1b\\",
            b"\x1b]52;c;cXFx\x07",
            b"\x1bP>|term 1.0\x1b\\",
            b"\x1b[?2026;2$y",
            b"\x1b[[A",
            b"\x1b[I\x1b[O",
            b"\x1b[12;40R",
        ];
        for bytes in sent {
            assert_eq!(decode(&[bytes, b"x"].concat()), [key(KeyCode::Char('x'))], "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_paste_is_no_keys_whatever_it_holds() {
        assert_eq!(decode(b"\x1b[200~q\x1b[A\x1b[201 q\x1b\x1b[201~j"), [key(KeyCode::Char('j'))]);
    }

    proptest! {
        /// Whatever was sent, after a lull the next key counts.
        #[test]
        fn nothing_stays_open_after_a_lull(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let (mut decoder, mut inputs) = (Decoder::default(), Vec::new());
            for byte in bytes {
                decoder.push(byte, &mut inputs);
                prop_assert!(decoder.patience().is_none_or(|time| time < Duration::from_secs(1)));
            }
            decoder.lull(&mut inputs);
            inputs.clear();
            decoder.push(b'q', &mut inputs);
            prop_assert_eq!(inputs, [key(KeyCode::Char('q'))]);
        }
    }
}
