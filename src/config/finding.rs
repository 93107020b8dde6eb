//! Findings: what is wrong in a configuration, where, and what to do; all of them at once, each with its
//! source line. Nothing secret is in them: the source is kept without it, and so is every sentence.

use super::secrets::{redact, redact_in_place};
use crate::domain::text::Printable;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

/// Whether the configuration can be used all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It cannot.
    Error,
    /// It can, but it probably does not mean what was meant.
    Warning,
}

impl Weight {
    /// The word of messages and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Error or warning.
    pub weight: Weight,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// Which key, with the tables it stands in: `feed.small-boats.every`; of a table without an id, its number.
    pub key: String,
    /// The key's value as it is written, without secrets; `None` where there is none, or it is a whole table.
    pub value: Option<String>,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
    at: Range<usize>,
    also: Option<(Range<usize>, &'static str)>,
}

/// Everything that was found in one file, in its order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Findings {
    file: String,
    source: String,
    list: Vec<Finding>,
}

impl Findings {
    /// The file's name, as it was given.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Each finding, in the order of the file.
    pub fn list(&self) -> &[Finding] {
        &self.list
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many findings have that weight.
    pub fn count(&self, weight: Weight) -> usize {
        self.list.iter().filter(|finding| finding.weight == weight).count()
    }

    /// Every finding with its source line and a caret, and a last line that counts them; with colour where asked.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut out = String::new();
        for (number, finding) in self.list.iter().enumerate() {
            // What is odd in many places is told once, with where else it stands.
            let alike = |other: &&Finding| other.is_like(finding);
            if self.list[..number].iter().any(|other| alike(&other)) {
                continue;
            }
            let others: Vec<String> = self.list[number + 1..].iter().filter(alike).map(Finding::brief).collect();
            out.push_str(&renderer.render(&[self.group(finding, &likewise(&others))]));
            out.push_str("\n\n");
        }
        out.push_str(&self.summary());
        out
    }

    /// `2 errors, 1 warning in FILE`; `no errors, no warnings in FILE`.
    pub fn summary(&self) -> String {
        let count = |weight: Weight| match self.count(weight) {
            0 => format!("no {}s", weight.word()),
            1 => format!("1 {}", weight.word()),
            more => format!("{more} {}s", weight.word()),
        };
        format!("{}, {} in {}", count(Weight::Error), count(Weight::Warning), self.file)
    }

    /// A finding with its place; `likewise` says where the same is found again.
    fn group<'a>(&'a self, finding: &'a Finding, likewise: &'a str) -> Group<'a> {
        let level = match finding.weight {
            Weight::Error => Level::ERROR,
            Weight::Warning => Level::WARNING,
        };
        let title = level.primary_title(finding.what.as_str());
        let help = Level::HELP.message(finding.remedy.as_str());
        if self.source.is_empty() {
            return noted(title.element(Origin::path(self.file.as_str())).element(help), likewise);
        }
        let mut snippet = Snippet::source(self.source.as_str())
            .path(self.file.as_str())
            .annotation(AnnotationKind::Primary.span(finding.at.clone()).label(finding.key.as_str()));
        if let Some((at, label)) = &finding.also {
            snippet = snippet.annotation(AnnotationKind::Context.span(at.clone()).label(*label));
        }
        noted(title.element(snippet).element(help), likewise)
    }
}

impl Finding {
    /// Whether another warning says the same of another place. Errors are told one by one: each has to be mended.
    fn is_like(&self, other: &Self) -> bool {
        self.weight == Weight::Warning && other.weight == Weight::Warning && self.remedy == other.remedy
    }

    /// `line 12 (feed.small-boats.id)`.
    fn brief(&self) -> String {
        format!("line {} ({})", self.line, self.key)
    }
}

fn noted<'a>(group: Group<'a>, likewise: &'a str) -> Group<'a> {
    if likewise.is_empty() { group } else { group.element(Level::NOTE.message(likewise)) }
}

