//! The next policy date in big digits: how long until zero, or that a court holds it, since when and why.

use crate::domain::policy_date::{Clock, Due, PolicyDate, PolicyStatus, Standing};
use crate::domain::words;
use crate::ui::format;
use crate::ui::message::Page;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::digits;
use crate::ui::widgets::line::Pen;
use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the next date: a block beside the alerts, a row of digits, or one line.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let dates = model.picture.policy_dates(model.now);
    let title = model.theme.style(Role::Title);
    let Some((date, standing)) = dates.first() else {
        if area.height >= 2 {
            Pen::new(buffer, model.glyphs, area, 0).skip(1).put("NEXT DATE", title);
            Pen::new(buffer, model.glyphs, area, 1)
                .skip(1)
                .put("no policy date is known yet", model.theme.style(Role::Faint));
        }
        return;
    };
    let tall = digits::height(model.glyphs.tier);
    if area.height >= tall + 4 {
        block(model, date, standing, &dates[1..], area, buffer);
    } else if area.height >= tall && area.width >= 60 {
        row(model, date, standing, area, buffer);
    } else {
        line(model, date, standing, area, buffer);
    }
}

fn block(
    model: &Model,
    date: &PolicyDate,
    standing: &Standing<'_>,
    others: &[(&PolicyDate, Standing<'_>)],
    area: Rect,
    buffer: &mut Buffer,
) {
    let (title, text, faint) =
        (model.theme.style(Role::Title), model.theme.style(Role::Text), model.theme.style(Role::Faint));
    Pen::new(buffer, model.glyphs, area, 0).skip(1).put("NEXT DATE", title);
    let routes = route_names(model, date);
    let mut pen = Pen::new(buffer, model.glyphs, area, 1);
    pen.skip(1).put(date.name.as_str(), text);
    if !routes.is_empty() {
        pen.put(&format!(" · {routes}"), faint);
    }
    let (digits_text, style) = big(model, standing);
    let place = Rect { x: area.x + 1, y: area.y + 3, width: area.width.saturating_sub(1), height: area.height - 3 };
    digits::draw(&digits_text, model.glyphs, style, place, buffer);
    let below = 3 + digits::height(model.glyphs.tier);
    let said = sentences(model, date, standing);
    for (row, said) in (below..).zip(&said) {
        Pen::new(buffer, model.glyphs, area, row).skip(1).put(said, text);
    }
    let first = below + u16::try_from(said.len()).unwrap_or(0) + 1;
    let rows = usize::from(area.height.saturating_sub(first));
    let shown = if others.len() > rows { rows.saturating_sub(1) } else { others.len() };
    for (row, (date, standing)) in (first..).zip(&others[..shown]) {
        let (clock, role) = clock_words(standing, text_step(model), model);
        let mut pen = Pen::new(buffer, model.glyphs, area, row);
        pen.skip(1).column(&clock, 25, model.theme.style(role)).skip(1).put(date.name.as_str(), text);
    }
    if shown < others.len() && rows > 0 {
        let more = format!("{} more: 2 shows all", others.len() - shown);
        Pen::new(buffer, model.glyphs, area, area.height - 1).skip(1).put(&more, faint);
    }
}

/// Words at the left, digits at the right.
pub fn row(model: &Model, date: &PolicyDate, standing: &Standing<'_>, area: Rect, buffer: &mut Buffer) {
    let (title, text, faint) =
        (model.theme.style(Role::Title), model.theme.style(Role::Text), model.theme.style(Role::Faint));
    let (digits_text, style) = big(model, standing);
    let width = digits::width(&digits_text);
    let left = Rect { width: area.width.saturating_sub(width + 3), ..area };
    let head = if model.page == Page::Dates { "SELECTED" } else { "NEXT DATE" };
    Pen::new(buffer, model.glyphs, left, 0).skip(1).put(head, title).skip(2).put(date.name.as_str(), text);
    for (number, said) in sentences(model, date, standing).iter().enumerate() {
        let row = 1 + u16::try_from(number).unwrap_or(0);
        Pen::new(buffer, model.glyphs, left, row).skip(1).put(said, faint);
    }
    let place = Rect { x: area.right().saturating_sub(width + 2), width: width + 2, ..area };
    digits::draw(&digits_text, model.glyphs, style, place, buffer);
}

/// The clock in words, and what stands behind it on a second line where there is one.
fn line(model: &Model, date: &PolicyDate, standing: &Standing<'_>, area: Rect, buffer: &mut Buffer) {
    let faint = model.theme.style(Role::Faint);
    let (said, role) = clock_words(standing, model.step().max(MINUTE), model);
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    pen.skip(1).put(&said, model.theme.style(role)).skip(1).put(date.name.as_str(), model.theme.style(Role::Text));
    if area.height > 1 {
        let behind = sentences(model, date, standing).join(" · ");
        Pen::new(buffer, model.glyphs, area, 1).skip(1).put(&behind, faint);
    } else if let Some(due) = standing.entry.due.filter(|_| !matches!(standing.clock, Clock::Held(_))) {
        pen.put(&format!(" · {}", words::day(due.date())), faint);
    }
}

/// What the big digits say.
fn big(model: &Model, standing: &Standing<'_>) -> (String, ratatui::style::Style) {
    let step = model.step();
    let (text, role) = match standing.clock {
        Clock::Until(left) => (format::big_countdown(left, step), near(left)),
        Clock::Held(_) => ("HELD".to_owned(), Role::Held),
        Clock::Since { ago, confirmed } => {
            (format!("+{}", format::big_countdown(ago, step)), if confirmed { Role::Faint } else { Role::Warning })
        }
        Clock::Open => (String::new(), Role::Faint),
    };
    (text, model.theme.style(role))
}

fn near(left: SignedDuration) -> Role {
    if left < SignedDuration::from_hours(72) { Role::Warning } else { Role::Text }
}

/// Whether the screen as it is shows a clock with seconds: one in words in its last hour, on a screen wider than 80 columns.
pub fn shows_seconds(model: &Model) -> bool {
    if model.picture.mode.replay().is_some() || text_step(model) >= MINUTE {
        return false;
    }
    let last_hour = |standing: &Standing<'_>| match standing.clock {
        Clock::Until(length) | Clock::Since { ago: length, .. } => length < SignedDuration::from_hours(1),
        Clock::Held(_) | Clock::Open => false,
    };
    let dates = model.picture.policy_dates(model.now);
    let in_words = match model.page {
        Page::Dates => dates.as_slice(),
        // The first is told in big digits there.
        Page::Overview => dates.get(1..).unwrap_or_default(),
        Page::Headlines | Page::Feeds => &[],
    };
    in_words.iter().any(|(_, standing)| last_hour(standing))
}

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The smallest unit of clocks in words: a narrow screen does without seconds.
pub fn text_step(model: &Model) -> SignedDuration {
    if model.size.width > 80 { model.step() } else { model.step().max(MINUTE) }
}

/// The clock on one line, with its state's sign and word.
pub fn clock_words(standing: &Standing<'_>, step: SignedDuration, model: &Model) -> (String, Role) {
    match standing.clock {
        Clock::Until(left) => (format!("T−{}", format::countdown(left, step)), near(left)),
        Clock::Held(held) => (format!("{}HELD {}", model.glyphs.held, format::countdown(held, step)), Role::Held),
        Clock::Since { ago, confirmed: true } => (format!("T+{}", format::countdown(ago, step)), Role::Faint),
        Clock::Since { ago, confirmed: false } => {
            (format!("T+{} not confirmed", format::countdown(ago, step)), Role::Warning)
        }
        Clock::Open => (standing.entry.status.word().to_owned(), Role::Faint),
    }
}

/// Two lines of what stands behind the clock.
fn sentences(model: &Model, date: &PolicyDate, standing: &Standing<'_>) -> Vec<String> {
    let entry = standing.entry;
    let by = entry.authority.as_ref().map(|who| format!(" by {who}")).unwrap_or_default();
    let why = entry.reason.as_ref().map(|why| format!(", {why}")).unwrap_or_default();
    match standing.clock {
        Clock::Held(held) => {
            let since = words::day(standing.since.to_zoned_datetime(date.zone.clone()).date());
            let before = standing.before_hold.map(|(due, zero)| {
                let left = standing.since.duration_until(zero).as_secs();
                // Days by the calendar: an order on the 20th against the 23rd is three days before.
                let days = crate::domain::time::days_between(
                    standing.since.to_zoned_datetime(date.zone.clone()).date(),
                    due.date(),
                );
                if left > 0 { format!(", {days} days before {}", words::day(due.date())) } else { String::new() }
            });
            vec![
                format!("held since {since}{by}{why}"),
                format!("for {}{}", format::countdown(held, model.step()), before.unwrap_or_default()),
            ]
        }
        Clock::Since { confirmed, .. } => {
            let word = if confirmed { "reached, confirmed" } else { "passed, not confirmed" };
            vec![due_words(entry.due, date), format!("{word}{by}{why}")]
        }
        Clock::Until(_) | Clock::Open => {
            let word = if entry.status == PolicyStatus::Proposed { "proposed" } else { entry.status.word() };
            vec![due_words(entry.due, date), format!("{word}{by}{why}")]
        }
    }
}

/// `23 May 2022 00:00 New York`
pub fn due_words(due: Option<Due>, date: &PolicyDate) -> String {
    let zone = format::zone_name(&date.zone);
    match due {
        None => "no date".to_owned(),
        Some(Due::Day(day)) => format!("{} 00:00 {zone}", words::day_and_year(day)),
        Some(Due::Minute(at)) => {
            format!("{} {:02}:{:02} {zone}", words::day_and_year(at.date()), at.hour(), at.minute())
        }
    }
}

fn route_names(model: &Model, date: &PolicyDate) -> String {
    let names =
        date.routes.iter().map(|id| model.picture.catalog.route(id).map_or(id.as_str(), |route| route.name.as_str()));
    names.collect::<Vec<_>>().join(", ")
}
