//! Which rows count: what a column must say. Texts are compared whole, case and spaces aside; everything else matters,
//! since `-` and `*` are words in tables. Bounds compare numbers or dates.

use super::super::DecodeError;
use super::super::options::{OneOrMany, OptionError, RowOptions};
use super::Cells;
use super::columns::{Columns, Names};
use super::dates;
use super::expression::expression;
use regex::Regex;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A test that rows must pass.
#[derive(Clone, Debug)]
pub struct Filter {
    column: Names,
    tests: Vec<Test<Limit>>,
}

#[derive(Clone, Debug)]
enum Test<L> {
    Is(Vec<String>),
    Not(Vec<String>),
    Like(Regex),
    Unlike(Regex),
    From(L),
    Until(L),
    Above(L),
    Below(L),
}

/// With what a cell is compared.
#[derive(Clone, Debug)]
enum Limit {
    Text(String),
    Column(Names),
}

/// The tests of a `rows` table.
pub fn filters(rows: &BTreeMap<String, RowOptions>, key: &'static str) -> Result<Vec<Filter>, OptionError> {
    rows.iter().map(|(column, options)| Filter::new(column, options, key)).collect()
}

impl Filter {
    fn new(column: &str, options: &RowOptions, key: &'static str) -> Result<Self, OptionError> {
        let even = |list: &OneOrMany| list.0.iter().map(|value| even(value)).collect();
        let mut tests = Vec::new();
        tests.extend(options.is.as_ref().map(|list| Test::Is(even(list))));
        tests.extend(options.not.as_ref().map(|list| Test::Not(even(list))));
        for (text, test) in [(&options.like, Test::Like as fn(Regex) -> _), (&options.unlike, Test::Unlike)] {
            if let Some(text) = text {
                tests.push(test(expression(text, key)?));
            }
        }
        for (limit, test) in [
            (&options.from, Test::From as fn(Limit) -> _),
            (&options.until, Test::Until),
            (&options.above, Test::Above),
            (&options.below, Test::Below),
        ] {
            if let Some(limit) = limit {
                tests.push(test(Limit::new(limit, key)?));
            }
        }
        Ok(Self { column: Names::from_text(column, key), tests })
    }

    /// What the mapping calls the columns that it looks at.
    pub fn columns(&self) -> impl Iterator<Item = &Names> {
        let others = self.tests.iter().filter_map(|test| match test {
            Test::From(Limit::Column(names))
            | Test::Until(Limit::Column(names))
            | Test::Above(Limit::Column(names))
            | Test::Below(Limit::Column(names)) => Some(names),
            _ => None,
        });
        std::iter::once(&self.column).chain(others)
    }
}

impl Limit {
    fn new(limit: &OneOrMany, key: &'static str) -> Result<Self, OptionError> {
        let [text] = limit.0.as_slice() else {
            return Err(OptionError::new(key, "a bound is one number or date", "write it as { from = 2015 }"));
        };
        let column = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let limit = column.map_or_else(|| Self::Text(text.clone()), |name| Self::Column(Names::from_text(name, key)));
        match &limit {
            Self::Text(text) if order(text).is_none() => Err(OptionError::new(
                key,
                format!("\"{text}\" is neither a number nor a date"),
                "write a bound as 2015, \"2022-03-17\" or \"{Other column}\"",
            )),
            _ => Ok(limit),
        }
    }

    fn find(&self, columns: &Columns<'_>) -> Result<FoundLimit, DecodeError> {
        Ok(match self {
            Self::Text(text) => FoundLimit::Text(text.clone()),
            Self::Column(names) => FoundLimit::Column(columns.find(names)?),
        })
    }
}

/// Tests whose columns are found.
pub struct Passing {
    tests: Vec<(usize, Vec<Test<FoundLimit>>)>,
}

enum FoundLimit {
    Text(String),
    Column(usize),
}

impl Passing {
    /// Finds the columns.
    pub fn new(filters: &[Filter], columns: &Columns<'_>) -> Result<Self, DecodeError> {
        let found = filters.iter().map(|filter| {
            let tests = filter.tests.iter().map(|test| test.find(columns)).collect::<Result<_, _>>()?;
            Ok((columns.find(&filter.column)?, tests))
        });
        Ok(Self { tests: found.collect::<Result<_, _>>()? })
    }

