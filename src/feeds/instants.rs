//! Dates of news as publishers write them: RFC 3339 and 2822 and what passes for them. An item whose date cannot be
//! read has none; it is never guessed.

use super::mapping::period_of;
use super::months;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

/// The instant of a date. Without a zone it is UTC; a day alone begins at midnight.
pub fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        return utc(civil);
    }
    in_words(text)
}

/// Seconds since 1970, or milliseconds where there are as many digits.
pub fn from_unix(count: i64) -> Option<Timestamp> {
    const MILLISECONDS: i64 = 100_000_000_000;
    if count.abs() >= MILLISECONDS {
        Timestamp::from_millisecond(count).ok()
    } else {
        Timestamp::from_second(count).ok()
    }
}

/// As of when something is that is dated by a text: an instant where it says one, else the end of the day that it names,
/// in the publisher's zone, since nobody knew before the day what holds at its end. `None` where it is no date.
pub fn as_of(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    let has_time = text.contains(':') && !text.ends_with("T00:00:00");
    if has_time && let Some(instant) = instant(text) {
        return Some(instant);
    }
    Some(period_of(text)?.end_instant(zone))
}

/// `Tue, 29 Mar 2022 16:02:00 GMT`, `29 March 2022 4:02 PM`, `July 27, 2026`: a month by name, the numbers around it,
/// a time, a zone.
fn in_words(text: &str) -> Option<Timestamp> {
    // What stands before the first comma without a number is the name of a day, in any language.
    let text = text
        .split_once(',')
        .filter(|(day, _)| !day.contains(|c: char| c.is_ascii_digit()))
        .map_or(text, |(_, rest)| rest);
    let (mut year, mut month, mut day, mut time, mut zone, mut noon) = (None, None, None, None, None, None);
    for word in text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()) {
        if word.contains(':') && time.is_none() && word.starts_with(|c: char| c.is_ascii_digit()) {
            let (clock, attached) =
                word.split_at(word.find(|c| !matches!(c, '0'..='9' | ':' | '.')).unwrap_or(word.len()));
            time = Some(clock_time(clock)?);
            if !attached.is_empty() {
                zone = Some(offset(attached)?);
            }
        } else if let Some(number) = number(word) {
            match (word.len(), day, year) {
                (1 | 2, None, _) => day = Some(i8::try_from(number).ok()?),
                (4, _, None) => year = Some(number),
                // RFC 822 had years of two digits.
                (2, Some(_), None) => year = Some(if number < 70 { 2000 + number } else { 1900 + number }),
                _ => return None,
            }
        } else if month.is_none() && months::named(word).is_some() {
            month = months::named(word);
        } else if let (Some(_), Some(found)) = (time, offset(word)) {
            zone = Some(found);
        } else if time.is_some() && matches!(word, "AM" | "am" | "PM" | "pm") {
            noon = Some(word.eq_ignore_ascii_case("pm"));
        } else if month.is_some() || number_of_letters(word) < 3 {
            // Before the month there may be the name of a day; anything else is no date that can be understood.
            return None;
        }
    }
    let (hour, minute, second) = time.unwrap_or_default();
    let hour = match noon {
        None => hour,
        Some(after) if (1..=12).contains(&hour) => hour % 12 + if after { 12 } else { 0 },
        Some(_) => return None,
    };
    // 24:00 is the midnight that ends the day.
    let (hour, days) = if (hour, minute, second) == (24, 0, 0) { (0, 1) } else { (hour, 0) };
    let date = Date::new(year?, month?, day?).ok()?.checked_add(i64::from(days).days()).ok()?;
    let civil = DateTime::new(date.year(), date.month(), date.day(), hour, minute, second.min(59), 0).ok()?;
    zone.unwrap_or(Offset::UTC).to_timestamp(civil).ok()
}

fn number(word: &str) -> Option<i16> {
    word.bytes().all(|byte| byte.is_ascii_digit()).then(|| word.parse().ok()).flatten()
}

