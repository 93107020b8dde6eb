//! Dates that need no explanation: every form here can mean one period only. `01/02/2022` is none of them.

use crate::domain::time::{Cadence, Period};
use crate::feeds::months::named;
use jiff::civil::Date;

/// The period that a text names, of the finest cadence that it speaks of: `2022-03-17`, with or without a time after
/// it, `20220317`, `17 March 2022`, `March 17, 2022`, `2022-03`, `202203`, `2022M03`, `Y2022M03`, `Mar 2022`,
/// `MAR2022`, `2022-W11`, `2022-Q1`, `2022Q1`, `2022`, and a year with a remark: `2024 (FYTD)`.
pub fn read(text: &str) -> Option<Period> {
    let text = text.trim();
    if let Ok(period) = text.parse::<Period>() {
        return Some(period);
    }
    iso_with_time(text)
        .or_else(|| compact(text))
        .or_else(|| with_month_name(text))
        .or_else(|| quarter_or_week(text))
        .or_else(|| year_with_remark(text))
}

/// A period of `cadence` from what was named: a day is in a month, a month in a quarter; a year is in no month.
pub fn within(named: Period, cadence: Cadence) -> Option<Period> {
    let is_in = match (named.cadence(), cadence) {
        (Cadence::Day, _) | (Cadence::Month, Cadence::Quarter | Cadence::Year) | (Cadence::Quarter, Cadence::Year) => {
            true
        }
        (a, b) => a == b,
    };
    is_in.then(|| Period::containing(cadence, named.start()))
}

/// The year of a text that begins with one: `2024 (FYTD)`, `2021.0`. A fifth digit makes it none.
pub fn leading_year(text: &str) -> Option<i16> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (digits == 4).then(|| text[..4].parse().ok()).flatten()
}

/// The year that a text names, where it stands alone: `2022`, `2022 (FYTD)`, `FY 2022`, `FY22`. A fiscal year may be named after both
/// of its years (`2021-22`, `2021/2022`): then it is the second, in which it ends. In a calendar year two years mean nothing.
pub fn year_named(text: &str, fiscal: bool) -> Option<i16> {
    let bare = text.trim();
    let lower = bare.to_ascii_lowercase();
    let prefix = ["fiscal year", "fy"].iter().find(|prefix| lower.starts_with(**prefix));
    let rest = prefix.map_or(bare, |prefix| bare[prefix.len()..].trim_start_matches([' ', '-', ':', '.']));
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (first, after) = rest.split_at(digits(rest));
    let second = after.trim_start().strip_prefix(['-', '/', '\u{2013}', '\u{2014}']).map(str::trim_start);
    let second = second.map(|text| &text[..digits(text)]).filter(|text| !text.is_empty());
    let year = |text: &str| match (text.len(), text.parse::<i16>().ok()?) {
        (4, year) => Some(year),
        (2, short) if prefix.is_some() || second.is_some() => {
            Some(if short < 70 { 2000 + short } else { 1900 + short })
        }
        _ => None,
    };
    match second {
        None => year(first),
        Some(second) => {
            let ends = year(first)? + 1;
            // 2021-22 and 2021-2022, and not 2021-07.
            let is_next = (second.len() == 4 && second.parse() == Ok(ends))
                || (second.len() == 2 && second.parse() == Ok(ends.rem_euclid(100)));
            (fiscal && is_next).then_some(ends)
        }
    }
}

fn iso_with_time(text: &str) -> Option<Period> {
    let (date, rest) = text.split_at_checked(10)?;
    if !rest.starts_with(['T', 't', ' ']) || !rest[1..].trim_start().starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    date.parse::<Period>().ok().filter(|period| period.cadence() == Cadence::Day)
}