    /// Whether a row passes all of them.
    pub fn passes<C: Cells>(&self, cells: &C) -> bool {
        self.tests.iter().all(|(column, tests)| {
            let cell = cells.cell(*column);
            tests.iter().all(|test| test.passes(&cell, cells))
        })
    }

    /// Every column that is looked at.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.tests.iter().flat_map(|(column, tests)| {
            let others = tests.iter().filter_map(|test| match test {
                Test::From(FoundLimit::Column(other))
                | Test::Until(FoundLimit::Column(other))
                | Test::Above(FoundLimit::Column(other))
                | Test::Below(FoundLimit::Column(other)) => Some(*other),
                _ => None,
            });
            std::iter::once(*column).chain(others)
        })
    }
}

impl Test<Limit> {
    fn find(&self, columns: &Columns<'_>) -> Result<Test<FoundLimit>, DecodeError> {
        Ok(match self {
            Self::Is(values) => Test::Is(values.clone()),
            Self::Not(values) => Test::Not(values.clone()),
            Self::Like(regex) => Test::Like(regex.clone()),
            Self::Unlike(regex) => Test::Unlike(regex.clone()),
            Self::From(limit) => Test::From(limit.find(columns)?),
            Self::Until(limit) => Test::Until(limit.find(columns)?),
            Self::Above(limit) => Test::Above(limit.find(columns)?),
            Self::Below(limit) => Test::Below(limit.find(columns)?),
        })
    }
}

impl Test<FoundLimit> {
    fn passes<C: Cells>(&self, cell: &str, cells: &C) -> bool {
        let against = |limit: &FoundLimit, wanted: fn(Ordering, Ordering) -> bool| {
            let compared = match limit {
                FoundLimit::Text(text) => compare(cell, text),
                FoundLimit::Column(column) => compare(cell, &cells.cell(*column)),
            };
            // What cannot be compared is not within bounds.
            compared.is_some_and(|(start, end)| wanted(start, end))
        };
        match self {
            Self::Is(values) => values.iter().any(|value| is_even(cell, value)),
            Self::Not(values) => !values.iter().any(|value| is_even(cell, value)),
            Self::Like(regex) => regex.is_match(cell),
            Self::Unlike(regex) => !regex.is_match(cell),
            Self::From(limit) => against(limit, |start, _| start.is_ge()),
            Self::Until(limit) => against(limit, |_, end| end.is_le()),
            Self::Above(limit) => against(limit, |start, end| start.is_gt() && end.is_gt()),
            Self::Below(limit) => against(limit, |start, end| start.is_lt() && end.is_lt()),
        }
    }
}

/// A number, or a stretch of days from its first to its last.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    Number(f64),
    Days(i32, i32),
}

/// How a cell lies to another text: by where both begin, and by where both end. Numbers are compared as numbers, unless
/// one of the two is a date: then `2015` is its year.
fn compare(cell: &str, limit: &str) -> Option<(Ordering, Ordering)> {
    let (mut a, mut b) = (order(cell)?, order(limit)?);
    if matches!((a, b), (Order::Days(..), Order::Number(_)) | (Order::Number(_), Order::Days(..))) {
        (a, b) = (days(cell)?, days(limit)?);
    }
    Some(match (a, b) {
        (Order::Number(a), Order::Number(b)) => (a.partial_cmp(&b)?, a.partial_cmp(&b)?),
        (Order::Days(a, until), Order::Days(b, end)) => (a.cmp(&b), until.cmp(&end)),
        _ => return None,
    })
}

fn order(text: &str) -> Option<Order> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite()).map(Order::Number).or_else(|| days(text))
}

fn days(text: &str) -> Option<Order> {
    fn day(date: jiff::civil::Date) -> i32 {
        // Enough to order days by, and cheaper than counting them.
        i32::from(date.year()) * 400 + i32::from(date.month()) * 32 + i32::from(date.day())
    }
    let period = dates::read(text)?;
    Some(Order::Days(day(period.start()), day(period.end())))
}

/// A number that orders cells of dates or numbers among themselves: `None` where it is neither.
pub fn rank(text: &str) -> Option<f64> {
    Some(match order(text)? {
        Order::Number(number) => number,
        Order::Days(first, _) => f64::from(first),
    })
}

/// Text with case and spaces made even.
pub fn even(text: &str) -> String {
    // By character, as below: str::to_lowercase would also look at what follows a sigma.
    let lower = |word: &str| word.chars().flat_map(char::to_lowercase).collect::<String>();
    let words: Vec<String> = text.split_whitespace().map(lower).collect();
    words.join(" ")
}

