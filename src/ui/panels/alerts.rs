//! Active alerts, worst first, grouped by what they are about. That nothing is wrong is said only when it is proven.

use super::state_of;
use crate::domain::alert::{Incident, Onset, Subject};
use crate::domain::feed::FeedState;
use crate::domain::route::RouteId;
use crate::domain::situation::Calm;
use crate::domain::text::wrap;
use crate::domain::words;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::line::Pen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;

/// Alerts on one subject, the worst first.
struct Group<'a> {
    name: String,
    incidents: Vec<&'a Arc<Incident>>,
}

/// How much is said of each group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    /// Every reason below its subject.
    All,
    /// The worst reason below its subject.
    Worst,
    /// Subject and worst reason on one line.
    Line,
}

/// Rows that the alerts would fill at a width, without the head: with every reason, with the worst, on a line each.
pub fn heights(model: &Model, width: u16) -> [u16; 3] {
    let groups = groups(model);
    [Detail::All, Detail::Worst, Detail::Line].map(|detail| rows(&groups, width, detail).max(1))
}

fn rows(groups: &[Group<'_>], width: u16, detail: Detail) -> u16 {
    let room = usize::from(width.saturating_sub(INDENT + 2));
    let of_group = |group: &Group<'_>| match detail {
        Detail::Line => 1,
        Detail::Worst => 1 + wrap(reason(group.incidents[0]), room).len().max(1),
        Detail::All => {
            1 + group.incidents.iter().map(|incident| wrap(reason(incident), room).len().max(1)).sum::<usize>()
        }
    };
    u16::try_from(groups.iter().map(of_group).sum::<usize>()).unwrap_or(u16::MAX / 2)
}

/// Columns before a reason.
const INDENT: u16 = 14;

/// Draws the alerts.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let groups = groups(model);
    let (title, faint) = (model.theme.style(Role::Title), model.theme.style(Role::Faint));
    let mut row = 0;
    let firing: usize = groups.iter().map(|group| group.incidents.len()).sum();
    if head(&groups, area) > 0 {
        let said = match (firing, groups.len()) {
            (0, _) => String::new(),
            (firing, subjects) if firing == subjects => format!("{firing} firing"),
            (firing, subjects) => format!("{firing} firing on {subjects}"),
        };
        Pen::new(buffer, model.glyphs, area, 0).skip(1).put("ALERTS", title).skip(2).put(&said, faint);
        row = 1;
    }
    if groups.is_empty() {
        let (said, role) = calm_words(model.picture.calm(model.now), model);
        let sign = if role == Role::Fine { model.glyphs.fine } else { model.glyphs.unknown };
        Pen::new(buffer, model.glyphs, area, row)
            .skip(1)
            .put(sign, model.theme.style(role))
            .skip(1)
            .put(&said, model.theme.style(role));
        return;
    }
    for (at, (group, detail)) in groups.iter().zip(details(&groups, area)).enumerate() {
        let left = groups.len() - at;
        if row + 1 >= area.height && left > 1 {
            Pen::new(buffer, model.glyphs, area, row).skip(1).put(&format!("{left} more"), faint);
            return;
        }
        row = match detail {
            Detail::Line => line(model, group, area, row, buffer),
            detail => block(model, group, detail, area, row, buffer),
        };
    }
}

/// The place, among the routes, of the one whose alert stands on a row of the screen.
pub fn route_at(model: &Model, area: Rect, y: u16) -> Option<usize> {
    let groups = groups(model);
    let head = head(&groups, area);
    let mut row = area.y + head;
    let (group, _) = groups.iter().zip(details(&groups, area)).find(|(group, detail)| {
        row += rows(std::slice::from_ref(group), area.width, *detail);
        y < row
    })?;
    let Subject::Series(series) = &group.incidents[0].subject else { return None };
    model.routes().iter().position(|route| route.id == series.route).filter(|_| y >= area.y + head)
}

