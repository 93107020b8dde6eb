//! The route spark: one column a period, from zero; gaps, zeros and running periods told apart from values, what reaches a
//! threshold and the newest bar in colours of their own, a policy date where it lies.

use crate::domain::observation::Status;
use crate::domain::series::Point;
use crate::ui::glyphs::Glyphs;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A column of a spark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Column {
    /// Nothing is expected there: before the series began, or not over yet.
    Blank,
    /// A period without a value.
    Gap,
    /// A period with a point.
    Point(Point),
}

/// How a spark looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Bars.
    pub bar: Style,
    /// The newest bar.
    pub newest: Style,
    /// Bars that reach the threshold.
    pub over: Style,
    /// Gaps and withheld values.
    pub faint: Style,
    /// Policy dates.
    pub mark: Style,
}

/// A spark.
#[derive(Clone, Copy, Debug)]
pub struct Spark<'a> {
    /// Columns, oldest first.
    pub columns: &'a [Column],
    /// From where on a bar is drawn as over.
    pub threshold: Option<f64>,
    /// Columns in which a policy date lies.
    pub marks: &'a [usize],
}

impl Spark<'_> {
    /// Draws the newest columns that fit, the newest at the right.
    pub fn draw(&self, glyphs: &Glyphs, look: Look, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        if area.is_empty() {
            return;
        }
        let hidden = self.columns.len().saturating_sub(usize::from(area.width));
        let shown = &self.columns[hidden..];
        let value = |column: &Column| match column {
            Column::Point(point) => point.value,
            Column::Blank | Column::Gap => None,
        };
        let highest = shown.iter().filter_map(value).fold(0.0_f64, f64::max);
        let newest = shown.iter().rposition(|column| matches!(column, Column::Point(_)));
        let start = area.right() - u16::try_from(shown.len()).unwrap_or(area.width);
        for (at, (x, column)) in (start..).zip(shown).enumerate() {
            let marked = self.marks.contains(&(at + hidden));
            let over = self.threshold.zip(value(column)).is_some_and(|(threshold, value)| value >= threshold);
            let (symbol, style) = match column {
                Column::Blank | Column::Gap if marked => (glyphs.mark, look.mark),
                Column::Blank => continue,
                Column::Gap => (glyphs.gap, look.faint),
                Column::Point(point) => {
                    let style = match (Some(at) == newest, over) {
                        (true, _) => look.newest,
                        (false, true) => look.over,
                        (false, false) => look.bar,
                    };
                    // A date in a period with a value colours its bar: the value is not hidden.
                    (symbol(point, highest, glyphs), if marked { look.mark } else { style })
                }
            };
            buffer[(x, area.y)].set_symbol(symbol).set_style(style);
        }
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

    fn columns(values: &[Option<f64>]) -> Vec<Column> {
        let column = |(index, value): (i64, &Option<f64>)| {
            value.map_or(Column::Gap, |value| {
                let period = Period::from_index(Cadence::Month, index);
                Column::Point(Point { period, value: Some(value), status: Status::Closed })
            })
        };
        (0..).zip(values).map(column).collect()
    }

    fn show(columns: &[Column], marks: &[usize], tier: Tier, width: u16) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
        let s = Style::new();
        let look = Look { bar: s, newest: s, over: s, faint: s, mark: s };
        Spark { columns, threshold: Some(5.0), marks }.draw(tier.glyphs(), look, buffer.area, &mut buffer);
        buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn gaps_are_not_zeros() {
        let mut values = columns(&[Some(0.0), None, Some(1.0), Some(4.0), Some(8.0)]);
        assert_eq!(show(&values, &[], Tier::Full, 6), " ▁·▁▄▇");
        assert_eq!(show(&values, &[], Tier::Ascii, 6), " _..:#");
        assert_eq!(show(&values, &[], Tier::Console, 6), " _·░▒█");
        assert_eq!(show(&values, &[], Tier::Full, 2), "▄▇");
        if let Column::Point(point) = &mut values[4] {
            point.status = Status::Partial;
        }
        assert_eq!(show(&values, &[], Tier::Full, 1), "▒");
    }

    #[test]
    fn dates_ahead_are_marked_and_blanks_stay_blank() {
        let mut values = vec![Column::Blank];
        values.extend(columns(&[Some(2.0), Some(8.0), None]));
        values.extend([Column::Blank, Column::Blank]);
        assert_eq!(show(&values, &[5], Tier::Full, 6), " ▂▇· ┆");
        assert_eq!(show(&values, &[2, 3], Tier::Full, 6), " ▂▇┆  ", "a value is not hidden by a mark");
    }

    #[test]
    fn what_reaches_the_threshold_has_a_colour_of_its_own() {
        let values = columns(&[Some(5.0), Some(4.0), Some(9.0), Some(1.0)]);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        let style = |number| Style::new().fg(ratatui::style::Color::Indexed(number));
        let look = Look { bar: style(1), newest: style(2), over: style(3), faint: style(4), mark: style(5) };
        Spark { columns: &values, threshold: Some(5.0), marks: &[] }.draw(
            Tier::Full.glyphs(),
            look,
            buffer.area,
            &mut buffer,
        );
        let colours: Vec<_> = buffer.content.iter().map(|cell| cell.fg).collect();
        assert_eq!(colours, [3, 1, 3, 2].map(ratatui::style::Color::Indexed));
    }

    proptest! {
        #[test]
        fn any_values_at_any_width(values in prop::collection::vec(prop::option::of(0.0_f64..1e12), 0..40), width in 0_u16..50, mark in 0_usize..50) {
            for tier in Tier::ALL {
                let shown = show(&columns(&values), &[mark], tier, width);
                prop_assert_eq!(shown.chars().count(), usize::from(width));
            }
        }
    }
}
