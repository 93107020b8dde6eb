//! The same signs in four tiers: full (with braille), blocks, the Linux console, ASCII. Every sign is one column wide except the
//! two-letter ones, which are two in every tier (dependencies: none of the console's fonts has braille or eighths).

/// What the terminal's font can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Braille and eighth blocks.
    Full,
    /// Eighth blocks.
    Blocks,
    /// The Linux console: whole blocks and shades.
    Console,
    /// ASCII.
    Ascii,
}

impl Tier {
    /// Every tier.
    pub const ALL: [Self; 4] = [Self::Full, Self::Blocks, Self::Console, Self::Ascii];

    /// From what the user says, else from `TERM` and the locale.
    pub fn detect(asked: &str, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        match asked {
            "full" => return Self::Full,
            "blocks" => return Self::Blocks,
            "console" => return Self::Console,
            "ascii" => return Self::Ascii,
            _ => {}
        }
        let term = environment("TERM").unwrap_or_default();
        if term == "linux" {
            return Self::Console;
        }
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        let locale =
            set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default().to_lowercase();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        if utf8 && !matches!(term.as_str(), "" | "dumb" | "vt100" | "vt220") { Self::Full } else { Self::Ascii }
    }

    /// The signs of the tier.
    pub const fn glyphs(self) -> &'static Glyphs {
        match self {
            Self::Full => &FULL,
            Self::Blocks => &BLOCKS,
            Self::Console => &CONSOLE,
            Self::Ascii => &ASCII,
        }
    }
}

