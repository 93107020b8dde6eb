//! Rectangles, as a pure function of size and view state: used by drawing and by clicks, so nothing flows back from
//! drawing. The first two questions (is anything wrong, how long until the date) are dropped last.

use super::glyphs::Tier;
use super::message::Page;
use super::model::Model;
use super::panels;
use super::widgets::digits;
use ratatui::layout::Rect;

/// From this width on alerts and the next date stand side by side.
pub const WIDE: u16 = 100;

/// The parts that every page has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// What and where, and the proof of calm.
    pub header: Rect,
    /// A hairline under it.
    pub upper_line: Rect,
    /// What must be read before all else, where there is something.
    pub banner: Rect,
    /// The page.
    pub body: Rect,
    /// A hairline above the keys.
    pub lower_line: Rect,
    /// The keys that work here and now.
    pub keys: Rect,
}

/// The parts of the overview.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// Active alerts.
    pub alerts: Rect,
    /// The next policy date.
    pub date: Rect,
    /// The routes.
    pub routes: Rect,
    /// The selected route's chart.
    pub chart: Rect,
    /// Headlines.
    pub headlines: Rect,
}

/// Cuts the screen. Below four rows there is only the body; hairlines go before the keys.
pub fn frame(width: u16, height: u16, banner: bool) -> Frame {
    let whole = Rect::new(0, 0, width, height);
    let mut cutter = Cutter { left: whole };
    let mut frame = Frame::default();
    if height >= 3 {
        frame.header = cutter.top(1);
    }
    if height >= 16 {
        frame.upper_line = cutter.top(1);
    }
    if height >= 6 {
        frame.keys = cutter.bottom(1);
    }
    if height >= 16 {
        frame.lower_line = cutter.bottom(1);
    }
    if banner && height >= 5 {
        frame.banner = cutter.top(1);
    }
    frame.body = cutter.left;
    frame
}

/// What the overview has to place.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// Rows that the alerts would fill at the column's width.
    pub alerts: u16,
    /// Rows of routes.
    pub routes: u16,
    /// Whether there is a policy date.
    pub date: bool,
    /// Whether the chart is asked for.
    pub chart: bool,
    /// The signs, for the height of digits.
    pub tier: Tier,
}

/// Cuts the overview's body.
pub fn overview(body: Rect, needs: Needs) -> Overview {
    let mut overview = Overview::default();
    let mut cutter = Cutter { left: body };
    let digits = digits::height(needs.tier);
    if body.width >= WIDE {
        let date_height = if needs.date { digits + 5 } else { 2 };
        let height = (needs.alerts + 1).max(date_height).min((body.height * 2 / 5).max(3));
        let mut top = Cutter { left: cutter.top(height) };
        overview.date = top.right(body.width * 2 / 5);
        overview.alerts = top.left;
    } else {
        let wanted = if body.height >= 16 { needs.alerts + 1 } else { needs.alerts };
        let room = if body.height >= 16 { 5 } else { (body.height / 3).max(1) };
        overview.alerts = cutter.top(wanted.clamp(1, room));
        if needs.date {
            let roomy = body.height >= 16 + digits && body.width >= 60;
            if roomy {
                cutter.top(1);
            }
            overview.date = cutter.top(if roomy { digits } else { 1 });
        }
    }
    if needs.chart {
        cutter.gap();
        overview.chart = cutter.left;
        return overview;
    }
    cutter.gap();
    overview.routes = cutter.top(needs.routes + 1);
    let spare = cutter.left.height;
    if body.width >= WIDE && spare >= 16 {
        cutter.gap();
        overview.chart = cutter.top((spare - 8).min(spare * 3 / 5));
    }
    cutter.gap();
    overview.headlines = cutter.left;
    overview
}

/// The entry of the page's list at a cell, for clicks.
pub fn entry_at(model: &Model, x: u16, y: u16) -> Option<usize> {
    let body = panels::body(model);
    let (area, first) = match model.page {
        Page::Overview => {
            let routes = panels::overview_areas(model, body).routes;
            (routes, 0)
        }
        Page::Dates => (panels::dates::list_area(model, body), 0),
        Page::Headlines => (panels::headlines::list_area(body), panels::headlines::offset(model, body)),
        Page::Feeds => (body, panels::feeds::offset(model, body)),
    };
    let inside = area.contains(ratatui::layout::Position { x, y });
    // The first row of each list is its head.
    let row = y.checked_sub(area.y + 1).filter(|_| inside)?;
    let entry = first + usize::from(row);
    (entry < model.entries(model.page)).then_some(entry)
}

/// Cuts pieces off a rectangle; never more than is left.
struct Cutter {
    left: Rect,
}

impl Cutter {
    fn top(&mut self, rows: u16) -> Rect {
        let rows = rows.min(self.left.height);
        let cut = Rect { height: rows, ..self.left };
        self.left = Rect { y: self.left.y + rows, height: self.left.height - rows, ..self.left };
        cut
    }

    fn bottom(&mut self, rows: u16) -> Rect {
        let rows = rows.min(self.left.height);
        let cut = Rect { y: self.left.bottom() - rows, height: rows, ..self.left };
        self.left.height -= rows;
        cut
    }

    fn right(&mut self, columns: u16) -> Rect {
        let columns = columns.min(self.left.width);
        let cut = Rect { x: self.left.right() - columns, width: columns, ..self.left };
        self.left.width -= columns;
        cut
    }

    /// An empty row between sections, where there is room to spare.
    fn gap(&mut self) {
        if self.left.height >= 8 {
            self.top(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn are_apart(parts: &[Rect], whole: Rect) -> bool {
        let inside = parts.iter().all(|part| part.is_empty() || whole.union(*part) == whole);
        let apart = parts.iter().enumerate().all(|(at, a)| {
            parts[at + 1..].iter().all(|b| a.is_empty() || b.is_empty() || a.intersection(*b).is_empty())
        });
        inside && apart
    }

    proptest! {
        #[test]
        fn parts_lie_inside_and_apart(width in 1_u16..300, height in 1_u16..120, alerts in 1_u16..30, routes in 0_u16..40, date in any::<bool>(), chart in any::<bool>(), banner in any::<bool>(), which in 0_usize..4) {
            let whole = Rect::new(0, 0, width, height);
            let f = frame(width, height, banner);
            prop_assert!(are_apart(&[f.header, f.upper_line, f.banner, f.body, f.lower_line, f.keys], whole));
            prop_assert!(!f.body.is_empty());
            let o = overview(f.body, Needs { alerts, routes, date, chart, tier: Tier::ALL[which] });
            prop_assert!(are_apart(&[o.alerts, o.date, o.routes, o.chart, o.headlines], f.body));
            prop_assert!(!o.alerts.is_empty(), "is anything wrong is never dropped");
            if date && f.body.height >= 2 {
                prop_assert!(!o.date.is_empty(), "how long until the date is dropped last");
            }
        }
    }
}