/// Rows of the section's head: none where the alerts themselves need the room.
fn head(groups: &[Group<'_>], area: Rect) -> u16 {
    u16::from(area.height > 4 || area.height > rows(groups, area.width, Detail::Line).max(1))
}

/// How much is said of each alert: the same of all where that fits; else, the worst first, as much as leaves a line for each
/// of the others.
fn details(groups: &[Group<'_>], area: Rect) -> Vec<Detail> {
    const MOST_FIRST: [Detail; 2] = [Detail::All, Detail::Worst];
    let room = area.height.saturating_sub(head(groups, area));
    let blocks = area.width >= 56;
    let of_all = MOST_FIRST.into_iter().find(|detail| blocks && rows(groups, area.width, *detail) <= room);
    if let Some(detail) = of_all {
        return vec![detail; groups.len()];
    }
    let mut used = 0;
    let each = groups.iter().enumerate().map(|(at, group)| {
        let of_group = |detail: Detail| rows(std::slice::from_ref(group), area.width, detail);
        let others = u16::try_from(groups.len() - at - 1).unwrap_or(u16::MAX / 4);
        let fits = |detail: &Detail| blocks && used + of_group(*detail) + others <= room;
        let detail = MOST_FIRST.into_iter().find(fits).unwrap_or(Detail::Line);
        used += of_group(detail);
        detail
    });
    each.collect()
}

/// A subject with its reasons below it.
fn block(model: &Model, group: &Group<'_>, detail: Detail, area: Rect, row: u16, buffer: &mut Buffer) -> u16 {
    let worst = group.incidents[0];
    let (sign, word, role) = state_of(worst, model);
    let (style, text, faint) = (model.theme.style(role), model.theme.style(Role::Text), model.theme.style(Role::Faint));
    let mut pen = Pen::new(buffer, model.glyphs, area, row);
    let (mark, mark_style) = mark(model, group, area.width);
    pen.at_end(&mark, mark_style);
    pen.skip(1).column(sign, 2, style).skip(1).column(word, INDENT - 4, style).put(&group.name, style);
    let shown = if detail == Detail::All { group.incidents.len() } else { 1 };
    if group.incidents.len() > shown {
        pen.skip(2).put(&format!("and {} more", group.incidents.len() - shown), faint);
    }
    let mut row = row + 1;
    for (at, incident) in group.incidents.iter().take(shown).enumerate() {
        let room = usize::from(area.width.saturating_sub(INDENT + 2));
        for (number, line) in wrap(reason(incident), room).iter().enumerate() {
            let mut pen = Pen::new(buffer, model.glyphs, area, row);
            let bullet = if number == 0 && shown > 1 { model.glyphs.dot } else { " " };
            pen.skip(INDENT - 2).put(bullet, faint).skip(1).put(line, if at == 0 { text } else { faint });
            row += 1;
        }
    }
    row
}

/// From so many columns on a line has room for a reason.
const ROOMY: u16 = 70;

/// A subject and its worst reason on one line.
fn line(model: &Model, group: &Group<'_>, area: Rect, row: u16, buffer: &mut Buffer) -> u16 {
    let (sign, _, role) = state_of(group.incidents[0], model);
    let style = model.theme.style(role);
    let mut pen = Pen::new(buffer, model.glyphs, area, row);
    let (mark, mark_style) = mark(model, group, area.width);
    pen.at_end(&mark, mark_style);
    pen.skip(1).column(sign, 2, style).skip(1);
    let text = model.theme.style(Role::Text);
    if area.width >= ROOMY {
        pen.column(&group.name, 21, style).skip(1).put(reason(group.incidents[0]), text);
    } else {
        pen.put(&group.name, style).put(": ", style).put(reason(group.incidents[0]), text);
    }
    row + 1
}

/// A reason without its subject's name, which stands before it already.
fn reason(incident: &Incident) -> &str {
    let reason = incident.reason.as_str();
    match &incident.subject {
        Subject::Policy(_) => reason.split_once(": ").map_or(reason, |(_, rest)| rest),
        Subject::Series(_) | Subject::Feed(_) | Subject::Topic(_) => reason,
    }
}

/// `new`, or since when; and whether somebody has all of it in hand. Where there is little room that alone.
fn mark(model: &Model, group: &Group<'_>, width: u16) -> (String, ratatui::style::Style) {
    let is_new = group.incidents.iter().any(|incident| model.is_unseen(incident));
    let in_hand = group.incidents.iter().all(|incident| incident.in_hand(model.now).is_some());
    let since = if is_new { "new".to_owned() } else { since(model, group) };
    let said = match in_hand {
        true if width < ROOMY => "in hand".to_owned(),
        true => format!("{since} {} in hand", model.glyphs.dot),
        false => since,
    };
    (said + " ", model.theme.style(if is_new { Role::Accent } else { Role::Faint }))
}

fn since(model: &Model, group: &Group<'_>) -> String {
    let worst = group.incidents[0];
    // What was firing when the store was first filled has been so since its onset, not since somebody looked.
    if group.incidents.iter().all(|incident| incident.first_load) {
        return match worst.onset {
            Onset::Period(onset) => format!("since {}", words::period_short(onset)),
            Onset::At(at) => format!("since {}", words::day_of(at)),
        };
    }
    let age = model.ago(worst.opened);
    if age == "now" { age } else { format!("for {age}") }
}

fn groups(model: &Model) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for incident in &model.index.active {
        let name = name(model, &incident.subject);
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.incidents.push(incident),
            None => groups.push(Group { name, incidents: vec![incident] }),
        }
    }
    groups
}

