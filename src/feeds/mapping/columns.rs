//! Columns by their headers, matched loosely: publishers rename `Month (abbv)` to `Month abbv` from one
//! release to the next.

use super::super::DecodeError;

/// A table's headers.
pub struct Columns<'a> {
    names: &'a [String],
    loose: Vec<String>,
}

impl<'a> Columns<'a> {
    /// From the header row.
    pub fn new(names: &'a [String]) -> Self {
        Self { names, loose: names.iter().map(|name| loose(name)).collect() }
    }

    /// The column of the first alternative that is there: exactly if possible, else loosely.
    pub fn find(&self, wanted: &[String], key: &'static str) -> Result<usize, DecodeError> {
        let exactly = |want: &String| self.names.iter().position(|name| name == want);
        let loosely = |want: &String| self.loose.iter().position(|name| !name.is_empty() && *name == loose(want));
        wanted
            .iter()
            .find_map(exactly)
            .or_else(|| wanted.iter().find_map(loosely))
            .ok_or_else(|| DecodeError::NoColumn { wanted: list(wanted, " or "), found: self.found(), key })
    }

    /// What there is, with a doubt where it is a single column.
    fn found(&self) -> String {
        let names = list(self.names, ", ");
        if self.names.len() == 1 {
            format!("only one column, {names}: are `delimiter` and `skip` right?")
        } else {
            names
        }
    }

    /// Every header, in order.
    pub const fn names(&self) -> &[String] {
        self.names
    }
}

/// Text without what does not tell columns apart: case, spaces, punctuation.
pub fn loose(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a cell is loosely `wanted` (which is loose already), without making a copy.
pub fn is_loosely(cell: &str, wanted: &str) -> bool {
    let mut wanted = wanted.chars();
    let mut cell = cell.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    loop {
        match (cell.next(), wanted.next()) {
            (None, None) => return true,
            (a, b) if a == b => {}
            _ => return false,
        }
    }
}

fn list(names: &[String], between: &str) -> String {
    let shown: Vec<String> = names.iter().take(12).map(|name| format!("\"{}\"", name.trim())).collect();
    let more = if names.len() > 12 { format!(" and {} more", names.len() - 12) } else { String::new() };
    shown.join(between) + &more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_matched_loosely_but_the_exact_one_wins() {
        let names: Vec<String> = ["#date", "Month (abbv)", "value", "Value"].map(str::to_owned).to_vec();
        let columns = Columns::new(&names);
        let find = |name: &str| columns.find(&[name.to_owned()], "rows").ok();
        assert_eq!(
            [find("date"), find("month abbv"), find("Value"), find("value")],
            [Some(0), Some(1), Some(3), Some(2)]
        );
        let error = columns.find(&["Count".to_owned(), "n".to_owned()], "value.column").unwrap_err().to_string();
        assert!(error.contains("\"Count\" or \"n\"") && error.contains("\"Month (abbv)\""), "{error}");
        assert!(is_loosely("CHINA, PEOPLES REPUBLIC OF", &loose("China peoples republic of")));
        assert!(!is_loosely("HAITI ", "hait") && !is_loosely("HAIT", "haiti"));
    }
}
