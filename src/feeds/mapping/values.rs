//! Where a series' values stand and what becomes of them, checked.

use super::super::options::{OneOrMany, OptionError, ValueOptions};
use super::Aggregate;
use super::columns::Names;
use super::numbers::Style;
use super::period_rule::PeriodRule;
use super::running::Running;

/// What a series' values are.
#[derive(Clone, Debug)]
pub struct ValueRule {
    /// Where they stand.
    pub source: Source,
    /// What becomes of several rows of a period.
    pub aggregate: Aggregate,
    /// The column by which only the newest rows count.
    pub newest: Option<Names>,
    /// Whether they are running totals to be made into values per period.
    pub running: Option<Running>,
    /// Whether they are stocks, or running totals that stay so.
    pub stock: bool,
    /// How numbers are written.
    pub style: Style,
}

/// Where values stand.
#[derive(Clone, Debug)]
pub enum Source {
    /// Each period has a column.
    Wide,
    /// In one column.
    Column(Names),
    /// In several, each a series of its own.
    Each(Vec<Names>),
    /// In every column that nothing else reads.
    EachOther,
    /// In several that are added.
    SumOf(Vec<Names>),
    /// Nowhere: rows are counted.
    Count,
}

impl ValueRule {
    /// What a series says of its value, and for the rest what the feed says.
    pub fn new(
        own: Option<&ValueOptions>,
        usual: Option<&ValueOptions>,
        period: &PeriodRule,
    ) -> Result<Self, OptionError> {
        let aggregate = aggregate(said(own, usual, |value| value.aggregate.as_deref()))?;
        let newest = said(own, usual, |value| value.newest.as_ref()).map(|column| Names::new(column, "value.newest"));
        let (running, kept) = running(said(own, usual, |value| value.running.as_deref()), period)?;
        let stock = said(own, usual, |value| value.stock).unwrap_or(false);
        if stock && (running.is_some() || kept) {
            return Err(OptionError::new(
                "value.stock",
                "values are stocks (how many are there) or running totals (how many came so far), not both",
                "leave out value.stock or value.running",
            ));
        }
        Ok(Self {
            source: source(own, usual, aggregate, period.is_wide())?,
            aggregate,
            newest,
            running,
            stock: stock || kept,
            style: style(own, usual)?,
        })
    }

    /// Every column that it names.
    pub fn columns(&self) -> impl Iterator<Item = &Names> {
        let values = match &self.source {
            Source::Column(names) => std::slice::from_ref(names),
            Source::Each(list) | Source::SumOf(list) => list.as_slice(),
            Source::Wide | Source::EachOther | Source::Count => &[],
        };
        values.iter().chain(&self.newest)
    }
}

fn said<'a, T>(
    own: Option<&'a ValueOptions>,
    usual: Option<&'a ValueOptions>,
    key: impl Fn(&'a ValueOptions) -> Option<T>,
) -> Option<T> {
    own.and_then(&key).or_else(|| usual.and_then(&key))
}

fn source(
    own: Option<&ValueOptions>,
    usual: Option<&ValueOptions>,
    aggregate: Aggregate,
    wide: bool,
) -> Result<Source, OptionError> {
    let sources = |value: Option<&ValueOptions>, key: &'static str| {
        let value = value?;
        let list = |list: &OneOrMany, key| list.0.iter().map(|name| Names::from_text(name, key)).collect();
        let column = value.column.as_ref().map(|column| Source::Column(Names::new(column, key)));
        let each = value.each.as_ref().map(|each| match each.0.as_slice() {
            [all] if all == "*" => Source::EachOther,
            _ => Source::Each(list(each, "value.each")),
        });
        let sum_of = value.sum_of.as_ref().map(|sum| Source::SumOf(list(sum, "value.sum_of")));
        Some([column, each, sum_of].into_iter().flatten().collect::<Vec<_>>()).filter(|found| !found.is_empty())
    };
    let found = sources(own, "series.value").or_else(|| sources(usual, "value.column")).unwrap_or_default();
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err(OptionError::new(
            "value",
            "it says more than one of column, each and sum_of",
            "keep the one that is meant",
        )),
        (Some(_), None) if wide => Err(OptionError::new(
            "value.column",
            "each period has a column of its own (period.wide), so there is no column of values",
            "leave one of them out",
        )),
        (Some(source), None) => Ok(source),
        (None, _) if wide && aggregate == Aggregate::Count => Err(OptionError::new(
            "value.aggregate",
            "rows cannot be counted where each period has a column (period.wide)",
            "leave it out, or say where the period of a row is",
        )),
        (None, _) if wide => Ok(Source::Wide),
        (None, _) if aggregate == Aggregate::Count => Ok(Source::Count),
        (None, _) => {
            Err(OptionError::new("value", "it does not say where the value is", "write value = { column = \"…\" }"))
        }
    }
}

fn aggregate(word: Option<&str>) -> Result<Aggregate, OptionError> {
    match word {
        None => Ok(Aggregate::One),
        Some("sum") => Ok(Aggregate::Sum),
        Some("last") => Ok(Aggregate::Last),
        Some("count") => Ok(Aggregate::Count),
        Some(other) => {
            let what = format!("\"{other}\" is none");
            let remedy =
                "write aggregate = \"sum\", \"last\" or \"count\", or leave it out where there is one row a period";
            Err(OptionError::new("value.aggregate", what, remedy))
        }
    }
}

/// How totals run, and whether they are kept as they are.
fn running(word: Option<&str>, period: &PeriodRule) -> Result<(Option<Running>, bool), OptionError> {
    match word {
        None => Ok((None, false)),
        Some("year") => Ok((Some(Running::Year(period.year_starts())), false)),
        Some("ever") => Ok((Some(Running::Ever), false)),
        Some("keep") => Ok((None, true)),
        Some(other) => {
            let what = format!("\"{other}\" is none");
            let remedy = "write running = \"year\", \"ever\" or \"keep\", or leave it out where values are per period";
            Err(OptionError::new("value.running", what, remedy))
        }
    }
}

fn style(own: Option<&ValueOptions>, usual: Option<&ValueOptions>) -> Result<Style, OptionError> {
    let decimal = said(own, usual, |value| value.decimal);
    let times = said(own, usual, |value| value.times).unwrap_or(1.0);
    let missing = said(own, usual, |value| value.missing.as_ref()).map_or(&[][..], |list| list.0.as_slice());
    if !times.is_finite() || times <= 0.0 {
        let what = format!("{times} is not possible");
        return Err(OptionError::new(
            "value.times",
            what,
            "write a number above zero, such as 1000 for a table in thousands",
        ));
    }
    Style::new(decimal, times, missing).ok_or_else(|| {
        let what = format!("\"{}\" is no decimal mark", decimal.unwrap_or_default());
        OptionError::new("value.decimal", what, "write \".\" or \",\"")
    })
}
