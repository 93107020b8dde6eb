//! How lengths of time, instants and dates are written in text reports; figures are written as everywhere (`domain::words`).

use crate::domain::policy_date::Due;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A length of time in its two largest units: `34 d 7 h`, `3 h 12 min`, `58 s`.
pub(super) fn length(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().unsigned_abs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let parts = match (days, hours, minutes) {
        (0, 0, 0) => return format!("{seconds} s"),
        (0, 0, minutes) => [format!("{minutes} min"), String::new()],
        (0, hours, minutes) => [format!("{hours} h"), unless_zero(minutes, "min")],
        (days, hours, _) => [format!("{days} d"), unless_zero(hours, "h")],
    };
    parts.join(" ").trim_end().to_owned()
}

fn unless_zero(value: u64, unit: &str) -> String {
    if value == 0 { String::new() } else { format!("{value} {unit}") }
}

/// An instant to the minute in UTC: `2022-04-18 20:58 UTC`.
pub fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A date in its zone: `2022-05-23 00:00 America/New_York` for a day too, since its clock runs to midnight.
pub(super) fn due(due: Due, zone: &TimeZone) -> String {
    let time = match due {
        Due::Day(_) => "00:00".to_owned(),
        Due::Minute(at) => at.strftime("%H:%M").to_string(),
    };
    format!("{} {time} {}", due.date(), zone.iana_name().unwrap_or("UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_at_a_glance() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3600, "1 h"),
            (11_520, "3 h 12 min"),
            (86_400, "1 d"),
            (-90_000, "1 d 1 h"),
        ] {
            assert_eq!(length(SignedDuration::from_secs(seconds)), text);
        }
    }
}
