//! Rectangles, as a pure function of size and view state: used by drawing and by clicks, so nothing flows back from
//! drawing. The first two questions (is anything wrong, how long until the date) are dropped last.

use super::glyphs::Tier;
use super::message::Page;
use super::model::Model;
use super::panels;
use super::widgets::digits;
use ratatui::layout::{Position, Rect};

/// From this width on alerts and the next date stand side by side.
pub const WIDE: u16 = 100;
/// From this width on the chart and the headlines do too.
pub const WALL: u16 = 180;
/// From this height on hairlines set the header and the keys apart.
const LINES: u16 = 16;
/// A chart lower than this says nothing.
const CHART: u16 = 8;

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// What stays empty between them.
    pub gaps: Vec<Rect>,
}

/// Cuts the screen. Below three rows there is only the body; hairlines go before the keys.
pub fn frame(width: u16, height: u16, banner: bool) -> Frame {
    let mut cutter = Cutter::new(Rect::new(0, 0, width, height));
    let mut frame = Frame::default();
    if height >= 3 {
        frame.header = cutter.top(1);
    }
    if height >= LINES {
        frame.upper_line = cutter.top(1);
    }
    if height >= 6 {
        frame.keys = cutter.bottom(1);
    }
    if height >= LINES {
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
    /// Rows that the alerts would fill at the column's width, without their head: with everything that is to be said of
    /// them, with less, with least.
    pub alerts: [u16; 3],
    /// Rows of routes.
    pub routes: u16,
    /// Whether there is a policy date.
    pub date: bool,
    /// Policy dates after the first.
    pub more_dates: u16,
    /// Whether the selected route's chart takes the page.
    pub chart: bool,
    /// The signs, for the height of digits.
    pub tier: Tier,
}

/// The width of the alerts' column on a body of a width.
pub const fn alerts_width(width: u16) -> u16 {
    if width >= WIDE { width - width * 2 / 5 } else { width }
}

/// Cuts the overview's body.
pub fn overview(body: Rect, needs: Needs) -> Overview {
    let mut cutter = Cutter::new(body);
    let mut parts = Overview::default();
    if body.width >= WIDE {
        beside(&mut cutter, needs, &mut parts);
    } else {
        below(&mut cutter, needs, &mut parts);
    }
    cutter.gap();
    if needs.chart {
        parts.chart = cutter.left;
    } else {
        routes(&mut cutter, needs, &mut parts);
        rest(&mut cutter, &mut parts);
    }
    parts.gaps.append(&mut cutter.gaps);
    parts
}

/// Alerts at the left, the next date at the right.
fn beside(cutter: &mut Cutter, needs: Needs, parts: &mut Overview) {
    let body = cutter.left;
    // Head, name, empty row, digits, two sentences; and a row for each further date, with an empty one before them.
    let dates = if needs.more_dates > 0 { needs.more_dates.saturating_add(1) } else { 0 };
    let date = if needs.date { (digits::height(needs.tier) + 5).saturating_add(dates) } else { 2 };
    let most = (body.height * 2 / 5).max(3);
    let [.., least] = needs.alerts;
    let alerts = needs.alerts.into_iter().map(|rows| rows.saturating_add(1)).find(|rows| *rows <= most);
    let alerts = alerts.unwrap_or(least.saturating_add(1));
    let mut top = Cutter::new(cutter.top(alerts.max(date).min(most)));
    parts.date = top.right(body.width - alerts_width(body.width));
    parts.alerts = top.left;
}

/// Alerts, then the next date below them: as digits beside its words where there is room, else in one or two lines.
fn below(cutter: &mut Cutter, needs: Needs, parts: &mut Overview) {
    let body = cutter.left;
    let roomy = body.height >= LINES;
    let head = u16::from(roomy);
    let most = if roomy { 6 } else { (body.height * 2 / 5).max(1) };
    let [.., least] = needs.alerts;
    parts.alerts = cutter.top(least.saturating_add(head).clamp(1, most));
    if needs.date {
        let digits = digits::height(needs.tier);
        let tall = body.height >= LINES - 2 + digits && body.width >= 60;
        if roomy {
            cutter.gap();
        }
        parts.date = cutter.top(if tall { digits } else { 1 + head });
    }
}

/// The routes: all of them, unless headlines would have no room; then the list scrolls.
fn routes(cutter: &mut Cutter, needs: Needs, parts: &mut Overview) {
    let room = cutter.left.height;
    let headlines = if room >= 12 { 5 } else { 0 };
    let head = u16::from(room > 3);
    parts.routes = cutter.top(needs.routes.max(1).saturating_add(head).min(room - headlines));
}

/// The chart and the headlines share what is left.
fn rest(cutter: &mut Cutter, parts: &mut Overview) {
    let spare = cutter.left.height;
    if cutter.left.width >= WALL && spare > CHART {
        cutter.gap();
        parts.headlines = cutter.right(cutter.left.width * 2 / 5);
        let gutter = cutter.right(2);
        cutter.gaps.push(gutter);
        parts.chart = cutter.left;
        return;
    }
    if cutter.left.width >= WIDE && spare >= 2 * CHART {
        cutter.gap();
        parts.chart = cutter.top((spare - CHART).min(spare * 3 / 5).max(CHART));
    }
    cutter.gap();
    parts.headlines = cutter.left;
}

/// What a click means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// An entry of the page's list.
    Entry(usize),
    /// A page, with an entry of it.
    Page(Page, Option<usize>),
}

