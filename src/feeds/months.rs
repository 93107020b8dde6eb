//! Months by name and number, in the languages of the publishers. Another language is another row here.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Names in full, without accents; shorter ones of at least three letters are recognised by their beginning, where it
/// means one month in all languages.
const NAMES: [[&str; 12]; 5] = [
    // English
    [
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
    ],
    // Spanish
    [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    // Italian
    [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    // French
    [
        "janvier",
        "fevrier",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "aout",
        "septembre",
        "octobre",
        "novembre",
        "decembre",
    ],
    // German
    [
        "januar",
        "februar",
        "marz",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "dezember",
    ],
];

/// Short forms that are no beginning, and other spellings.
const OTHERS: [(&str, i8); 7] =
    [("sept", 9), ("setiembre", 9), ("jnr", 1), ("maerz", 3), ("mrz", 3), ("janner", 1), ("feber", 2)];

/// A month by number, or by its name, whole or from three letters on: `3`, `03`, `MAR`, `Mar.`, `March`, `marzo`.
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
    // Longer than any name is no name: most cells that are asked about are something else.
    if text.len() > 24 || text.chars().count() < 3 {
        return None;
    }
    let text = folded(text);
    if let Some((_, number)) = OTHERS.iter().find(|(name, _)| *name == text) {
        return Some(*number);
    }
    let mut months = NAMES.iter().filter_map(|names| names.iter().position(|name| name.starts_with(text.as_ref())));
    let month = months.next()?;
    // `jui` is the beginning of juin and of juillet.
    if NAMES.iter().flatten().enumerate().any(|(at, name)| at % 12 != month && name.starts_with(text.as_ref())) {
        return None;
    }
    i8::try_from(month + 1).ok()
}

/// In small letters, without accents.
pub fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    Cow::Owned(text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use super::{NAMES, month};

    #[test]
    fn months_as_they_are_written() {
        for (text, number) in [
            ("OCT", 10),
            ("September", 9),
            ("Sept.", 9),
            ("Octo", 10),
            (" 03 ", 3),
            ("may", 5),
            ("12", 12),
            ("Ene.", 1),
            ("DIC.", 12),
            ("setiembre", 9),
            ("gen", 1),
            ("Ottobre", 10),
            ("févr.", 2),
            ("AOÛT", 8),
            ("déc", 12),
            ("Mai", 5),
            ("März", 3),
            ("Mrz", 3),
            ("Okt.", 10),
            ("Jänner", 1),
        ] {
            assert_eq!(month(text), Some(number), "{text}");
        }
        for text in ["Martian", "13", "0", "Ma", "", "+3", "1.0", "003", "Octobers", "jui", "Total", "Marsch"] {
            assert_eq!(month(text), None, "{text}");
        }
    }

    #[test]
    fn no_name_in_full_means_two_months() {
        for names in NAMES {
            for (at, name) in names.iter().enumerate() {
                assert_eq!(month(name), i8::try_from(at + 1).ok(), "{name}");
            }
        }
    }
}
