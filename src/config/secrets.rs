//! What must never be shown: passwords and keys inside addresses. Lines of the configuration are quoted without them,
//! and so is every sentence about them, whatever else is wrong with the address.

use crate::fetch::names_a_secret;
use std::ops::Range;
use url::form_urlencoded;

/// Any text without what looks like a secret in an address, each as `…`. For text that was written where an
/// address belongs and may be none: rather too much is hidden than too little.
pub(super) fn redact(text: &str) -> String {
    with_filled(text, &secrets(text), |_| "…".to_owned())
}

/// As [`redact`], of the same length in bytes and with the same lines, so that places in the text stay right.
pub(super) fn redact_in_place(text: &str) -> String {
    with_filled(text, &secrets(text), |secret| "*".repeat(secret.len()))
}

/// Puts `fill` of each range in its place. Ranges are in order and do not overlap.
fn with_filled(text: &str, ranges: &[Range<usize>], fill: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        out.push_str(&text[at..range.start]);
        out.push_str(&fill(&text[range.clone()]));
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Where secrets stand in any text, line by line, in order.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let line_end = start + line.trim_end_matches(['\n', '\r']).len();
        let mut in_line = secret_values(&text[start..line_end]);
        in_line.extend(user_and_password(&text[start..line_end]));
        in_line.extend(keyed_values(&text[start..line_end]));
        in_line.sort_by_key(|range| range.start);
        for range in in_line {
            let range = range.start + start..range.end + start;
            match found.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => found.push(range),
            }
        }
        start += line.len();
    }
    found
}

/// Where `user:password@` stands: from `//` (or the start of the word, where there is none) to the last `@` of the word. After a
/// slash an `@` belongs to a path, unless a colon says that somebody forgot to escape a password.
fn user_and_password(line: &str) -> Vec<Range<usize>> {
    words(line)
        .filter_map(|word| {
            let text = &line[word.clone()];
            let at = text.rfind('@')?;
            let slashes = text[..at].find("//").map(|slashes| slashes + 2);
            let start = slashes.unwrap_or(0);
            let before = &text[start..at];
            let is_user = !before.contains('/') || before.contains(':');
            (is_user && !before.starts_with("mailto:")).then_some(word.start + start..word.start + at)
        })
        .collect()
}

/// Runs of characters between white space and quotes.
fn words(line: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`')).map(|word| {
        let start = word.as_ptr() as usize - line.as_ptr() as usize;
        start..start + word.len()
    })
}

/// Where the values of secret parameters stand in a line: `?token=…`, `&key=…`. A value ends at the next
/// parameter, at a quote that is not escaped, or at the end of the line.
fn secret_values(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(offset) = line[from..].find(['?', '&', ';', '#']) {
        let name_start = from + offset + 1;
        from = name_start;
        let Some(equals) = line[name_start..].find(|c: char| c == '=' || is_between(c)) else { continue };
        let value_start = name_start + equals + 1;
        if !line[name_start + equals..].starts_with('=') || !is_secret(&line[name_start..name_start + equals]) {
            continue;
        }
        let value_end = value_end(line, value_start);
        if value_end > value_start {
            found.push(value_start..value_end);
        }
        from = value_end;
    }
    found
}

/// Where texts in quotes stand behind a key that names a secret (`password = "…"`), and all of a line that holds `headers`, `auth` or
/// `query`. Where one only names its place (`env:NAME`) it stays.
fn keyed_values(line: &str) -> Vec<Range<usize>> {
    let key_of = |before: &str| -> String {
        let before = before.trim_end();
        let Some(before) = before.strip_suffix('=').or_else(|| before.strip_suffix(['[', ','])) else {
            return String::new();
        };
        let word = before.trim_end().trim_end_matches(['"', '\'', '[', '=', ' ']);
        word.rsplit(|c: char| !(c.is_alphanumeric() || "_-.".contains(c))).next().unwrap_or_default().to_lowercase()
    };
    let first = line.trim_start();
    let whole = ["headers", "auth", "query"]
        .iter()
        .any(|key| first.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', '.'])));
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(offset) = line[from..].find(['"', '\'']) {
        let quote = &line[from + offset..=from + offset];
        let start = from + offset + 1;
        let end = line[start..].find(quote).map_or(line.len(), |end| start + end);
        let key = key_of(&line[..start - 1]);
        let named = names_a_secret(&key) || ["bearer", "cookie"].iter().any(|word| key.contains(word));
        let place = ["env:", "file:", "cmd:"].iter().any(|kind| line[start..end].starts_with(kind));
        let is_key = line.get(end + 1..).is_some_and(|rest| rest.trim_start().starts_with('='));
        if (named || whole && !is_key) && !place && end > start {
            found.push(start..end);
        }
        from = (end + 1).min(line.len());
    }
    found
}

fn value_end(line: &str, start: usize) -> usize {
    let mut escaped = false;
    for (offset, c) in line[start..].char_indices() {
        if matches!(c, '&' | '#') || (matches!(c, '"' | '`') && !escaped) {
            return start + offset;
        }
        escaped = c == '\\' && !escaped;
    }
    line.len()
}

/// What cannot stand inside a parameter's name.
fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '?' | '&' | ';' | '#' | '"' | '\'' | '`')
}

/// Whether a parameter of that name, as it stands in an address, carries a secret.
fn is_secret(name: &str) -> bool {
    form_urlencoded::parse(name.as_bytes()).next().is_some_and(|(name, _)| names_a_secret(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_quoted_line_keeps_its_length_and_its_lines() {
        let source = "url = \"https://me:pässwörd@example.org/a?key=ab\\\"cd&x=1\"\nevery = \"5m\"\n";
        let redacted = redact_in_place(source);
        assert_eq!(redacted.len(), source.len());
        assert_eq!(redacted, "url = \"https://*************@example.org/a?key=******&x=1\"\nevery = \"5m\"\n");
        let keyed =
            "auth = { user = \"me\", password = \"hunter2\" }\napi-key = 'hunter2'\nX-Key = \"env:KEY\"\nname = \"x\"";
        let expected =
            "auth = { user = \"**\", password = \"*******\" }\napi-key = '*******'\nX-Key = \"env:KEY\"\nname = \"x\"";
        assert_eq!(redact_in_place(keyed), expected);
        assert_eq!(redact("no scheme: me:secret@example.org"), "no scheme: …@example.org");
        assert_eq!(redact("runbook = \"mailto:desk@example.org\""), "runbook = \"mailto:desk@example.org\"");
    }

    proptest! {
        #[test]
        fn nothing_panics_and_the_length_stays(text in "\\PC{0,60}|[?&=@:/\"key\\n ]{0,30}") {
            prop_assert_eq!(redact_in_place(&text).len(), text.len());
            let _ = redact(&text);
        }

        #[test]
        fn a_secret_is_gone(secret in "[A-Za-z0-9]{8,20}", which in 0_usize..6) {
            let text = [
                format!("https://user:{secret}@example.org/x"),
                format!("https://{secret}:pw@example.org/x"),
                format!("htps:/user:{secret}@example.org"),
                format!("https://{secret}@example.org/"),
                format!("https://example.org/?a=b&access_token={secret}"),
                format!("example.org/data?appname={secret}&x=y"),
            ][which].clone();
            prop_assert!(!redact(&text).contains(&secret));
            let line = format!("url = '{text}' # note");
            prop_assert!(!redact_in_place(&line).contains(&secret));
        }
    }
}
