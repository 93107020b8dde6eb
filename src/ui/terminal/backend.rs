//! A ratatui Backend over one buffer and one write a frame. It knows the cursor and the style, moves by the shortest way, sends no
//! trailing resets, and wraps only large frames in synchronised-update marks. (The stock backend needs 69 bytes for one changed
//! digit with marks.)

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};
use std::io::{self, Write};

/// Frames above this many bytes are wrapped in marks, so that a terminal shows them at once.
const LARGE: usize = 256;
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// What is written to the terminal.
pub struct Screen<W: Write> {
    out: W,
    frame: Vec<u8>,
    size: Size,
    cursor: Option<Position>,
    style: Option<Pen>,
    marks: bool,
    title: String,
    bells: u32,
    /// Cells that are known to be blank, row by row: a short way over them is to write spaces.
    blank: Vec<bool>,
    /// Bytes of the last frame.
    last: usize,
    /// Bytes of all frames.
    total: u64,
}

/// A cell's colours and marks, as the terminal has them set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    marks: Modifier,
}

impl<W: Write> Screen<W> {
    /// A screen of a size; its content is unknown until it is cleared. `marks` says whether the terminal may be sent
    /// synchronised-update marks.
    pub const fn new(out: W, size: Size, marks: bool) -> Self {
        Self {
            out,
            frame: Vec::new(),
            size,
            cursor: None,
            style: None,
            marks,
            title: String::new(),
            bells: 0,
            blank: Vec::new(),
            last: 0,
            total: 0,
        }
    }

    /// The terminal has another size now.
    pub fn set_size(&mut self, size: Size) {
        self.size = size;
        self.cursor = None;
        self.blank.clear();
    }

    /// What is on the screen, its cursor and its style are not known any more.
    pub fn forget(&mut self) {
        self.cursor = None;
        self.style = None;
        self.title.clear();
        self.blank.clear();
    }

    /// Sets the terminal's title with the next frame, where it is another than before.
    pub fn set_title(&mut self, title: &str) {
        if self.title != title {
            title.clone_into(&mut self.title);
            self.frame.extend_from_slice(format!("\x1b]2;{title}\x07").as_bytes());
        }
    }

    /// Rings with the next frame, where more bells have been asked for than rung.
    pub fn set_bells(&mut self, bells: u32) {
        if self.bells < bells {
            self.frame.push(b'\x07');
        }
        self.bells = bells;
    }

    fn place(&self, x: u16, y: u16) -> usize {
        usize::from(y) * usize::from(self.size.width) + usize::from(x)
    }

    /// Whether the way from the cursor to a cell on its row is short, blank, and would stay so under the pen that is set.
    fn is_short_and_blank(&self, from: Position, to: Position) -> bool {
        let short = from.y == to.y && to.x > from.x && to.x - from.x <= 3;
        let plain = self.style.is_some_and(|pen| {
            pen.bg == Color::Reset && !pen.marks.intersects(Modifier::REVERSED | Modifier::UNDERLINED)
        });
        short && plain && (from.x..to.x).all(|x| self.blank.get(self.place(x, from.y)) == Some(&true))
    }

    /// Bytes of the last frame, and of all.
    pub const fn bytes(&self) -> (usize, u64) {
        (self.last, self.total)
    }

    fn go(&mut self, x: u16, y: u16) {
        let to = Position { x, y };
        if self.cursor == Some(to) {
            return;
        }
        match self.cursor.filter(|from| self.is_short_and_blank(*from, to)) {
            Some(from) => self.frame.resize(self.frame.len() + usize::from(to.x - from.x), b' '),
            None => self.frame.extend_from_slice(&shortest(self.cursor, to)),
        }
        self.cursor = Some(to);
    }

    fn pen(&mut self, cell: &Cell) {
        let to = Pen { fg: cell.fg, bg: cell.bg, marks: cell.modifier };
        if self.style == Some(to) {
            return;
        }
        let change = change(self.style, to);
        self.frame.extend_from_slice(&change);
        self.style = Some(to);
    }
}

