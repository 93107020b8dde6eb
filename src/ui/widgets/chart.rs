//! The large chart of one series: bars from zero with an axis, thresholds, and policy dates. With braille two periods share a
//! column; otherwise a bar is as wide as the room allows.

use crate::domain::observation::Status;
use crate::domain::series::Point;
use crate::domain::time::{Cadence, Period};
use crate::domain::words;
use crate::ui::glyphs::{Glyphs, Tier};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

/// What a chart shows.
pub struct Chart<'a> {
    /// Periods in order; their count is what [`capacity`] said or less.
    pub points: &'a [(Period, Option<Point>)],
    /// Lines at which a rule fires.
    pub thresholds: &'a [f64],
    /// Periods in which a policy date lies.
    pub marks: &'a [Period],
}

/// How a chart looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Bars.
    pub bar: Style,
    /// The newest bar.
    pub newest: Style,
    /// The axis and its labels.
    pub faint: Style,
    /// Thresholds.
    pub threshold: Style,
    /// Policy dates.
    pub mark: Style,
}

/// Columns of the axis' labels.
const AXIS: u16 = 8;

/// How many periods of a cadence a chart of a width shows.
pub fn capacity(width: u16, cadence: Cadence, tier: Tier) -> usize {
    let room = usize::from(width.saturating_sub(AXIS));
    match (cadence, tier) {
        (Cadence::Day, Tier::Full) => room * 2,
        (Cadence::Day, _) => room,
        _ => room / usize::from(bar_width(cadence)),
    }
}

/// Columns of a bar with the space behind it.
const fn bar_width(cadence: Cadence) -> u16 {
    match cadence {
        Cadence::Day => 1,
        Cadence::Week => 2,
        Cadence::Month => 4,
        Cadence::Quarter | Cadence::Year => 6,
    }
}

