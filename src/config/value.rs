//! Values: how each kind of thing is written in a configuration, with what to say where it is written otherwise.

use super::finding::Complaint;
use super::section::{article, nearest, unknown_word};
use crate::domain::policy_date::{Due, NoDue};
use crate::domain::text::Printable;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use std::path::Path;
use toml::de::DeValue;

/// A value, or what is wrong with it.
pub(super) type Parsed<T> = Result<T, Complaint>;

/// Any text, as it stands.
pub(super) fn raw_text(value: &DeValue<'_>) -> Parsed<String> {
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(Complaint::new(format!("is {}, not text", article(value)), "put it in quotes")),
    }
}

/// A program and its words, none of which a shell reads.
pub(super) fn words(value: &DeValue<'_>) -> Parsed<Vec<String>> {
    let wrong = || {
        Complaint::new(
            "is no list of words that begins with a program",
            "write it as [\"/usr/local/bin/arrivals\", \"--csv\"]; no shell reads it",
        )
    };
    let words = value.as_array().ok_or_else(wrong)?.iter().map(|word| word.get_ref().as_str().map(str::to_owned));
    let words: Vec<String> = words.collect::<Option<_>>().ok_or_else(wrong)?;
    if words.first().is_none_or(|program| program.is_empty()) || words.iter().any(|word| word.contains('\0')) {
        return Err(wrong());
    }
    Ok(words)
}

/// Text that people see; not empty.
pub(super) fn text(value: &DeValue<'_>) -> Parsed<Printable> {
    let text = Printable::clean(&raw_text(value)?);
    if text.is_empty() {
        return Err(Complaint::new("is empty", "write something, or leave the key out"));
    }
    Ok(text)
}

/// An id that stands in file names and commands: letters, digits, `-`, `_` and `.`.
pub(super) fn id(value: &DeValue<'_>) -> Parsed<String> {
    let id = raw_text(value)?;
    let plain = id.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !plain || id.is_empty() || id.starts_with('.') || id.chars().count() > 100 {
        return Err(Complaint::new(
            format!("is \"{}\", which cannot be an id", Printable::clean(&id)),
            "use letters, digits, \"-\", \"_\" and \".\" (not first), up to 100 of them",
        ));
    }
    Ok(id)
}

/// A name in a series' identity, such as `darien/HTI` or `encounters`: shown as it stands.
pub(super) fn name(value: &DeValue<'_>) -> Parsed<String> {
    let name = raw_text(value)?;
    let clean = Printable::clean(&name);
    if clean.as_str() != name || name.is_empty() || name.contains(['{', '}']) {
        return Err(Complaint::new(
            format!("is \"{clean}\", which cannot be an id"),
            "use a short name without line breaks, braces and blanks at its ends",
        ));
    }
    Ok(name)
}

/// `true` or `false`.
pub(super) fn flag(value: &DeValue<'_>) -> Parsed<bool> {
    value.as_bool().ok_or_else(|| {
        Complaint::new(format!("is {}, not true or false", article(value)), "write true or false, without quotes")
    })
}

/// One of a closed list of words, as text.
pub(super) fn one_of(known: &[&str]) -> impl Fn(&DeValue<'_>) -> Parsed<String> {
    let known: Vec<(&str, &str)> = known.iter().map(|word| (*word, *word)).collect();
    move |value| word(&known)(value).map(str::to_owned)
}

/// One of a closed list of words, each with its meaning.
pub(super) fn word<T: Copy>(known: &[(&str, T)]) -> impl Fn(&DeValue<'_>) -> Parsed<T> {
    move |value| {
        let word = raw_text(value)?;
        known
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, meaning)| *meaning)
            .ok_or_else(|| unknown_word(Printable::clean(&word).as_str(), known.iter().map(|(name, _)| *name)))
    }
}

/// A length of time above zero: a number and a unit (`90s`, `5m`, `6h`, `10d`, `2w`, `1h 30m`). A day has 24 hours.
pub(super) fn duration(value: &DeValue<'_>) -> Parsed<SignedDuration> {
    let remedy = "write a number with its unit: \"90s\", \"5m\", \"6h\", \"10d\"";
    let text = match value {
        DeValue::Integer(_) | DeValue::Float(_) => {
            return Err(Complaint::new("is a number without a unit", remedy));
        }
        other => raw_text(other)?,
    };
    let wrong = |why: &str| Complaint::new(format!("is \"{}\", {why}", Printable::clean(&text)), remedy);
    let span: Span = text.parse().map_err(|_| wrong("which is no length of time"))?;
    let duration = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| wrong("but months and years have no fixed length"))?;
    if duration <= SignedDuration::ZERO {
        return Err(wrong("which is not above zero"));
    }
    Ok(duration)
}

/// A pause between two requests: a length of time, and some pause there has to be.
pub(super) fn pause(value: &DeValue<'_>) -> Parsed<SignedDuration> {
    duration(value).map_err(|complaint| match raw_text(value).map(|text| text.parse::<Span>()) {
        Ok(Ok(span)) if span.is_zero() => Complaint::new(
            "is no pause, and no host is asked without one",
            "write the shortest that the hosts bear, such as \"100ms\"",
        ),
        _ => complaint,
    })
}

