//! The route spark: one column a period, from zero; gaps, zeros and running periods told apart from values, the newest bar in the
//! colour of the route's state.

use crate::domain::observation::Status;
use crate::domain::series::Point;
use crate::ui::glyphs::Glyphs;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// How a spark looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Bars.
    pub bar: Style,
    /// The newest bar.
    pub newest: Style,
    /// Gaps and withheld values.
    pub faint: Style,
}

/// Draws the newest periods that fit, the newest at the right.
pub fn draw(points: &[Option<Point>], glyphs: &Glyphs, look: Look, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let shown = &points[points.len().saturating_sub(usize::from(area.width))..];
    let highest = shown.iter().flatten().filter_map(|point| point.value).fold(0.0_f64, f64::max);
    let start = area.right() - u16::try_from(shown.len()).unwrap_or(area.width);
    let newest = shown.iter().rposition(Option::is_some);
    // Before the first value there is no gap: there is no series yet.
    let oldest = shown.iter().position(Option::is_some).unwrap_or(shown.len());
    for (at, point) in shown.iter().enumerate().skip(oldest) {
        let x = start + u16::try_from(at).unwrap_or(0);
        let (symbol, style) = match point {
            None => (glyphs.gap, look.faint),
            Some(point) => (symbol(point, highest, glyphs), if Some(at) == newest { look.newest } else { look.bar }),
        };
        buffer[(x, area.y)].set_symbol(symbol).set_style(style);
    }
}

fn symbol(point: &Point, highest: f64, glyphs: &Glyphs) -> &'static str {
    match (point.value, point.status) {
        (None, _) => glyphs.gap,
        (Some(_), Status::Partial) => glyphs.partial,
        (Some(value), _) if value <= 0.0 => glyphs.zero,
        (Some(value), _) => {
            // A bar of full height would grow into the row above: where there are eighths, seven are enough.
            let levels = if glyphs.levels.len() == 8 { &glyphs.levels[..7] } else { glyphs.levels };
            // The lowest level means some, the highest the most: (0, highest] in equal parts.
            let part = value / highest * levels.len() as f64;
            let level = (1..levels.len()).take_while(|level| part > *level as f64).count();
            levels[level]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::{Cadence, Period};
    use crate::ui::glyphs::Tier;
    use proptest::prelude::*;

    fn points(values: &[Option<f64>]) -> Vec<Option<Point>> {
        let point = |(index, value): (i64, &Option<f64>)| {
            value.map(|value| Point {
                period: Period::from_index(Cadence::Month, index),
                value: Some(value),
                status: Status::Closed,
            })
        };
        (0..).zip(values).map(point).collect()
    }

    fn show(points: &[Option<Point>], tier: Tier, width: u16) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
        let plain = Style::new();
        draw(points, tier.glyphs(), Look { bar: plain, newest: plain, faint: plain }, buffer.area, &mut buffer);
        buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn gaps_are_not_zeros() {
        let mut values = points(&[Some(0.0), None, Some(1.0), Some(4.0), Some(8.0)]);
        assert_eq!(show(&values, Tier::Full, 6), " ▁·▁▄▇");
        assert_eq!(show(&values, Tier::Ascii, 6), " _..:#");
        assert_eq!(show(&values, Tier::Console, 6), " _·░▒█");
        assert_eq!(show(&values, Tier::Full, 2), "▄▇");
        if let Some(point) = &mut values[4] {
            point.status = Status::Partial;
        }
        assert_eq!(show(&values, Tier::Full, 1), "▒");
    }

    proptest! {
        #[test]
        fn any_values_at_any_width(values in prop::collection::vec(prop::option::of(0.0_f64..1e12), 0..40), width in 0_u16..50) {
            for tier in Tier::ALL {
                let shown = show(&points(&values), tier, width);
                prop_assert_eq!(shown.chars().count(), usize::from(width));
            }
        }
    }
}