impl Chart<'_> {
    /// Draws; an area too small for a chart stays empty.
    pub fn draw(&self, glyphs: &Glyphs, look: Look, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        if area.height < 4 || area.width < AXIS + 8 || self.points.is_empty() {
            return;
        }
        let highest = self.points.iter().filter_map(|(_, point)| point.as_ref()?.value).fold(0.0_f64, f64::max);
        let near = self.thresholds.iter().copied().filter(|line| *line <= highest * 1.5).fold(highest, f64::max);
        let top = nice_above(near);
        let plot = Rect { x: area.x + AXIS, y: area.y, width: area.width - AXIS, height: area.height - 2 };
        self.axis(top, glyphs, look, area, plot, buffer);
        self.lines(top, glyphs, look, plot, buffer);
        let cadence = self.points[0].0.cadence();
        if cadence == Cadence::Day && glyphs.tier == Tier::Full {
            self.braille(top, look, plot, buffer);
        } else {
            self.bars(top, glyphs, look, plot, buffer);
        }
        self.labels(cadence, glyphs, look, area, plot, buffer);
    }

    /// Columns of a bar with the space behind it: the cadence's, more where there is room to spare, for what lies ahead too.
    fn step(&self, plot: Rect) -> u16 {
        let Some((first, _)) = self.points.first() else { return 1 };
        let least = bar_width(first.cadence());
        let ahead = self.marks.iter().map(|mark| mark.index() - first.index() + 1).max().unwrap_or(0);
        let count = usize::try_from(ahead).unwrap_or(0).clamp(self.points.len(), self.points.len() + 4);
        let room = usize::from(plot.width) / count.max(1);
        u16::try_from(room).unwrap_or(least).clamp(least, least * 2)
    }

    fn axis(&self, top: f64, glyphs: &Glyphs, look: Look, area: Rect, plot: Rect, buffer: &mut Buffer) {
        let [tick, side, corner] = glyphs.axis;
        for row in 0..plot.height {
            buffer.set_string(plot.x - 1, plot.y + row, side, look.faint);
        }
        let ticks = if plot.height >= 8 { 4 } else { 2 };
        for number in 1..=ticks {
            let value = top * f64::from(number) / f64::from(ticks);
            let row = row_of(value, top, plot.height);
            let label = short(value);
            let width = u16::try_from(label.width()).unwrap_or(AXIS).min(AXIS - 2);
            buffer.set_stringn(plot.x - 2 - width, plot.y + row, &label, usize::from(width), look.faint);
            buffer.set_string(plot.x - 1, plot.y + row, tick, look.faint);
        }
        buffer.set_string(plot.x - 1, plot.bottom(), corner, look.faint);
        for x in plot.x..area.right() {
            buffer.set_string(x, plot.bottom(), glyphs.line, look.faint);
        }
    }

    fn lines(&self, top: f64, glyphs: &Glyphs, look: Look, plot: Rect, buffer: &mut Buffer) {
        for line in self.thresholds.iter().filter(|line| **line > 0.0 && **line <= top) {
            let row = row_of(*line, top, plot.height);
            for x in plot.x..plot.right() {
                buffer.set_string(x, plot.y + row, glyphs.threshold, look.threshold);
            }
        }
        for mark in self.marks {
            let Some(x) = self.column_of(*mark, plot, glyphs.tier) else { continue };
            for row in 0..plot.height {
                buffer.set_string(x, plot.y + row, glyphs.mark, look.mark);
            }
        }
    }

    /// The column of a period, also one after the newest.
    fn column_of(&self, period: Period, plot: Rect, tier: Tier) -> Option<u16> {
        let first = self.points.first()?.0;
        let at = u16::try_from(period.index() - first.index()).ok()?;
        let column = match (first.cadence(), tier) {
            (Cadence::Day, Tier::Full) => at / 2,
            _ => at.checked_mul(self.step(plot))?,
        };
        let x = plot.x.checked_add(column)?;
        (x < plot.right()).then_some(x)
    }

    fn bars(&self, top: f64, glyphs: &Glyphs, look: Look, plot: Rect, buffer: &mut Buffer) {
        let newest = self.points.iter().rposition(|(_, point)| point.is_some());
        let bar = match self.step(plot) {
            1 => 1,
            step @ (2 | 3) => step - 1,
            step => step - 2,
        };
        for (at, (period, point)) in self.points.iter().enumerate() {
            let Some(x) = self.column_of(*period, plot, glyphs.tier) else { continue };
            let style = if Some(at) == newest { look.newest } else { look.bar };
            let foot = plot.bottom() - 1;
            let Some(point) = point else {
                buffer.set_string(x, foot, glyphs.gap, look.faint);
                continue;
            };
            let Some(value) = point.value else {
                buffer.set_string(x, foot, glyphs.unknown.trim_end(), look.faint);
                continue;
            };
            for x in (x..x + bar).take_while(|x| *x < plot.right()) {
                column(value, top, point.status, glyphs, style, plot, x, buffer);
            }
        }
    }

    /// Two periods a column, four levels a row. A gap has no dot, a zero one, whatever is more than zero at least two.
    fn braille(&self, top: f64, look: Look, plot: Rect, buffer: &mut Buffer) {
        let rows = usize::from(plot.height);
        let newest = self.points.iter().rposition(|(_, point)| point.is_some());
        for (x, (pair, points)) in (plot.x..plot.right()).zip(self.points.chunks(2).enumerate()) {
            let dots = |side: usize| {
                let value = points.get(side).and_then(|(_, point)| point.as_ref()?.value);
                value.map_or(0, |value| {
                    let least = if value > 0.0 { 2.0 } else { 1.0 };
                    let most = (rows as f64 * 4.0).max(least);
                    (value / top * most).round().clamp(least, most) as usize
                })
            };
            let (left, right) = (dots(0), dots(1));
            let style = if newest.is_some_and(|newest| newest / 2 == pair) { look.newest } else { look.bar };
            for row in 0..rows {
                let below = (rows - 1 - row) * 4;
                let bits = bits(left.saturating_sub(below).min(4), [0x40, 0x04, 0x02, 0x01])
                    | bits(right.saturating_sub(below).min(4), [0x80, 0x20, 0x10, 0x08]);
                if let Some(symbol) = char::from_u32(0x2800 + bits).filter(|_| bits > 0) {
                    let y = plot.y + u16::try_from(row).unwrap_or(0);
                    buffer[(x, y)].set_char(symbol).set_style(style);
                }
            }
        }
    }

    fn labels(&self, cadence: Cadence, glyphs: &Glyphs, look: Look, area: Rect, plot: Rect, buffer: &mut Buffer) {
        let y = area.bottom() - 1;
        let mut free = plot.x;
        for (at, (period, _)) in self.points.iter().enumerate() {
            let Some(x) = self.column_of(*period, plot, glyphs.tier) else { continue };
            let start = period.start();
            let worth = match cadence {
                Cadence::Day => start.day() == 1,
                Cadence::Week => start.day() <= 7,
                Cadence::Month => (start.month() - 1) % 3 == 0 || at + 1 == self.points.len(),
                Cadence::Quarter | Cadence::Year => true,
            };
            let label = match cadence {
                Cadence::Month if start.month() != 1 => words::month_short(start.month()).to_owned(),
                Cadence::Day | Cadence::Week if start.month() != 1 => words::month_short(start.month()).to_owned(),
                Cadence::Month | Cadence::Day | Cadence::Week => {
                    format!("{} {:02}", words::month_short(start.month()), start.year() % 100)
                }
                _ => words::period_short(*period),
            };
            let width = u16::try_from(label.width()).unwrap_or(8);
            if worth && x >= free && x + width <= area.right() {
                buffer.set_string(x, y, &label, look.faint);
                free = x + width + 1;
            }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one bar's place and look")]
fn column(
    value: f64,
    top: f64,
    status: Status,
    glyphs: &Glyphs,
    style: Style,
    plot: Rect,
    x: u16,
    buffer: &mut Buffer,
) {
    if value <= 0.0 {
        buffer.set_string(x, plot.bottom() - 1, glyphs.zero, style);
        return;
    }
    let levels = match glyphs.tier {
        Tier::Full | Tier::Blocks => 8.0,
        Tier::Console | Tier::Ascii => 1.0,
    };
    let height = (value / top * f64::from(plot.height) * levels).round().max(1.0);
    let (whole, part) = ((height / levels).floor(), height % levels);
    let full = glyphs.levels[glyphs.levels.len() - 1];
    let symbol = if status == Status::Partial { glyphs.partial } else { full };
    let whole = whole as u16;
    for row in 0..whole.min(plot.height) {
        buffer[(x, plot.bottom() - 1 - row)].set_symbol(symbol).set_style(style);
    }
    if part >= 1.0 && whole < plot.height && status != Status::Partial {
        let level = glyphs.levels[(part as usize - 1).min(glyphs.levels.len() - 1)];
        buffer[(x, plot.bottom() - 1 - whole)].set_symbol(level).set_style(style);
    }
    if status == Status::Provisional {
        // Hollow at its top: the publisher may still change it.
        let top_row = whole.min(plot.height).saturating_sub(u16::from(part < 1.0));
        buffer[(x, plot.bottom() - 1 - top_row.min(plot.height - 1))].set_symbol(glyphs.provisional).set_style(style);
    }
}

fn bits(count: usize, dots: [u32; 4]) -> u32 {
    dots[..count].iter().sum()
}

/// The row of a value, from the top.
fn row_of(value: f64, top: f64, height: u16) -> u16 {
    let from_foot = (value / top * f64::from(height)).round().clamp(1.0, f64::from(height));
    height - from_foot as u16
}

/// A round number at or above: 1, 2, 2.5 or 5 times a power of ten, divisible by four ticks.
fn nice_above(value: f64) -> f64 {
    if value <= 4.0 {
        return 4.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 1.2, 1.6, 2.0, 2.4, 2.8, 3.2, 4.0, 5.0, 6.0, 8.0, 10.0]
        .map(|step| step * power)
        .into_iter()
        .find(|step| *step >= value)
        .unwrap_or(value)
}

/// A number on an axis: `200k`, `1.5M`.
fn short(value: f64) -> String {
    match value {
        v if v >= 1e6 => format!("{}M", words::count(v / 1e6)),
        v if v >= 1e4 => format!("{}k", words::count(v / 1e3)),
        v => words::count(v),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(cadence: Cadence, values: &[Option<f64>]) -> Vec<(Period, Option<Point>)> {
        let start = Period::from_index(cadence, if cadence == Cadence::Day { 18_993 } else { 624 });
        (0..)
            .zip(values)
            .map(|(at, value)| {
                let period = start.offset(at);
                (period, value.map(|value| Point { period, value: Some(value), status: Status::Closed }))
            })
            .collect()
    }

    fn show(chart: &Chart<'_>, tier: Tier, width: u16, height: u16) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let s = Style::new();
        chart.draw(
            tier.glyphs(),
            Look { bar: s, newest: s, faint: s, threshold: s, mark: s },
            buffer.area,
            &mut buffer,
        );
        let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..height).map(row).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_chart_of_months() {
        let values = [Some(100.0), Some(0.0), None, Some(221.0), Some(180.0)];
        let points = points(Cadence::Month, &values);
        let marks = [points[4].0.offset(1)];
        let chart = Chart { points: &points, thresholds: &[200.0], marks: &marks };
        insta::assert_snapshot!(show(&chart, Tier::Blocks, 40, 9));
    }

    #[test]
    fn a_gap_a_zero_and_a_few_differ_in_braille_too() {
        let points =
            points(Cadence::Day, &[Some(0.0), None, Some(1.0), Some(0.0), None, None, Some(100.0), Some(50.0)]);
        let chart = Chart { points: &points, thresholds: &[], marks: &[] };
        let shown = show(&chart, Tier::Full, 20, 6);
        let foot = shown.lines().nth(3).unwrap();
        assert_eq!(foot.chars().skip(8).collect::<String>(), "⡀⣄ ⣿", "{shown}");
    }

    proptest! {
        #[test]
        fn any_values_at_any_size(values in prop::collection::vec(prop::option::of(0.0_f64..1e9), 0..60), width in 0_u16..80, height in 0_u16..20, daily in any::<bool>()) {
            let cadence = if daily { Cadence::Day } else { Cadence::Month };
            for tier in Tier::ALL {
                let fits = capacity(width, cadence, tier).min(values.len());
                let points = points(cadence, &values[..fits]);
                let marks: Vec<Period> = points.iter().map(|(period, _)| period.offset(3)).collect();
                let chart = Chart { points: &points, thresholds: &[5.0, 1e8], marks: &marks };
                let _ = show(&chart, tier, width, height);
            }
        }
    }
}
