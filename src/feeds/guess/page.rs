//! The proposal as people read it: a `[[feed]]` table whose comments say what was seen, what each key does, what else is
//! possible, and what to do next. At most 80 columns wide where the keys allow it.

use super::draft::{Draft, Part};
use super::view::View;
use super::words::id_of;
use super::written::quoted;
use super::{Asked, Reads, SeenColumn};
use crate::domain::text::{Printable, cut, width as columns, wrap};
use crate::domain::words::count;
use crate::domain::words::{many, plural};
use crate::feeds::Decoded;
use crate::feeds::links::FeedLink;
use std::collections::BTreeSet;

const WIDTH: usize = 80;
/// People see so many columns of a table.
const MOST_COLUMNS: usize = 24;
/// And so many series.
const MOST_SERIES: usize = 6;

/// The lines of a page.
struct Page(String);

impl Page {
    fn code(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// A comment, wrapped behind its mark.
    fn say(&mut self, margin: &str, text: &str) {
        // What comes from outside must not end the comment, nor show as something else.
        let text = Printable::clean_to(text, Printable::PARAGRAPH);
        for line in wrap(text.as_str(), WIDTH - 2 - columns(margin)) {
            self.code(&format!("# {margin}{line}"));
        }
    }

    fn item(&mut self, number: usize, text: &str) {
        let text = Printable::clean_to(text, Printable::PARAGRAPH);
        for (at, line) in wrap(text.as_str(), WIDTH - 7).iter().enumerate() {
            let margin = if at == 0 { format!("{number:>3}. ") } else { " ".repeat(5) };
            self.code(&format!("# {margin}{line}"));
        }
    }

    /// A line that is not in force, with what it would mean.
    fn other(&mut self, code: &str, remark: &str) {
        let remark = Printable::clean_to(remark, Printable::PARAGRAPH);
        let remark = remark.as_str();
        let one = format!("#{code}   # {remark}");
        if remark.is_empty() || columns(&one) <= WIDTH {
            self.code(one.trim_end_matches([' ', '#']));
        } else {
            self.code(&format!("#{code}"));
            self.say("    ", remark);
        }
    }

    fn gap(&mut self) {
        self.code("");
    }

    fn bar(&mut self) {
        self.code("#");
    }
}

/// A table of statistics.
pub fn statistics(
    id: &str,
    view: &View,
    columns: &[SeenColumn],
    draft: &Draft,
    reads: &Reads,
    asked: &Asked<'_>,
) -> String {
    let mut page = Page(String::new());
    if columns.is_empty() {
        page.say("", &format!("{} is {}.", asked.name, view.what));
        page.say("", "This is a guess at how to read it.");
    } else {
        page.say("", &format!("{} is {}: {}.", asked.name, view.what, view.size()));
        page.say("", "This is a guess at how to read it. What it saw:");
        page.bar();
        seen(&mut page, columns, view);
    }
    page.bar();
    gives(&mut page, reads);
    unsure(&mut page, draft);
    page.gap();
    head(&mut page, id, "statistics", asked);
    for (key, value) in &draft.shape {
        page.code(&format!("{key} = {value}"));
    }
    for part in &draft.parts {
        page.gap();
        explained(&mut page, part);
    }
    page.gap();
    series(&mut page, draft);
    next(&mut page, asked);
    page.0
}

/// A feed of news.
pub fn news(id: &str, mapping: &str, decoded: &Decoded, reads: &Reads, asked: &Asked<'_>) -> String {
    let mut page = Page(String::new());
    let now = if reads.headlines == 0 { ", with nothing in it now" } else { "" };
    page.say("", &format!("{} is a feed of news{now}. Read as below it gives:", asked.name));
    page.bar();
    let warnings = warnings(reads);
    page.say("  ", &format!("{} headlines, {warnings}", many(reads.headlines)));
    for item in decoded.items.iter().take(MOST_SERIES) {
        let at =
            item.published.or(item.updated).map_or("undated   ".to_owned(), |at| at.strftime("%Y-%m-%d").to_string());
        page.code(&cut(&format!("#   {at}  {}", item.title), WIDTH, "…"));
    }
    if decoded.items.len() > MOST_SERIES {
        page.say("  ", &format!("… and {} more", many(decoded.items.len() - MOST_SERIES)));
    }
    page.gap();
    head(&mut page, id, "news", asked);
    page.code("every = \"5m\"");
    // What stands in the mapping beside the kind: nothing, unless it is JSON that is no feed.
    for line in mapping.lines().filter(|line| !line.starts_with("kind")) {
        page.code(line);
    }
    next(&mut page, asked);
    page.0
}

/// The feeds that a page names: the first one as it would be, the others behind a `#`.
pub fn links(id: &str, links: &[FeedLink], asked: &Asked<'_>) -> String {
    let mut page = Page(String::new());
    let them = if links.len() == 1 { "a feed".to_owned() } else { plural(links.len(), "feed") };
    page.say("", &format!("{} is a web page that names {them}. Not asked yet:", asked.name));
    let mut ids = BTreeSet::new();
    for (number, link) in links.iter().enumerate() {
        page.gap();
        let title = if link.title.is_empty() { "without a title" } else { link.title.as_str() };
        page.say("", title);
        let mut own = if number == 0 { id.to_owned() } else { id_of(link.url.as_str()) };
        while !ids.insert(own.clone()) {
            own.push_str("-too");
        }
        let mark = if number == 0 { "" } else { "#" };
        for (key, value) in [("id", own.as_str()), ("kind", "news"), ("url", link.url.as_str())] {
            if key == "id" {
                page.code(&format!("{mark}[[feed]]"));
            }
            page.code(&format!("{mark}{key} = {}", quoted(value)));
        }
    }
    next(&mut page, asked);
    page.0
}

fn head(page: &mut Page, id: &str, kind: &str, asked: &Asked<'_>) {
    page.code("[[feed]]");
    page.code(&format!("id = {}", quoted(id)));
    page.code(&format!("kind = {}", quoted(kind)));
    match asked.url {
        Some(url) => page.code(&format!("url = {}", quoted(url))),
        None => {
            page.say("", "Where it is: put its address here, or file: and its path.");
            page.code("url = \"https://example.org/replace-this\"");
        }
    }
}

fn seen(page: &mut Page, columns: &[SeenColumn], view: &View) {
    // Many columns that are alike, one a period, are told by the first and the last of them.
    let alike = columns.iter().filter(|column| column.used == Some("values")).count();
    let shown: Vec<&SeenColumn> = columns
        .iter()
        .enumerate()
        .filter(|(at, column)| {
            let is_value = column.used == Some("values");
            let before = columns[..*at].iter().filter(|c| c.used == Some("values")).count();
            alike < 6 || !is_value || before < 2 || before + 1 == alike
        })
        .map(|(_, column)| column)
        .collect();
    let mut shown_and: Vec<&SeenColumn> = shown.clone();
    let hidden = shown_and.len().saturating_sub(MOST_COLUMNS);
    if hidden > 0 {
        shown_and.sort_by_key(|column| column.used.is_none());
        shown_and.truncate(MOST_COLUMNS);
    }
    let name = shown_and.iter().map(|column| column.name.width()).max().unwrap_or(6).clamp(6, 26);
    page.code(&format!("#   {}  filled  values  used as   such as", pad("column", name)));
    for column in &shown_and {
        let filled = if column.filled == view.rows.len() { "all".to_owned() } else { many(column.filled) };
        let samples: Vec<&str> = column.samples.iter().map(Printable::as_str).collect();
        let line = format!(
            "#   {}  {:>6}  {:>6}  {}  {}",
            pad(column.name.as_str(), name),
            filled,
            many(column.values),
            pad(column.used.unwrap_or("-"), 8),
            samples.join(", ")
        );
        page.code(cut(&line, WIDTH, "…").trim_end());
    }
    if hidden > 0 {
        page.say("  ", &format!("… and {} more columns", many(hidden)));
    }
    if alike >= 6 {
        page.say("  ", &format!("({} columns of values in all)", many(alike)));
    }
}

fn pad(text: &str, width: usize) -> String {
    let text = cut(text, width, "…");
    let blank = " ".repeat(width.saturating_sub(columns(&text)));
    text + &blank
}

fn warnings(reads: &Reads) -> String {
    match reads.warnings {
        0 => "no warnings".to_owned(),
        1 => "1 warning".to_owned(),
        more => format!("{} warnings", many(more)),
    }
}

fn gives(page: &mut Page, reads: &Reads) {
    let first = reads.series.iter().map(|line| line.first).min();
    let last = reads.series.iter().map(|line| line.last).max();
    let span = first.zip(last).map_or_else(String::new, |(first, last)| match first == last {
        true => format!("{first}, "),
        false => format!("{first} to {last}, "),
    });
    let figures = plural(reads.figures, "figure");
    let series = many(reads.series.len());
    page.say("", &format!("Read as below it gives {series} series, {span}{figures}, {}.", warnings(reads)));
    if let Some(warning) = &reads.first_warning {
        page.say("", &format!("The first warning: {warning}"));
    }
    let most = |line: &super::Line| line.range.map_or(0.0, |(_, most)| most);
    let mut largest: Vec<_> = reads.series.iter().collect();
    largest.sort_by(|a, b| most(b).total_cmp(&most(a)));
    let shown = &largest[..largest.len().min(MOST_SERIES)];
    // All routes begin alike: what is their own shows better alone.
    let name = |line: &super::Line| match line.series.route.as_str().split_once('/') {
        Some((_, own)) => format!("…/{own}"),
        None => line.series.route.to_string(),
    };
    let range = |line: &super::Line| line.range.map_or(("-".to_owned(), "-".to_owned()), |(a, b)| (count(a), count(b)));
    let widest = |of: &dyn Fn(&super::Line) -> usize| shown.iter().map(|line| of(line)).max().unwrap_or(0);
    let least_width = widest(&|line| columns(&range(line).0)).max(5);
    let most_width = widest(&|line| columns(&range(line).1)).max(4);
    let name_width = widest(&|line| columns(&name(line))).clamp(6, 34);
    page.bar();
    page.code(&format!(
        "#   {}  figures  {:>least_width$}  {:>most_width$}",
        pad("series", name_width),
        "least",
        "most"
    ));
    for line in shown {
        let (least, most) = range(line);
        let name = Printable::clean(&name(line));
        let count = many(line.count);
        page.code(&format!(
            "#   {}  {count:>7}  {least:>least_width$}  {most:>most_width$}",
            pad(name.as_str(), name_width)
        ));
    }
    if largest.len() > MOST_SERIES {
        page.say("  ", &format!("… and {} more", many(largest.len() - MOST_SERIES)));
    }
}

fn unsure(page: &mut Page, draft: &Draft) {
    if draft.unsure.is_empty() {
        return;
    }
    page.bar();
    page.say("", "Not certain, so look at it:");
    for (at, text) in draft.unsure.iter().enumerate() {
        page.item(at + 1, text);
    }
}

fn explained(page: &mut Page, part: &Part) {
    let title = match part.key {
        "period" => "When",
        "value" => "How many",
        "rows" => "Which rows",
        "find" => "What to look for",
        "status" => "How certain",
        "zone" => "Whose days",
        "known" => "Known since",
        other => other,
    };
    page.say("", &format!("{title}: {}.", part.why.trim_end_matches('.')));
    if !part.toml.is_empty() {
        page.code(&format!("{} = {}", part.key, part.toml));
    }
    for (code, remark) in &part.others {
        page.other(code, remark);
    }
}

fn series(page: &mut Page, draft: &Draft) {
    page.say("", "Whose: each entry makes a series, or one for each value of the column in braces. Lines behind a # are left to you.");
    page.code("series = [");
    for entry in &draft.series {
        let mark = if entry.on { "  " } else { "  #" };
        let comma = format!("{mark}{},", entry.toml);
        let remark = Printable::clean(&entry.remark);
        let one = format!("{comma}   # {remark}");
        if remark.is_empty() {
            page.code(&comma);
        } else if columns(&one) <= WIDTH {
            page.code(&one);
        } else {
            for line in wrap(remark.as_str(), WIDTH - 4) {
                page.code(&format!("  # {line}"));
            }
            page.code(&comma);
        }
    }
    page.code("]");
}

fn next(page: &mut Page, asked: &Asked<'_>) {
    page.gap();
    page.say("", "Next: keep this in a file, change in it what is wrong, and see what it gives:");
    let file = if asked.url.is_none() { " --file PATH" } else { "" };
    page.code(&format!("#   watchfloor feed try --mapping FILE.toml{file}"));
    page.say("", &format!("When it is right, put it into {} and run", asked.config));
    page.code("#   watchfloor config check");
}
