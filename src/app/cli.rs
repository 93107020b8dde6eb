//! Arguments and commands.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A full-screen terminal situation monitor: arrival statistics, headlines, alerts, policy dates.
///
/// Without a command it opens the screen: on your configuration where there is one, else on the embedded sample, offline.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    /// The configuration [default: $XDG_CONFIG_HOME/watchfloor/watchfloor.toml]
    #[arg(long, global = true, env = "WATCHFLOOR_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where facts are kept [default: what the configuration says, else $XDG_STATE_HOME/watchfloor/watchfloor.db]
    #[arg(long, global = true, env = "WATCHFLOOR_STORE", value_name = "FILE")]
    pub store: Option<PathBuf>,
    /// Collect without a screen
    #[arg(long)]
    pub headless: bool,
    /// Open the sample even where there is a configuration
    #[arg(long, conflicts_with_all = ["headless", "config"])]
    pub sample: bool,
    /// The theme: watch, clear
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Which signs the terminal can show
    #[arg(long, value_name = "TIER", value_parser = ["auto", "full", "blocks", "console", "ascii"])]
    pub glyphs: Option<String>,
    /// How many colours it can show
    #[arg(long, value_name = "DEPTH", value_parser = ["auto", "never", "16", "256", "truecolor"])]
    pub color: Option<String>,
    /// Leave clicks and selection to the terminal
    #[arg(long)]
    pub no_mouse: bool,
    /// Say more in the log; twice for all of it
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Panic after the first frame: for the test of the way out
    #[arg(long, hide = true)]
    pub test_panic: bool,
    /// What to do
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What can be done beside the screen.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Replay a scenario: a folder with a scenario.toml and recorded replies
    Replay {
        /// The folder
        scenario: PathBuf,
        /// Stop at this instant and stand still, such as 2022-04-18T21:00:00Z
        #[arg(long, value_name = "INSTANT")]
        until: Option<String>,
    },
    /// How things stand: alerts, routes, policy dates, feeds
    Status {
        /// One JSON document
        #[arg(long)]
        json: bool,
        /// One line, for a prompt or a status bar
        #[arg(long, conflicts_with = "json")]
        line: bool,
    },
    /// For monitoring systems: one line with the state, then details; status 0 ok, 1 warning, 2 critical, 3 cannot be told
    Check(Check),
    /// The handover between two watches, as Markdown: what happened, what is open, what is due next
    Report {
        /// When the watch began: 8h or 2d ago, an instant, or a day or time in the configuration's zone
        #[arg(long, value_name = "WHEN", default_value = "8h")]
        since: String,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Ask the feeds once, store what they give, evaluate the rules, and end: for a scheduler, where nothing runs on
    Refresh {
        /// Only these, by their ids in the configuration
        #[arg(value_name = "FEED")]
        feeds: Vec<String>,
        /// Only those that are due
        #[arg(long, conflicts_with = "feeds")]
        due: bool,
    },
    /// Alerts: list them, tell what happened to one, take one in hand, let go of it, write a note
    #[command(subcommand)]
    Alert(AlertVerb),
    /// What is stored, as CSV or JSON; or the configured news feeds, as OPML
    Export(Export),
    /// Take over what another program knows
    #[command(subcommand)]
    Import(ImportVerb),
    /// Propose a feed for an unknown file or address, try one, void what was misread, accept what was doubted
    #[command(subcommand)]
    Feed(FeedVerb),
    /// Check the configuration
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Write a commented configuration with live public feeds; never overwrites one
    Init {
        /// Print it instead
        #[arg(long)]
        print: bool,
    },
    /// A policy date was set, held, withdrawn or reached: written to its ledger at once, for every screen on this store
    #[command(subcommand)]
    Date(DateVerb),
    /// Copy the store, whole and of one instant, while another process collects or none does; never over a file
    Backup {
        /// The copy
        file: PathBuf,
    },
    /// Look at configuration, store, lease, feeds, clock, terminal and roots of trust: what is wrong and what to do
    Doctor {
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Commit numbers until killed: for the crash test, and to try a disk
    #[command(hide = true)]
    StoreStress {
        /// The store's file
        path: PathBuf,
        /// How many
        #[arg(long, default_value_t = u64::MAX)]
        count: u64,
    },
}

/// What a monitoring system asks about.
#[derive(Debug, Args)]
pub struct Check {
    /// Only alerts and verdicts on this route, and the feeds that bring its figures
    #[arg(long, value_name = "ID")]
    pub route: Option<String>,
    /// Only those of this rule
    #[arg(long, value_name = "ID")]
    pub rule: Option<String>,
    /// Show acknowledged alerts, but do not count them
    #[arg(long)]
    pub ignore_acknowledged: bool,
}

/// What to export.
#[derive(Debug, Args)]
pub struct Export {
    /// Observations, headlines, or the list of news feeds (opml)
    pub what: ExportWhat,
    /// JSON instead of CSV
    #[arg(long)]
    pub json: bool,
    /// Every published version of every figure, not only the latest
    #[arg(long)]
    pub vintages: bool,
    /// Those of void batches too, with why they are void
    #[arg(long, requires = "vintages")]
    pub void: bool,
    /// What was known at an instant, such as 2022-04-01T00:00:00Z
    #[arg(long, value_name = "INSTANT")]
    pub as_known_at: Option<String>,
}

/// Which facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportWhat {
    /// Figures.
    Observations,
    /// News items.
    Headlines,
    /// The configured news feeds, as other readers of news take them.
    Opml,
}

