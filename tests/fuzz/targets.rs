//! What is fuzzed: every decoder, the guesses, lists of feeds, and the configuration. Each takes any bytes; none may panic, take
//! memory without a bound, or give a text with a control character in it.

use std::path::Path;
use watchfloor::config::Config;
use watchfloor::domain::feed::FeedId;
use watchfloor::feeds::guess::{Asked, guess};
use watchfloor::feeds::{Decoded, FeedOptions, Reader, Source, opml};

/// Something that takes bytes from outside.
pub struct Target {
    pub name: &'static str,
    how: How,
}

enum How {
    Decode(Vec<Reader>),
    Guess,
    Opml,
    Config,
}

/// Ways of reading, by target; those of one target are tried on the same bytes.
const DECODERS: [(&str, &[&str]); 8] = [
    (
        "csv",
        &[
            "format = 'csv'\nperiod = { kind = 'day', column = 'Date' }\nvalue = 'People'\nseries = [{ route = 'r/{Place}', measure = 'persons' }]",
            "format = 'csv'\nrows = { Place = { not = ['Total', ''] }, Date = { from = 2020 } }\nperiod = { kind = 'month', column = ['Month', 'Date'] }\nvalue = { column = 'People', aggregate = 'sum', decimal = ',', running = 'year' }\nstatus = { column = 'Note', provisional = 'p', suppressed = ['c', '*'] }\nknown = { column = 'Report' }\nseries = [{ route = '{Place:-none}', measure = 'persons' }]",
            "format = 'csv'\nperiod = { kind = 'month', wide = 'MMMYYYY' }\nseries = [{ route = 'r/{Place}', measure = 'persons' }]",
            "period = { kind = 'fiscal-month', year = 'Fiscal Year', month = 'Month', starts = 'October' }\nvalue = { column = 'People', aggregate = 'last', newest = 'Report' }\nseries = [{ route = 'r', measure = 'persons' }]",
        ],
    ),
    (
        "json",
        &[
            "format = 'json'\nrecords = '/data'\nperiod = { kind = 'day', column = 'date' }\nvalue = 'people'\nseries = [{ route = 'r/{place}', measure = 'persons' }]",
            "format = 'json'\nrecords = '/data/*/days'\nperiod = { kind = 'week', column = '/on/date' }\nvalue = { each = '*' }\nseries = [{ route = '{*}', measure = 'persons' }]",
            "format = 'json'\nrecords = '/data'\ncolumns = '/names'\nperiod = { kind = 'year', column = 'year' }\nvalue = { sum_of = ['dead', 'missing'], aggregate = 'sum' }\nseries = [{ route = 'r', measure = 'persons' }]",
        ],
    ),
    (
        "json-stat",
        &[
            "format = 'json-stat'\nperiod = { kind = 'month', column = 'time' }\nvalue = 'value'\nstatus = { column = 'status', provisional = 'p', break = 'b' }\nseries = [{ route = 'r/{geo}', measure = 'persons' }]",
        ],
    ),
    (
        "spreadsheet",
        &[
            "format = 'spreadsheet'\nperiod = { kind = 'day', column = 'Date' }\nvalue = 'People arrived'\nseries = [{ route = 'r', measure = 'persons' }]",
            "format = 'spreadsheet'\nsheet = 'Data*'\nperiod = { kind = 'month', wide = 'auto' }\nseries = [{ route = 'r/{Place}', measure = 'persons' }]",
        ],
    ),
    (
        "html",
        &[
            "format = 'html'\nperiod = { kind = 'day', column = 'Date' }\nvalue = 'People'\nseries = [{ route = 'r', measure = 'persons' }]",
            "format = 'html'\ntable = 'Crossings'\nperiod = { kind = 'month', wide = 'MMM', of_year = 'FY (\\d{4})' }\nseries = [{ route = 'r/{Place}', measure = 'persons' }]",
        ],
    ),
    (
        "prose",
        &[
            "format = 'text'\nfind = ['arrived: (?<people>[\\d,]+)', 'on (?<date>\\d+ \\w+ \\d{4})']\nperiod = { kind = 'day', column = 'date' }\nvalue = 'people'\nseries = [{ route = 'r', measure = 'persons' }]",
        ],
    ),
    (
        "news",
        &[
            "kind = 'news'",
            "kind = 'news'\nformat = 'rss'",
            "kind = 'news'\nformat = 'atom'",
            "kind = 'news'\nformat = 'json-feed'",
        ],
    ),
    (
        "news-json",
        &[
            "kind = 'news'\nformat = 'json'\nrecords = '/results'\nitem = { title = 'title', link = ['html_url', 'url'], id = 'number', published = 'on', updated = 'changed', summary = 'abstract', language = '/language/0/code' }",
        ],
    ),
];

