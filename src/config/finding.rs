//! Findings: what is wrong with a configuration, where, and what to do; rendered with the source line,
//! secrets blotted out.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt;
use std::ops::Range;

/// One thing that is wrong, or odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where, in bytes of the file.
    pub span: Range<usize>,
    /// What.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// Everything that is wrong with a file.
#[derive(Clone, Debug)]
pub struct Findings {
    name: String,
    text: String,
    found: Vec<Finding>,
    level: &'static str,
}

impl Findings {
    /// Findings that make a configuration impossible.
    pub fn errors(name: &str, text: &str, mut found: Vec<Finding>) -> Self {
        found.sort_by_key(|finding| (finding.span.start, finding.span.end));
        Self { name: name.to_owned(), text: blot(text), found, level: "error" }
    }

    /// Findings that are odd but work.
    pub fn warnings(name: &str, text: &str, found: Vec<Finding>) -> Self {
        Self { level: "warning", ..Self::errors(name, text, found) }
    }

    /// What was found.
    pub fn found(&self) -> &[Finding] {
        &self.found
    }

    /// The line of a finding, from 1.
    pub fn line(&self, finding: &Finding) -> usize {
        let end = finding.span.start.min(self.text.len());
        self.text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = if self.level == "error" { Level::ERROR } else { Level::WARNING };
        let renderer = Renderer::plain();
        for (at, finding) in self.found.iter().enumerate() {
            let length = self.text.len();
            let start = finding.span.start.min(length);
            let span = start..finding.span.end.clamp(start, length);
            let snippet = Snippet::source(self.text.as_str())
                .path(self.name.as_str())
                .annotation(AnnotationKind::Primary.span(span));
            let group: Group<'_> = level
                .clone()
                .primary_title(finding.what.as_str())
                .element(snippet)
                .element(Level::HELP.message(finding.remedy.as_str()));
            if at > 0 {
                f.write_str("\n\n")?;
            }
            f.write_str(&renderer.render(&[group]))?;
        }
        Ok(())
    }
}

/// Blots out, byte for byte so that places stay, what may be secret in addresses: user and password, and the values of
/// query parameters that name a secret.
fn blot(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let ends = |byte: u8| matches!(byte, b'"' | b'\'' | b' ' | b'\n' | b'\t');
    let mut from = 0;
    while let Some(at) = text[from..].find("://").map(|at| from + at + 3) {
        let end = bytes[at..].iter().position(|byte| ends(*byte)).map_or(bytes.len(), |end| at + end);
        let authority_end =
            bytes[at..end].iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).map_or(end, |e| at + e);
        if let Some(user) = bytes[at..authority_end].iter().rposition(|byte| *byte == b'@') {
            bytes[at..at + user].fill(b'*');
        }
        if let Some(query) = text[at..end].find('?').map(|query| at + query + 1) {
            let mut start = query;
            for pair in text[query..end].split('&') {
                if let Some((name, value)) = pair.split_once('=')
                    && crate::fetch::names_a_secret(name)
                {
                    let value_at = start + name.len() + 1;
                    bytes[value_at..value_at + value.len()].fill(b'*');
                }
                start += pair.len() + 1;
            }
        }
        from = end.max(at);
    }
    // Only whole characters were replaced by as many ASCII bytes.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_shows_its_line_and_no_secret() {
        let text = "a = 1\nurl = \"https://me:hunter2@example.org/x?token=hunter2&geo=DE\"\n";
        let at = text.find("url").unwrap();
        let finding = Finding { span: at..at + 3, what: "something".to_owned(), remedy: "do this".to_owned() };
        let findings = Findings::errors("w.toml", text, vec![finding.clone()]);
        let shown = findings.to_string();
        assert!(shown.contains("w.toml:2:1") && shown.contains("something") && shown.contains("do this"), "{shown}");
        assert!(!shown.contains("hunter2") && shown.contains("geo=DE") && shown.contains("example.org"), "{shown}");
        assert_eq!(findings.line(&finding), 2);
    }
}
