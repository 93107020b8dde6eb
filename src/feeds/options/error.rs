//! An option that cannot be: which key, what is wrong with it, what to do.

/// An option that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {what}; {remedy}")]
pub struct OptionError {
    /// Which key: `format`, `period.kind`, `series.route` …
    pub key: String,
    /// What is wrong with it.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl OptionError {
    pub(in crate::feeds) fn new(key: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { key: key.to_owned(), what: what.into(), remedy: remedy.into() }
    }

    /// The same of a part: `series` before `period.kind`.
    pub(in crate::feeds) fn within(mut self, part: &str) -> Self {
        self.key = format!("{part}.{}", self.key);
        self
    }
}
