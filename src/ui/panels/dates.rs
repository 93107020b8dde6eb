//! Policy dates: where each stands, the selected one in big digits, and its ledger: every change with who decided it, why, and
//! where it says so.

use super::countdown::{self, clock_words, due_words, text_step};
use crate::domain::policy_date::{LedgerEntry, PolicyDate, PolicyStatus, Standing};
use crate::domain::words;
use crate::ui::layout::WIDE;
use crate::ui::message::Page;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::digits;
use crate::ui::widgets::line::Pen;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The list with its head.
pub fn list_area(model: &Model, area: Rect) -> Rect {
    let dates = u16::try_from(model.entries(Page::Dates)).unwrap_or(u16::MAX / 2);
    Rect { height: (dates + 1).min((area.height / 2).max(2)).min(area.height), ..area }
}

/// The first date that is shown.
pub fn offset(model: &Model, area: Rect) -> usize {
    super::offset_for(model.selection_of(Page::Dates), usize::from(list_area(model, area).height.saturating_sub(1)))
}

/// Draws the page.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let dates = model.picture.policy_dates(model.now);
    let (title, faint) = (model.theme.style(Role::Title), model.theme.style(Role::Faint));
    Pen::new(buffer, model.glyphs, area, 0).skip(1).put("POLICY DATES", title);
    if dates.is_empty() {
        let said = "none is known yet; a [[policy_date]] in the configuration names one";
        Pen::new(buffer, model.glyphs, area, 1).skip(1).put(said, faint);
        return;
    }
    let list = list_area(model, area);
    let selected = model.selection_of(Page::Dates);
    for (row, (at, entry)) in (1..list.height).zip(dates.iter().enumerate().skip(offset(model, area))) {
        draw_date(model, entry, at == selected, list, row, buffer);
    }
    let Some((date, standing)) = dates.get(selected) else { return };
    let mut below = Rect { y: list.bottom(), height: area.bottom() - list.bottom(), ..area };
    // Digits only where the ledger keeps most of the rest.
    let tall = digits::height(model.glyphs.tier);
    if area.width >= 60 && below.height >= 2 * tall + 6 {
        let place = Rect { y: below.y + 1, height: tall, width: below.width.min(80), ..below };
        countdown::row(model, date, standing, place, buffer);
        below = Rect { y: place.bottom(), height: below.height - tall - 1, ..below };
    }
    ledger(model, date, below, buffer);
}

fn draw_date(
    model: &Model,
    (date, standing): &(&PolicyDate, Standing<'_>),
    chosen: bool,
    area: Rect,
    row: u16,
    buffer: &mut Buffer,
) {
    let (clock, role) = clock_words(standing, text_step(model), model);
    let name = if chosen { Role::Selection } else { Role::Text };
    let mut pen = Pen::new(buffer, model.glyphs, area, row);
    pen.put(if chosen { model.glyphs.pointer } else { " " }, model.theme.style(Role::Selection));
    pen.column(date.name.as_str(), if area.width >= 60 { 28 } else { 18 }, model.theme.style(name)).skip(1);
    pen.column(&clock, 22, model.theme.style(role)).skip(1);
    let due = match standing.before_hold {
        Some((due, _)) => format!("no date; was {}", due_words(Some(due), date)),
        None => due_words(standing.entry.due, date),
    };
    if area.width >= 60 {
        pen.put(&due, model.theme.style(Role::Faint));
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

/// One change: on one line where there is room for columns, else with who and why below it. Gives the next free row.
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
    let mut pen = Pen::new(buffer, model.glyphs, area, row);
    pen.skip(1).column(&words::day_and_year(known.date()), 11, faint).skip(1);
    pen.column(sign, 2, model.theme.style(role)).skip(1);
    pen.column(entry.status.word(), 10, model.theme.style(role)).skip(1);
    let moved = moved(model, date, before, entry);
    if area.width >= WIDE {
        pen.column(&moved, 46, text).skip(1);
        pen.put(&details(model, entry).join(" · "), faint);
        return row + 1;
    }
    pen.put(&moved, text);
    let details = details(model, entry).join(" · ");
    if details.is_empty() || row + 1 >= area.height {
        return row + 1;
    }
    Pen::new(buffer, model.glyphs, area, row + 1).skip(13).put(&details, faint);
    row + 2
}

/// The date as it was and as it is from then on.
fn moved(model: &Model, date: &PolicyDate, before: Option<&LedgerEntry>, entry: &LedgerEntry) -> String {
    let old = before.and_then(|before| before.due);
    match (old, entry.due) {
        (Some(old), None) => format!("{} {} no date", words::day_and_year(old.date()), model.glyphs.arrow),
        (Some(old), Some(new)) if old != new => {
            format!("{} {} {}", words::day_and_year(old.date()), model.glyphs.arrow, due_words(Some(new), date))
        }
        (None, Some(new)) if before.is_some() => {
            format!("no date {} {}", model.glyphs.arrow, due_words(Some(new), date))
        }
        (_, due) => due_words(due, date),
    }
}

/// Who, why, where; and when this program learned of it, where that was not then.
fn details(model: &Model, entry: &LedgerEntry) -> Vec<String> {
    let mut said: Vec<String> =
        [&entry.authority, &entry.reason, &entry.source].into_iter().flatten().map(ToString::to_string).collect();
    let late = entry.recorded.duration_since(entry.known);
    if late >= jiff::SignedDuration::from_hours(24) && model.picture.mode.replay().is_none() {
        let day = entry.recorded.to_zoned_datetime(TimeZone::UTC).date();
        said.push(format!("recorded {}", words::day_and_year(day)));
    }
    said
}
