//! Regular expressions of a mapping: checked, and bounded in size. They take linear time whatever the text.

use super::super::options::OptionError;
use regex::{Regex, RegexBuilder};

/// Compiles one; `key` is where it stands.
pub fn expression(text: &str, key: &str) -> Result<Regex, OptionError> {
    const LARGEST: usize = 1 << 20;
    RegexBuilder::new(text).size_limit(LARGEST).multi_line(true).build().map_err(|error| {
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
        let what = format!("\"{text}\" is no regular expression: {why}");
        OptionError::new(key, what, "put it in single quotes, so that backslashes stay: '(\\d+) persons'")
    })
}

/// What the first group of an expression caught, or all that it found where it has no group.
pub fn first_group<'t>(regex: &Regex, text: &'t str) -> Option<&'t str> {
    let found = regex.captures(text)?;
    found.iter().skip(1).flatten().next().or_else(|| found.get(0)).map(|part| part.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_group_is_what_is_meant() {
        let find = |text: &str, all: &str| first_group(&expression(text, "k").unwrap(), all).map(str::to_owned);
        assert_eq!(find(r"FY (\d{4})", "By Month - FY 2019").as_deref(), Some("2019"));
        assert_eq!(find(r"(?:a(\d))|(?:b(\d))", "b7").as_deref(), Some("7"));
        assert_eq!(find(r"\d+", "a 17").as_deref(), Some("17"));
        assert_eq!(find(r"x", "a 17"), None);
        let error = expression("(", "period.of_year").unwrap_err().to_string();
        assert!(error.starts_with("period.of_year: \"(\" is no regular expression: unclosed group"), "{error}");
    }
}
