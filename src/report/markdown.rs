//! Text from outside in Markdown: it makes no markup, no link and no table, and still reads well as it stands.

/// Text as it may stand in a line of Markdown. What a reader of Markdown would turn into a link by itself stands
/// as code, which can be no link; of the rest only what could mean something is escaped.
pub(super) fn plain(text: &str) -> String {
    if makes_links(text) { code(text) } else { escaped(text) }
}

/// Addresses, mail addresses and mentions, numbers of issues.
fn makes_links(text: &str) -> bool {
    let lower = text.to_lowercase();
    let number = lower.split('#').skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_digit()));
    number || ["://", "www.", "@"].iter().any(|sign| lower.contains(sign))
}

/// A code span: behind more backticks than there are in a row in it.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let blank = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut rest = text.chars().peekable();
    // At the beginning of an item it would begin a heading, a quotation or a list.
    if digits == 0 && text.starts_with(['#', '+', '-', '>', '=']) {
        out.push('\\');
    } else if digits > 0 && [".", ")"].iter().any(|sign| text[digits..].split(' ').next() == Some(sign)) {
        out.push_str(&text[..digits]);
        out.push('\\');
        rest = text[digits..].chars().peekable();
    }
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        let beside_letters = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let means_something = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' | '$' => true,
            // Inside a word it is only itself.
            '_' => !(beside_letters(before) && beside_letters(next)),
            '&' => next.is_some_and(|next| next == '#' || next.is_ascii_alphanumeric()),
            _ => false,
        };
        if means_something {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn outside_text_makes_no_markup_and_no_links() {
        for (text, written) in [
            ("221,303 in March 2022, above 200,000 (+28 %)", "221,303 in March 2022, above 200,000 (+28 %)"),
            ("America/New_York, snake_case", "America/New_York, snake_case"),
            ("_loud_ *and* **louder**", "\\_loud\\_ \\*and\\* \\*\\*louder\\*\\*"),
            ("![x](y) [a]: b", "!\\[x\\](y) \\[a\\]: b"),
            ("<script>&lt; R & D", "\\<script>\\&lt; R & D"),
            ("a | b \\| `c` ~~d~~ $e$", "a \\| b \\\\\\| \\`c\\` \\~\\~d\\~\\~ \\$e\\$"),
            ("# 1 - > +", "\\# 1 - > +"),
            ("- 1. item", "\\- 1. item"),
            ("12. May (first)", "12\\. May (first)"),
            ("12.5 thousand", "12.5 thousand"),
            ("--- a", "\\--- a"),
            ("see https://x.example/a_b", "`see https://x.example/a_b`"),
            ("WWW.example.org", "`WWW.example.org`"),
            ("desk@ops", "`desk@ops`"),
            ("as in #12", "`as in #12`"),
            ("`` @`", "``` `` @` ```"),
        ] {
            assert_eq!(plain(text), written, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_text_is_no_sign_of_it_means_anything(text in "[-#>+0-9.) a-z_*`\\[\\]<|~$@&;\\\\é]{0,40}") {
            let written = plain(&text);
            if makes_links(&text) {
                let fence = written.len() - written.trim_start_matches('`').len();
                let inside = &written[fence..written.len() - fence];
                prop_assert!(!inside.contains(&"`".repeat(fence)) || inside.starts_with(' '), "{written}");
                return Ok(());
            }
            let (mut is_escaped, mut read) = (false, String::new());
            for c in written.chars() {
                if c == '\\' && !is_escaped {
                    is_escaped = true;
                    continue;
                }
                prop_assert!(is_escaped || !"`*[]<|~$".contains(c), "{written}");
                is_escaped = false;
                read.push(c);
            }
            prop_assert_eq!(read, text);
        }
    }
}
