//! A mapping's series before the first row: their columns found, those that give several values a row made into several, and a
//! column of values read once a row however many series count it.

use super::super::DecodeError;
use super::columns::Columns;
use super::filters::{Filter, Passing};
use super::numbers::{Figure, Style};
use super::template::Found;
use super::values::Source;
use super::{Mapping, SeriesRule};
use crate::domain::route::{RouteId, SeriesId};
use std::collections::HashMap;

/// A series' columns.
pub struct SeriesColumns<'a> {
    /// What the mapping says of it.
    pub rule: &'a SeriesRule,
    /// The rows that count for it.
    pub rows: Passing,
    /// Its route.
    pub route: Route,
    /// Its values.
    pub value: Values,
    /// The column by which only the newest rows count.
    pub newest: Option<usize>,
    /// Whether any row counted.
    pub has_rows: bool,
}

/// Where a series' values stand, by the places in `Table::values`.
pub enum Values {
    /// Each period has a column.
    Wide,
    /// In one.
    One(usize),
    /// In several that are added.
    Added(Vec<usize>),
    /// Nowhere: rows are counted.
    Counted,
}

/// A series' route.
pub enum Route {
    /// The series of every row.
    Plain(usize),
    /// The series of a row, by its route's name; `None` where another entry makes the same series, or there are too
    /// many.
    Made(Found, HashMap<String, Option<usize>>),
}

/// A column of values, read once a row however many series count it.
pub struct ValueColumn {
    /// Which column.
    pub column: usize,
    /// How numbers are written in it.
    pub style: Style,
    /// What the row at hand says.
    pub read: Option<Figure>,
    /// How many points may stand between thousands, and how many do not.
    pub points: (u64, u64),
}

/// The series that there are so far.
#[derive(Default)]
pub struct Made {
    /// Their ids.
    pub ids: Vec<SeriesId>,
    /// Which entry of `Table::series` made each.
    pub rules: Vec<usize>,
    /// Their places by their ids.
    pub by_id: HashMap<SeriesId, usize>,
}

impl Made {
    /// Adds one.
    pub fn add(&mut self, rule: usize, id: SeriesId) -> usize {
        let at = self.ids.len();
        self.ids.push(id.clone());
        self.rules.push(rule);
        self.by_id.insert(id, at);
        at
    }
}

/// The series of a mapping as their columns are found.
pub struct FoundSeries<'a, 'b> {
    mapping: &'a Mapping,
    columns: &'b Columns<'b>,
    /// The columns of values.
    pub values: Vec<ValueColumn>,
    /// The series that need no row to be known.
    pub made: Made,
    /// The columns of each entry.
    pub series: Vec<SeriesColumns<'a>>,
}

impl<'a, 'b> FoundSeries<'a, 'b> {
    /// None found yet.
    pub fn new(mapping: &'a Mapping, columns: &'b Columns<'b>) -> Self {
        Self { mapping, columns, values: Vec::new(), made: Made::default(), series: Vec::new() }
    }

    /// Finds the columns of one entry; one that gives several values becomes several.
    pub fn add(&mut self, rule: &'a SeriesRule) -> Result<(), DecodeError> {
        let value = match &rule.value.source {
            Source::Wide => Values::Wide,
            Source::Count => Values::Counted,
            Source::Column(names) => Values::One(self.value(self.columns.find(names)?, &rule.value.style)),
            Source::SumOf(list) => {
                let columns = list.iter().map(|names| self.columns.find(names)).collect::<Result<Vec<_>, _>>()?;
                Values::Added(columns.into_iter().map(|column| self.value(column, &rule.value.style)).collect())
            }
            Source::Each(list) => {
                for names in list {
                    let column = self.columns.find(names)?;
                    let name = names.all().next().unwrap_or_default().to_owned();
                    self.add_one(rule, column, &name)?;
                }
                return Ok(());
            }
            // Only when all the others are found is it known which are left.
            Source::EachOther => return Ok(()),
        };
        self.put(rule, value, "")
    }

    /// Adds the entries that take every column which nothing else reads.
    pub fn add_others(&mut self, read: &[usize]) -> Result<(), DecodeError> {
        let others = self.mapping.series.iter().filter(|rule| matches!(rule.value.source, Source::EachOther));
        for rule in others {
            let mut taken: Vec<usize> = read.to_vec();
            taken.extend(self.series.iter().flat_map(SeriesColumns::columns));
            taken.extend(self.values.iter().map(|value| value.column));
            taken.extend(rule.route.found(self.columns, "")?.columns());
            for names in rule.rows.iter().flat_map(Filter::columns).chain(&rule.value.newest) {
                taken.push(self.columns.find(names)?);
            }
            for (column, name) in self.columns.names().iter().enumerate() {
                if !taken.contains(&column) && !name.trim().is_empty() {
                    self.add_one(rule, column, name)?;
                }
            }
        }
        Ok(())
    }

    fn add_one(&mut self, rule: &'a SeriesRule, column: usize, name: &str) -> Result<(), DecodeError> {
        let value = Values::One(self.value(column, &rule.value.style));
        self.put(rule, value, name)
    }

    fn put(&mut self, rule: &'a SeriesRule, value: Values, name: &str) -> Result<(), DecodeError> {
        let route = match rule.route.plain_for(name) {
            Some(name) => Route::Plain(self.made.add(self.series.len(), id(self.mapping, rule, &name))),
            None => Route::Made(rule.route.found(self.columns, name)?, HashMap::new()),
        };
        let rows = Passing::new(&rule.rows, self.columns)?;
        let newest = rule.value.newest.as_ref().map(|names| self.columns.find(names)).transpose()?;
        self.series.push(SeriesColumns { rule, rows, route, value, newest, has_rows: false });
        Ok(())
    }

    /// The place of a column of values, read once a row however many series count it.
    fn value(&mut self, column: usize, style: &Style) -> usize {
        let known = self.values.iter().position(|value| value.column == column && value.style == *style);
        known.unwrap_or_else(|| {
            self.values.push(ValueColumn { column, style: style.clone(), read: None, points: (0, 0) });
            self.values.len() - 1
        })
    }
}

impl SeriesColumns<'_> {
    /// Every column that it reads, but for its values'.
    pub fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        let made = match &self.route {
            Route::Plain(_) => None,
            Route::Made(found, _) => Some(found.columns()),
        };
        self.rows.columns().chain(made.into_iter().flatten()).chain(self.newest)
    }
}

/// The id of a series that an entry makes.
pub fn id(mapping: &Mapping, rule: &SeriesRule, route: &str) -> SeriesId {
    let cadence = mapping.periods[rule.period].cadence();
    SeriesId { route: RouteId::new(route), measure: rule.measure.clone(), cadence }
}