/// The shortest bytes that move the cursor.
fn shortest(from: Option<Position>, to: Position) -> Vec<u8> {
    let absolute = if to.x == 0 {
        if to.y == 0 { "\x1b[H".to_owned() } else { format!("\x1b[{}H", to.y + 1) }
    } else {
        format!("\x1b[{};{}H", to.y + 1, to.x + 1)
    };
    let Some(from) = from else { return absolute.into_bytes() };
    let mut best = absolute;
    let mut offer = |way: String| {
        if way.len() < best.len() {
            best = way;
        }
    };
    let count = |n: u16| if n == 1 { String::new() } else { n.to_string() };
    if from.y == to.y {
        if to.x > from.x {
            offer(format!("\x1b[{}C", count(to.x - from.x)));
        } else {
            let back = from.x - to.x;
            offer(format!("\x1b[{}D", count(back)));
            offer("\x08".repeat(usize::from(back)));
            if to.x == 0 {
                offer("\r".to_owned());
            }
        }
        offer(format!("\x1b[{}G", to.x + 1));
    } else if from.x == to.x {
        if to.y > from.y {
            offer(format!("\x1b[{}B", count(to.y - from.y)));
        } else {
            offer(format!("\x1b[{}A", count(from.y - to.y)));
        }
    } else if to.x == 0 && to.y > from.y {
        offer(format!("\r{}", "\n".repeat(usize::from(to.y - from.y))));
    }
    best.into_bytes()
}

/// The shortest bytes that change the pen: from scratch, or by what differs where nothing has to go.
fn change(from: Option<Pen>, to: Pen) -> Vec<u8> {
    let scratch = {
        let mut codes = vec!["0".to_owned()];
        codes.extend(marks(to.marks));
        codes.extend(color(to.fg, 30));
        codes.extend(color(to.bg, 40));
        codes
    };
    let difference = from.filter(|from| to.marks.contains(from.marks)).map(|from| {
        let mut codes: Vec<String> = marks(to.marks.difference(from.marks)).collect();
        if from.fg != to.fg {
            codes.push(color(to.fg, 30).unwrap_or_else(|| "39".to_owned()));
        }
        if from.bg != to.bg {
            codes.push(color(to.bg, 40).unwrap_or_else(|| "49".to_owned()));
        }
        codes
    });
    let length = |codes: &[String]| codes.iter().map(String::len).sum::<usize>() + codes.len();
    let chosen = match difference {
        Some(difference) if length(&difference) <= length(&scratch) => difference,
        _ => scratch,
    };
    let chosen = chosen.join(";");
    // A lone 0 may be left out.
    if chosen == "0" { b"\x1b[m".to_vec() } else { format!("\x1b[{chosen}m").into_bytes() }
}

fn marks(marks: Modifier) -> impl Iterator<Item = String> {
    let known = [
        (Modifier::BOLD, "1"),
        (Modifier::DIM, "2"),
        (Modifier::ITALIC, "3"),
        (Modifier::UNDERLINED, "4"),
        (Modifier::REVERSED, "7"),
    ];
    known.into_iter().filter(move |(mark, _)| marks.contains(*mark)).map(|(_, code)| code.to_owned())
}

/// A colour's code on a base of 30 (text) or 40 (ground); `None` for the terminal's own.
fn color(color: Color, base: u8) -> Option<String> {
    let named = |number: u8| Some((base + number).to_string());
    let bright = |number: u8| Some((base + 60 + number).to_string());
    match color {
        Color::Reset => None,
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(number) => Some(format!("{};5;{number}", base + 8)),
        Color::Rgb(r, g, b) => Some(format!("{};2;{r};{g};{b}", base + 8)),
    }
}

