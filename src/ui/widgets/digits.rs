//! Big digits for the next date: three rows of half blocks, or five rows of whole ones where the font has no halves. They never show
//! seconds.

use crate::ui::glyphs::{Glyphs, Tier};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Three columns and five rows of points a character.
const fn points(c: char) -> [u8; 5] {
    match c {
        '0' => [0b111, 0b101, 0b101, 0b101, 0b111],
        '1' => [0b010, 0b110, 0b010, 0b010, 0b111],
        '2' => [0b111, 0b001, 0b111, 0b100, 0b111],
        '3' => [0b111, 0b001, 0b111, 0b001, 0b111],
        '4' => [0b101, 0b101, 0b111, 0b001, 0b001],
        '5' => [0b111, 0b100, 0b111, 0b001, 0b111],
        '6' => [0b111, 0b100, 0b111, 0b101, 0b111],
        '7' => [0b111, 0b001, 0b001, 0b001, 0b001],
        '8' => [0b111, 0b101, 0b111, 0b101, 0b111],
        '9' => [0b111, 0b101, 0b111, 0b001, 0b111],
        'd' => [0b001, 0b001, 0b111, 0b101, 0b111],
        'h' => [0b100, 0b100, 0b111, 0b101, 0b101],
        ':' => [0b000, 0b010, 0b000, 0b010, 0b000],
        '+' => [0b000, 0b010, 0b111, 0b010, 0b000],
        'H' => [0b101, 0b101, 0b111, 0b101, 0b101],
        'E' => [0b111, 0b100, 0b111, 0b100, 0b111],
        'L' => [0b100, 0b100, 0b100, 0b100, 0b111],
        'D' => [0b110, 0b101, 0b101, 0b101, 0b110],
        _ => [0; 5],
    }
}

/// Rows that the digits of a tier take.
pub const fn height(tier: Tier) -> u16 {
    match tier {
        Tier::Full | Tier::Blocks => 3,
        Tier::Console | Tier::Ascii => 5,
    }
}

/// Columns that a text takes.
pub fn width(text: &str) -> u16 {
    let columns: u16 = text.chars().map(advance).sum();
    columns.saturating_sub(1)
}

const fn advance(c: char) -> u16 {
    if c == ' ' { 2 } else { 4 }
}

/// Draws a text at the left top of an area; whatever does not fit is left out whole.
pub fn draw(text: &str, glyphs: &Glyphs, style: Style, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.height < height(glyphs.tier) || area.width < width(text) {
        return;
    }
    let mut x = area.x;
    for c in text.chars() {
        let rows = points(c);
        for (row, symbols) in cells(&rows, glyphs.tier).into_iter().enumerate() {
            for (column, symbol) in symbols.into_iter().enumerate() {
                let (column, row) = (u16::try_from(column).unwrap_or(0), u16::try_from(row).unwrap_or(0));
                if symbol != " " {
                    buffer[(x + column, area.y + row)].set_symbol(symbol).set_style(style);
                }
            }
        }
        x += advance(c);
    }
}

fn cells(rows: &[u8; 5], tier: Tier) -> Vec<[&'static str; 3]> {
    let lit = |row: usize, column: usize| rows.get(row).is_some_and(|row| row >> (2 - column) & 1 == 1);
    let each = |cell: &dyn Fn(usize) -> &'static str| [cell(0), cell(1), cell(2)];
    match tier {
        Tier::Full | Tier::Blocks => (0..3)
            .map(|half| {
                each(&|column| match (lit(half * 2, column), lit(half * 2 + 1, column)) {
                    (true, true) => "█",
                    (true, false) => "▀",
                    (false, true) => "▄",
                    (false, false) => " ",
                })
            })
            .collect(),
        Tier::Console => (0..5).map(|row| each(&|column| if lit(row, column) { "█" } else { " " })).collect(),
        Tier::Ascii => (0..5).map(|row| each(&|column| if lit(row, column) { "#" } else { " " })).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_each_tier() {
        let show = |tier: Tier| {
            let area = Rect::new(0, 0, width("3d 4h"), height(tier));
            let mut buffer = Buffer::empty(area);
            draw("3d 4h", tier.glyphs(), Style::new(), area, &mut buffer);
            (0..area.height)
                .map(|y| (0..area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(show(Tier::Full), ["▀▀█   █   █ █ █", "▀▀█ █▀█   ▀▀█ █▀█", "▀▀▀ ▀▀▀     ▀ ▀ ▀"]);
        assert_eq!(show(Tier::Ascii)[0], "###   #   # # #");
        assert_eq!(show(Tier::Ascii)[4], "### ###     # # #");
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 5, 3));
        draw("34d", Tier::Full.glyphs(), Style::new(), buffer.area, &mut buffer);
        assert!(buffer.content.iter().all(|cell| cell.symbol() == " "));
    }
}