/// All of them.
pub fn targets() -> Vec<Target> {
    let reader = |options: &&str| {
        let kind = if options.contains("kind = 'news'") { "" } else { "kind = 'statistics'\n" };
        let options: FeedOptions = toml::from_str(&format!("{kind}{options}")).unwrap();
        Reader::from_options(&options).unwrap()
    };
    let mut targets: Vec<Target> = DECODERS
        .iter()
        .map(|(name, options)| Target { name, how: How::Decode(options.iter().map(reader).collect()) })
        .collect();
    targets.extend([
        Target { name: "guess", how: How::Guess },
        Target { name: "opml", how: How::Opml },
        Target { name: "config", how: How::Config },
    ]);
    targets
}

impl Target {
    /// Takes some bytes; gives all texts that come of it. Panics where one has a control character.
    pub fn take(&self, bytes: &[u8]) -> Vec<String> {
        let mut texts = Vec::new();
        match &self.how {
            How::Decode(readers) => {
                for reader in readers {
                    match reader.decode(bytes, &source(&FeedId::new("f"))) {
                        Ok(decoded) => of_decoded(&decoded, &mut texts),
                        Err(error) => texts.push(error.to_string()),
                    }
                }
            }
            How::Guess => of_guess(bytes, &mut texts),
            How::Opml => match opml::read(bytes) {
                Ok(list) => {
                    for feed in &list.feeds {
                        texts.extend([feed.title.to_string(), feed.url.to_string()]);
                        texts.extend(feed.groups.iter().map(ToString::to_string));
                    }
                    texts.extend(list.skipped.iter().map(|skipped| format!("{}: {}", skipped.what, skipped.why)));
                    let written = opml::write("t", &list.feeds);
                    let again = opml::read(written.as_bytes()).expect("what is written can be read");
                    let addresses = |list: &opml::Outlines| {
                        list.feeds.iter().map(|feed| feed.url.clone()).collect::<std::collections::BTreeSet<_>>()
                    };
                    assert_eq!(addresses(&again), addresses(&list), "what is written is read as it was");
                }
                Err(error) => texts.push(error.to_string()),
            },
            How::Config => {
                let text = String::from_utf8_lossy(bytes);
                for read in [Config::read, Config::read_mapping] {
                    match read(&text, "w.toml", Path::new("/nowhere")) {
                        Ok(config) => {
                            texts.extend(config.feeds.iter().map(|plan| format!("{} {}", plan.feed.id, plan.feed.name)))
                        }
                        Err(error) => texts.extend(error.to_string().lines().map(str::to_owned)),
                    }
                }
            }
        }
        for text in &texts {
            assert!(!text.chars().any(char::is_control), "a control character came out: {text:?}");
        }
        texts
    }
}

fn source(feed: &FeedId) -> Source<'_> {
    Source {
        feed,
        base: Some("https://example.org/a/feed"),
        content_type: None,
        last_modified: Some("Tue, 24 Nov 2026 10:00:00 GMT"),
        name: Some("table_2022_04_11.csv"),
        now: "2030-01-01T00:00:00Z".parse().unwrap(),
    }
}

fn of_decoded(decoded: &Decoded, texts: &mut Vec<String>) {
    texts.extend(
        decoded
            .observations
            .iter()
            .map(|observation| format!("{} {} {:?}", observation.series, observation.period, observation.value)),
    );
    for item in &decoded.items {
        texts.push(item.title.to_string());
        texts.extend([&item.link, &item.summary, &item.language].into_iter().flatten().map(ToString::to_string));
        let opens = item
            .link
            .as_ref()
            .is_none_or(|link| link.as_str().starts_with("http://") || link.as_str().starts_with("https://"));
        assert!(opens, "a link that is neither http nor https: {:?}", item.link);
    }
    texts.extend(
        decoded.warnings.iter().map(|warning| format!("{}: {} ({})", warning.place, warning.what, warning.remedy)),
    );
    texts.extend(decoded.unread.iter().map(ToString::to_string));
    for observation in &decoded.observations {
        assert!(observation.value.is_none_or(f64::is_finite), "{observation:?}");
    }
}

fn of_guess(bytes: &[u8], texts: &mut Vec<String>) {
    let now = "2030-01-01T00:00:00Z".parse().unwrap();
    let asked = Asked {
        name: "t.csv",
        id: None,
        url: Some("https://example.org/t"),
        config: "w.toml",
        content_type: None,
        now,
    };
    match guess(bytes, &asked) {
        Ok(proposal) => {
            Config::read_mapping(&proposal.toml, "p.toml", Path::new("/nowhere"))
                .expect("a proposal can be configured");
            texts.extend(proposal.toml.lines().map(str::to_owned));
            texts.push(proposal.what);
            texts.extend(proposal.unsure.iter().map(ToString::to_string));
            texts.extend(proposal.columns.iter().map(|column| column.name.to_string()));
        }
        Err(error) => texts.extend(error.to_string().lines().map(str::to_owned)),
    }
}