/// The signs of a tier.
#[derive(Debug)]
pub struct Glyphs {
    /// Which tier.
    pub tier: Tier,
    /// Critical, two columns.
    pub critical: &'static str,
    /// Warning, as wide as critical.
    pub warning: &'static str,
    /// Worth knowing.
    pub info: &'static str,
    /// Falling.
    pub falling: &'static str,
    /// Held.
    pub held: &'static str,
    /// It cannot be told.
    pub unknown: &'static str,
    /// Fine.
    pub fine: &'static str,
    /// Stale.
    pub stale: &'static str,
    /// New.
    pub new: &'static str,
    /// Selected.
    pub pointer: &'static str,
    /// Between parts of a line.
    pub dot: &'static str,
    /// A missing value.
    pub gap: &'static str,
    /// A zero.
    pub zero: &'static str,
    /// Bars from the lowest to the highest.
    pub levels: &'static [&'static str],
    /// A provisional value's top, where a bar has room for one.
    pub provisional: &'static str,
    /// A running period.
    pub partial: &'static str,
    /// A hairline.
    pub line: &'static str,
    /// Corners and sides of a frame: top left, top right, bottom left, bottom right, side.
    pub frame: [&'static str; 5],
    /// A date on a chart.
    pub mark: &'static str,
    /// A threshold on a chart.
    pub threshold: &'static str,
    /// The end of what was cut.
    pub ellipsis: &'static str,
    /// From … to.
    pub arrow: &'static str,
    /// An axis: its tick, its side, its corner.
    pub axis: [&'static str; 3],
}

const FULL: Glyphs = Glyphs {
    tier: Tier::Full,
    critical: "▲▲",
    warning: "▲ ",
    info: "• ",
    falling: "▼ ",
    held: "■ ",
    unknown: "? ",
    fine: "● ",
    stale: "~ ",
    new: "●",
    pointer: "▶",
    dot: "·",
    gap: "·",
    zero: "▁",
    levels: &["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    provisional: "□",
    partial: "▒",
    line: "─",
    frame: ["╭", "╮", "╰", "╯", "│"],
    mark: "┆",
    threshold: "╌",
    ellipsis: "…",
    arrow: "→",
    axis: ["┤", "│", "└"],
};

const BLOCKS: Glyphs = Glyphs { tier: Tier::Blocks, ..FULL };

const CONSOLE: Glyphs = Glyphs {
    tier: Tier::Console,
    levels: &["░", "▒", "█"],
    zero: "_",
    provisional: "■",
    ellipsis: ">",
    new: "■",
    pointer: "▶",
    fine: "■ ",
    info: "- ",
    held: "# ",
    frame: ["┌", "┐", "└", "┘", "│"],
    mark: "│",
    threshold: "─",
    ..FULL
};

const ASCII: Glyphs = Glyphs {
    tier: Tier::Ascii,
    critical: "!!",
    warning: "! ",
    info: "- ",
    falling: "v ",
    held: "# ",
    unknown: "? ",
    fine: "o ",
    stale: "~ ",
    new: "*",
    pointer: ">",
    dot: "-",
    gap: ".",
    zero: "_",
    levels: &[".", ":", "|", "#"],
    provisional: "o",
    partial: "%",
    line: "-",
    frame: ["+", "+", "+", "+", "|"],
    mark: ":",
    threshold: "-",
    ellipsis: "~",
    arrow: ">",
    axis: ["+", "|", "+"],
};

/// Text as the tier can show it: in ASCII, other characters are spelt or replaced.
pub fn spell(text: &str, tier: Tier) -> std::borrow::Cow<'_, str> {
    if tier != Tier::Ascii || text.is_ascii() {
        return text.into();
    }
    let spelt = text.chars().map(|c| match c {
        c if c.is_ascii() => c.to_string(),
        '×' => "x".to_owned(),
        '–' | '—' | '−' => "-".to_owned(),
        '·' | '•' => "-".to_owned(),
        '…' => "~".to_owned(),
        '≥' => ">=".to_owned(),
        '≤' => "<=".to_owned(),
        '‘' | '’' => "'".to_owned(),
        '“' | '”' | '«' | '»' => "\"".to_owned(),
        'á' | 'à' | 'â' | 'ä' | 'ã' => "a".to_owned(),
        'é' | 'è' | 'ê' | 'ë' => "e".to_owned(),
        'í' | 'ì' | 'î' | 'ï' => "i".to_owned(),
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => "o".to_owned(),
        'ú' | 'ù' | 'û' | 'ü' => "u".to_owned(),
        'ñ' => "n".to_owned(),
        'ç' => "c".to_owned(),
        _ => "?".to_owned(),
    });
    spelt.collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn every_sign_has_its_width_and_ascii_is_ascii() {
        for tier in Tier::ALL {
            let g = tier.glyphs();
            let two = [g.critical, g.warning, g.info, g.falling, g.held, g.unknown, g.fine, g.stale];
            let mut one = vec![
                g.new,
                g.pointer,
                g.dot,
                g.gap,
                g.zero,
                g.provisional,
                g.partial,
                g.line,
                g.mark,
                g.threshold,
                g.ellipsis,
                g.arrow,
            ];
            one.extend(g.levels);
            one.extend(g.frame);
            one.extend(g.axis);
            assert!(two.iter().all(|sign| sign.width() == 2), "{tier:?}");
            assert!(one.iter().all(|sign| sign.width() == 1), "{tier:?}");
            if tier == Tier::Ascii {
                assert!(two.iter().chain(&one).all(|sign| sign.is_ascii()));
            }
            if tier == Tier::Console {
                // What the console's Latin fonts have (read from all of Debian's).
                let have = "░▒█■▲▼▶●•─│┌┐└┘┤→·?~_-#> ";
                assert!(two.iter().chain(&one).all(|sign| sign.chars().all(|c| have.contains(c))), "{two:?} {one:?}");
            }
        }
    }

    #[test]
    fn the_environment_and_the_user_choose_the_tier() {
        let of = |term: &'static str, lang: &'static str| {
            move |name: &str| match name {
                "TERM" => Some(term.to_owned()),
                "LANG" => Some(lang.to_owned()),
                _ => None,
            }
        };
        assert_eq!(Tier::detect("auto", &of("xterm-256color", "en_US.UTF-8")), Tier::Full);
        assert_eq!(Tier::detect("auto", &of("xterm-256color", "C")), Tier::Ascii);
        assert_eq!(Tier::detect("auto", &of("linux", "C.UTF-8")), Tier::Console);
        assert_eq!(Tier::detect("auto", &of("vt100", "C.UTF-8")), Tier::Ascii);
        assert_eq!(Tier::detect("blocks", &of("linux", "C")), Tier::Blocks);
    }

    #[test]
    fn ascii_spells() {
        assert_eq!(spell("Darién ×2.9 · “x”…", Tier::Ascii), "Darien x2.9 - \"x\"~");
        assert_eq!(spell("Darién", Tier::Full), "Darién");
    }
}
