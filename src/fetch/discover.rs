//! `discover` feeds: publishers that give each issue an address of its own. A page that stays is read for its links, and of those whose
//! file name fits a pattern the newest is fetched.

use super::FetchError;
use html5gum::{Token, Tokenizer};
use url::Url;

/// Where the newest issue is linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discover {
    /// The page.
    pub page: Url,
    /// What the address of a link ends with.
    pub link: Glob,
    /// Which of several.
    pub pick: Pick,
}

/// Which link of several that fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// The one with the greatest numbers in its name: dates and counts alike, and names without numbers by their letters.
    #[default]
    Newest,
    /// The first on the page.
    First,
    /// The last on the page.
    Last,
}

/// A pattern: `*` for any characters but a slash, `?` for one, all else as it stands, in either case. Without a slash it is held against
/// the file's name, with one against the whole path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// A pattern as it is written.
    pub fn new(text: &str) -> Self {
        Self(text.to_lowercase())
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether an address fits.
    pub fn fits(&self, url: &Url) -> bool {
        let path = url.path().to_lowercase();
        let name = path.rsplit('/').next().unwrap_or_default();
        fits(self.0.as_bytes(), if self.0.contains('/') { path.as_bytes() } else { name.as_bytes() })
    }
}

/// In the product of both lengths: only the last star is ever tried again.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut here) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while here < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, here));
                at += 1;
            }
            Some(b'?') if text[here] != b'/' => (at, here) = (at + 1, here + 1),
            Some(letter) if *letter == text[here] && *letter != b'?' => (at, here) = (at + 1, here + 1),
            _ => match star {
                Some((star_at, from)) if text[from] != b'/' => {
                    star = Some((star_at, from + 1));
                    (at, here) = (star_at + 1, from + 1);
                }
                _ => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

impl Discover {
    /// The link of the page that is sought. A page that has none is said to have changed.
    pub fn find(&self, page: &Url, html: &[u8]) -> Result<Url, FetchError> {
        let links = links(page, html);
        let mut fitting: Vec<&Url> = links.iter().filter(|url| self.link.fits(url)).collect();
        let picked = match self.pick {
            Pick::First => fitting.first().copied(),
            Pick::Last => fitting.last().copied(),
            Pick::Newest => {
                // Of the same age the first on the page: pages show the newest on top.
                fitting.reverse();
                fitting.into_iter().max_by(|a, b| age(a).cmp(&age(b)))
            }
        };
        picked.cloned().ok_or_else(|| FetchError::NotDiscovered {
            page: super::redacted(page),
            why: format!(
                "has changed its shape: of its {} links none fits \"{}\"; look at the page and mend `link` in `discover`",
                links.len(),
                self.link.text()
            ),
        })
    }
}

/// What orders the names of files by age: their numbers, those with a year first in front; then the letters.
fn age(url: &Url) -> (Vec<(usize, String)>, String) {
    let name = url.path().rsplit('/').next().unwrap_or_default().to_lowercase();
    let numbers = name
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.trim_start_matches('0').to_owned())
        .map(|digits| (digits.len(), digits))
        .collect();
    (numbers, name)
}

/// Every address that a page links to, in its order.
fn links(page: &Url, html: &[u8]) -> Vec<Url> {
    let mut base = page.clone();
    let mut found = Vec::new();
    for Ok(token) in Tokenizer::new(html) {
        let Token::StartTag(tag) = token else { continue };
        let Some(href) = tag.attributes.get(b"href".as_slice()) else { continue };
        let href = String::from_utf8_lossy(href);
        match tag.name.as_slice() {
            b"base" => base = page.join(href.trim()).unwrap_or(base),
            b"a" | b"area" | b"link" => {
                found.extend(base.join(href.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https")));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn find(link: &str, pick: Pick, html: &str) -> Result<String, String> {
        let page: Url = "https://example.org/data/index.html".parse().unwrap();
        let discover = Discover { page: page.clone(), link: Glob::new(link), pick };
        discover.find(&page, html.as_bytes()).map(|url| url.to_string()).map_err(|error| error.to_string())
    }

    const PAGE: &str = r#"<p>Data: <a href="arrivals_2024_9.csv">Sep</a> <A HREF='/old/arrivals_2024_10.csv?x=1&amp;y=2'>Oct</A>
        <a href="arrivals_2023_12.csv">Dec</a> <a href="notes.pdf">Notes</a> <a href="javascript:alert(1)">more</a>"#;

    #[test]
    fn the_newest_link_that_fits_is_found() {
        let newest = find("arrivals_*.csv", Pick::Newest, PAGE);
        assert_eq!(newest.as_deref(), Ok("https://example.org/old/arrivals_2024_10.csv?x=1&y=2"));
        let first = find("arrivals_*.csv", Pick::First, PAGE);
        assert_eq!(first.as_deref(), Ok("https://example.org/data/arrivals_2024_9.csv"));
        let last = find("/data/*.csv", Pick::Last, PAGE);
        assert_eq!(last.as_deref(), Ok("https://example.org/data/arrivals_2023_12.csv"));
        let based = find("a.csv", Pick::First, r#"<base href="https://cdn.example.org/x/"><a href=a.csv>"#);
        assert_eq!(based.as_deref(), Ok("https://cdn.example.org/x/a.csv"));
    }

    #[test]
    fn a_page_that_changed_its_shape_is_said_so() {
        let error = find("*.xlsx", Pick::Newest, PAGE).unwrap_err();
        assert!(error.contains("changed its shape") && error.contains("of its 4 links"), "{error}");
    }

    proptest! {
        #[test]
        fn a_pattern_fits_as_the_plain_reading_of_it(pattern in "[ab*?]{0,8}", text in "[ab/]{0,8}") {
            fn plain(pattern: &[u8], text: &[u8]) -> bool {
                match (pattern.split_first(), text.split_first()) {
                    (None, None) => true,
                    (Some((b'*', rest)), _) => plain(rest, text) || matches!(text.split_first(), Some((c, more)) if *c != b'/' && plain(pattern, more)),
                    (Some((p, rest)), Some((c, more))) => (p == c || *p == b'?' && *c != b'/') && plain(rest, more),
                    _ => false,
                }
            }
            prop_assert_eq!(fits(pattern.as_bytes(), text.as_bytes()), plain(pattern.as_bytes(), text.as_bytes()));
        }

        #[test]
        fn nothing_panics(html in "(<a href=|[<>a-z/\"'?*:. ]){0,60}") {
            let _ = find("*", Pick::Newest, &html);
        }
    }
}
