//! Dates of news as publishers write them: RFC 3339 and 2822 and what passes for them, days with slashes and dots, seconds since
//! 1970. An item whose date cannot be read has none; it is never guessed.

use super::mapping::period_of;
use super::months;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

/// The instant of a date. Without a zone it is UTC; a day alone begins at midnight.
pub fn instant(text: &str) -> Option<Timestamp> {
    const LONGEST: usize = 100;
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let bytes = text.as_bytes();
    if bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && bytes.iter().filter(|byte| **byte == b'.').count() < 2
    {
        return counted(text);
    }
    // `2022-03-29…`, `20220329T…`: nothing else has a year first and a sign or `T` behind it.
    if bytes.get(4) == Some(&b'-') || bytes.get(8) == Some(&b'T') {
        return iso(text);
    }
    in_words(text)
}

/// Seconds since 1970, or thousandths of them, or …, told apart by their length; and days without signs between their parts.
fn counted(text: &str) -> Option<Timestamp> {
    let whole = text.split('.').next().unwrap_or(text);
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        8 => utc(civil(number, 0)?),
        14 => utc(civil(number / 1_000_000, number % 1_000_000)?),
        9 | 10 => Timestamp::from_second(number).ok(),
        12 | 13 => Timestamp::from_millisecond(number).ok(),
        15 | 16 => Timestamp::from_microsecond(number).ok(),
        18 | 19 => Timestamp::from_nanosecond(i128::from(number)).ok(),
        _ => None,
    }
}

/// `20220329` and `160200`.
fn civil(day: i64, time: i64) -> Option<DateTime> {
    let part = |number: i64| i8::try_from(number % 100).ok();
    let year = i16::try_from(day / 10_000).ok().filter(|year| (1900..2200).contains(year))?;
    DateTime::new(year, part(day / 100)?, part(day)?, part(time / 10_000)?, part(time / 100)?, part(time)?, 0).ok()
}

fn iso(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        return utc(civil);
    }
    let (civil, zone) = text.rsplit_once(' ')?;
    offset(zone)?.to_timestamp(civil.parse().ok()?).ok()
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
/// Words of other languages between the parts of a date: `le 29 mars 2022 à 16:02`, `29 de marzo de 2022`.
const FILLERS: [&str; 21] = [
    "le", "el", "de", "del", "di", "do", "da", "der", "den", "the", "on", "of", "at", "à", "às", "a", "um", "uhr",
    "alle", "ore", "om",
];

