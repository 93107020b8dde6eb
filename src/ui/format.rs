//! Changes, clocks and instants as people read them on a screen.

use crate::domain::words;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A change against a base: `+28 %`, `−20 %`; `×1.84` where the base is small or the change large; `from 0`.
pub fn change(value: f64, base: f64) -> String {
    if base == 0.0 {
        return if value == 0.0 { "0 %".to_owned() } else { "from 0".to_owned() };
    }
    let ratio = value / base;
    if ratio >= 10.0 {
        return format!("×{ratio:.0}");
    }
    if base < 10_000.0 && (ratio >= 1.5 || base < 100.0) || ratio >= 2.0 {
        return format!("×{ratio:.2}");
    }
    let percent = (ratio - 1.0) * 100.0;
    let sign = if percent.round() < 0.0 { "−" } else { "+" };
    format!("{sign}{:.0} %", percent.abs())
}

/// Time to or from zero, no unit smaller than `step`: `34 d 03 h`, `5 h 12 min`, `12:05` in the last hour.
pub fn countdown(length: SignedDuration, step: SignedDuration) -> String {
    let (days, hours, minutes, seconds) = parts(length);
    let step = step.as_secs();
    match (days, hours) {
        _ if step >= 86_400 => format!("{days} d"),
        (1.., _) => format!("{days} d {hours:02} h"),
        _ if step >= 3_600 => format!("{hours} h"),
        (0, 1..) => format!("{hours} h {minutes:02} min"),
        _ if step >= 60 => format!("{minutes} min"),
        _ => format!("{minutes:02}:{seconds:02}"),
    }
}

/// The same in big digits, which never show seconds: `34d 03h`, `05:12`.
pub fn big_countdown(length: SignedDuration, step: SignedDuration) -> String {
    let (days, hours, minutes, _) = parts(length);
    match days {
        _ if step.as_secs() >= 86_400 => format!("{days}d"),
        1.. => format!("{days}d {hours:02}h"),
        _ if step.as_secs() >= 3_600 => format!("{hours}h"),
        _ => format!("{hours:02}:{minutes:02}"),
    }
}

fn parts(length: SignedDuration) -> (i64, i64, i64, i64) {
    let seconds = length.as_secs().max(0);
    (seconds / 86_400, seconds % 86_400 / 3_600, seconds % 3_600 / 60, seconds % 60)
}

/// The time of day, no unit smaller than `step`; empty where the step is a day or more.
pub fn time_of_day(at: Timestamp, zone: &TimeZone, step: SignedDuration) -> String {
    if step.as_secs() >= 86_400 {
        return String::new();
    }
    let local = at.to_zoned_datetime(zone.clone());
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// `Mon 18 Apr 2022`
pub fn date_long(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned_datetime(zone.clone());
    let weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        [usize::from(local.weekday().to_monday_zero_offset().unsigned_abs())];
    format!("{weekday} {}", words::day_and_year(local.date()))
}

/// A zone's name as people say it: `New York` for `America/New_York`.
pub fn zone_name(zone: &TimeZone) -> String {
    let name = zone.iana_name().unwrap_or("local");
    name.rsplit('/').next().unwrap_or(name).replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_say_their_size_honestly() {
        for (value, base, text) in [
            (221_303.0, 173_277.0, "+28 %"),
            (4969.0, 2694.0, "×1.84"),
            (2439.0, 4059.0, "−40 %"),
            (88.0, 76.0, "×1.16"),
            (5.0, 0.0, "from 0"),
            (0.0, 0.0, "0 %"),
            (72.0, 3.0, "×24"),
            (100.2, 100.0, "+0 %"),
        ] {
            assert_eq!(change(value, base), text);
        }
    }

    #[test]
    fn clocks_show_no_unit_smaller_than_their_step() {
        let length = SignedDuration::from_secs(34 * 86_400 + 3 * 3_600 + 12 * 60 + 5);
        let (second, three_hours, month) =
            (SignedDuration::from_secs(1), SignedDuration::from_hours(3), SignedDuration::from_hours(720));
        assert_eq!(countdown(length, second), "34 d 03 h");
        assert_eq!(countdown(length, month), "34 d");
        assert_eq!(countdown(SignedDuration::from_secs(5 * 3_600 + 725), second), "5 h 12 min");
        assert_eq!(countdown(SignedDuration::from_secs(5 * 3_600 + 725), three_hours), "5 h");
        assert_eq!(countdown(SignedDuration::from_secs(725), second), "12:05");
        assert_eq!(big_countdown(length, three_hours), "34d 03h");
        assert_eq!(big_countdown(SignedDuration::from_secs(725), second), "00:12");
        let at: Timestamp = "2022-04-18T21:00:00Z".parse().unwrap();
        let zone = TimeZone::get("America/New_York").unwrap();
        assert_eq!(
            (time_of_day(at, &zone, three_hours).as_str(), time_of_day(at, &zone, month).as_str()),
            ("17:00", "")
        );
        assert_eq!(date_long(at, &zone), "Mon 18 Apr 2022");
        assert_eq!(zone_name(&zone), "New York");
    }
}
