//! Policy dates: where each stands, and the ledger of the selected one: every change with who decided it, why, and where it says
//! so.

use super::countdown::{clock_words, due_words};
use crate::domain::policy_date::{LedgerEntry, PolicyDate, PolicyStatus};
use crate::domain::words;
use crate::ui::message::Page;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::line::Pen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The list with its head.
pub fn list_area(model: &Model, area: Rect) -> Rect {
    let dates = u16::try_from(model.entries(Page::Dates)).unwrap_or(u16::MAX / 2);
    Rect { height: (dates + 1).min((area.height / 2).max(2)).min(area.height), ..area }
}

/// Draws the page.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let dates = model.picture.policy_dates(model.now);
    let (title, text, faint) =
        (model.theme.style(Role::Title), model.theme.style(Role::Text), model.theme.style(Role::Faint));
    Pen::new(buffer, model.glyphs, area, 0).skip(1).put("POLICY DATES", title);
    if dates.is_empty() {
        let said = "none is known yet; a [[policy_date]] in the configuration names one";
        Pen::new(buffer, model.glyphs, area, 1).skip(1).put(said, faint);
        return;
    }
    let list = list_area(model, area);
    let selected = model.selection_of(Page::Dates);
    let rows = usize::from(list.height.saturating_sub(1));
    let first = super::offset_for(selected, rows);
    for (at, (date, standing)) in dates.iter().enumerate().skip(first).take(rows) {
        let row = u16::try_from(at - first + 1).unwrap_or(u16::MAX);
        let chosen = at == selected;
        let (clock, role) = clock_words(standing, model.step(), model);
        let mut pen = Pen::new(buffer, model.glyphs, list, row);
        pen.put(if chosen { model.glyphs.pointer } else { " " }, model.theme.style(Role::Selection));
        let name_style = if chosen { model.theme.style(Role::Selection) } else { text };
        pen.column(date.name.as_str(), if area.width >= 60 { 30 } else { 18 }, name_style).skip(1);
        pen.column(&clock, 24, model.theme.style(role)).skip(1);
        pen.put(&due_words(standing.entry.due, date), faint);
    }
    if let Some((date, _)) = dates.get(selected) {
        let below = Rect { y: list.bottom(), height: area.bottom().saturating_sub(list.bottom()), ..area };
        ledger(model, date, below, buffer);
    }
}

/// The ledger, newest first.
fn ledger(model: &Model, date: &PolicyDate, area: Rect, buffer: &mut Buffer) {
    let (title, faint) = (model.theme.style(Role::Title), model.theme.style(Role::Faint));
    let mut pen = Pen::new(buffer, model.glyphs, area, 1);
    pen.skip(1).put("LEDGER", title).skip(2).put(&format!("{}, newest first", date.name), faint);
    let entries = model.picture.ledger(&date.id, model.now);
    let mut row = 2;
    for (at, entry) in entries.iter().enumerate().rev() {
        if row >= area.height {
            return;
        }
        let before = at.checked_sub(1).map(|at| &entries[at]);
        row = draw_entry(model, date, before, entry, area, row, buffer);
    }
}

fn draw_entry(
    model: &Model,
    date: &PolicyDate,
    before: Option<&LedgerEntry>,
    entry: &LedgerEntry,
    area: Rect,
    row: u16,
    buffer: &mut Buffer,
) -> u16 {
    let (text, faint) = (model.theme.style(Role::Text), model.theme.style(Role::Faint));
    let (sign, role) = match entry.status {
        PolicyStatus::Held => (model.glyphs.held, Role::Held),
        PolicyStatus::Scheduled => (model.glyphs.fine, Role::Text),
        PolicyStatus::Reached => (model.glyphs.fine, Role::Faint),
        PolicyStatus::Proposed | PolicyStatus::Withdrawn => (model.glyphs.unknown, Role::Faint),
    };
    let known = entry.known.to_zoned_datetime(date.zone.clone());
    let old = before.and_then(|before| before.due);
    let moved = match (old, entry.due) {
        (Some(old), None) => format!("{} {} no date", words::day_and_year(old.date()), model.glyphs.arrow),
        (Some(old), Some(new)) if old != new => {
            format!("{} {} {}", words::day_and_year(old.date()), model.glyphs.arrow, due_words(Some(new), date))
        }
        (_, Some(due)) => due_words(Some(due), date),
        (None, None) => "no date".to_owned(),
    };
    let day = words::day_and_year(known.date());
    let mut pen = Pen::new(buffer, model.glyphs, area, row);
    pen.skip(1)
        .column(&day, 12, faint)
        .skip(1)
        .column(sign, 2, model.theme.style(role))
        .column(entry.status.word(), 10, model.theme.style(role))
        .skip(1);
    let mut said = vec![moved];
    if area.width >= 100 {
        said.extend(details(model, entry));
        pen.put(&said.join(" · "), text);
        return row + 1;
    }
    pen.put(&said.join(" · "), text);
    let details = details(model, entry).join(" · ");
    if details.is_empty() || row + 1 >= area.height {
        return row + 1;
    }
    Pen::new(buffer, model.glyphs, area, row + 1).skip(14).put(&details, faint);
    row + 2
}

/// Who, why, where; and when this program learned of it, where that was much later.
fn details(model: &Model, entry: &LedgerEntry) -> Vec<String> {
    let mut said: Vec<String> =
        [&entry.authority, &entry.reason, &entry.source].into_iter().flatten().map(ToString::to_string).collect();
    let late = entry.recorded.duration_since(entry.known);
    if late >= jiff::SignedDuration::from_hours(24) && model.picture.mode.replay().is_none() {
        said.push(format!("recorded {}", words::day_of(entry.recorded)));
    }
    said
}
