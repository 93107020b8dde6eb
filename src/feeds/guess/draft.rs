//! A mapping in the making: from what the columns look like to keys, each with its reason and its alternatives.

use super::column::{Column, period};
use super::period::{When, braces, equals, year_totals};
use super::series::{self, HANDY, LeftOut, MOST, Runs};
use super::value;
use super::view::View;
use super::words::{FROM_JANUARY, STATUS, is_total, measure};
use super::written::{key, quoted};
use crate::domain::time::Cadence;
use crate::domain::words::many;

/// One key of the mapping.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The key.
    pub key: &'static str,
    /// Its value as TOML; empty where there is none, and only alternatives are shown.
    pub toml: String,
    /// Why, for people.
    pub why: String,
    /// Lines that may stand instead, with what they would mean.
    pub others: Vec<(String, String)>,
}

/// One entry of `series`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The entry as TOML.
    pub toml: String,
    /// What it gives, for people.
    pub remark: String,
    /// Whether it is proposed; otherwise it is shown with a `#` before it.
    pub on: bool,
}

/// A mapping that is proposed.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Keys that say how to get at the table.
    pub shape: Vec<(&'static str, String)>,
    /// The other keys, in their order.
    pub parts: Vec<Part>,
    /// The series.
    pub series: Vec<Entry>,
    /// What is not certain.
    pub unsure: Vec<String>,
    /// What each column is used for.
    pub uses: Vec<(usize, &'static str)>,
}

impl Draft {
    /// The mapping alone, without a word of explanation: what is tried.
    pub fn mapping(&self) -> String {
        let mut out = String::from("kind = \"statistics\"\n");
        for (key, value) in &self.shape {
            out.push_str(&format!("{key} = {value}\n"));
        }
        for part in self.parts.iter().filter(|part| !part.toml.is_empty()) {
            out.push_str(&format!("{} = {}\n", part.key, part.toml));
        }
        out.push_str("series = [\n");
        for entry in self.series.iter().filter(|entry| entry.on) {
            out.push_str(&format!("  {},\n", entry.toml));
        }
        out.push_str("]\n");
        out
    }
}

/// The mapping of a view whose periods and values stand there.
pub fn draft(
    view: &View,
    columns: &[Column],
    when: &When,
    candidates: &[usize],
    chosen: Option<usize>,
    id: &str,
) -> Draft {
    let mut maker = Maker {
        view,
        columns,
        when,
        value: chosen.map(|at| &columns[at]),
        stays: vec![true; view.rows.len()],
        rows: Vec::new(),
        rows_why: Vec::new(),
        draft: Draft { shape: view.keys.clone(), unsure: when.unsure.clone(), ..Draft::default() },
    };
    maker.leave_out();
    let categories = series::categories(view, columns, when, chosen);
    maker.make(&categories, candidates, id);
    maker.draft
}

struct Maker<'a> {
    view: &'a View,
    columns: &'a [Column],
    when: &'a When,
    /// The column of values; `None` where each period has its own.
    value: Option<&'a Column>,
    stays: Vec<bool>,
    rows: Vec<String>,
    rows_why: Vec<String>,
    draft: Draft,
}

