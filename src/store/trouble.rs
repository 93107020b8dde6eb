//! What can be wrong with a store, in words: what it is, and what a person can do about it.

use std::fmt;

/// Why a store cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Its disk has no room.
    Full,
    /// It, or its folder, may only be read.
    ReadOnly,
    /// Another program holds it locked.
    Locked,
    /// It was moved away or deleted while it was open.
    Moved,
    /// Another file stands at its place by now.
    Replaced,
    /// What it holds is damaged.
    Damaged,
    /// It is a file of something else.
    Foreign,
    /// The disk, or what stands for one, does not answer as it should.
    Disk,
    /// No file can be opened at its place.
    Unreachable,
    /// This process may open no more files.
    Descriptors,
    /// Something else.
    Other,
}

impl Trouble {
    /// Whether it may pass by itself, or by what a person does meanwhile: a session goes on without the store and asks again.
    pub const fn may_pass(self) -> bool {
        !matches!(self, Self::Foreign)
    }

    /// Whether asking the same open file again is useless: it has to be opened anew.
    pub const fn needs_opening(self) -> bool {
        matches!(self, Self::Replaced | Self::Damaged | Self::Disk | Self::ReadOnly)
    }

    /// What it is and what to do; nothing where only the system's own words say more.
    const fn words(self) -> Option<&'static str> {
        Some(match self {
            Self::Full => "its disk is full; free some space there",
            Self::ReadOnly => {
                "it may only be read; let this user write the file and its folder, or choose another place with --store"
            }
            Self::Locked => {
                "another program holds it locked; close that program (a database browser, a copy under way)"
            }
            Self::Moved => "it was moved away or deleted; move it back, or start watchfloor again to begin a new one",
            Self::Replaced => "another file stands at its place by now; it is opened anew",
            Self::Damaged => "it is damaged; `watchfloor doctor` says how much",
            Self::Foreign => "it is a file of another program; choose another place with --store",
            Self::Disk => "its disk does not answer as it should; look at the system's log",
            Self::Descriptors => "this process may open no more files; raise the limit (ulimit -n)",
            Self::Unreachable | Self::Other => return None,
        })
    }
}

/// Why something failed: in words of ours where we know what it is, with the system's words behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// What is wrong.
    pub trouble: Trouble,
    /// What the system says.
    pub said: String,
}

impl Why {
    /// What is wrong, with what the system says of it.
    pub fn new(trouble: Trouble, said: impl Into<String>) -> Self {
        Self { trouble, said: said.into() }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.trouble.words(), self.said.as_str()) {
            (Some(words), "") => f.write_str(words),
            (Some(words), said) => write!(f, "{words} ({said})"),
            (None, said) => f.write_str(said),
        }
    }
}

impl From<std::io::Error> for Why {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let trouble = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Trouble::Full,
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Trouble::ReadOnly,
            // EMFILE and ENFILE have no kind of their own.
            _ if matches!(error.raw_os_error(), Some(23 | 24)) => Trouble::Descriptors,
            _ => Trouble::Unreachable,
        };
        Self::new(trouble, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_say_what_to_do_and_keep_what_the_system_said() {
        let why = Why::new(Trouble::Full, "database or disk is full");
        assert_eq!(why.to_string(), "its disk is full; free some space there (database or disk is full)");
        assert_eq!(Why::new(Trouble::Other, "bad parameter").to_string(), "bad parameter");
        let denied = Why::from(std::io::Error::from(std::io::ErrorKind::PermissionDenied));
        assert_eq!(denied.trouble, Trouble::ReadOnly);
        assert_eq!(Why::from(std::io::Error::from_raw_os_error(24)).trouble, Trouble::Descriptors);
    }
}