fn compact(text: &str) -> Option<Period> {
    let text = text.strip_prefix(['Y', 'y']).unwrap_or(text);
    let (year, rest) = text.split_at_checked(4)?;
    let year: i16 = year.bytes().all(|byte| byte.is_ascii_digit()).then(|| year.parse().ok()).flatten()?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i8>().ok()).flatten();
    let day = |cadence, month, day| Date::new(year, month, day).ok().map(|date| Period::containing(cadence, date));
    match (rest.as_bytes().first()?, rest.len()) {
        (b'M' | b'm', 2 | 3) => day(Cadence::Month, digits(&rest[1..])?, 1),
        (b'Q' | b'q', 2) => {
            day(Cadence::Quarter, digits(&rest[1..]).filter(|quarter| (1..=4).contains(quarter))? * 3 - 2, 1)
        }
        (b'W' | b'w', 3) => format!("{year:04}-W{}", &rest[1..]).parse().ok(),
        // Six digits and eight: only years that statistics are about, since any number has digits.
        (b'0'..=b'9', 2) if (1900..2200).contains(&year) => day(Cadence::Month, digits(rest)?, 1),
        (b'0'..=b'9', 4) if (1900..2200).contains(&year) => {
            day(Cadence::Day, digits(rest.get(..2)?)?, digits(rest.get(2..)?)?)
        }
        _ => None,
    }
}

/// A month's name with a year of four digits, perhaps a day and the name of a weekday: in any order that means one
/// thing.
fn with_month_name(text: &str) -> Option<Period> {
    let (mut year, mut month, mut day) = (None, None, None);
    for token in tokens(text) {
        let number = token.bytes().all(|byte| byte.is_ascii_digit());
        match token.len() {
            4 if number && year.is_none() => year = token.parse::<i16>().ok(),
            1 | 2 if number && day.is_none() => day = token.parse::<i8>().ok(),
            _ if number => return None,
            _ if month.is_none() && named(token).is_some() => month = named(token),
            _ if is_weekday(token) || matches!(token, "of" | "de" | "del" | "di") => {}
            _ if day.is_some() && matches!(token, "st" | "nd" | "rd" | "th" | "er") => {}
            _ => return None,
        }
    }
    let (cadence, day) = day.map_or((Cadence::Month, 1), |day| (Cadence::Day, day));
    Some(Period::containing(cadence, Date::new(year?, month?, day).ok()?))
}

/// `Q1 2021`, `T3 2021`, `2021 Q1`, `Week 9 2022`, `KW 9/2022`: one word that says which part, its number, and a year of four
/// digits.
fn quarter_or_week(text: &str) -> Option<Period> {
    let (mut year, mut number, mut part) = (None, None, None);
    for token in tokens(text) {
        let is_number = token.bytes().all(|byte| byte.is_ascii_digit());
        match (token.to_lowercase().as_str(), token.len()) {
            (_, 4) if is_number && year.is_none() => year = token.parse::<i16>().ok(),
            (_, 1 | 2) if is_number && number.is_none() => number = token.parse::<i8>().ok(),
            ("q" | "t" | "quarter" | "trimestre" | "quartal", _) if part.is_none() => part = Some(Cadence::Quarter),
            ("w" | "wk" | "week" | "kw" | "semana" | "settimana" | "semaine" | "woche", _) if part.is_none() => {
                part = Some(Cadence::Week);
            }
            ("of" | "de" | "del" | "di", _) => {}
            _ => return None,
        }
    }
    match (part?, number?) {
        (Cadence::Quarter, quarter @ 1..=4) => {
            Some(Period::containing(Cadence::Quarter, Date::new(year?, quarter * 3 - 2, 1).ok()?))
        }
        (Cadence::Week, week) => format!("{:04}-W{week:02}", year?).parse().ok(),
        _ => None,
    }
}

/// Runs of letters and runs of digits.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let digit = rest.chars().next()?.is_ascii_digit();
        let end = rest.find(|c: char| !c.is_alphanumeric() || c.is_ascii_digit() != digit).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        rest = after;
        Some(token)
    })
}

fn is_weekday(token: &str) -> bool {
    let token = token.to_lowercase();
    token.len() >= 3
        && ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
            .iter()
            .any(|name| name.starts_with(token.as_str()))
}

