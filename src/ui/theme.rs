//! Themes: a purpose gets a style, never a place on the screen a colour. Every file in `themes/` is one; colours are reduced to
//! what the terminal can show, down to none.

use include_dir::{Dir, include_dir};
use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::str::FromStr;
use termprofile::TermProfile;

static THEMES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/themes");

/// A purpose that a theme gives a style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Plain text.
    Text,
    /// What is there for whoever looks for it.
    Faint,
    /// The word above a section.
    Title,
    /// What is new.
    Accent,
    /// What is selected.
    Selection,
    /// Act now.
    Critical,
    /// Worth acting on.
    Warning,
    /// Worth knowing.
    Info,
    /// Fewer than before.
    Falling,
    /// A clock that a court holds.
    Held,
    /// All is well; quiet.
    Fine,
    /// Too old to be proof.
    Stale,
    /// It cannot be told.
    Unknown,
    /// Hairlines and frames.
    Border,
    /// What must be read before all else.
    Banner,
    /// The word of a mode that is not the usual one.
    Mode,
    /// Bars of charts.
    Bar,
    /// Lines at which a rule fires.
    Threshold,
}

impl Role {
    /// Every role, with its key in theme files and its letter in style maps.
    pub const ALL: [(Self, &'static str, char); 18] = [
        (Self::Text, "text", '.'),
        (Self::Faint, "faint", 'f'),
        (Self::Title, "title", 'T'),
        (Self::Accent, "accent", 'a'),
        (Self::Selection, "selection", 's'),
        (Self::Critical, "critical", 'C'),
        (Self::Warning, "warning", 'W'),
        (Self::Info, "info", 'i'),
        (Self::Falling, "falling", 'v'),
        (Self::Held, "held", 'H'),
        (Self::Fine, "fine", 'o'),
        (Self::Stale, "stale", '~'),
        (Self::Unknown, "unknown", '?'),
        (Self::Border, "border", '-'),
        (Self::Banner, "banner", 'B'),
        (Self::Mode, "mode", 'M'),
        (Self::Bar, "bar", 'b'),
        (Self::Threshold, "threshold", 't'),
    ];
}

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None: bold, dim, underline and reverse remain.
    None,
    /// The sixteen named ones.
    Sixteen,
    /// The 256 indexed ones.
    Indexed,
    /// Any.
    True,
}

impl Depth {
    /// From what the user says (`never`, `16`, `256`, `truecolor`), else from the environment. `NO_COLOR` wins over both.
    pub fn detect(asked: &str, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        if environment("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            return Self::None;
        }
        match asked {
            "never" => return Self::None,
            "16" => return Self::Sixteen,
            "256" => return Self::Indexed,
            "truecolor" => return Self::True,
            _ => {}
        }
        let names =
            ["TERM", "COLORTERM", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "TERM_PROGRAM", "TMUX", "WT_SESSION"];
        let variables: std::collections::HashMap<String, String> =
            names.iter().filter_map(|name| Some(((*name).to_owned(), environment(name)?))).collect();
        // Names say enough; the terminfo entry would cost more than the first frame.
        let settings = termprofile::DetectorSettings::new().enable_tmux_info(false);
        let variables = termprofile::TermVars::from_source(&variables, &std::io::stdout(), settings);
        match TermProfile::detect_with_vars(variables) {
            TermProfile::NoTty | TermProfile::NoColor => Self::None,
            TermProfile::Ansi16 => Self::Sixteen,
            TermProfile::Ansi256 => Self::Indexed,
            TermProfile::TrueColor => Self::True,
        }
    }
}

/// A theme reduced to a depth.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    styles: BTreeMap<Role, Style>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "name")]
    _name: String,
    /// What the contrast of its colours is judged against; the terminal's own ground is left as it is.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the test of contrast"))]
    background: String,
    roles: BTreeMap<String, RoleTable>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleTable {
    parent: Option<String>,
    color: Option<String>,
    ansi: Option<String>,
    #[serde(default)]
    bold: bool,
    #[serde(default)]
    dim: bool,
    #[serde(default)]
    underline: bool,
    #[serde(default)]
    reverse: bool,
}

