//! JSON that is not written as it should be, mended where it is clear what was meant: a transfer that was cut off is closed after the
//! last whole element of its outermost list, control characters in texts become spaces, halves of characters are replaced.

/// A mended document, and what was mended.
#[derive(Debug, PartialEq, Eq)]
pub struct Mended {
    /// The document.
    pub text: String,
    /// What was mended, a phrase each.
    pub faults: Vec<String>,
    /// Whether it was cut off.
    pub is_cut: bool,
}

/// A mended copy; `None` where there is nothing to mend.
pub fn mend(text: &str) -> Option<Mended> {
    let mut mender = Mender { out: String::with_capacity(text.len() + 16), ..Mender::default() };
    mender.document(text);
    mender.finish()
}

/// A document under way.
#[derive(Default)]
struct Mender {
    out: String,
    /// What closes each list and object that is open.
    open: Vec<char>,
    /// How many of them are outside of the outermost list, itself included.
    outermost: Option<usize>,
    /// How long the document is with the last whole element of the outermost list.
    whole: Option<usize>,
    controls: usize,
    halves: usize,
    escapes: usize,
    in_text: bool,
}

impl Mender {
    fn document(&mut self, text: &str) {
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if self.in_text {
                match c {
                    '"' => {
                        self.in_text = false;
                        self.out.push('"');
                        self.element_ended();
                    }
                    '\\' => self.escape(&mut chars),
                    c if c.is_control() && c < ' ' => {
                        self.controls += 1;
                        self.out.push(' ');
                    }
                    c => self.out.push(c),
                }
                continue;
            }
            match c {
                '"' => self.in_text = true,
                '[' | '{' => {
                    self.open.push(if c == '[' { ']' } else { '}' });
                    if c == '[' && self.outermost.is_none() {
                        self.outermost = Some(self.open.len());
                        self.whole = Some(self.out.len() + 1);
                    }
                }
                ']' | '}' => {
                    if self.open.last() != Some(&c) {
                        // What does not fit is for the parser to refuse.
                        self.out.push(c);
                        continue;
                    }
                    self.open.pop();
                    self.out.push(c);
                    if self.outermost.is_some_and(|depth| depth > self.open.len()) {
                        self.outermost = None;
                        self.whole = None;
                    }
                    self.element_ended();
                    continue;
                }
                _ => {}
            }
            self.out.push(c);
        }
    }

    fn element_ended(&mut self) {
        if self.outermost == Some(self.open.len()) {
            self.whole = Some(self.out.len());
        }
    }

    fn escape(&mut self, chars: &mut std::str::Chars<'_>) {
        let rest = chars.as_str();
        let Some(kind) = rest.chars().next() else {
            self.out.push('\\');
            return;
        };
        let unit = |text: &str| u16::from_str_radix(text.get(..4)?, 16).ok();
        if kind == 'u'
            && let Some(first) = unit(&rest[1..])
        {
            let second = rest[5..].strip_prefix("\\u").and_then(unit);
            let is_pair =
                (0xd800..0xdc00).contains(&first) && second.is_some_and(|low| (0xdc00..0xe000).contains(&low));
            let length = if is_pair { 11 } else { 5 };
            if (0xd800..0xe000).contains(&first) && !is_pair {
                self.halves += 1;
                self.out.push('\u{fffd}');
            } else {
                self.out.push('\\');
                self.out.push_str(&rest[..length]);
            }
            *chars = rest[length..].chars();
        } else if matches!(kind, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') {
            self.out.push('\\');
            self.out.push(kind);
            chars.next();
        } else if kind == 'u' && rest.len() < 5 {
            // Cut off within it.
            self.out.push('\\');
        } else {
            self.escapes += 1;
            self.out.push_str("\\\\");
        }
    }

    fn finish(mut self) -> Option<Mended> {
        let is_cut = !self.open.is_empty() || self.in_text;
        if is_cut {
            let depth = self.outermost?;
            self.out.truncate(self.whole?);
            self.out.extend(self.open[..depth].iter().rev());
        }
        let counted = [
            (self.controls, "control characters in its texts"),
            (self.halves, "halves of characters"),
            (self.escapes, "stray \"\\\""),
        ];
        let faults = counted.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        let faults: Vec<String> = faults.collect();
        (is_cut || !faults.is_empty()).then_some(Mended { text: self.out, faults, is_cut })
    }
}

#[cfg(test)]
mod tests {
    use super::mend;
    use proptest::prelude::*;

    #[test]
    fn what_can_be_mended() {
        for (text, after, cut, faults) in [
            (r#"{"a":[{"b":[1,2]},{"b":[3"#, r#"{"a":[{"b":[1,2]}]}"#, true, ""),
            (r#"{"x":[1],"a":[{"b":1},{"b":"tw"#, r#"{"x":[1],"a":[{"b":1}]}"#, true, ""),
            (r#"{"a":[{"#, r#"{"a":[]}"#, true, ""),
            (r#"["x","#, r#"["x"]"#, true, ""),
            ("{\"a\":\"x\ty\"}", r#"{"a":"x y"}"#, false, "1 control characters in its texts"),
            (
                r#"{"a":"\ud800x \ud83d\ude00 \q \u00e9"}"#,
                "{\"a\":\"\u{fffd}x \\ud83d\\ude00 \\\\q \\u00e9\"}",
                false,
                "1 halves of characters, 1 stray \"\\\"",
            ),
        ] {
            let mended = mend(text).unwrap();
            assert_eq!(
                (mended.text.as_str(), mended.is_cut, mended.faults.join(", ").as_str()),
                (after, cut, faults),
                "{text}"
            );
        }
        for sound in [r#"{"a":[{"b":"\"]"}]}"#, "7", "[]", r#"{"a":{"b":1"#] {
            assert_eq!(mend(sound), None, "{sound}");
        }
    }

    proptest! {
        #[test]
        fn a_cut_document_gives_its_first_elements(count in 1_usize..6, part in 0.0_f64..1.0) {
            let item = |number: usize| format!(r#"{{"id":"{number}","tags":["a\u00e9","\"b"],"n":{{"m":[1,2]}}}}"#);
            let items: Vec<String> = (0..count).map(item).collect();
            let whole = format!(r#"{{"version":"1","items":[{}]}}"#, items.join(","));
            let list = r#"{"version":"1","items":["#.len();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
            let cut = list + ((whole.len() - list - 2) as f64 * part) as usize;
            let mended = mend(&whole[..cut]).unwrap();
            let value: serde_json::Value = serde_json::from_str(&mended.text).unwrap();
            let read = value["items"].as_array().unwrap().len();
            let complete = (0..=count).rev().find(|n| whole[..cut].len() >= list + items[..*n].join(",").len()).unwrap();
            prop_assert_eq!(read, complete);
        }

        #[test]
        fn no_text_panics(text in "([\\[\\]{}\":,\\\\u]|d800|dc00|\\PC|\u{7}|[0-9a]){0,40}") {
            let _ = mend(&text);
        }
    }
}