impl Maker<'_> {
    /// What counts twice, and what is no row at all.
    fn leave_out(&mut self) {
        if let Some(LeftOut { toml, why, stays }) = series::levels(self.view, self.columns) {
            self.rows.push(toml);
            self.rows_why.push(why);
            for (stay, also) in self.stays.iter_mut().zip(stays) {
                *stay &= also;
            }
        }
    }

    fn make(&mut self, categories: &[&Column], candidates: &[usize], id: &str) {
        let by: Vec<usize> = categories.iter().map(|column| column.at).collect();
        let versions = series::versions(self.view, self.columns, self.when, &self.stays, &by);
        let best = categories.iter().copied().find(|column| column.distinct() > 1);
        self.totals_of_others(categories, best);
        let (total_sums, best_sums) = match versions {
            Some(_) => (by.iter().any(|at| self.columns[*at].distinct() > 1), best.is_some() && by.len() > 1),
            None => {
                let several = |by: &[usize]| series::most_in_one(self.view, self.when, &self.stays, by).1 > 0;
                (several(&[]), best.is_some_and(|best| several(&[best.at])))
            }
        };
        let stock = self.value.is_some_and(value::is_stock);
        let events = total_sums && versions.is_none() && !stock && series::are_events(self.columns, self.when);
        let running = self.running(best, stock);
        self.period(events, stock, best);
        let apart = best.is_some_and(|best| !series::are_aligned(self.view, self.when, &self.stays, best.at));
        let only_parts = apart && (stock || running);
        let each = self.each(best.is_none(), candidates);
        let sums_all = if only_parts { best_sums } else { total_sums && (best_sums || best.is_none()) };
        if each.is_empty() {
            self.values(sums_all, versions, stock, running, events, candidates);
        } else {
            self.each_value(&each, stock);
        }
        self.known(versions);
        self.status();
        if each.is_empty() {
            self.series(categories, best, total_sums && !sums_all, only_parts, candidates, id);
        } else {
            self.draft.series = vec![Entry {
                toml: format!("{{ route = {}, measure = \"persons\" }}", quoted(&format!("{id}/{{*}}"))),
                remark: format!("{} series, one for each of these columns", many(each.len())),
                on: true,
            }];
        }
        self.row_filters(categories);
        self.uses(best, versions);
    }

    /// In a column that names no route, the publisher's own total is all that is needed.
    fn totals_of_others(&mut self, categories: &[&Column], best: Option<&Column>) {
        for column in categories.iter().filter(|column| best.is_none_or(|best| best.at != column.at)) {
            let Some(total) = column.total().map(str::to_owned) else { continue };
            self.rows.push(equals(column, &total));
            self.rows_why.push(format!(
                "\"{}\" has rows called \"{total}\", which hold the others already: only they are kept",
                column.name.trim()
            ));
            for (stay, row) in self.stays.iter_mut().zip(&self.view.rows) {
                *stay &= row[column.at].trim() == total;
            }
        }
    }

    fn period(&mut self, events: bool, stock: bool, best: Option<&Column>) {
        let mut part = Part {
            key: "period",
            toml: self.when.toml.clone(),
            why: self.when.why.clone(),
            others: self.when.others.clone(),
        };
        if events {
            let by_day = part.toml.clone();
            part.toml = by_day.replacen("\"day\"", "\"month\"", 1);
            part.others.retain(|(code, _)| !code.contains("\"month\""));
            part.others.insert(0, (format!("period = {by_day}"), "figures by day".to_owned()));
            part.why.push_str(". The rows look like single events, so they are added up by month");
        }
        if stock {
            part.others.retain(|(code, _)| !code.contains("\"month\""));
        }
        let from = year_totals(self.when);
        if let Some((from, why)) = from.clone() {
            part.toml = part.toml.replacen(" }", &format!(", from = {} }}", quoted(&from.label())), 1);
            part.why.push_str(&format!(". {}", upper(&why)));
            self.draft.unsure.push(why);
        }
        let from = from.map(|(from, _)| from);
        let totals = best.and_then(|best| super::period::year_totals_of(self.view, self.when, from, best));
        if let Some((key, why)) = totals {
            part.toml = part.toml.replacen(" }", &format!(", {key} }}"), 1);
            part.why.push_str(&format!(". {}", upper(&why)));
            self.draft.unsure.push(why);
        }
        self.draft.parts.push(part);
        if self.when.cadence == Cadence::Day && !events {
            self.draft.parts.push(Part {
                key: "zone",
                why: "those of UTC, unless you say in which zone the publisher counts".to_owned(),
                others: vec![("zone = \"Europe/London\"".to_owned(), String::new())],
                ..Part::default()
            });
        }
    }

    /// Whether values run on, by the header or by how they go.
    fn running(&mut self, best: Option<&Column>, stock: bool) -> bool {
        let Some(value) = self.value else { return false };
        if self.when.cadence == Cadence::Year || stock {
            return false;
        }
        let values = series::longest(self.view, self.when, &self.stays, value.at, best.map(|best| best.at));
        let runs = series::runs(&values);
        let says = value::is_running(value);
        match (runs, says) {
            (Some(Runs::Year), false) => self.draft.unsure.push(format!(
                "\"{}\" hardly falls within a year and starts again each January: it may be a running total; then write running = \"year\" in value",
                value.name
            )),
            (Some(Runs::Ever), false) => self.draft.unsure.push(format!(
                "\"{}\" never falls: it may be a running total (then write running = \"ever\" in value) or a stock (stock = true)",
                value.name
            )),
            _ => {}
        }
        says
    }

    /// Columns that count different people beside one another: none of them is the figure, each is one.
    fn each(&self, one_route: bool, candidates: &[usize]) -> Vec<usize> {
        const FEWEST: usize = 3;
        let stocks = candidates.iter().filter(|at| value::is_stock(&self.columns[**at])).count();
        let one_a_period = series::most_in_one(self.view, self.when, &self.stays, &[]).1 == 0;
        if one_route && one_a_period && stocks >= FEWEST { candidates.to_vec() } else { Vec::new() }
    }

    fn each_value(&mut self, each: &[usize], stock: bool) {
        let mut at = each.to_vec();
        at.sort_unstable();
        let names: Vec<String> = at.iter().map(|at| self.columns[*at].name.trim().to_owned()).collect();
        let stock = if stock { ", stock = true" } else { "" };
        self.draft.parts.push(Part {
            key: "value",
            toml: format!("{{ each = {}{stock} }}", super::view::list(&names)),
            why: "each of these columns counts other people; by their names they say how many are there, not how many came: stocks"
                .to_owned(),
            others: Vec::new(),
        });
    }

    fn values(
        &mut self,
        sums: bool,
        versions: Option<&Column>,
        stock: bool,
        running: bool,
        events: bool,
        candidates: &[usize],
    ) {
        let mut keys: Vec<String> = Vec::new();
        let mut why: Vec<String> = Vec::new();
        let mut others = Vec::new();
        let sample = match self.value {
            Some(value) => {
                keys.push(format!("column = {}", quoted(value.name.trim())));
                value
            }
            None => &self.columns[self.when.columns[self.when.columns.len() / 2]],
        };
        if sums {
            keys.push("aggregate = \"sum\"".to_owned());
            let (most, _) = series::most_in_one(self.view, self.when, &self.stays, &[]);
            why.push(if self.when.wide {
                format!("Several rows make one series: they are added up ({} rows in all)", many(self.view.row_count))
            } else {
                format!("Up to {} rows belong to the same {}: they are added up", many(most), self.when.cadence.word())
            });
        }
        if events {
            others.push((
                format!("value = {{ column = {}, aggregate = \"count\" }}", quoted(sample.name.trim())),
                "how many events there were".to_owned(),
            ));
        }
        if let Some(versions) = versions {
            keys.push(format!("newest = {}", quoted(versions.name.trim())));
            why.push(format!("The same figure stands there again in a later \"{}\": the newest counts", versions.name));
            self.reached_by(versions);
        }
        if sample.wants_comma() || sample.has_thousands_points() {
            keys.push("decimal = \",\"".to_owned());
            let example = sample.values.iter().map(|(v, _)| v.as_str()).find(|v| v.contains(['.', ',']));
            let example = example.unwrap_or_default();
            if sample.wants_comma() {
                why.push(format!("\"{example}\" has a comma as its decimal mark"));
            } else {
                why.push(format!("\"{example}\" has a point between thousands"));
                self.draft
                    .unsure
                    .push(format!("\"{example}\" is read as thousands; if it is a fraction, take decimal away"));
            }
        }
        let odd: Vec<&(String, usize)> = sample.odd.iter().filter(|(value, _)| is_mark(value)).collect();
        if !odd.is_empty() && odd.len() <= 5 && !sample.wants_comma() && self.value.is_some() {
            let list: Vec<String> = odd.iter().map(|(value, _)| quoted(value)).collect();
            keys.push(format!("missing = [{}]", list.join(", ")));
            let stand = if list.len() == 1 { "stands" } else { "stand" };
            why.push(format!("{} {stand} where there is no number", list.join(", ")));
            self.draft.unsure.push(format!("whether {} means that there is no number", list.join(", ")));
        }
        if running && let Some(value) = self.value {
            let values = series::longest(self.view, self.when, &self.stays, value.at, None);
            let by_year = series::runs(&values) == Some(Runs::Year) || value.says(FROM_JANUARY);
            let (since, other) = if by_year { ("year", "ever") } else { ("ever", "year") };
            keys.push(format!("running = \"{since}\""));
            others.push((format!("running = \"{other}\""), "in value: if they run since then".to_owned()));
            why.push(format!("By its name \"{}\" is a running total: the differences are the figures", value.name));
            others
                .push(("running = \"keep\"".to_owned(), "in value: to see the running totals as they are".to_owned()));
        }
        if stock {
            keys.push("stock = true".to_owned());
            why.push("By its name it says how many are there, not how many came: a stock".to_owned());
        }
        if let Some(value) = self.value {
            let rest: Vec<String> = candidates
                .iter()
                .filter(|at| **at != value.at)
                .map(|at| format!("\"{}\"", self.columns[*at].name.trim()))
                .take(6)
                .collect();
            why.insert(0, format!("\"{}\" holds the numbers", value.name.trim()));
            if !rest.is_empty() {
                why.push(format!("Other columns of numbers: {}", rest.join(", ")));
            }
        }
        if !measure(self.value.map_or("", |value| value.name.as_str())).1 {
            self.draft.unsure.push(
                "the table does not say what is counted: `measure` is a word of your own, such as arrivals".to_owned(),
            );
        }
        if !keys.is_empty() {
            let why = why.join(". ");
            self.draft.parts.push(Part { key: "value", toml: format!("{{ {} }}", keys.join(", ")), why, others });
        }
    }

    /// As of when figures are known, where the rows say it.
    fn known(&mut self, versions: Option<&Column>) {
        if let Some(versions) = versions {
            self.draft.parts.push(Part {
                key: "known",
                toml: format!("{{ column = {} }}", quoted(versions.name.trim())),
                why: format!("\"{}\" says as of when each figure is", versions.name.trim()),
                others: Vec::new(),
            });
        }
    }

    /// A report may list days that lie after it.
    fn reached_by(&mut self, versions: &Column) {
        let [when] = self.when.columns[..] else { return };
        let beyond = self.view.rows.iter().filter(|row| {
            let told = period(&row[versions.at]);
            period(&row[when]).zip(told).is_some_and(|(is, told)| is.start() > told.start())
        });
        let beyond = beyond.count();
        if beyond > 0 {
            let name = self.columns[when].name.trim();
            self.rows.push(format!("{} = {{ until = {} }}", key(name), quoted(&braces(versions))));
            self.rows_why.push(format!(
                "{} rows speak of a \"{name}\" after their \"{}\": not reached yet, so they are left out",
                many(beyond),
                versions.name.trim()
            ));
        }
    }

    fn status(&mut self) {
        let lists: [(&str, &[&str]); 4] = [
            ("provisional", &["p", "prov", "provisional", "preliminary", "provvisorio", "provisorio", "vorläufig"]),
            ("partial", &["partial", "incomplete", "in progress"]),
            ("suppressed", &["c", "confidential", "suppressed", "withheld"]),
            ("break", &["b", "break"]),
        ];
        let column = self.columns.iter().find(|column| {
            column.says(STATUS) && column.distinct() <= 12 && Some(column.at) != self.value.map(|value| value.at)
        });
        // Without a column it is the mark behind the number.
        let marks = || -> Vec<&str> {
            let all = self.value.into_iter().chain(self.when.columns.iter().map(|at| &self.columns[*at]));
            all.flat_map(|column| &column.marks).map(String::as_str).collect()
        };
        let (said, place): (Vec<&str>, _) = match column {
            Some(column) => (column.samples(12), Some(column.name.trim())),
            None => (marks(), None),
        };
        let mut keys: Vec<String> = Vec::new();
        for (key, words) in lists {
            let mut known: Vec<String> = said
                .iter()
                .filter(|said| words.contains(&said.to_lowercase().as_str()))
                .map(|said| quoted(said))
                .collect();
            known.dedup();
            if !known.is_empty() {
                keys.push(format!("{key} = [{}]", known.join(", ")));
            }
        }
        if keys.is_empty() {
            return;
        }
        let why = match place {
            Some(name) => format!("\"{name}\" marks figures; it says {}", said.join(", ")),
            None => format!("marks stand behind some numbers: {}", said.join(", ")),
        };
        keys.splice(0..0, place.map(|name| format!("column = {}", quoted(name))));
        let toml = format!("{{ {} }}", keys.join(", "));
        self.draft.parts.push(Part { key: "status", toml, why, others: Vec::new() });
    }

    fn series(
        &mut self,
        categories: &[&Column],
        best: Option<&Column>,
        total_alone_sums: bool,
        only_parts: bool,
        candidates: &[usize],
        id: &str,
    ) {
        let header = self.value.map_or("", |value| value.name.as_str());
        let (counted, _) = measure(header);
        let entry =
            |route: &str, more: &str| format!("{{ route = {}, measure = {}{more} }}", quoted(route), quoted(&counted));
        let braced = |column: &Column| {
            if column.filled < column.rows { format!("{{{}:-none}}", column.name.trim()) } else { braces(column) }
        };
        let mut entries = Vec::new();
        let total_row = best.and_then(|best| Some((best, best.total()?.to_owned())));
        let sum = if total_alone_sums { ", value = { aggregate = \"sum\" }" } else { "" };
        match &total_row {
            Some((best, total)) => entries.push(Entry {
                toml: entry(id, &format!(", rows = {{ {} }}", equals(best, total))),
                remark: format!("the publisher's own total, \"{total}\""),
                on: true,
            }),
            None if best.is_none() => {
                entries.push(Entry { toml: entry(id, sum), remark: String::new(), on: true });
            }
            None => entries.push(Entry {
                toml: entry(id, sum),
                remark: if only_parts {
                    "all together; their dates differ, so a sum of them would mean little".to_owned()
                } else {
                    "all together".to_owned()
                },
                on: !only_parts,
            }),
        }
        for (number, column) in categories.iter().filter(|column| column.distinct() > 1).take(6).enumerate() {
            let is_best = number == 0;
            let total = column.total();
            let count = column.distinct() - usize::from(total.is_some());
            let not = total.filter(|_| is_best).map_or_else(String::new, |total| {
                format!(", rows = {{ {} = {{ not = {} }} }}", key(column.name.trim()), quoted(total))
            });
            let on = is_best && (count <= HANDY || only_parts && count <= MOST);
            let needs_sum =
                !on && !self.sums() && series::most_in_one(self.view, self.when, &self.stays, &[column.at]).1 > 0;
            let sum = if needs_sum { ", value = { aggregate = \"sum\" }" } else { "" };
            let samples: Vec<&str> = column
                .values
                .iter()
                .map(|(value, _)| value.as_str())
                .filter(|value| !is_total(value))
                .take(3)
                .collect();
            entries.push(Entry {
                toml: entry(&format!("{id}/{}", braced(column)), &format!("{not}{sum}")),
                remark: format!("{} series: {}{}", many(count), samples.join(", "), if count > 3 { " …" } else { "" }),
                on,
            });
        }
        if let [first, second, ..] = categories
            && first.distinct() > 1
            && second.distinct() > 1
        {
            let count = series::combined(self.view, &self.stays, &[first.at, second.at]);
            if count <= MOST && count > first.distinct() {
                entries.push(Entry {
                    toml: entry(&format!("{id}/{}/{}", braced(first), braced(second)), ""),
                    remark: format!("{} series, one for each pair", many(count)),
                    on: false,
                });
            }
        }
        if let Some(value) = self.value {
            for other in value::beside(self.columns, candidates, value.at) {
                let word = match measure(&other.name) {
                    (word, true) if word != counted => word,
                    _ => super::words::slug(other.name.trim()),
                };
                let aggregate = if total_alone_sums { ", aggregate = \"sum\"" } else { "" };
                entries.push(Entry {
                    toml: format!(
                        "{{ route = {}, measure = {}, value = {{ column = {}{aggregate} }} }}",
                        quoted(id),
                        quoted(&word),
                        quoted(other.name.trim())
                    ),
                    remark: format!("the numbers of \"{}\"", other.name.trim()),
                    on: false,
                });
            }
        }
        self.draft.series = entries;
        if let Some((whole, parts)) = best.and_then(series::parts) {
            self.draft.unsure.push(format!(
                "{} may be {} of \"{whole}\" already; then leave them out of the sum with rows",
                parts.iter().map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join(", "),
                if parts.len() == 1 { "a part" } else { "parts" }
            ));
        }
    }

    fn sums(&self) -> bool {
        self.draft.parts.iter().any(|part| part.key == "value" && part.toml.contains("aggregate = \"sum\""))
    }

    /// `rows`, with the filters that are probably wanted shown as alternatives.
    fn row_filters(&mut self, categories: &[&Column]) {
        let others = categories.iter().filter(|column| (2..=12).contains(&column.distinct())).take(4).map(|column| {
            let mut values = column.values.iter().map(|(value, _)| value.as_str()).filter(|value| !is_total(value));
            let first = values.next().unwrap_or_default();
            let rest: Vec<String> = values.map(str::to_owned).collect();
            (format!("rows = {{ {} }}", equals(column, first)), format!("or {}", rest.join(", ")))
        });
        let others: Vec<(String, String)> = others.collect();
        if self.rows.is_empty() && others.is_empty() {
            return;
        }
        let toml = if self.rows.is_empty() { String::new() } else { format!("{{ {} }}", self.rows.join(", ")) };
        let why = if self.rows.is_empty() {
            "all of them count. To keep only some, take the # off one of these".to_owned()
        } else {
            upper(&self.rows_why.join(". "))
        };
        // Before period: which rows count is asked first.
        self.draft.parts.insert(0, Part { key: "rows", toml, why, others });
    }

    fn uses(&mut self, best: Option<&Column>, versions: Option<&Column>) {
        let when = if self.when.wide { "values" } else { "when" };
        self.draft.uses = self.when.columns.iter().map(|at| (*at, when)).collect();
        self.draft.uses.extend(self.value.map(|value| (value.at, "how many")));
        self.draft.uses.extend(best.map(|best| (best.at, "route")));
        self.draft.uses.extend(versions.map(|versions| (versions.at, "version")));
    }
}

/// A short mark that stands where there is no number.
fn is_mark(text: &str) -> bool {
    text.chars().count() <= 16 && !text.starts_with('#')
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
