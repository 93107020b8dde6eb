//! Warnings as they are collected: all are counted; of each kind only the first are kept, so that one wrong column
//! does not hide everything else.

use super::Warning;
use crate::domain::text::Printable;

/// Warnings of one document.
#[derive(Debug, Default)]
pub struct Warnings {
    kept: Vec<Warning>,
    /// How often each remedy was given: the remedy is the kind.
    kinds: Vec<(&'static str, usize)>,
}

impl Warnings {
    /// How many of a kind are kept.
    pub const MOST_OF_A_KIND: usize = 20;

    /// Counts a warning. `say` gives place and finding, and is asked only where it is kept.
    pub fn add(&mut self, remedy: &'static str, say: impl FnOnce() -> (String, String)) {
        let count = match self.kinds.iter_mut().find(|(known, _)| *known == remedy) {
            Some((_, count)) => count,
            None => {
                self.kinds.push((remedy, 0));
                &mut self.kinds.last_mut().expect("one was pushed").1
            }
        };
        *count += 1;
        if *count <= Self::MOST_OF_A_KIND {
            let (place, what) = say();
            let clean = Printable::clean;
            self.kept.push(Warning { place: clean(&place), what: clean(&what), remedy: clean(remedy) });
        }
    }

    /// What was kept, and how many there were in all.
    pub fn finish(self) -> (Vec<Warning>, usize) {
        (self.kept, self.kinds.iter().map(|(_, count)| count).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::Warnings;

    #[test]
    fn a_flood_of_one_kind_does_not_hide_another() {
        let mut warnings = Warnings::default();
        for row in 0..1_000 {
            warnings.add("mend the column", || (format!("line {row}"), "it is none".to_owned()));
        }
        warnings.add("mend the row", || ("line 7".to_owned(), "it is short".to_owned()));
        let (kept, count) = warnings.finish();
        assert_eq!((kept.len(), count), (Warnings::MOST_OF_A_KIND + 1, 1_001));
        assert_eq!(kept.last().unwrap().what.as_str(), "it is short");
    }
}
