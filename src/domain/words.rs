//! Figures and periods in the words that a duty officer says: `221,303`, `March 2022`, `Jan–Mar 2022`,
//! `nearly triple`. Used by reasons, screens and reports alike, so that they agree.

use super::time::{Cadence, Period};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// How many things, with thousands separated: `2,904`.
pub fn many(number: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "nobody has so many of them that it shows")]
    count(number as f64)
}

/// How many of what: `1 row`, `2,904 rows`.
pub fn plural(number: usize, one: &str) -> String {
    format!("{} {one}{}", many(number), if number == 1 { "" } else { "s" })
}

/// An amount of bytes in the largest unit of which it is so many: `8 MiB`, `1,000 bytes`.
pub fn bytes(number: u64) -> String {
    let many = |number: u64| many(usize::try_from(number).unwrap_or(usize::MAX));
    match number {
        some if some >= 1 << 20 && some % (1 << 20) == 0 => format!("{} MiB", many(some >> 20)),
        some if some >= 1 << 10 && some % (1 << 10) == 0 => format!("{} KiB", many(some >> 10)),
        some => format!("{} bytes", many(some)),
    }
}

/// A count with thousands separated: `221,303`; up to two decimals where it is none.
pub fn count(value: f64) -> String {
    let rounded = if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") };
    let (whole, fraction) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("−", digits));
    let mut out = String::with_capacity(rounded.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{out}") } else { format!("{sign}{out}.{fraction}") }
}

/// The English name of a month, 1 to 12.
pub fn month(number: i8) -> &'static str {
    usize::try_from(number - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("")
}

/// Its first three letters.
pub fn month_short(number: i8) -> &'static str {
    month(number).get(..3).unwrap_or("")
}

/// `17 Apr`
pub fn day(date: Date) -> String {
    format!("{} {}", date.day(), month_short(date.month()))
}

/// `17 Apr 2022`
pub fn day_and_year(date: Date) -> String {
    format!("{} {} {}", date.day(), month_short(date.month()), date.year())
}

/// A period in a sentence: `March 2022`, `17 Apr 2022`, `week 11 of 2022`, `Q1 2022`, `2022`.
pub fn period(period: Period) -> String {
    let start = period.start();
    match period.cadence() {
        Cadence::Day => day_and_year(start),
        Cadence::Week => {
            let week = start.iso_week_date();
            format!("week {} of {}", week.week(), week.year())
        }
        Cadence::Month => format!("{} {}", month(start.month()), start.year()),
        Cadence::Quarter => format!("Q{} {}", (start.month() - 1) / 3 + 1, start.year()),
        Cadence::Year => start.year().to_string(),
    }
}

/// A period in a column: `Mar 2022`, `17 Apr`, `W11 2022`, `Q1 2022`, `2022`.
pub fn period_short(period: Period) -> String {
    let start = period.start();
    match period.cadence() {
        Cadence::Day => day(start),
        Cadence::Week => {
            let week = start.iso_week_date();
            format!("W{} {}", week.week(), week.year())
        }
        Cadence::Month => format!("{} {}", month_short(start.month()), start.year()),
        Cadence::Quarter | Cadence::Year => self::period(period),
    }
}

/// Several periods in a row: `Jan–Mar 2022`, `Dec 2021–Feb 2022`, `4 Mar–31 Mar 2022`.
pub fn span(first: Period, last: Period) -> String {
    if first == last {
        return period(first);
    }
    let same_year = first.start().year() == last.start().year();
    let from = match (first.cadence(), same_year) {
        (Cadence::Month, true) => month_short(first.start().month()).to_owned(),
        (Cadence::Day, true) => day(first.start()),
        (Cadence::Week, true) => format!("W{}", first.start().iso_week_date().week()),
        (Cadence::Quarter, true) => format!("Q{}", (first.start().month() - 1) / 3 + 1),
        _ => period_short(first),
    };
    let to = if last.cadence() == Cadence::Day { day_and_year(last.start()) } else { period_short(last) };
    format!("{from}–{to}")
}

/// A ratio in words (surge.md R3): `nearly triple`, `double`, `more than fourfold`; below 1.75 `×1.4`.
pub fn ratio(ratio: f64) -> String {
    const NAMES: [&str; 9] =
        ["double", "triple", "fourfold", "fivefold", "sixfold", "sevenfold", "eightfold", "ninefold", "tenfold"];
    if ratio >= 10.75 {
        return "more than tenfold".to_owned();
    }
    if ratio < 1.75 {
        return format!("×{ratio:.1}");
    }
    // Rounding to the nearest with the border at n − 0.25: each ratio from 1.75 to 10.75 belongs to one n of 2 to 10.
    let mut whole = 2.0;
    let mut name = 0;
    while ratio >= whole + 0.75 && name + 1 < NAMES.len() {
        whole += 1.0;
        name += 1;
    }
    // The borders are decimal fractions: a hair of slack keeps 2.9 on its side.
    const HAIR: f64 = 1e-9;
    if ratio < whole - 0.1 - HAIR {
        format!("nearly {}", NAMES[name])
    } else if ratio <= whole + 0.1 + HAIR {
        NAMES[name].to_owned()
    } else {
        format!("more than {}", NAMES[name])
    }
}

/// A length of time in its largest sensible unit: `5 s`, `12 min`, `3 h`, `7 d`.
pub fn age(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// The day of an instant in UTC: `11 Apr`.
pub fn day_of(at: Timestamp) -> String {
    day(at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_said_in_the_largest_unit_that_fits() {
        for (number, said) in [
            (8_388_608, "8 MiB"),
            (1 << 30, "1,024 MiB"),
            (2_048, "2 KiB"),
            (500_000, "500,000 bytes"),
            (16, "16 bytes"),
            (0, "0 bytes"),
        ] {
            assert_eq!(bytes(number), said);
        }
    }

    #[test]
    fn counts_and_periods() {
        let all = [0.0, 999.0, 1000.0, 221_303.0, 1_734_686.0, -1234.0, 2.5].map(count);
        assert_eq!(all, ["0", "999", "1,000", "221,303", "1,734,686", "−1,234", "2.5"]);
        let p = |label: &str| label.parse::<Period>().unwrap();
        assert_eq!(period(p("2022-03")), "March 2022");
        assert_eq!(span(p("2022-01"), p("2022-03")), "Jan–Mar 2022");
        assert_eq!(span(p("2021-12"), p("2022-02")), "Dec 2021–Feb 2022");
        assert_eq!(span(p("2022-03-04"), p("2022-03-31")), "4 Mar–31 Mar 2022");
        assert_eq!(span(p("2022-03"), p("2022-03")), "March 2022");
        assert_eq!(period_short(p("2022-W11")), "W11 2022");
    }

    #[test]
    fn ratios_as_agencies_say_them() {
        let cases = [
            (8456.0 / 2928.0, "nearly triple"),
            (8964.0 / 2928.0, "triple"),
            (13_425.0 / 5622.0, "more than double"),
            (1.4, "×1.4"),
            (1.75, "nearly double"),
            (1.9, "double"),
            (2.1, "double"),
            (2.11, "more than double"),
            (2.75, "nearly triple"),
            (9.9, "tenfold"),
            (10.74, "more than tenfold"),
            (40.0, "more than tenfold"),
        ];
        for (value, words) in cases {
            assert_eq!(ratio(value), words, "{value}");
        }
    }
}
