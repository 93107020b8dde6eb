//! Headlines: newest first, marked while new, with the route that their words point to; on their own page with a reading pane.

use crate::domain::feed::FeedId;
use crate::domain::headline::Headline;
use crate::domain::route::Route;
use crate::domain::text::wrap;
use crate::domain::words;
use crate::ui::format;
use crate::ui::glyphs::{Tier, spell};
use crate::ui::message::Page;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::line::Pen;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;
use unicode_width::UnicodeWidthChar;

/// The list at the foot of the overview.
pub fn draw_brief(model: &Model, area: Rect, buffer: &mut Buffer) {
    if area.height < 2 {
        return;
    }
    let headlines = &model.index.headlines;
    head(model, headlines, area, buffer);
    rows(model, headlines, 0, None, Rect { y: area.y + 1, height: area.height - 1, ..area }, buffer);
}

/// The page: the list above, the selected item below.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let headlines = &model.index.headlines;
    head(model, headlines, area, buffer);
    let list = list_area(area);
    let below = Rect { y: list.y + 1, height: list.height.saturating_sub(1), ..list };
    let selected = model.selection_of(Page::Headlines);
    rows(model, headlines, offset(model, area), Some(selected), below, buffer);
    let pane = Rect { y: list.bottom(), height: area.bottom().saturating_sub(list.bottom()), ..area };
    if let Some(headline) = headlines.get(selected) {
        read(model, headline, pane, buffer);
    }
}

/// The list with its head, on the page.
pub fn list_area(area: Rect) -> Rect {
    let pane = if area.height >= 10 { (area.height / 3).clamp(5, 10) } else { 0 };
    Rect { height: area.height - pane, ..area }
}

/// The first headline that is shown on the page.
pub fn offset(model: &Model, area: Rect) -> usize {
    super::offset_for(model.selection_of(Page::Headlines), usize::from(list_area(area).height.saturating_sub(1)))
}

fn head(model: &Model, headlines: &[Arc<Headline>], area: Rect, buffer: &mut Buffer) {
    let new = headlines.iter().filter(|headline| model.is_new(headline)).count();
    let said = if new > 0 { format!("{new} new") } else { String::new() };
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    pen.skip(1).put("HEADLINES", model.theme.style(Role::Title)).skip(2).put(&said, model.theme.style(Role::Accent));
    if headlines.is_empty() && area.height > 1 {
        Pen::new(buffer, model.glyphs, area, 1).skip(1).put("none yet", model.theme.style(Role::Faint));
    }
}

fn rows(
    model: &Model,
    headlines: &[Arc<Headline>],
    first: usize,
    selected: Option<usize>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let (text, faint, accent) =
        (model.theme.style(Role::Text), model.theme.style(Role::Faint), model.theme.style(Role::Accent));
    let source = if area.width >= 60 { 11 } else { 0 };
    for (row, (at, headline)) in headlines.iter().enumerate().skip(first).take(usize::from(area.height)).enumerate() {
        let chosen = selected == Some(at);
        let mut pen = Pen::new(buffer, model.glyphs, area, u16::try_from(row).unwrap_or(u16::MAX));
        let route = if area.width >= 90 {
            route_of(model, headline).map(|route| route.name.to_string()).unwrap_or_default()
        } else {
            String::new()
        };
        if !route.is_empty() {
            pen.at_end(&format!("{route} "), faint);
        }
        pen.put(if chosen { model.glyphs.pointer } else { " " }, model.theme.style(Role::Selection));
        pen.put(if model.is_new(headline) { model.glyphs.new } else { " " }, accent).skip(1);
        pen.column(&when(model, headline), 6, faint).skip(1);
        if source > 0 {
            pen.column(feed_name(model, &headline.feed), source, faint).skip(1);
        }
        let style = if chosen { model.theme.style(Role::Selection) } else { text };
        pen.put(headline.item.title.as_str(), style);
    }
}