fn name(model: &Model, subject: &Subject) -> String {
    let catalog = &model.picture.catalog;
    match subject {
        Subject::Series(id) => {
            catalog.route(&id.route).map_or_else(|| id.route.to_string(), |route| route.name.to_string())
        }
        Subject::Feed(id) => format!("feed {}", catalog.feed(id).map_or(id.as_str(), |feed| feed.name.as_str())),
        Subject::Policy(id) => catalog.policy_date(id).map_or_else(|| id.to_string(), |date| date.name.to_string()),
        Subject::Topic(rule) => rule.to_string(),
    }
}

/// "No alerts" only when every feed is fresh and every rule can tell (design, promise 2).
fn calm_words(calm: Calm, model: &Model) -> (String, Role) {
    if calm.feeds == 0 {
        return ("Nothing is watched: the configuration has no [[feed]]".to_owned(), Role::Unknown);
    }
    if calm.is_proven() {
        return (format!("No alerts; every feed is fresh ({}), every rule can tell", calm.feeds), Role::Fine);
    }
    let mut doubts = Vec::new();
    let counted = [
        (FeedState::Waiting, "has not answered yet", "have not answered yet"),
        (FeedState::Failing, "is failing", "are failing"),
        (FeedState::Stale, "is stale", "are stale"),
        (FeedState::Degraded, "is degraded", "are degraded"),
    ];
    for (state, one, several) in counted {
        let feeds = model.picture.catalog.feeds.iter();
        match feeds.filter(|feed| model.picture.feed_state(feed, model.now) == state).count() {
            0 => {}
            1 => doubts.push(format!("1 feed {one}")),
            count => doubts.push(format!("{count} feeds {several}")),
        }
    }
    if calm.unknown > 0 {
        doubts.push(format!(
            "{} {} tell yet",
            calm.unknown,
            if calm.unknown == 1 { "rule cannot" } else { "rules cannot" }
        ));
    }
    (format!("Nothing firing; {}", doubts.join(", ")), Role::Unknown)
}

/// What is active on a route, worst first.
pub fn on_route<'a>(model: &'a Model, route: &'a RouteId) -> impl Iterator<Item = &'a Arc<Incident>> {
    let on_route =
        move |incident: &&Arc<Incident>| matches!(&incident.subject, Subject::Series(id) if id.route == *route);
    model.index.active.iter().filter(on_route)
}

/// The worst of what is active on a route.
pub fn worst_on<'a>(model: &'a Model, route: &'a RouteId) -> Option<&'a Arc<Incident>> {
    on_route(model, route).next()
}
