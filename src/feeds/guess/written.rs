//! Texts and names as TOML has them, so that what is printed can be pasted.

use crate::domain::text::Printable;

/// A text as TOML. Characters that would not show, or would show something else, are written as their numbers.
pub fn quoted(text: &str) -> String {
    let shows = |c: char| !c.is_control() && Printable::clean(&format!("a{c}b")).as_str() == format!("a{c}b");
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            _ if shows(c) => out.push(c),
            _ => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// A name as a key of a table in TOML.
pub fn key(text: &str) -> String {
    let bare = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if bare { text.to_owned() } else { quoted(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_as_toml() {
        for text in ["a", "a\"b", "a\\b", "tab\t", "é", "a\u{202e}b", "\u{200b}"] {
            let written = format!("{} = {}", key(text), quoted(text));
            let read: toml::Table = written.parse().unwrap();
            assert_eq!(read[text].as_str(), Some(text), "{written}");
        }
    }
}