impl<W: Write> Backend for Screen<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        for (x, y, cell) in content {
            self.go(x, y);
            self.pen(cell);
            let symbol = cell.symbol();
            self.frame.extend_from_slice(symbol.as_bytes());
            let width = u16::try_from(unicode_width::UnicodeWidthStr::width(symbol)).unwrap_or(1);
            let next = x.saturating_add(width.max(1));
            let place = self.place(x, y);
            if let Some(blank) = self.blank.get_mut(place) {
                *blank = symbol == " ";
            }
            // At the last column terminals disagree where the cursor is.
            self.cursor = (next < self.size.width).then_some(Position { x: next, y });
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        // It is hidden when the screen is entered, and stays so.
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let to = position.into();
        self.go(to.x, to.y);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        // Cleared cells take the ground of the pen: the terminal's own.
        self.frame.extend_from_slice(b"\x1b[m");
        self.style = Some(Pen { fg: Color::Reset, bg: Color::Reset, marks: Modifier::empty() });
        let code: &[u8] = match clear_type {
            ClearType::All => b"\x1b[2J",
            ClearType::AfterCursor => b"\x1b[J",
            ClearType::BeforeCursor => b"\x1b[1J",
            ClearType::CurrentLine => b"\x1b[2K",
            ClearType::UntilNewLine => b"\x1b[K",
        };
        self.frame.extend_from_slice(code);
        self.blank.clear();
        if clear_type == ClearType::All {
            self.blank.resize(usize::from(self.size.width) * usize::from(self.size.height), true);
        }
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.last = self.frame.len();
        if self.frame.is_empty() {
            return Ok(());
        }
        if self.marks && self.frame.len() > LARGE {
            self.frame.splice(0..0, BEGIN.iter().copied());
            self.frame.extend_from_slice(END);
            self.last = self.frame.len();
        }
        self.total += self.last as u64;
        let written = self.out.write_all(&self.frame).and_then(|()| self.out.flush());
        self.frame.clear();
        if written.is_err() {
            self.forget();
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::style::Style;

    fn terminal(width: u16, height: u16) -> Terminal<Screen<Vec<u8>>> {
        Terminal::new(Screen::new(Vec::new(), Size { width, height }, true)).unwrap()
    }

    fn drawn(terminal: &mut Terminal<Screen<Vec<u8>>>, lines: &[(u16, u16, &str, Style)]) -> String {
        terminal.backend_mut().out.clear();
        terminal
            .draw(|frame| {
                for (x, y, text, style) in lines {
                    frame.buffer_mut().set_string(*x, *y, text, *style);
                }
            })
            .unwrap();
        String::from_utf8(terminal.backend().out.clone()).unwrap()
    }

    #[test]
    fn one_changed_digit_costs_eight_bytes_at_most() {
        let mut terminal = terminal(120, 40);
        let style = Style::new();
        let full: Vec<String> = (0..40).map(|row| format!("{row:>3} {}", "some text ".repeat(11))).collect();
        let mut lines: Vec<_> = (0..40_u16).zip(&full).map(|(y, text)| (0, y, text.as_str(), style)).collect();
        let first = drawn(&mut terminal, &lines);
        assert!(first.starts_with("\x1b[?2026h") && first.ends_with("\x1b[?2026l"), "a large frame is wrapped");
        lines.push((60, 5, "7", style));
        let change = drawn(&mut terminal, &lines);
        assert!(change.len() <= 8, "{change:?}");
        // The next digit in the same place: the cursor stands behind it.
        lines.pop();
        lines.push((60, 5, "8", style));
        assert_eq!(drawn(&mut terminal, &lines), "\x088");
        assert_eq!(terminal.backend().bytes().0, 2);
        assert_eq!(drawn(&mut terminal, &lines), "", "nothing changed, nothing is sent");
    }

    #[test]
    fn the_pen_changes_by_what_differs() {
        let mut terminal = terminal(20, 2);
        let (bold, red) = (Style::new().add_modifier(Modifier::BOLD), Style::new().fg(Color::Red));
        let sent = drawn(
            &mut terminal,
            &[(0, 0, "a", bold), (1, 0, "b", bold.fg(Color::Red)), (2, 0, "c", red), (3, 0, "d", Style::new())],
        );
        assert!(sent.ends_with("\x1b[0;1ma\x1b[31mb\x1b[0;31mc\x1b[md"), "{sent:?}");
    }

    #[test]
    fn moves_take_the_shortest_way() {
        let at = |x, y| Position { x, y };
        let way = |from, to| String::from_utf8(shortest(from, to)).unwrap();
        assert_eq!(way(None, at(0, 0)), "\x1b[H");
        assert_eq!(way(None, at(4, 2)), "\x1b[3;5H");
        assert_eq!(way(Some(at(5, 2)), at(4, 2)), "\x08");
        assert_eq!(way(Some(at(5, 2)), at(0, 2)), "\r");
        assert_eq!(way(Some(at(5, 2)), at(7, 2)), "\x1b[2C");
        assert_eq!(way(Some(at(5, 2)), at(0, 3)), "\r\n");
        assert_eq!(way(Some(at(5, 2)), at(5, 3)), "\x1b[B");
    }

    #[test]
    fn a_title_and_a_bell_are_sent_once() {
        let mut terminal = terminal(20, 2);
        drawn(&mut terminal, &[]);
        for expected in ["\x1b]2;watchfloor: 2 firing\x07\x07", ""] {
            terminal.backend_mut().set_title("watchfloor: 2 firing");
            terminal.backend_mut().set_bells(1);
            assert_eq!(drawn(&mut terminal, &[]), expected);
        }
    }

    #[test]
    fn a_terminal_that_is_gone_is_an_error() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut screen = Screen::new(Gone, Size { width: 2, height: 1 }, true);
        screen.clear().unwrap();
        assert!(screen.flush().is_err());
    }
}
