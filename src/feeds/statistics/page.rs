//! A web page as tables and lines of text, token by token, so that no nesting can make it slow.

use super::grid::{Grid, spreads};
use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

/// What a page holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its tables in order of their ends; `around` of each is the heading before it and its caption.
    pub tables: Vec<Grid>,
    /// Its text, a line for each block.
    pub text: String,
}

/// The tallest that a cell may be: what claims more is a mistake, or malice.
const MOST_SPAN: usize = 1_000;
/// The widest: each column costs something for every row that may be the header.
const MOST_ACROSS: usize = 200;
/// The most cells of one table.
const MOST_CELLS: usize = 2_000_000;
/// The most of them that other cells span: a page of a few lines could claim millions.
const MOST_SPANNED: usize = 100_000;
/// The deepest nesting of tables that is followed.
const DEEPEST: usize = 16;

/// Reads a page.
pub fn read(html: &str) -> Page {
    let mut reader = Reader::default();
    let mut emitter = DefaultEmitter::default();
    // What scripts and styles hold is no markup.
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        reader.take(&token);
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    page: Page,
    open: Vec<OpenTable>,
    /// Inside something that is not shown: script, style, template.
    hidden: Option<HtmlString>,
    heading: String,
    in_heading: bool,
    line: String,
}

/// A table as it is read.
#[derive(Default)]
struct OpenTable {
    grid: Grid,
    caption: String,
    in_caption: bool,
    row: usize,
    column: usize,
    has_row: bool,
    cells: usize,
    spanned: usize,
    cell: Option<OpenCell>,
}

struct OpenCell {
    text: String,
    /// What is set above the line: a footnote's mark, mostly.
    raised: String,
    in_raised: bool,
    across: usize,
    down: usize,
}

impl OpenCell {
    /// What the cell says: a mark stands apart from a number, and is no part of words. What is raised alone is all that it says.
    fn says(&self) -> String {
        const LONGEST_MARK: usize = 2;
        let (text, raised) = (even(&self.text), even(&self.raised));
        let is_number = !text.contains(char::is_alphabetic);
        match (text.is_empty(), raised.chars().count()) {
            (true, _) => raised,
            (false, 1..=LONGEST_MARK) if is_number && text.ends_with(|c: char| c.is_ascii_digit()) => {
                format!("{text} [{raised}]")
            }
            _ => text,
        }
    }
}

impl Reader {
    fn take(&mut self, token: &Token) {
        match token {
            Token::StartTag(tag) if self.hidden.is_none() => self.begins(tag),
            Token::EndTag(tag) => {
                if self.hidden.as_ref().is_some_and(|hidden| *hidden == tag.name) {
                    self.hidden = None;
                } else if self.hidden.is_none() {
                    self.ends(tag.name.as_slice());
                }
            }
            Token::String(text) if self.hidden.is_none() => self.text(&String::from_utf8_lossy(&text.value)),
            _ => {}
        }
    }

    fn begins(&mut self, tag: &StartTag<()>) {
        match tag.name.as_slice() {
            b"script" | b"style" | b"template" | b"noscript" if !tag.self_closing => {
                self.hidden = Some(tag.name.clone())
            }
            b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => {
                self.end_line();
                self.heading.clear();
                self.in_heading = true;
            }
            b"table" => {
                self.end_line();
                if self.open.len() < DEEPEST {
                    let grid = Grid { around: self.heading.clone(), first: 1, ..Grid::default() };
                    self.open.push(OpenTable { grid, ..OpenTable::default() });
                }
            }
            b"caption" => {
                if let Some(table) = self.open.last_mut() {
                    table.in_caption = true;
                }
            }
            b"tr" => {
                if let Some(table) = self.open.last_mut() {
                    table.next_row();
                }
            }
            b"td" | b"th" => {
                self.line.push('\t');
                if let Some(table) = self.open.last_mut() {
                    table.begin_cell(tag);
                }
            }
            b"sup" => self.raise(true),
            name if is_block(name) => {
                self.text(" ");
                self.end_line();
            }
            _ => {}
        }
    }