/// `the same in line 12 (feed.a.id), line 20 (feed.b.id) and 7 more places`; nothing where there are no others.
fn likewise(others: &[String]) -> String {
    const MOST: usize = 5;
    if others.is_empty() {
        return String::new();
    }
    let more = match others.len().saturating_sub(MOST) {
        0 => String::new(),
        1 => " and one more place".to_owned(),
        more => format!(" and {more} more places"),
    };
    format!("the same in {}{more}", others[..others.len().min(MOST)].join(", "))
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl fmt::Debug for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Findings({}\n{})", self.file, self.render(false))
    }
}

/// Where something stands in the file, and under which key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct At {
    /// Bytes of the file.
    pub(super) range: Range<usize>,
    /// The key with the tables it stands in.
    pub(super) key: String,
}

/// What is wrong with a value and what to do, before its place is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// What is wrong.
    pub(super) what: String,
    /// What to do.
    pub(super) remedy: String,
}

impl Complaint {
    pub(super) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }
}

/// The source as it may be shown, of the same length in bytes, so that places in it stay right: what controls a terminal or
/// reorders a line is replaced.
fn shown_in_place(source: &str) -> String {
    let fill = |c: char| match c.len_utf8() {
        1 => "?",
        2 => "\u{b7}",
        3 => "\u{fffd}",
        _ => "????",
    };
    source.chars().fold(String::with_capacity(source.len()), |mut shown, c| {
        if matches!(c, '\n' | '\t' | '\r') || !is_hidden(c) {
            shown.push(c)
        } else {
            shown.push_str(fill(c))
        }
        shown
    })
}

/// Controls, and characters that reorder or hide.
const fn is_hidden(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Collects findings while a file is read.
pub(super) struct Log {
    file: String,
    source: String,
    list: RefCell<Vec<Finding>>,
}

impl Log {
    pub(super) fn new(file: &str, source: &str) -> Self {
        Self { file: file.to_owned(), source: shown_in_place(&redact_in_place(source)), list: RefCell::default() }
    }

    pub(super) fn error(&self, at: &At, complaint: Complaint) {
        self.push(Weight::Error, at, None, complaint);
    }

    pub(super) fn warn(&self, at: &At, complaint: Complaint) {
        self.push(Weight::Warning, at, None, complaint);
    }

    /// An error about two places: where it is and, with a label, what it clashes with.
    pub(super) fn clash(&self, at: &At, with: &At, label: &'static str, complaint: Complaint) {
        self.push(Weight::Error, at, Some((with.range.clone(), label)), complaint);
    }

    /// Whether anything was found that makes the configuration unusable.
    pub(super) fn has_errors(&self) -> bool {
        self.list.borrow().iter().any(|finding| finding.weight == Weight::Error)
    }

    /// Everything found, in the order of the file.
    pub(super) fn into_findings(self) -> Findings {
        let mut list = self.list.into_inner();
        list.sort_by_key(|finding| (finding.at.start, finding.weight));
        list.dedup();
        Findings { file: self.file, source: self.source, list }
    }

    fn push(&self, weight: Weight, at: &At, also: Option<(Range<usize>, &'static str)>, complaint: Complaint) {
        let range = self.inside(&at.range);
        let before = &self.source[..range.start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let written = &self.source[range.clone()];
        let is_value = !written.is_empty() && !written.contains('\n') && !written.starts_with('[');
        self.list.borrow_mut().push(Finding {
            weight,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            key: Printable::clean(&redact(&at.key)).as_str().to_owned(),
            value: is_value.then(|| Printable::clean(written).as_str().to_owned()),
            what: Printable::clean_to(&redact(&complaint.what), Printable::PARAGRAPH).as_str().to_owned(),
            remedy: Printable::clean_to(&redact(&complaint.remedy), Printable::PARAGRAPH).as_str().to_owned(),
            at: range,
            also: also.map(|(range, label)| (self.inside(&range), label)),
        });
    }

    /// The range, inside the source and on character borders.
    fn inside(&self, range: &Range<usize>) -> Range<usize> {
        let border = |at: usize| (0..=at.min(self.source.len())).rev().find(|at| self.source.is_char_boundary(*at));
        let start = border(range.start).unwrap_or(0);
        start..border(range.end).unwrap_or(0).max(start)
    }
}