fn utc(civil: DateTime) -> Option<Timestamp> {
    civil.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn clock_time(text: &str) -> Option<(i8, i8, i8)> {
    let mut parts = text.split(':');
    let mut part = || parts.next().map(|part| part.split('.').next().unwrap_or(part).parse::<i8>().ok());
    let time = (part()??, part()??, part().unwrap_or(Some(0))?);
    if parts.next().is_some() || time.2 > 60 { None } else { Some(time) }
}

/// How many letters; none where there is anything else.
fn number_of_letters(word: &str) -> usize {
    let word = word.trim_end_matches('.');
    if word.chars().all(char::is_alphabetic) { word.chars().count() } else { 0 }
}

/// `Z`, `GMT`, `+0200`, `-05:00`, `EST`.
fn offset(word: &str) -> Option<Offset> {
    let hours = |hours: i8| Offset::from_hours(hours).ok();
    match word.to_ascii_uppercase().as_str() {
        "Z" | "UT" | "UTC" | "GMT" | "WET" => return hours(0),
        "BST" | "CET" | "WEST" => return hours(1),
        "CEST" | "EET" => return hours(2),
        "EEST" | "MSK" => return hours(3),
        "JST" | "KST" => return hours(9),
        "EDT" => return hours(-4),
        "EST" | "CDT" => return hours(-5),
        "CST" | "MDT" => return hours(-6),
        "MST" | "PDT" => return hours(-7),
        "PST" => return hours(-8),
        _ => {}
    }
    let sign = if word.starts_with('-') { -1 } else { 1 };
    let digits: String = word.strip_prefix(['+', '-'])?.chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hour, minute): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    Offset::from_seconds(sign * (hour * 3_600 + minute * 60)).ok().filter(|_| minute < 60)
}

#[cfg(test)]
mod tests {
    use super::instant;
    use proptest::prelude::*;

    #[test]
    fn dates_of_real_feeds() {
        for (text, at) in [
            ("2022-03-29T16:02:00Z", "2022-03-29T16:02:00Z"),
            ("2022-03-29T16:02:00+02:00", "2022-03-29T14:02:00Z"),
            ("2022-03-29T16:02:00+0200", "2022-03-29T14:02:00Z"),
            ("2022-03-29 16:02:00", "2022-03-29T16:02:00Z"),
            ("2022-03-29", "2022-03-29T00:00:00Z"),
            ("Tue, 29 Mar 2022 16:02:00 GMT", "2022-03-29T16:02:00Z"),
            ("Wed, 29 Mar 2022 16:02:00 -0500", "2022-03-29T21:02:00Z"),
            ("Thurs, 29 March 2022 6:02 EST", "2022-03-29T11:02:00Z"),
            ("29 Mar 22 16:02:00 Z", "2022-03-29T16:02:00Z"),
            ("mar., 29 Mar 2022 16:02:00 +0000", "2022-03-29T16:02:00Z"),
            ("Tue 29 Mar 2022 16:02 UTC", "2022-03-29T16:02:00Z"),
            ("July 27, 2026", "2026-07-27T00:00:00Z"),
            ("Mar 29, 2022 4:02 PM", "2022-03-29T16:02:00Z"),
            ("29 Mar 2022 12:30 AM", "2022-03-29T00:30:00Z"),
            ("Sat, 31 Dec 2022 24:00:00 GMT", "2023-01-01T00:00:00Z"),
            ("Sat, 31 Dec 2022 23:59:60 GMT", "2022-12-31T23:59:59Z"),
            ("29 Mar 2022 16:02:00.5Z", "2022-03-29T16:02:00Z"),
        ] {
            assert_eq!(instant(text).map(|at| at.to_string()).as_deref(), Some(at), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "27/07/2026",
            "Tue, 31 Feb 2022 16:02:00 GMT",
            "29 Mar 2022 25:00",
            "29 Mar 2022 13:00 PM",
            "29 martian 2022",
            "Mar 2022",
            "29 Mar 2022 16:02 Mars/Olympus",
            "29 Mar 2022 16:02 +99",
            "1 2 3 Mar 2022",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,30}|([A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9:.]{0,8} [A-Z+0-9:-]{0,6}") {
            let _ = instant(&text);
        }
    }
}