/// The selected item: title, text, link, when it was published and when it was seen.
fn read(model: &Model, headline: &Headline, area: Rect, buffer: &mut Buffer) {
    if area.height < 3 {
        return;
    }
    let (title, text, faint) =
        (model.theme.style(Role::Title), model.theme.style(Role::Text), model.theme.style(Role::Faint));
    let room = usize::from(area.width.saturating_sub(4));
    let mut row = 1;
    let mut write = |lines: Vec<String>, style: ratatui::style::Style, most: usize| {
        for line in lines.into_iter().take(most) {
            Pen::new(buffer, model.glyphs, area, row).skip(3).put(&line, style);
            row += 1;
        }
    };
    write(wrap(headline.item.title.as_str(), room), title, 2);
    let summary = headline.item.summary.as_ref().map(|summary| wrap(summary.as_str(), room)).unwrap_or_default();
    write(summary, text, usize::from(area.height.saturating_sub(4)));
    if let Some(link) = &headline.item.link {
        write(vec![link.to_string()], model.theme.style(Role::Accent), 1);
    }
    if !headline.also.is_empty() {
        let also: Vec<&str> = headline.also.iter().map(|also| feed_name(model, &also.feed)).collect();
        write(wrap(&format!("also in {}", also.join(", ")), room), faint, 1);
    }
    let zone = &TimeZone::UTC;
    let published = headline.item.published.map(|at| {
        format!(
            "published {} {} UTC · ",
            format::date_long(at, zone),
            format::time_of_day(at, zone, jiff::SignedDuration::from_mins(1))
        )
    });
    let edited =
        if headline.version > 1 { format!(" · edited {} times", headline.version - 1) } else { String::new() };
    let seen = format!(
        "seen {} {} UTC",
        words::day_of(headline.seen),
        format::time_of_day(headline.seen, zone, jiff::SignedDuration::from_mins(1))
    );
    write(vec![format!("{}{seen}{edited}", published.unwrap_or_default())], faint, 1);
}

fn feed_name<'a>(model: &'a Model, feed: &'a FeedId) -> &'a str {
    model.picture.catalog.feed(feed).map_or(feed.as_str(), |feed| feed.name.as_str())
}

/// The time today, the day before today.
fn when(model: &Model, headline: &Headline) -> String {
    let at = headline.at();
    let (day, today) = (at.to_zoned_datetime(TimeZone::UTC).date(), model.now.to_zoned_datetime(TimeZone::UTC).date());
    if day == today && model.step() < jiff::SignedDuration::from_hours(24) {
        format::time_of_day(at, &TimeZone::UTC, jiff::SignedDuration::from_mins(1))
    } else {
        words::day(day)
    }
}

/// The route that a headline's words point to: the longest word that matches says most about which is meant.
fn route_of<'a>(model: &'a Model, headline: &Headline) -> Option<&'a Route> {
    let summary = headline.item.summary.as_ref().map_or("", |summary| summary.as_str());
    let text = plain(&format!("{} {summary}", headline.item.title));
    let matching = |route: &Route| {
        let words = route.words.iter().map(|word| plain(word.as_str()));
        words.filter(|word| has_word(&text, word)).map(|word| word.len()).max()
    };
    let found = model.picture.catalog.routes.iter().filter_map(|route| Some((matching(route)?, route)));
    // The first of equals, so that the order of the configuration decides.
    let longest = found.reduce(|a, b| if b.0 > a.0 { b } else { a });
    longest.map(|(_, route)| route)
}

/// Whether a headline's words point to a route.
pub fn is_about(model: &Model, headline: &Headline, route: &Route) -> bool {
    route_of(model, headline).is_some_and(|found| found.id == route.id)
}

/// Lower case without accents, so that Darién is Darien; other scripts stay as they are.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.to_lowercase().chars().filter(|c| c.width() != Some(0)) {
        let spelt = spell(c.encode_utf8(&mut [0; 4]), Tier::Ascii).chars().next().filter(char::is_ascii_alphabetic);
        out.push(spelt.unwrap_or(c));
    }
    out
}

/// Whether a word or phrase stands in a text by itself.
fn has_word(text: &str, word: &str) -> bool {
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_and_accents_do_not_matter() {
        let matches = |text: &str, word: &str| has_word(&plain(text), &plain(word));
        assert!(matches("Cross the Darién on foot", "Darien"));
        assert!(matches("Darie\u{301}n", "darién"));
        assert!(matches("the (southwest border): record", "Southwest Border"));
        assert!(!matches("a borderline case", "border"));
        assert!(matches("беженцы в пути", "беженцы"));
        assert!(!matches("абвгдеж в пути", "беженцы"), "letters that cannot be spelt are not alike");
        assert!(!matches("anything", ""));
    }
}