/// Why there is no such theme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// No file of that name.
    #[error("there is no theme \"{name}\"; there are {known}")]
    Absent {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A file that says what cannot be.
    #[error("the theme {name} is wrong: {why}")]
    Wrong {
        /// Which.
        name: String,
        /// Why.
        why: String,
    },
}

impl Theme {
    /// The names of the embedded themes.
    pub fn names() -> Vec<&'static str> {
        let stems = THEMES.files().filter_map(|file| file.path().file_stem().and_then(|stem| stem.to_str()));
        let mut names: Vec<&str> = stems.collect();
        names.sort_unstable();
        names
    }

    /// An embedded theme at a depth.
    pub fn named(name: &str, depth: Depth) -> Result<Self, ThemeError> {
        let file = THEMES.get_file(format!("{name}.toml"));
        let text = file
            .and_then(|file| file.contents_utf8())
            .ok_or_else(|| ThemeError::Absent { name: name.to_owned(), known: Self::names().join(", ") })?;
        Self::read(name, text, depth)
    }

    /// A theme from its file's text.
    pub fn read(name: &str, text: &str, depth: Depth) -> Result<Self, ThemeError> {
        let wrong = |why: String| ThemeError::Wrong { name: name.to_owned(), why };
        let file: File = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let mut styles = BTreeMap::new();
        for (role, key, _) in Role::ALL {
            let table = inherited(&file.roles, key)
                .ok_or_else(|| wrong(format!("the role `{key}` has no colour, nor a parent with one")))?;
            styles.insert(role, style(&table, depth).map_err(wrong)?);
        }
        Ok(Self { styles })
    }

    /// A theme whose styles tell the roles apart by number: for style maps.
    pub fn marked() -> Self {
        let marked =
            (0_u8..).zip(Role::ALL).map(|(number, (role, _, _))| (role, Style::new().fg(Color::Indexed(number + 16))));
        Self { styles: marked.collect() }
    }

    /// The letter of a cell drawn with [`Theme::marked`].
    pub fn letter(style: Style) -> char {
        let number = match style.fg {
            Some(Color::Indexed(number)) => usize::from(number).checked_sub(16),
            _ => None,
        };
        number.and_then(|number| Role::ALL.get(number)).map_or(' ', |(_, _, letter)| *letter)
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }
}

/// A role's table with what it takes from its parents.
fn inherited(roles: &BTreeMap<String, RoleTable>, key: &str) -> Option<RoleTable> {
    let mut table = roles.get(key)?.clone();
    let mut parent = table.parent.clone();
    // No theme has a chain longer than it has roles: a circle ends here.
    for _ in 0..roles.len() {
        let Some(above) = parent.as_ref().and_then(|parent| roles.get(parent)) else { break };
        table.color = table.color.or_else(|| above.color.clone());
        table.ansi = table.ansi.or_else(|| above.ansi.clone());
        parent = above.parent.clone();
    }
    (table.color.is_some() && table.ansi.is_some()).then_some(table)
}

fn style(table: &RoleTable, depth: Depth) -> Result<Style, String> {
    let hex = table.color.as_deref().unwrap_or_default();
    let color = Color::from_str(hex).ok().filter(|color| matches!(color, Color::Rgb(..)));
    let color = color.ok_or_else(|| format!("\"{hex}\" is no colour such as \"#6cb6ff\""))?;
    let ansi = named(table.ansi.as_deref().unwrap_or("none"))?;
    let mut style = Style::new();
    style.fg = match depth {
        Depth::None => None,
        Depth::Sixteen => ansi,
        Depth::Indexed => TermProfile::Ansi256.adapt_color(color),
        Depth::True => Some(color),
    };
    let few = matches!(depth, Depth::None | Depth::Sixteen);
    let marks = [
        (table.bold, Modifier::BOLD),
        // With many colours a faint colour says it; without them the terminal's own dimming.
        (table.dim && few, Modifier::DIM),
        (table.underline, Modifier::UNDERLINED),
        (table.reverse, Modifier::REVERSED),
    ];
    for (_, mark) in marks.into_iter().filter(|(on, _)| *on) {
        style = style.add_modifier(mark);
    }
    Ok(style)
}