/// `Tue, 29 Mar 2022 16:02:00 GMT`, `29 March 2022 4:02 PM`, `July 27, 2026`, `27/07/2026 16:02`: a month by name, the numbers
/// around it, or both in one word; a time, a zone.
fn in_words(text: &str) -> Option<Timestamp> {
    // What stands before the first comma without a number is the name of a day, in any language.
    let text = text
        .split_once(',')
        .filter(|(day, _)| !day.contains(|c: char| c.is_ascii_digit()))
        .map_or(text, |(_, rest)| rest);
    let (mut year, mut month, mut day, mut time, mut zone, mut noon) = (None, None, None, None, None, None);
    let mut month_first = false;
    for word in text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()) {
        let is_filler = || FILLERS.iter().any(|filler| word.to_lowercase() == *filler);
        if let Some(found) = time_of_day(word).filter(|_| time.is_none()) {
            let (clock, attached) = found;
            time = Some(clock_time(&clock)?);
            if !attached.is_empty() {
                zone = Some(offset(attached)?);
            }
        } else if let (None, None, Some(date)) = (year, day, with_signs(word)) {
            let date = date?;
            (year, month, day) = (Some(date.year()), Some(date.month()), Some(date.day()));
        } else if let Some(number) = number(ordinal(word)) {
            match (ordinal(word).len(), day, year) {
                (1 | 2, None, _) => day = Some(i8::try_from(number).ok()?),
                (4, _, None) => year = Some(number),
                // RFC 822 had years of two digits.
                (2, Some(_), None) => year = Some(if number < 70 { 2000 + number } else { 1900 + number }),
                _ => return None,
            }
        } else if let Some(named) = months::named(word).filter(|_| month.is_none() || month_first && year.is_none()) {
            // `mar. 29 mars`: the first was the name of a day that looks like a month's.
            month_first = month.is_none() && day.is_none();
            month = Some(named);
        } else if let (Some(_), Some(found)) = (time, offset(word)) {
            zone = Some(found);
        } else if time.is_some() && matches!(word, "AM" | "am" | "PM" | "pm") {
            noon = Some(word.eq_ignore_ascii_case("pm"));
        } else if !is_filler() && (month.is_some() || number_of_letters(word) < 2) {
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

/// `16:02`, `16:02:00Z`, `16h02`: the time, and what hangs on it.
fn time_of_day(word: &str) -> Option<(String, &str)> {
    let digits = word.find(|c: char| !c.is_ascii_digit()).filter(|at| (1..=2).contains(at))?;
    match word[digits..].chars().next() {
        Some(':') => {
            let end = word.find(|c| !matches!(c, '0'..='9' | ':' | '.')).unwrap_or(word.len());
            Some((word[..end].to_owned(), &word[end..]))
        }
        Some('h' | 'H') if word[digits + 1..].bytes().all(|byte| byte.is_ascii_digit()) => {
            let minutes = &word[digits + 1..];
            Some((format!("{}:{}", &word[..digits], if minutes.is_empty() { "00" } else { minutes }), ""))
        }
        _ => None,
    }
}

/// `27/07/2026`, `27.07.2026`, `2026/07/27`: the day; `Some(None)` where day and month may be either. With dots the day comes first
/// everywhere; with slashes it does in most of the world, so only numbers above twelve tell.
fn with_signs(word: &str) -> Option<Option<Date>> {
    let sign = word.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '/' | '.' | '-'))?;
    let mut parts = word.trim_end_matches('.').split(sign);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || [first, second, third].iter().any(|part| number(part).is_none()) {
        return None;
    }
    let small = |text: &str| text.parse::<i8>().ok().filter(|_| text.len() <= 2);
    let date = |year: &str, month: &str, day: &str| Date::new(number(year)?, small(month)?, small(day)?).ok();
    Some(match (first.len(), third.len()) {
        (4, 1 | 2) => date(first, second, third),
        (1 | 2, 4) if sign == '.' => date(third, second, first),
        (1 | 2, 4) => match (small(first)?, small(second)?) {
            (day, month) if day > 12 || day == month => date(third, second, first),
            (_, day) if day > 12 => date(third, first, second),
            _ => None,
        },
        _ => None,
    })
}

/// `5th`, `1er`, `5.` without what makes it an ordinal.
fn ordinal(word: &str) -> &str {
    let endings = ["st", "nd", "rd", "th", "er", "º", "."];
    let number = |rest: &&str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    endings.iter().filter_map(|ending| word.strip_suffix(ending)).find(number).unwrap_or(word)
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
            ("2022-03-29T16:02Z", "2022-03-29T16:02:00Z"),
            ("2022-03-29 16:02:00 +0200", "2022-03-29T14:02:00Z"),
            ("2022-03-29 16:02:00 UTC", "2022-03-29T16:02:00Z"),
            ("20240615T123000Z", "2024-06-15T12:30:00Z"),
            ("20240615123000", "2024-06-15T12:30:00Z"),
            ("20240615", "2024-06-15T00:00:00Z"),
            ("1655000000", "2022-06-12T02:13:20Z"),
            ("1655000000.75", "2022-06-12T02:13:20Z"),
            ("1655000000000", "2022-06-12T02:13:20Z"),
            ("27/07/2026", "2026-07-27T00:00:00Z"),
            ("07/27/2026 4:02 PM", "2026-07-27T16:02:00Z"),
            ("7/7/2026", "2026-07-07T00:00:00Z"),
            ("5.7.2026 16:02", "2026-07-05T16:02:00Z"),
            ("2026/07/05 16:02 GMT", "2026-07-05T16:02:00Z"),
            ("le 29 Mar 2022 à 16h02", "2022-03-29T16:02:00Z"),
            ("Tue 29th of March 2022 at 16h", "2022-03-29T16:00:00Z"),
            ("mar. 29 March 2022", "2022-03-29T00:00:00Z"),
            ("Mo 5. Oct 2026 10:00", "2026-10-05T10:00:00Z"),
        ] {
            assert_eq!(instant(text).map(|at| at.to_string()).as_deref(), Some(at), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "05/07/2026",
            "31/02/2022",
            "27/07/26",
            "1/2",
            "20241315",
            "12345",
            "1655000000.7.5",
            "Tue, 31 Feb 2022 16:02:00 GMT",
            "29 Mar 2022 25:00",
            "29 Mar 2022 13:00 PM",
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
