//! What a body looks like at first sight: to choose a reader, and to say what came instead of what was expected.

use super::markup::plain;
use crate::domain::text::{Printable, cut};

/// What a body looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Nothing, or blanks alone.
    Empty,
    /// A web page.
    Page,
    /// Another document with tags.
    Markup,
    /// JSON.
    Json,
    /// Anything else.
    Text,
}

/// As much of a body as decides what it is.
const ENOUGH: usize = 64 * 1024;

/// Looks at the beginning of a text.
pub fn look(text: &str) -> Look {
    let start = start(text);
    let lower = |length: usize| start.chars().take(length).collect::<String>().to_ascii_lowercase();
    match start.chars().next() {
        None => Look::Empty,
        Some('{' | '[') => Look::Json,
        Some('<') if lower(14).starts_with("<!doctype html") || lower(5) == "<html" => Look::Page,
        Some('<') if start.chars().nth(1).is_some_and(|c| c.is_alphabetic() || matches!(c, '!' | '?')) => {
            if start.contains("<html") || start.contains("<HTML") { Look::Page } else { Look::Markup }
        }
        Some(_) => Look::Text,
    }
}

/// Says what came, for a message: `it is a web page titled "Log in"`.
pub fn say(text: &str) -> String {
    let start = start(text);
    match look(text) {
        Look::Empty => "it is empty".to_owned(),
        Look::Page => title(start).map_or_else(
            || "it is a web page".to_owned(),
            |title| format!("it is a web page titled \"{}\"", cut(title.as_str(), 80, "…")),
        ),
        Look::Markup => format!("it begins with {}", quote(start)),
        Look::Json => "it is JSON".to_owned(),
        Look::Text => format!("it begins with {}", quote(start)),
    }
}

fn start(text: &str) -> &str {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let end = (0..=ENOUGH.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

fn quote(start: &str) -> String {
    let words = Printable::clean_to(start, 200);
    format!("\"{}\"", cut(words.as_str(), 60, "…"))
}

fn title(page: &str) -> Option<Printable> {
    let lower = page.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let from = open + lower[open..].find('>')? + 1;
    let until = from + lower[from..].find("</title")?;
    Some(Printable::clean_to(&plain(&page[from..until]), 200)).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_comes_instead_of_data() {
        for (text, looks, said) in [
            ("", Look::Empty, "it is empty"),
            (" \u{feff}\r\n", Look::Empty, "it is empty"),
            (
                "<!DOCTYPE HTML><head><Title>Log\n in &amp; go</title>",
                Look::Page,
                "it is a web page titled \"Log in & go\"",
            ),
            ("<!-- x --><html>", Look::Page, "it is a web page"),
            ("<?xml version=\"1.0\"?><rss>", Look::Markup, "it begins with \"<?xml version=\"1.0\"?><rss>\""),
            ("{\"error\": 1}", Look::Json, "it is JSON"),
            ("Please limit requests", Look::Text, "it begins with \"Please limit requests\""),
            ("<5,3", Look::Text, "it begins with \"<5,3\""),
        ] {
            assert_eq!((look(text), say(text).as_str()), (looks, said), "{text}");
        }
        assert!(say(&"é".repeat(100_000)).len() < 300);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[<>!/a-zA-Zé &{]{0,40}|.{0,20}") {
            let _ = say(&text);
        }
    }
}