/// What is at a cell, for clicks.
pub fn hit(model: &Model, x: u16, y: u16) -> Option<Hit> {
    let at = Position { x, y };
    let frame = panels::frame(model);
    if frame.keys.contains(at) {
        let label = page_labels(model.page, frame.keys.width).into_iter();
        return label.filter(|label| label.covers(x)).map(|label| Hit::Page(label.page, None)).next();
    }
    let body = frame.body;
    match model.page {
        Page::Overview => hit_overview(model, &panels::overview_areas(model, body), at),
        Page::Dates => entry(panels::dates::list_area(model, body), 1, panels::dates::offset(model, body), model, at),
        Page::Headlines => {
            entry(panels::headlines::list_area(body), 1, panels::headlines::offset(model, body), model, at)
        }
        Page::Feeds => entry(panels::feeds::list_area(model, body), 1, panels::feeds::offset(model, body), model, at),
    }
}

fn hit_overview(model: &Model, areas: &Overview, at: Position) -> Option<Hit> {
    if areas.date.contains(at) {
        return Some(Hit::Page(Page::Dates, None));
    }
    if areas.headlines.contains(at) {
        let entry = usize::from(at.y.checked_sub(areas.headlines.y + 1)?);
        return (entry < model.index.headlines.len()).then_some(Hit::Page(Page::Headlines, Some(entry)));
    }
    if areas.alerts.contains(at) {
        return panels::alerts::route_at(model, areas.alerts, at.y).map(Hit::Entry);
    }
    let head = panels::routes::head_rows(model, areas.routes);
    entry(areas.routes, head, panels::routes::offset(model, areas.routes), model, at)
}

/// The entry of a list below `head` rows, whose first shown entry is `first`.
fn entry(area: Rect, head: u16, first: usize, model: &Model, at: Position) -> Option<Hit> {
    let row = at.y.checked_sub(area.y + head).filter(|_| area.contains(at))?;
    let entry = first + usize::from(row);
    (entry < model.entries(model.page)).then_some(Hit::Entry(entry))
}

/// A page's name among the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The page.
    pub page: Page,
    /// Its number and, where there is room, its name.
    pub text: String,
    /// Its first column.
    pub x: u16,
}

impl Label {
    fn covers(&self, x: u16) -> bool {
        (self.x..self.end()).contains(&x)
    }

