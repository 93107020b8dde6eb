//! Columns by their headers, matched loosely: publishers rename `Month (abbv)` to `Month abbv` from one
//! release to the next.

use super::super::DecodeError;
use super::super::months::folded;
use super::super::options::OneOrMany;
use crate::domain::text::Printable;

/// What a mapping calls a column: one name, or several of which one will be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    names: Vec<String>,
    key: &'static str,
}

impl Names {
    /// From an option; `key` is where it stands, for messages.
    pub fn new(names: &OneOrMany, key: &'static str) -> Self {
        Self { names: names.0.clone(), key }
    }

    /// From a place where only one text may stand (a key of `rows`, the braces of a template): `|` separates
    /// alternatives. The whole text comes first, for headers that hold a `|` themselves.
    pub fn from_text(text: &str, key: &'static str) -> Self {
        let mut names = vec![text.to_owned()];
        if text.contains('|') {
            names.extend(text.split('|').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
        }
        Self { names, key }
    }

    /// Every name.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}

/// A table's headers, and under them perhaps a row of tags (HXL) that name the columns too.
pub struct Columns<'a> {
    names: &'a [String],
    loose: Vec<String>,
    tags: &'a [String],
}

impl<'a> Columns<'a> {
    /// From the header row.
    pub fn new(names: &'a [String]) -> Self {
        Self { names, loose: names.iter().map(|name| loose(name)).collect(), tags: &[] }
    }

    /// The same with tags.
    pub fn tagged(names: &'a [String], tags: &'a [String]) -> Self {
        Self { tags, ..Self::new(names) }
    }

    /// The column of the first alternative that is there: exactly if possible, else loosely.
    pub fn find(&self, wanted: &Names) -> Result<usize, DecodeError> {
        for want in wanted.all() {
            if let Some(column) = self.only(wanted, |at| self.names[at].trim() == want.trim())? {
                return Ok(column);
            }
        }
        for want in wanted.all() {
            let want = loose(want);
            if let Some(column) = self.only(wanted, |at| !want.is_empty() && self.loose[at] == want)? {
                return Ok(column);
            }
        }
        let tag =
            |want: &str| want.starts_with('#').then(|| self.tags.iter().position(|tag| tag.trim() == want.trim()))?;
        wanted.all().find_map(tag).ok_or_else(|| DecodeError::NoColumn {
            wanted: list(&wanted.names, " or "),
            found: self.list(),
            nearest: self.nearest(wanted).unwrap_or_default(),
            key: wanted.key,
        })
    }

    /// The one column that is meant; several are an error, since which one cannot be told.
    fn only(&self, wanted: &Names, is: impl Fn(usize) -> bool) -> Result<Option<usize>, DecodeError> {
        let mut found = (0..self.names.len()).filter(|at| is(*at));
        let (Some(first), second) = (found.next(), found.next()) else { return Ok(None) };
        second.map_or(Ok(Some(first)), |second| {
            let name = |at: usize| format!("\"{}\" (column {})", self.names[at].trim(), at + 1);
            Err(DecodeError::SeveralColumns {
                wanted: list(&wanted.names, " or "),
                found: Printable::clean(&format!("{} or {}", name(first), name(second))),
                key: wanted.key,
            })
        })
    }

    /// How many of some names are here: to tell which row is most likely the header.
    pub fn count<'n>(&self, names: impl Iterator<Item = &'n str>) -> usize {
        names.filter(|name| self.loose.contains(&loose(name))).count()
    }

    /// The header that is most like what is wanted, for a message: `; the nearest is "Month abbv"`.
    fn nearest(&self, wanted: &Names) -> Option<Printable> {
        const ALIKE: f64 = 0.75;
        // A table may have thousands of columns, and many rows are tried as its header.
        const MOST: usize = 200;
        let wanted: Vec<String> = wanted.all().map(loose).collect();
        let likeness = |own: &str| wanted.iter().map(|want| strsim::jaro_winkler(want, own)).fold(0.0, f64::max);
        let looked_at = self.names.iter().zip(&self.loose).take(MOST);
        let (name, alike) = looked_at.map(|(name, own)| (name, likeness(own))).max_by(|a, b| a.1.total_cmp(&b.1))?;
        (alike >= ALIKE).then(|| Printable::clean_to(&format!("; the nearest is \"{}\"", name.trim()), 200))
    }

    /// Every header, in order.
    pub const fn names(&self) -> &[String] {
        self.names
    }

    /// The headers, for a message.
    pub fn list(&self) -> Printable {
        list(self.names, ", ")
    }
}

/// Text without what does not tell columns apart: case, accents, spaces, punctuation.
pub fn loose(text: &str) -> String {
    folded(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn list(names: &[String], between: &str) -> Printable {
    const MOST: usize = 30;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("\"{}\"", name.trim())).collect();
    let more = if names.len() > MOST { format!(" and {} more", names.len() - MOST) } else { String::new() };
    Printable::clean_to(&(shown.join(between) + &more), 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_matched_loosely_but_the_exact_one_wins() {
        let names: Vec<String> =
            ["\u{feff}#date", "Month (abbv)", "value", "Value ", "Total|n"].map(str::to_owned).to_vec();
        let columns = Columns::new(&names);
        let find = |name: &str| columns.find(&Names::from_text(name, "rows")).ok();
        assert_eq!(
            [
                find("date"),
                find("month abbv"),
                find("Value"),
                find("value"),
                find("Total|n"),
                find("Count|Month(abbv)")
            ],
            [Some(0), Some(1), Some(3), Some(2), Some(4), Some(1)]
        );
        let many = OneOrMany(vec!["Count".to_owned(), "n".to_owned()]);
        let error = columns.find(&Names::new(&many, "value.column")).unwrap_err().to_string();
        assert!(error.contains("\"Count\" or \"n\"") && error.contains("\"Month (abbv)\""), "{error}");
        let error = columns.find(&Names::from_text("VALUE", "value.column")).unwrap_err().to_string();
        assert!(error.contains("may be the column \"value\" (column 3) or \"Value\" (column 4)"), "{error}");
        assert!(columns.find(&Names::from_text("?", "rows")).is_err());
        let error = columns.find(&Names::from_text("Month abbr", "period.month")).unwrap_err().to_string();
        assert!(error.contains("the nearest is \"Month (abbv)\""), "{error}");
    }

    #[test]
    fn accents_do_not_matter_and_tags_are_names_too() {
        let names = ["Año".to_owned(), "Individuals".to_owned()];
        let tags = ["#date+year".to_owned(), "#affected+idps".to_owned()];
        let columns = Columns::tagged(&names, &tags);
        let find = |name: &str| columns.find(&Names::from_text(name, "rows")).ok();
        assert_eq!([find("ano"), find("#affected+idps"), find("affected+idps")], [Some(0), Some(1), None]);
    }
}