/// What can be done with a feed.
#[derive(Debug, Subcommand)]
pub enum FeedVerb {
    /// Propose a commented [[feed]] for a file or address that nobody has mapped; nothing is stored
    Guess {
        /// A path, an address, or - for standard input
        #[arg(value_name = "PATH|URL")]
        what: String,
        /// The id of the feed [default: from the name of the file or address]
        #[arg(long, value_name = "NAME")]
        id: Option<String>,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Read a feed once and show what was understood; nothing is stored
    Try {
        /// The feed's id in the configuration
        #[arg(required_unless_present_any = ["kind", "mapping"])]
        id: Option<String>,
        /// A file with one [[feed]], as `feed guess` prints it, instead of the configuration; - for standard input
        #[arg(long, value_name = "FILE", conflicts_with = "kind")]
        mapping: Option<PathBuf>,
        /// Read this file as though it were the reply
        #[arg(long, value_name = "PATH")]
        file: Option<PathBuf>,
        /// Without a configuration: what the file is
        #[arg(long, requires = "file", conflicts_with = "id", value_parser = ["news"])]
        kind: Option<String>,
        /// Show every series and every warning
        #[arg(long, conflicts_with = "json")]
        all: bool,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Mark a misread batch void: its figures take no part any more, those of before stand again
    Void(Void),
    /// Take the last reply although its figures were doubted (the feed's state says why)
    Accept {
        /// The feed's id in the configuration
        id: String,
    },
}

/// What can be done with alerts.
#[derive(Debug, Subcommand)]
pub enum AlertVerb {
    /// Those that are open, each with the id by which the others take it
    List {
        /// Those that have ended too, the newest 500
        #[arg(long)]
        ended: bool,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// What one is about, and everything that happened to it
    Show {
        /// Its id, or how that begins
        id: String,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Say that you have it in hand: until it ends or escalates, or until what you give
    Acknowledge {
        /// Its id, or how that begins
        id: String,
        /// What you say of it
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
        /// For so long (8h, 2d), or until an instant such as 2022-04-01T06:00:00Z
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// Want to know again when the value is so many percent higher than now (or lower: -15)
        #[arg(long, value_name = "PERCENT", allow_negative_numbers = true)]
        wake: Option<f64>,
    },
    /// Let go of it
    Release {
        /// Its id, or how that begins
        id: String,
        /// What you say of it
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
    },
    /// Write a note on it, also when it has ended
    Note {
        /// Its id, or how that begins
        id: String,
        /// The note
        text: String,
    },
}

/// Which batch is void, and why.
#[derive(Debug, Args)]
pub struct Void {
    /// The feed's id in the configuration
    pub id: String,
    /// The batch: its number, or "last"; without one its batches are listed
    #[arg(long, value_name = "N", requires = "reason")]
    pub batch: Option<String>,
    /// Why, in words
    #[arg(long, value_name = "TEXT", requires = "batch")]
    pub reason: Option<String>,
    /// The list as one JSON document
    #[arg(long, conflicts_with = "batch")]
    pub json: bool,
}

/// What can be written to the ledger of a policy date, and read of it.
#[derive(Debug, Subcommand)]
pub enum DateVerb {
    /// It has this date from now on: set, moved, or no longer held
    Set {
        /// The policy date's id in the configuration
        id: String,
        /// The date in the policy date's own zone: 2022-05-23 or 2023-05-11T23:59
        date: String,
        #[command(flatten)]
        said: Said,
    },
    /// It is stopped by a court or an authority; whatever date there was does not count
    Hold {
        /// The policy date's id in the configuration
        id: String,
        #[command(flatten)]
        said: Said,
    },
    /// It is taken back
    Withdraw {
        /// The policy date's id in the configuration
        id: String,
        #[command(flatten)]
        said: Said,
    },
    /// It has taken effect, and somebody confirms it
    Reached {
        /// The policy date's id in the configuration
        id: String,
        #[command(flatten)]
        said: Said,
        /// Although it is not due, or has no date
        #[arg(long)]
        force: bool,
    },
    /// Print its ledger
    List {
        /// The policy date's id in the configuration
        id: String,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
}

/// Who says so, and since when.
#[derive(Debug, Args)]
pub struct Said {
    /// Where it says so: a docket, a publication, an address
    #[arg(long, value_name = "TEXT")]
    pub source: String,
    /// Who decided it
    #[arg(long, value_name = "TEXT")]
    pub authority: Option<String>,
    /// Why: enjoined, stayed, vacated …
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// When it became known: a day or a time in the policy date's zone, or an instant [default: now]
    #[arg(long, value_name = "INSTANT")]
    pub known: Option<String>,
}

/// What can be taken over.
#[derive(Debug, Subcommand)]
pub enum ImportVerb {
    /// A list of news feeds that another reader of news has exported: prints a [[feed]] for each
    Opml {
        /// The list; - for standard input
        file: PathBuf,
        /// Put them at the end of the configuration instead of printing them
        #[arg(long)]
        append: bool,
    },
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigVerb {
    /// Check it: every finding at once, with line and remedy
    Check,
    /// Print the settings with their defaults
    Default,
}
