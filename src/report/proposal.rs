//! `feed guess` for scripts: what is proposed, why, and what it gives when the document is read with it.

use super::json;
use crate::domain::feed::FeedKind;
use crate::domain::text::Printable;
use crate::domain::time::Period;
use serde_json::{Value, json as value};

/// A proposal, or why there is none.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// The feed's id.
    pub feed: Option<String>,
    /// Statistics or news.
    pub kind: Option<FeedKind>,
    /// What the document is.
    pub what: Printable,
    /// The commented `[[feed]]` table.
    pub toml: Option<String>,
    /// What is not certain.
    pub unsure: Vec<Printable>,
    /// The columns that were seen.
    pub columns: Vec<SeenColumn>,
    /// How many series it gives.
    pub series: usize,
    /// How many figures.
    pub figures: usize,
    /// How many headlines.
    pub headlines: usize,
    /// The first period and the last.
    pub span: Option<(Period, Period)>,
    /// How many warnings.
    pub warnings: usize,
    /// Why there is none.
    pub error: Option<Printable>,
}

/// A column as it was seen.
#[derive(Clone, Debug)]
pub struct SeenColumn {
    /// Its header.
    pub name: Printable,
    /// Cells that are not empty.
    pub filled: usize,
    /// Different values.
    pub values: usize,
    /// Some of them.
    pub samples: Vec<Printable>,
    /// What the proposal uses it for.
    pub used: Option<&'static str>,
}

/// The document: `feed`, `kind`, `what`, `toml`, `unsure`, `columns` (`name`, `filled`, `values`, `samples`, `used`), `reads`
/// (`series`, `figures`, `headlines`, `first`, `last`, `warnings`), `error`.
pub fn proposal_json(proposal: &Proposal) -> String {
    let texts = |list: &[Printable]| Value::from(list.iter().map(|text| json::text(Some(text))).collect::<Vec<_>>());
    let column = |column: &SeenColumn| {
        value!({
            "name": json::text(Some(&column.name)),
            "filled": column.filled,
            "values": column.values,
            "samples": texts(&column.samples),
            "used": column.used,
        })
    };
    let period = |period: Option<Period>| period.map_or(Value::Null, json::period);
    let reads = value!({
        "series": proposal.series,
        "figures": proposal.figures,
        "headlines": proposal.headlines,
        "first": period(proposal.span.map(|(first, _)| first)),
        "last": period(proposal.span.map(|(_, last)| last)),
        "warnings": proposal.warnings,
    });
    json::document([
        ("feed", proposal.feed.as_deref().map_or(Value::Null, Value::from)),
        ("kind", proposal.kind.map_or(Value::Null, |kind| kind.word().into())),
        ("what", json::text(Some(&proposal.what))),
        ("toml", proposal.toml.as_deref().map_or(Value::Null, Value::from)),
        ("unsure", texts(&proposal.unsure)),
        ("columns", proposal.columns.iter().map(column).collect::<Vec<_>>().into()),
        ("reads", if proposal.toml.is_some() { reads } else { Value::Null }),
        ("error", json::text(proposal.error.as_ref())),
    ])
}