/// The most bytes that a reply may have: `32MiB`, `500kB`, or a bare number; from a thousand to 1 GiB.
pub(super) fn body_cap(value: &DeValue<'_>) -> Parsed<u64> {
    let text = match value {
        DeValue::Integer(number) => number.to_string(),
        other => raw_text(other)?,
    };
    let wrong = |why| {
        Complaint::new(
            format!("is \"{}\", which is {why}", Printable::clean(&text)),
            "write a number of bytes with its unit, from \"1kB\" to \"1GiB\": \"32MiB\"",
        )
    };
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit: u64 = match text[digits.len()..].trim() {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" | "kiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(wrong("no number of bytes")),
    };
    let number: u64 = digits.replace('_', "").parse().map_err(|_| wrong("no number of bytes"))?;
    number.checked_mul(unit).filter(|bytes| (1_000..=1 << 30).contains(bytes)).ok_or_else(|| wrong("out of range"))
}

/// A zone of the IANA database: `America/Panama`, `UTC`.
pub(super) fn zone(value: &DeValue<'_>) -> Parsed<TimeZone> {
    let name = raw_text(value)?;
    named_zone(&name).map_err(|()| {
        let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let remedy = "use a name of the IANA database, such as \"America/Panama\" or \"UTC\"";
        let near = nearest(&name.replace(' ', "_"), known.iter().map(String::as_str));
        Complaint::new(
            format!("is \"{}\", which is no time zone", Printable::clean(&name)),
            near.map_or_else(|| remedy.to_owned(), |near| format!("did you mean \"{near}\"? {remedy}")),
        )
    })
}

/// The zone of a screen: as [`zone`], or `system` for that of the machine.
pub(super) fn zone_or_system(value: &DeValue<'_>) -> Parsed<TimeZone> {
    if value.as_str() == Some("system") { Ok(TimeZone::system()) } else { zone(value) }
}

/// The month and day on which a year starts: `10-01`.
pub(super) fn month_day(value: &DeValue<'_>) -> Parsed<(i8, i8)> {
    let text = raw_text(value)?;
    let parts = text.split_once('-').and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
    parts.filter(|(month, day)| Date::new(2001, *month, *day).is_ok()).ok_or_else(|| {
        Complaint::new(
            format!("is \"{}\", which is no month and day", Printable::clean(&text)),
            "write it as \"10-01\" for 1 October",
        )
    })
}

/// An instant, in quotes or bare: `2022-05-20T21:30:00Z`; a day begins in `zone`, and a time without an offset is of `zone`.
pub(super) fn instant(zone: &TimeZone) -> impl Fn(&DeValue<'_>) -> Parsed<Timestamp> + '_ {
    move |value| {
        let text = date_text(value)?;
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(at);
        }
        match text.parse::<Due>() {
            Ok(due) => Ok(due.instant(zone)),
            Err(_) => Err(Complaint::new(
                format!("is \"{}\", which is neither a day nor an instant", Printable::clean(&text)),
                "write it as \"2022-04-01\" or \"2022-05-20T21:30:00Z\"",
            )),
        }
    }
}

/// A date to the day or to the minute, civil in its policy date's zone: `2022-05-23`, `2023-05-11T23:59`.
pub(super) fn due(value: &DeValue<'_>) -> Parsed<Due> {
    let text = date_text(value)?;
    text.parse().map_err(|why| {
        let what = match why {
            NoDue::Instant => "an instant, where a date in the policy date's own zone belongs",
            NoDue::NoDate => "which is no date",
        };
        Complaint::new(
            format!("is \"{}\", {what}", Printable::clean(&text)),
            "write it as \"2022-05-23\" or \"2023-05-11T23:59\"",
        )
    })
}

/// TOML has dates of its own; both ways of writing them are taken.
fn date_text(value: &DeValue<'_>) -> Parsed<String> {
    match value {
        DeValue::Datetime(date) => Ok(date.to_string()),
        DeValue::String(text) => Ok(text.to_string()),
        other => Err(Complaint::new(format!("is {}, not a date", article(other)), "write it as \"2022-04-01\"")),
    }
}

/// A longitude and a latitude in degrees.
pub(super) fn position(value: &DeValue<'_>) -> Parsed<(f64, f64)> {
    let number = |value: &DeValue<'_>| match value {
        DeValue::Integer(number) => number.to_string().parse().ok(),
        DeValue::Float(number) => number.as_str().replace('_', "").parse::<f64>().ok(),
        _ => None,
    };
    let pair: Option<Vec<f64>> =
        value.as_array().and_then(|pair| pair.iter().map(|value| number(value.get_ref())).collect());
    pair.and_then(|pair| <[f64; 2]>::try_from(pair).ok())
        .map(|[longitude, latitude]| (longitude, latitude))
        .filter(|(longitude, latitude)| longitude.abs() <= 180.0 && latitude.abs() <= 90.0)
        .ok_or_else(|| {
            Complaint::new(
                "holds something that is no position",
                "write pairs of longitude (-180 to 180) and latitude (-90 to 90): [[-106.4, 31.7], [-99.5, 27.5]]",
            )
        })
}

/// A zone by its IANA name. The system's file is read as it stands: looking it up by the library walks the whole folder of
/// zones first, which takes longer than all else before the first frame. What is not there the library finds.
fn named_zone(name: &str) -> Result<TimeZone, ()> {
    let plain = !name.is_empty()
        && name
            .split('/')
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "+-_".contains(c)));
    let file = plain.then(|| std::fs::read(Path::new("/usr/share/zoneinfo").join(name)).ok()).flatten();
    let read = file.and_then(|bytes| TimeZone::tzif(name, &bytes).ok());
    read.or_else(|| TimeZone::get(name).ok()).ok_or(())
}
