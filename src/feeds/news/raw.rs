//! A feed as its document has it: texts not yet cleaned, dates not yet read. What every format is brought to.

use super::super::markup::{plain, unescape};
use crate::domain::text::Printable;
use std::borrow::Cow;

/// A feed as it stands.
#[derive(Debug, Default)]
pub struct Raw<'a> {
    /// Its items, in the document's order.
    pub items: Vec<RawItem<'a>>,
    /// Its language, as written.
    pub language: Option<Cow<'a, str>>,
    /// The site that it belongs to.
    pub site: Option<Cow<'a, str>>,
    /// From where its relative links start, as written.
    pub base: Option<Cow<'a, str>>,
    /// What was wrong with it, a phrase each.
    pub faults: Vec<String>,
    /// What it lost, for a warning of its own.
    pub lost: Option<String>,
}

/// An item as it stands.
#[derive(Debug, Default)]
pub struct RawItem<'a> {
    /// The title.
    pub title: Text<'a>,
    /// The address of the article, relative perhaps.
    pub link: Text<'a>,
    /// Its identifier.
    pub id: Text<'a>,
    /// When it was published; the second where the first cannot be read.
    pub published: [Text<'a>; 2],
    /// When it was changed.
    pub updated: Text<'a>,
    /// What stands under the title.
    pub summary: Text<'a>,
    /// The whole text.
    pub content: Text<'a>,
    /// Its language, as written.
    pub language: Option<Cow<'a, str>>,
    /// From where its relative links start, as written.
    pub base: Option<Cow<'a, str>>,
    /// Who published it, where the feed gathers items of others.
    pub source: Text<'a>,
}

/// A text that is decoded when it is looked at: most of what feeds carry never is.
#[derive(Clone, Debug, Default)]
pub enum Text<'a> {
    /// There is none.
    #[default]
    None,
    /// As it stands between tags: its references are to be decoded.
    Encoded(&'a str),
    /// As it is meant; it may hold HTML.
    Plain(Cow<'a, str>),
    /// Markup as it stands.
    Markup(Cow<'a, str>),
}

impl<'a> Text<'a> {
    /// A text as it is meant.
    pub fn of(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Plain(text.into())
    }

    /// Whether nothing stands there.
    pub fn is_blank(&self) -> bool {
        self.source().trim().is_empty()
    }

    /// The text as it is meant: HTML in it stays.
    pub fn decoded(&self) -> Cow<'_, str> {
        match self {
            Self::Encoded(text) => unescape(text),
            Self::None | Self::Plain(_) | Self::Markup(_) => Cow::Borrowed(self.source()),
        }
    }

    /// The text without markup, clean, of at most `most` characters.
    pub fn clean(&self, most: usize) -> Printable {
        // Some articles are books. What is far behind the end of what is kept is looked at only where tags filled the beginning.
        const ENOUGH: usize = 32 * 1024;
        let source = self.source();
        let start = (0..=ENOUGH.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
        if start < source.len() {
            let beginning = self.cleaned(&source[..start], most, true);
            if beginning.as_str().chars().count() == most {
                return beginning;
            }
        }
        self.cleaned(source, most, false)
    }

    fn cleaned(&self, source: &str, most: usize, is_cut: bool) -> Printable {
        let text = match self {
            Self::Encoded(_) => unescape(source),
            Self::None | Self::Plain(_) | Self::Markup(_) => Cow::Borrowed(source),
        };
        // A tag that was cut is no text.
        let end = if is_cut { text.rfind('<').filter(|open| !text[*open..].contains('>')) } else { None };
        let text = plain(&text[..end.unwrap_or(text.len())]);
        // Some publishers escape twice.
        Printable::clean_to(&unescape(&text), most)
    }

    fn source(&self) -> &str {
        match self {
            Self::None => "",
            Self::Encoded(text) => text,
            Self::Plain(text) | Self::Markup(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_as_often_as_they_were_encoded() {
        for (text, clean) in [
            (Text::None, ""),
            (Text::Encoded("&lt;b&gt;A&lt;/b&gt; &amp;amp; B"), "A & B"),
            (Text::Encoded("It&amp;amp;#8217;s"), "It’s"),
            (Text::of("It&amp;#8217;s &amp;amp; AT&T"), "It’s & AT&T"),
            (Text::Markup("<div>a &lt; b</div>".into()), "a < b"),
        ] {
            assert_eq!(text.clean(100).as_str(), clean, "{text:?}");
        }
    }

    #[test]
    fn a_text_behind_much_markup_is_found() {
        let text = Text::of(format!("<img src='{}'>words", "x".repeat(100_000)));
        assert_eq!(text.clean(100).as_str(), "words");
        let long = Text::of("word ".repeat(100_000));
        assert_eq!(long.clean(100).as_str().chars().count(), 100);
    }
}
