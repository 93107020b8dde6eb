//! Settings: what stands above the tables, each key with its default in `default.toml`.

use super::section::Section;
use super::value;
use crate::domain::text::Printable;
use include_dir::{Dir, include_dir};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};

/// For the names of themes: a new file there is a new theme here too.
static THEMES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/themes");

/// What stands above the tables, read.
pub(super) struct Settings {
    pub(super) title: Printable,
    pub(super) zone: TimeZone,
    pub(super) theme: String,
    pub(super) glyphs: String,
    pub(super) color: String,
    pub(super) mouse: bool,
    pub(super) store: Option<PathBuf>,
    /// How long a fetch may take, unless a feed says otherwise.
    pub(super) deadline: SignedDuration,
    pub(super) body_cap: u64,
    pub(super) news_cap: u64,
    pub(super) host_pause: SignedDuration,
    pub(super) keep_headlines: SignedDuration,
}

impl Settings {
    /// Reads them, each from the user's file or else from the defaults. Relative paths start from `folder`.
    pub(super) fn read(root: &Section<'_>, folder: &Path) -> Self {
        let themes: Vec<&str> = THEMES.files().filter_map(|file| file.path().file_stem()?.to_str()).collect();
        Self {
            title: root.setting("title", value::text),
            zone: root.setting("zone", value::zone_or_system),
            theme: root.setting("theme", value::one_of(&themes)),
            glyphs: root.setting("glyphs", value::one_of(&["auto", "full", "blocks", "console", "ascii"])),
            color: root.setting("color", value::one_of(&["auto", "never", "16", "256", "truecolor"])),
            mouse: root.setting("mouse", value::flag),
            store: root.read("store", value::text).map(|path| folder.join(path.value.as_str())),
            deadline: root.setting("deadline", value::duration),
            body_cap: root.setting("body_cap", value::body_cap),
            news_cap: root.setting("news_cap", value::body_cap),
            host_pause: root.setting("host_pause", value::pause),
            keep_headlines: root.setting("keep_headlines", value::duration),
        }
    }
}
