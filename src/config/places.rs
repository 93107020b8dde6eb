//! Where files are: the configuration, the store, the log. By the XDG rules on every Unix; the environment is an argument,
//! so that a test can be anyone.

use std::path::{Path, PathBuf};

/// Looks up an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The user's configuration file, whether it is there or not.
pub fn config_file(environment: Environment<'_>) -> Option<PathBuf> {
    base(environment, "XDG_CONFIG_HOME", ".config").map(|folder| folder.join("watchfloor/watchfloor.toml"))
}

/// The folder of the store and the log. A system service is given its own by STATE_DIRECTORY.
pub fn state_folder(environment: Environment<'_>) -> Option<PathBuf> {
    if let Some(given) = environment("STATE_DIRECTORY").filter(|given| !given.is_empty()) {
        let first = given.split(':').next().unwrap_or(&given).to_owned();
        return Some(PathBuf::from(first));
    }
    base(environment, "XDG_STATE_HOME", ".local/state").map(|folder| folder.join("watchfloor"))
}

/// The store's file in a folder.
pub fn store_file(folder: &Path) -> PathBuf {
    folder.join("watchfloor.db")
}

/// An absolute path from the environment, else below the home folder.
fn base(environment: Environment<'_>, variable: &str, below_home: &str) -> Option<PathBuf> {
    let given = environment(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    given.or_else(|| environment("HOME").filter(|home| !home.is_empty()).map(|home| Path::new(&home).join(below_home)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_where_xdg_says() {
        let home = |name: &str| (name == "HOME").then(|| "/home/a".to_owned());
        assert_eq!(config_file(&home), Some("/home/a/.config/watchfloor/watchfloor.toml".into()));
        assert_eq!(state_folder(&home), Some("/home/a/.local/state/watchfloor".into()));
        let xdg = |name: &str| (name == "XDG_STATE_HOME").then(|| "/s".to_owned());
        assert_eq!(state_folder(&xdg), Some("/s/watchfloor".into()));
        assert_eq!(config_file(&xdg), None);
        let service = |name: &str| (name == "STATE_DIRECTORY").then(|| "/var/lib/watchfloor:/other".to_owned());
        assert_eq!(state_folder(&service), Some("/var/lib/watchfloor".into()));
        let relative = |name: &str| Some(if name == "HOME" { "/h" } else { "not/absolute" }.to_owned());
        assert_eq!(config_file(&relative), Some("/h/.config/watchfloor/watchfloor.toml".into()));
    }
}
