//! `doctor`: what was looked at, how it stands, and what to do. For people, and as a document.

use super::json;
use super::page::Page;
use crate::domain::text::Printable;
use serde_json::Value;

/// A width that most terminals have.
const WIDTH: usize = 100;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should.
    Fine,
    /// Worth knowing.
    Note,
    /// Something has to be done.
    Wrong,
}

impl Verdict {
    /// The word of text and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Note => "note",
            Self::Wrong => "wrong",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Part of the program or of the machine: `store`, `clock` …
    pub part: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found.
    pub what: Printable,
    /// What to do; empty where there is nothing to do.
    pub remedy: Printable,
}

impl Finding {
    /// Something that is as it should be.
    pub fn fine(part: &'static str, what: &str) -> Self {
        Self::new(part, Verdict::Fine, what, "")
    }

    /// Something worth knowing.
    pub fn note(part: &'static str, what: &str, remedy: &str) -> Self {
        Self::new(part, Verdict::Note, what, remedy)
    }

    /// Something that is wrong.
    pub fn wrong(part: &'static str, what: &str, remedy: &str) -> Self {
        Self::new(part, Verdict::Wrong, what, remedy)
    }

    fn new(part: &'static str, verdict: Verdict, what: &str, remedy: &str) -> Self {
        let clean = |text: &str| Printable::clean_to(text, Printable::PARAGRAPH);
        Self { part, verdict, what: clean(what), remedy: clean(remedy) }
    }
}

/// The findings as lines, with their sum at the end.
pub fn doctor_text(findings: &[Finding]) -> String {
    let mut page = Page::new(WIDTH);
    let mut part = "";
    for finding in findings {
        let name = if finding.part == part { "" } else { finding.part };
        part = finding.part;
        page.pair("", &format!("{name:<14} {:<5}", finding.verdict.word()), 20, finding.what.as_str());
        if !finding.remedy.is_empty() {
            page.pair("", "", 20, &format!("→ {}", finding.remedy));
        }
    }
    page.line("");
    page.line(&match wrong(findings) {
        0 => "Nothing is wrong.".to_owned(),
        1 => "One thing is wrong.".to_owned(),
        many => format!("{many} things are wrong."),
    });
    page.into_text()
}

/// How many things are wrong.
pub fn wrong(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.verdict == Verdict::Wrong).count()
}

/// The document: `wrong` (how many), `findings` with `part`, `verdict` (fine, note, wrong), `what`, `remedy`.
pub fn doctor_json(findings: &[Finding]) -> String {
    let rows = findings.iter().map(|finding| -> Value {
        json::object([
            ("part", finding.part.into()),
            ("verdict", finding.verdict.word().into()),
            ("what", json::text(Some(&finding.what))),
            ("remedy", json::text(Some(&finding.remedy))),
        ])
        .into()
    });
    json::document([("wrong", wrong(findings).into()), ("findings", rows.collect::<Vec<Value>>().into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_counted_and_comes_with_its_remedy() {
        let findings = [
            Finding::fine("clock", "it is 2026"),
            Finding::wrong("store", "it is damaged\u{1b}[31m", "start watchfloor"),
            Finding::note("store", "nobody collects", ""),
        ];
        let text = doctor_text(&findings);
        assert!(text.contains("store          wrong  it is damaged") && text.contains("→ start watchfloor"), "{text}");
        assert!(text.ends_with("One thing is wrong.\n") && !text.contains('\u{1b}'), "{text}");
        let document: Value = serde_json::from_str(&doctor_json(&findings)).unwrap();
        assert_eq!(document["wrong"], 1);
        assert_eq!(document["findings"][0]["remedy"], Value::Null);
    }
}