/// Whether a cell says `even`, which is even already; without making a copy.
pub fn is_even(cell: &str, even: &str) -> bool {
    let (cell_bytes, even_bytes) = (cell.as_bytes(), even.as_bytes());
    if cell_bytes == even_bytes {
        return true;
    }
    if cell.is_ascii() && !cell_bytes.iter().any(u8::is_ascii_whitespace) {
        return cell_bytes.eq_ignore_ascii_case(even_bytes);
    }
    let mut wanted = even.chars();
    let mut first = true;
    for word in cell.split_whitespace() {
        if !std::mem::take(&mut first) && wanted.next() != Some(' ') {
            return false;
        }
        if !word.chars().flat_map(char::to_lowercase).all(|c| wanted.next() == Some(c)) {
            return false;
        }
    }
    wanted.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_and_spaces_do_not_matter_and_marks_do() {
        assert!(is_even(" Southwest  LAND border", &even("southwest land Border ")));
        assert!(is_even("HAITI", &even("Haiti")) && is_even("ÉTÉ", &even("été")));
        assert!(!is_even("", &even("*")) && !is_even("<5", &even("5")) && is_even("", &even(" ")));
        assert!(!is_even("a b", &even("ab")) && !is_even("a", &even("a b")) && !is_even("a bc", &even("a b")));
    }

    struct Row(&'static [&'static str]);

    impl Cells for Row {
        fn cell(&self, column: usize) -> std::borrow::Cow<'_, str> {
            self.0[column].into()
        }
    }

    #[test]
    fn rows_are_told_apart_in_many_ways() {
        let names = ["a", "b"].map(str::to_owned);
        let columns = Columns::new(&names);
        for (rows, row, passes) in [
            ("a = [\"x\", \"y\"]", &["Y", ""], true),
            ("a = { not = [\"Total\", \"\"] }", &["total", ""], false),
            ("a = { not = [\"Total\", \"\"] }", &[" ", ""], false),
            ("a = { not = \"Total\" }", &["x", ""], true),
            ("a = { like = \"^ESP\" }", &["ESP-WMR", ""], true),
            ("a = { unlike = \"^ESP\" }", &["ESP-WMR", ""], false),
            ("a = { from = 2015, until = 2019 }", &["2019", ""], true),
            ("a = { from = 2015, until = 2019 }", &["2019-12-31", ""], true),
            ("a = { from = 2015, until = 2019 }", &["2020-01-01", ""], false),
            ("a = { from = 2015, until = 2019 }", &["", ""], false),
            ("a = { above = 5 }", &["5", ""], false),
            ("a = { above = 5 }", &["5.5", ""], true),
            ("a = { below = \"2022-03-17\" }", &["16 March 2022", ""], true),
            ("a = { until = \"{b}\" }", &["2022-03-17", "2022-03-17"], true),
            ("a = { until = \"{b}\" }", &["2022-03-18", "2022-03-17"], false),
            ("a = { until = \"{b}\" }", &["2022-03-18", "x"], false),
            ("a = { until = \"{b}\" }", &["9", "10"], true),
        ] as [(&str, &'static [&'static str; 2], bool); 17]
        {
            let rows: BTreeMap<String, RowOptions> = toml::from_str(rows).unwrap();
            let passing = Passing::new(&filters(&rows, "rows").unwrap(), &columns).unwrap();
            assert_eq!(passing.passes(&Row(row)), passes, "{rows:?} {row:?}");
        }
        for (rows, phrase) in [
            ("a = { like = \"(\" }", "no regular expression"),
            ("a = { from = \"soon\" }", "neither a number nor a date"),
            ("a = { from = [1, 2] }", "one number or date"),
        ] {
            let rows: BTreeMap<String, RowOptions> = toml::from_str(rows).unwrap();
            let error = filters(&rows, "rows").unwrap_err().to_string();
            assert!(error.contains(phrase), "{error}");
        }
    }

    proptest! {
        #[test]
        fn comparing_is_comparing_what_is_even(a in "[aA éÉΣ*\t]{0,4}", b in "[aA éÉσ*\t]{0,4}") {
            prop_assert_eq!(is_even(&a, &even(&b)), even(&a) == even(&b));
            prop_assert!(is_even(&a, &even(&a)));
        }
    }
}
