//! Decoders against small documents made here, and against the real payloads beside the checkout.

mod formats;
mod guess;
mod json;
mod mapping_page;
mod news;
mod operators;
mod payloads;
mod properties;
mod shared;
mod tables;

use super::{Decoded, FeedOptions, Reader, Source};
use crate::domain::feed::FeedId;
use crate::domain::observation::Observation;

/// Reads a document with options as the configuration writes them, long after everything in it.
fn read(options: &str, bytes: &[u8]) -> Result<Decoded, String> {
    read_at(options, bytes, "2030-01-01T00:00:00Z")
}

/// The same at an instant.
fn read_at(options: &str, bytes: &[u8], now: &str) -> Result<Decoded, String> {
    let reader = reader(options)?;
    let feed = FeedId::new("test");
    let base = Some("https://example.org/rss");
    let name = Some("table_2022_04_11.csv");
    let source = Source { feed: &feed, base, content_type: None, last_modified: None, name, now: now.parse().unwrap() };
    reader.decode(bytes, &source).map_err(|error| error.to_string())
}

fn reader(options: &str) -> Result<Reader, String> {
    let options: FeedOptions = toml::from_str(options).map_err(|error| error.to_string())?;
    Reader::from_options(&options).map_err(|error| error.to_string())
}

/// `route period value status`, a line each.
fn lines(decoded: &Decoded) -> Vec<String> {
    let line = |o: &Observation| {
        let value = o.value.map_or("-".to_owned(), |value| value.to_string());
        format!("{} {} {value} {}", o.series.route, o.period, o.status.word())
    };
    decoded.observations.iter().map(line).collect()
}

/// `place: what`, a line each.
fn warnings(decoded: &Decoded) -> Vec<String> {
    decoded.warnings.iter().map(|warning| format!("{}: {}", warning.place, warning.what)).collect()
}
