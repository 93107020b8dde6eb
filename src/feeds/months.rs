//! Months by name and number. Another language is another row here.

/// Names in full; shorter ones of at least three letters are recognised by their beginning.
const NAMES: [[&str; 12]; 1] = [[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]];

/// A month by number, or by its English name, whole or from three letters on: `3`, `03`, `MAR`, `Mar.`, `March`.
pub fn month(text: &str) -> Option<i8> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) && (1..=2).contains(&text.len()) {
        return text.parse().ok().filter(|number| (1..=12).contains(number));
    }
    named(text)
}

/// A month by its name alone.
pub fn named(text: &str) -> Option<i8> {
    let text = text.trim().trim_end_matches('.');
    if text.chars().count() < 3 {
        return None;
    }
    let text = text.to_lowercase();
    let text = if text == "sept" { "sep" } else { text.as_str() };
    let position = NAMES.iter().find_map(|names| names.iter().position(|name| name.starts_with(text)))?;
    i8::try_from(position + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::month;

    #[test]
    fn months_as_they_are_written() {
        for (text, number) in
            [("OCT", 10), ("September", 9), ("Sept.", 9), ("Octo", 10), (" 03 ", 3), ("may", 5), ("12", 12)]
        {
            assert_eq!(month(text), Some(number), "{text}");
        }
        for text in ["Mars", "13", "0", "Ma", "", "+3", "1.0", "003", "Octobers"] {
            assert_eq!(month(text), None, "{text}");
        }
    }
}