fn year_with_remark(text: &str) -> Option<Period> {
    let remark = text.get(4..)?;
    if !remark.trim_start().starts_with(['(', '*', '.'])
        || remark.starts_with('.') && !remark[1..].bytes().all(|b| b == b'0')
    {
        return None;
    }
    Some(Period::containing(Cadence::Year, Date::new(leading_year(text)?, 1, 1).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_that_mean_one_period() {
        for (text, label) in [
            ("2022-03-17", "2022-03-17"),
            (" 2022-03-17T00:00:00Z ", "2022-03-17"),
            ("2022-03-17 12:00", "2022-03-17"),
            ("20220317", "2022-03-17"),
            ("17 March 2022", "2022-03-17"),
            ("March 17, 2022", "2022-03-17"),
            ("January 05, 2020", "2020-01-05"),
            ("Thu 17th of Mar 2022", "2022-03-17"),
            ("2022-03", "2022-03"),
            ("202203", "2022-03"),
            ("2022M03", "2022-03"),
            ("2022M3", "2022-03"),
            ("Y2015M01", "2015-01"),
            ("Mar. 2022", "2022-03"),
            ("MAR2022", "2022-03"),
            ("2022 Sept", "2022-09"),
            ("2022-W11", "2022-W11"),
            ("2022W11", "2022-W11"),
            ("2022-Q1", "2022-Q1"),
            ("2022Q4", "2022-Q4"),
            ("Q1 2021", "2021-Q1"),
            ("T3/2021", "2021-Q3"),
            ("2021 Quarter 4", "2021-Q4"),
            ("Week 9 2022", "2022-W09"),
            ("KW 52/2021", "2021-W52"),
            ("Enero de 2021", "2021-01"),
            ("17 de marzo de 2022", "2022-03-17"),
            ("2022", "2022"),
            ("2024 (FYTD)", "2024"),
            ("2021.0", "2021"),
        ] {
            assert_eq!(read(text).map(Period::label).as_deref(), Some(label), "{text}");
        }
        for text in [
            "",
            "March",
            "2022-13-01",
            "2022-03-01x",
            "01/02/2022",
            "13-Jan-20",
            "2022-02-30",
            "202213",
            "20221301",
            "123456",
            "5 2022",
            "2022 2021",
            "Mar Apr 2022",
            "2021.5",
            "20221",
            "2022M",
            "2022Q5",
            "Q5 2022",
            "Q1 22",
            "Week 60 2022",
            "Total",
            "2022-03-17T",
            "é022",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_fiscal_year_is_named_after_the_year_in_which_it_ends() {
        for (text, year) in [
            ("2022", 2022),
            ("2024 (FYTD)", 2024),
            ("2021.0", 2021),
            ("FY2022", 2022),
            ("FY 22", 2022),
            ("Fiscal Year 2022", 2022),
            ("2021-22", 2022),
            ("2021/2022", 2022),
            ("2021\u{2013}22", 2022),
            ("1999-00", 2000),
            ("FY2021/22", 2022),
            ("21/22", 2022),
        ] {
            assert_eq!(year_named(text, true), Some(year), "{text}");
        }
        for text in ["2021-07", "2021-23", "22", "20221", "Total", "", "FY", "2021-2023"] {
            assert_eq!(year_named(text, true), None, "{text}");
        }
        assert_eq!(
            (year_named("2021-22", false), year_named("2021", false)),
            (None, Some(2021)),
            "two calendar years are none"
        );
    }

    #[test]
    fn what_lies_within_what() {
        let day = read("2022-03-17").unwrap();
        let labels: Vec<String> = Cadence::ALL.iter().map(|cadence| within(day, *cadence).unwrap().label()).collect();
        assert_eq!(labels, ["2022-03-17", "2022-W11", "2022-03", "2022-Q1", "2022"]);
        let year = read("2022").unwrap();
        assert_eq!((within(year, Cadence::Month), within(year, Cadence::Year)), (None, Some(year)));
        assert_eq!(within(read("2022-W11").unwrap(), Cadence::Month), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,14}|[0-9MQWYTé -]{0,12}") {
            let _ = (read(&text), leading_year(&text));
        }

        #[test]
        fn labels_are_read(days in -20_000_i64..60_000, which in 0_usize..5) {
            let date = Date::constant(1970, 1, 1).saturating_add(jiff::ToSpan::days(days));
            let period = Period::containing(Cadence::ALL[which], date);
            prop_assert_eq!(read(&period.label()), Some(period));
        }
    }
}