    /// The column after its last.
    pub fn end(&self) -> u16 {
        self.x.saturating_add(u16::try_from(self.text.len()).unwrap_or(u16::MAX))
    }
}

/// Where the pages' names stand on a line of keys of a width: shorter where there is less room, at last only the page that
/// is shown has its name.
pub fn page_labels(shown: Page, width: u16) -> Vec<Label> {
    let mut x = 1;
    let labels = (1..).zip(Page::ALL).map(|(number, (page, name, short))| {
        let name = match width {
            WIDE.. => name,
            60.. => short,
            _ if page == shown => short,
            _ => "",
        };
        let text = if name.is_empty() { number.to_string() } else { format!("{number} {name}") };
        let label = Label { page, text, x };
        x = label.end().saturating_add(if width >= 60 { 2 } else { 1 });
        label
    });
    labels.collect()
}

/// Cuts pieces off a rectangle; never more than is left.
struct Cutter {
    left: Rect,
    gaps: Vec<Rect>,
}

impl Cutter {
    const fn new(left: Rect) -> Self {
        Self { left, gaps: Vec::new() }
    }

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

    /// An empty row between sections, where there is room for it.
    fn gap(&mut self) {
        if self.left.height >= 6 {
            let gap = self.top(1);
            self.gaps.push(gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::spring;
    use super::*;
    use proptest::prelude::*;

    /// Whether parts cover a whole without overlap.
    fn tile(parts: &[Rect], whole: Rect) -> bool {
        let inside = parts.iter().all(|part| part.is_empty() || whole.union(*part) == whole);
        let apart = parts.iter().enumerate().all(|(at, a)| {
            parts[at + 1..].iter().all(|b| a.is_empty() || b.is_empty() || a.intersection(*b).is_empty())
        });
        inside && apart && parts.iter().map(|part| part.area()).sum::<u32>() == whole.area()
    }

    proptest! {
        #[test]
        fn parts_cover_without_overlap(width in 1_u16..300, height in 1_u16..120, alerts in 1_u16..30, routes in 0_u16..40, date in any::<bool>(), more_dates in 0_u16..9, chart in any::<bool>(), banner in any::<bool>(), which in 0_usize..4) {
            let f = frame(width, height, banner);
            prop_assert!(tile(&[f.header, f.upper_line, f.banner, f.body, f.lower_line, f.keys], Rect::new(0, 0, width, height)));
            prop_assert!(!f.body.is_empty());
            let o = overview(f.body, Needs { alerts: [alerts * 3, alerts * 2, alerts], routes, date, more_dates, chart, tier: Tier::ALL[which] });
            let mut parts = o.gaps.clone();
            parts.extend([o.alerts, o.date, o.routes, o.chart, o.headlines]);
            prop_assert!(tile(&parts, f.body), "{:?} {o:?}", f.body);
            prop_assert!(!o.alerts.is_empty(), "is anything wrong is never dropped");
            if date && f.body.height >= 2 {
                prop_assert!(!o.date.is_empty(), "how long until the date is dropped last");
            }
        }
    }

    #[test]
    fn a_click_means_what_is_drawn_there() {
        let model = spring().screen(120, 40);
        let shown: Vec<String> = super::super::testing::text(&model).lines().map(str::to_owned).collect();
        let find = |words: &str| {
            let y = shown.iter().position(|line| line.contains(words)).unwrap();
            let x = shown[y][..shown[y].find(words).unwrap()].chars().count();
            hit(&model, u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
        };
        assert_eq!(find("English Channel "), Some(Hit::Entry(2)));
        assert_eq!(find("more than double"), Some(Hit::Entry(1)), "an alert leads to its route");
        assert_eq!(find("NEXT DATE"), Some(Hit::Page(Page::Dates, None)));
        assert_eq!(find("Texas ends"), Some(Hit::Page(Page::Headlines, Some(1))));
        assert_eq!(find("3 headlines"), Some(Hit::Page(Page::Headlines, None)));
        assert_eq!(find("WATCHFLOOR"), None);
    }
}