fn named(name: &str) -> Result<Option<Color>, String> {
    let color = match name {
        "none" => None,
        "red" => Some(Color::Red),
        "green" => Some(Color::Green),
        "yellow" => Some(Color::Yellow),
        "blue" => Some(Color::Blue),
        "magenta" => Some(Color::Magenta),
        "cyan" => Some(Color::Cyan),
        "light-red" => Some(Color::LightRed),
        "light-green" => Some(Color::LightGreen),
        "light-yellow" => Some(Color::LightYellow),
        "light-blue" => Some(Color::LightBlue),
        "light-magenta" => Some(Color::LightMagenta),
        "light-cyan" => Some(Color::LightCyan),
        _ => return Err(format!("\"{name}\" is none of the sixteen colours' names")),
    };
    Ok(color)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPTHS: [Depth; 4] = [Depth::None, Depth::Sixteen, Depth::Indexed, Depth::True];

    /// Relative luminance (WCAG 2).
    fn luminance(color: Color) -> f64 {
        let Color::Rgb(r, g, b) = color else { panic!("{color}") };
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.039_28 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
    }

    fn contrast(a: Color, b: Color) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_theme_gives_every_role_enough_contrast() {
        assert_eq!(Theme::names(), ["clear", "watch"]);
        for name in Theme::names() {
            let text = THEMES.get_file(format!("{name}.toml")).unwrap().contents_utf8().unwrap();
            let file: File = toml::from_str(text).unwrap();
            let background = Color::from_str(&file.background).unwrap();
            let theme = Theme::named(name, Depth::True).unwrap();
            for (role, key, _) in Role::ALL {
                let least = match role {
                    Role::Border => 4.5,
                    Role::Faint => 6.0,
                    _ => 7.0,
                };
                let found = contrast(theme.style(role).fg.unwrap(), background);
                assert!(found >= least, "{name}.{key}: {found:.1}");
            }
        }
    }

    #[test]
    fn reduction_never_fails_and_states_differ_without_colour() {
        for name in Theme::names() {
            for depth in DEPTHS {
                let theme = Theme::named(name, depth).unwrap();
                let colored = Role::ALL.iter().filter(|(role, _, _)| theme.style(*role).fg.is_some()).count();
                assert_eq!(colored == 0, depth == Depth::None, "{name} {depth:?}");
            }
            let plain = Theme::named(name, Depth::None).unwrap();
            assert_ne!(plain.style(Role::Critical), plain.style(Role::Fine));
        }
    }

    #[test]
    fn a_wrong_theme_says_why() {
        let error = |text: &str| Theme::read("x", text, Depth::True).unwrap_err().to_string();
        assert!(error("name = \"x\"\nbackground = \"#000000\"\n[roles]\n").contains("`text` has no colour"));
        let circle = "name = \"x\"\nbackground = \"#000000\"\n[roles]\ntext = { parent = \"text\" }\n";
        assert!(error(circle).contains("`text` has no colour"));
        assert!(Theme::named("sunrise", Depth::True).unwrap_err().to_string().contains("there are clear, watch"));
    }

    #[test]
    fn the_environment_and_the_user_choose_the_depth() {
        let none = |_: &str| None;
        assert_eq!(Depth::detect("truecolor", &none), Depth::True);
        let no_color = |name: &str| (name == "NO_COLOR").then(|| "1".to_owned());
        assert_eq!(Depth::detect("truecolor", &no_color), Depth::None);
    }
}