    /// What is raised stands apart in the text: `252` with a footnote 1 is no 2521.
    fn raise(&mut self, raised: bool) {
        self.line.push_str(if raised { " [" } else { "]" });
        if let Some(cell) = self.open.last_mut().and_then(|table| table.cell.as_mut()) {
            cell.in_raised = raised;
        }
    }

    fn ends(&mut self, name: &[u8]) {
        match name {
            b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => {
                self.in_heading = false;
                self.end_line();
            }
            b"table" => {
                if let Some(table) = self.open.pop() {
                    self.page.tables.extend(table.finish());
                }
                self.end_line();
            }
            b"caption" => {
                if let Some(table) = self.open.last_mut() {
                    table.in_caption = false;
                }
                self.end_line();
            }
            b"td" | b"th" => {
                if let Some(table) = self.open.last_mut() {
                    table.end_cell();
                }
                self.line.push('\t');
            }
            b"tr" => {
                if let Some(table) = self.open.last_mut() {
                    table.end_cell();
                }
                self.end_line();
            }
            b"sup" => self.raise(false),
            name if is_block(name) => {
                self.text(" ");
                self.end_line();
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.line.push_str(text);
        if self.in_heading {
            self.heading.push_str(text);
        }
        if let Some(table) = self.open.last_mut() {
            if table.in_caption {
                table.caption.push_str(text);
            } else if let Some(cell) = &mut table.cell {
                let part = if cell.in_raised { &mut cell.raised } else { &mut cell.text };
                part.push_str(text);
            }
        }
    }

    fn end_line(&mut self) {
        let line = even(&self.line);
        if !line.is_empty() {
            self.page.text.push_str(&line);
            self.page.text.push('\n');
        }
        self.line.clear();
    }

    fn finish(mut self) -> Page {
        self.end_line();
        while let Some(table) = self.open.pop() {
            self.page.tables.extend(table.finish());
        }
        self.page
    }
}

impl OpenTable {
    fn next_row(&mut self) {
        self.end_cell();
        if self.has_row {
            self.row += 1;
        }
        self.has_row = true;
        self.column = 0;
    }

    fn begin_cell(&mut self, tag: &StartTag<()>) {
        self.end_cell();
        self.has_row = true;
        let span = |name: &[u8], most: usize| {
            let said = tag.attributes.get(name).and_then(|value| std::str::from_utf8(value).ok()?.trim().parse().ok());
            said.unwrap_or(1_usize).clamp(1, most)
        };
        let (across, down) = (span(b"colspan", MOST_ACROSS), span(b"rowspan", MOST_SPAN));
        self.cell = Some(OpenCell { text: String::new(), raised: String::new(), in_raised: false, across, down });
    }

    /// Puts a cell where it belongs, and into every place that it spans.
    fn end_cell(&mut self) {
        let Some(cell) = self.cell.take() else { return };
        let (text, OpenCell { across, down, .. }) = (cell.says(), cell);
        while self.grid.rows.get(self.row).and_then(|row| row.get(self.column)).is_some_and(|cell| *cell != UNTAKEN) {
            self.column += 1;
        }
        for row in self.row..self.row + down {
            for column in self.column..self.column + across {
                let first = (row, column) == (self.row, self.column);
                self.cells += 1;
                self.spanned += usize::from(!first);
                if self.cells > MOST_CELLS || self.spanned > MOST_SPANNED {
                    // One column on all the same: the cells beside it stay cells of their own.
                    self.column += 1;
                    return;
                }
                self.put(row, column, if first || spreads(&text) { text.clone() } else { String::new() });
            }
        }
        self.column += across;
    }

    fn put(&mut self, row: usize, column: usize, text: String) {
        if self.grid.rows.len() <= row {
            self.grid.rows.resize_with(row + 1, Vec::new);
        }
        let row = &mut self.grid.rows[row];
        if row.len() <= column {
            row.resize_with(column + 1, || UNTAKEN.to_owned());
        }
        row[column] = text;
    }

    /// The table; nothing where it has no rows.
    fn finish(mut self) -> Option<Grid> {
        self.end_cell();
        for cell in self.grid.rows.iter_mut().flatten() {
            if *cell == UNTAKEN {
                cell.clear();
            }
        }
        let caption = even(&self.caption);
        let heading = even(&self.grid.around);
        self.grid.around = [heading, caption].join("\n").trim().to_owned();
        (!self.grid.rows.is_empty()).then_some(self.grid)
    }
}

/// Stands in a place that no cell has taken yet: no text of a page holds it.
const UNTAKEN: &str = "\0";

fn even(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_block(name: &[u8]) -> bool {
    const BLOCKS: [&[u8]; 31] = [
        b"address",
        b"article",
        b"aside",
        b"blockquote",
        b"body",
        b"br",
        b"dd",
        b"div",
        b"dl",
        b"dt",
        b"fieldset",
        b"figcaption",
        b"figure",
        b"footer",
        b"form",
        b"header",
        b"hr",
        b"legend",
        b"li",
        b"main",
        b"nav",
        b"ol",
        b"option",
        b"p",
        b"pre",
        b"section",
        b"summary",
        b"tbody",
        b"title",
        b"tr",
        b"ul",
    ];
    BLOCKS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_that_claim_millions_of_cells_make_few() {
        let cell = "<td rowspan=\"99999\" colspan=\"99999\">7</td>";
        let page = read(&format!("<table><tr>{}</tr><tr><td>beside</table>", cell.repeat(50)));
        let cells: usize = page.tables[0].rows.iter().map(Vec::len).sum();
        assert!(cells < MOST_SPANNED + 2 * MOST_SPAN, "{cells}");
    }

    #[test]
    fn tables_have_their_heading_and_spans_are_filled() {
        let page = read(
            "<title>T</title><script>if (a<b) { '<table>' }</script><h2>Arrivals &amp; boats</h2><p>x<table><caption>By <b>week</b></caption>\
             <tr><th rowspan=2>Date<th colspan=2>People</tr><tr><th>in<th>out</tr>\
             <tr><td>1 May</td><td>5</td><td colspan=2>7</td></tr></table><table></table>tail",
        );
        assert_eq!(page.tables.len(), 1);
        assert_eq!(page.tables[0].around, "Arrivals & boats\nBy week");
        assert_eq!(
            page.tables[0].rows,
            [vec!["Date", "People", "People"], vec!["Date", "in", "out"], vec!["1 May", "5", "7", ""]]
        );
        assert_eq!(page.text, "T\nArrivals & boats\nx\nBy week\nDate People\nin out\n1 May 5 7\ntail\n");
    }

    #[test]
    fn footnotes_are_no_part_of_numbers_and_names() {
        let page = read(
            "<table><tr><th>Men<sup><a href=#n>a</a></sup><th>Month</tr><tr><td>315<sup>2</sup><td>1<sup>er</sup> mai 2022</tr>\
             <tr><td>1,204<sup class=x>*</sup></td><td>May 2022<sup>1</sup></td><tr><td><sup>7</sup><td>x</table><p>252<sup>1</sup> people",
        );
        assert_eq!(
            page.tables[0].rows,
            [vec!["Men", "Month"], vec!["315 [2]", "1 mai 2022"], vec!["1,204 [*]", "May 2022"], vec!["7", "x"]]
        );
        assert!(page.text.ends_with("252 [1] people\n"), "{}", page.text);
    }

    #[test]
    fn a_table_in_a_table_is_one_of_its_own() {
        let page = read("<table><tr><td>a<table><tr><td>b</table></td><td>c</table>");
        let rows: Vec<_> = page.tables.iter().map(|table| table.rows.concat()).collect();
        assert_eq!(rows, [vec!["b"], vec!["a", "c"]]);
    }

    #[test]
    fn no_page_takes_long() {
        for part in [
            "<table>",
            "<td colspan=9999 rowspan=9999>x",
            "<tr><td>",
            "<div>",
            "<h1>",
            "</table>",
            "<script>",
            "<!--",
            "<a b='",
        ] {
            let page = read(&part.repeat(300_000 / part.len()));
            assert!(page.tables.iter().map(|table| table.rows.len()).sum::<usize>() <= 200_000);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(<|>|/|table|tr|td|th|h2|caption| colspan=3| rowspan='2'|script|x|é|&amp;| ){0,60}") {
            let _ = read(&text);
        }
    }
}
