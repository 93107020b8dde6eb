//! The header: what and where at the left, the proof of calm at the right. On every page, at every size.

use crate::domain::situation::{Calm, Mode};
use crate::domain::words;
use crate::ui::format;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::line::Pen;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Draws the header. Narrower screens drop the local time, then the title, then the words of the proof.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let (bold, text, mode) =
        (model.theme.style(Role::Title), model.theme.style(Role::Text), model.theme.style(Role::Mode));
    let calm = model.picture.calm(model.now);
    let good = calm.fresh == calm.feeds && calm.unknown == 0;
    let proof_style = model.theme.style(if good { Role::Faint } else { Role::Stale });
    let wide = area.width >= 100;
    let proof = proof(model, calm, area.width);
    let word = mode_word(model, area.width);
    let time = time(model, area.width);
    let proof_width = proof.width();
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    pen.at_end(&format!("{proof} "), proof_style).skip(1);
    let needed = 12 + word.width() + time.width() + proof_width + 6;
    if usize::from(area.width) >= needed {
        pen.put("WATCHFLOOR", bold).skip(2);
    }
    if wide
        && model.picture.title.as_str() != "Watchfloor"
        && usize::from(pen.room()) > word.width() + time.width() + model.picture.title.width() + 8
    {
        pen.put(model.picture.title.as_str(), text).skip(3);
    }
    if !word.is_empty() {
        pen.put(&word, mode).skip(if wide { 3 } else { 2 });
    }
    pen.put(&time, text);
}

/// The word of a mode that is not the usual one, with how a replay stands.
fn mode_word(model: &Model, width: u16) -> String {
    let word = match &model.picture.mode {
        Mode::Live => return String::new(),
        Mode::Viewer { .. } => return "VIEWER".to_owned(),
        Mode::Sample(_) => "SAMPLE",
        Mode::Replay(_) => "REPLAY",
    };
    let Some(replay) = model.picture.mode.replay() else { return word.to_owned() };
    let stands = match (replay.finished, replay.paused) {
        (true, _) => " ended",
        (false, true) => " paused",
        (false, false) => "",
    };
    let speed = if replay.speed_percent == 100 || replay.finished || width < 60 {
        String::new()
    } else {
        format!(" ×{}", words::count(f64::from(replay.speed_percent) / 100.0))
    };
    format!("{word}{stands}{speed}")
}

fn time(model: &Model, width: u16) -> String {
    let (now, step) = (model.now, model.step());
    let utc = format::time_of_day(now, &TimeZone::UTC, step);
    if utc.is_empty() {
        return if width >= 60 { format::date_long(now, &TimeZone::UTC) } else { words::day_of(now) };
    }
    let date = if width >= 100 {
        format::date_long(now, &TimeZone::UTC)
    } else {
        let date = now.to_zoned_datetime(TimeZone::UTC).date();
        if width >= 60 { words::day_and_year(date) } else { words::day(date) }
    };
    let local = format::time_of_day(now, &model.zone, step);
    let name = format::zone_name(&model.zone);
    if width >= 100 && name != "UTC" {
        format!("{date} · {utc} UTC · {local} {name}")
    } else if width >= 60 {
        format!("{date} {utc} UTC")
    } else {
        format!("{date} {utc}Z")
    }
}

fn proof(model: &Model, calm: Calm, width: u16) -> String {
    let step = model.step();
    let day = |at: jiff::Timestamp| at.to_zoned_datetime(TimeZone::UTC).date();
    let at = calm.proof.map(|at| {
        let time = format::time_of_day(at, &TimeZone::UTC, step);
        // A proof of another day is told with its day: a time alone would make it look young.
        match (time.is_empty(), day(at) == day(model.now)) {
            (true, _) => words::day_of(at),
            (false, true) => time,
            (false, false) => format!("{} {time}", words::day_of(at)),
        }
    });
    let at = at.unwrap_or_else(|| "none yet".to_owned());
    match width {
        100.. if calm.unknown > 0 => {
            let rules = if calm.unknown == 1 { "1 rule".to_owned() } else { format!("{} rules", calm.unknown) };
            format!("{} of {} feeds fresh, {rules} cannot tell · proof {at}", calm.fresh, calm.feeds)
        }
        100.. => format!("{} of {} feeds fresh · proof {at}", calm.fresh, calm.feeds),
        60.. => format!("{}/{} fresh · proof {at}", calm.fresh, calm.feeds),
        _ => format!("{}/{} fresh", calm.fresh, calm.feeds),
    }
}
