//! `feed void ID` without a batch: the batches of a feed, newest first, so that a person can choose one.

use super::json;
use super::page::Page;
use super::table::{Column, Table};
use super::words::instant;
use crate::domain::observation::BatchContents;
use crate::domain::text::Printable;
use crate::domain::words::{count, period_short, span};
use serde_json::Value;

/// A width that most terminals have.
const WIDTH: usize = 100;
/// So much of a hash tells replies apart.
const HASH: usize = 8;

/// The document: `feed`, `batches` with `batch`, `taken`, `figures`, `series`, `first`, `last`, `reply_hash`, `void`.
pub fn batches_json(feed: &str, batches: &[BatchContents]) -> String {
    let row = |contents: &BatchContents| -> Value {
        let BatchContents { batch, figures, series, span } = contents;
        let void = batch.void.as_deref().map(Printable::clean);
        json::object([
            ("batch", batch.id.0.into()),
            ("taken", json::instant(Some(batch.at))),
            ("figures", (*figures).into()),
            ("series", (*series).into()),
            ("first", span.map_or(Value::Null, |(first, _)| json::period(first))),
            ("last", span.map_or(Value::Null, |(_, last)| json::period(last))),
            ("reply_hash", batch.reply_hash.as_str().into()),
            ("void", json::text(void.as_ref())),
        ])
        .into()
    };
    let rows: Vec<Value> = batches.iter().map(row).collect();
    json::document([("feed", feed.into()), ("batches", rows.into())])
}

/// A table for people.
pub fn batches_text(feed: &str, batches: &[BatchContents]) -> String {
    let mut page = Page::new(WIDTH);
    if batches.is_empty() {
        page.line(&format!("{feed} has brought nothing yet."));
        return page.into_text();
    }
    let mut table = Table::new(&[
        Column::Numbers("batch"),
        Column::Words("taken"),
        Column::Numbers("figures"),
        Column::Numbers("series"),
        Column::Words("periods"),
        Column::Words("reply"),
        Column::Names("void"),
    ]);
    for BatchContents { batch, figures, series, span: periods } in batches {
        let periods = periods.map(|(first, last)| {
            if first.cadence() == last.cadence() {
                span(first, last)
            } else {
                format!("{} to {}", period_short(first), period_short(last))
            }
        });
        let void = batch.void.as_deref().map(|reason| Printable::clean(reason).to_string());
        table.row([
            Some(batch.id.0.to_string()),
            Some(instant(batch.at)),
            Some(count(*figures as f64)),
            Some(count(*series as f64)),
            periods,
            Some(batch.reply_hash.chars().take(HASH).collect()),
            Some(void.unwrap_or_default()),
        ]);
    }
    page.line(&format!("Batches of {feed}, newest first; figures are those that were new or revised."));
    page.line("");
    page.table(&table);
    page.line("");
    page.line(&format!("To void one: watchfloor feed void {feed} --batch N --reason \"…\" (or --batch last)"));
    page.into_text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feed::FeedId;
    use crate::domain::observation::{Batch, BatchId};

    fn contents(number: u64, void: Option<&str>) -> BatchContents {
        let at = "2026-11-03T06:00:00Z".parse().unwrap();
        let batch = Batch {
            id: BatchId(number),
            feed: FeedId::new("table"),
            at,
            reply_hash: "0123456789abcdef".to_owned(),
            mapping_hash: "m".to_owned(),
            void: void.map(str::to_owned),
        };
        let span = Some(("2026-01".parse().unwrap(), "2026-09".parse().unwrap()));
        BatchContents { batch, figures: 4_352, series: 12, span }
    }

    #[test]
    fn a_person_can_choose_and_a_script_can_read() {
        let batches = [contents(8, None), contents(7, Some("thousands \u{1b}[31mread as decimals"))];
        let text = batches_text("table", &batches);
        for phrase in
            ["8", "2026-11-03 06:00 UTC", "4,352", "Jan–Sep 2026", "01234567 ", "thousands [31mread as", "--batch last"]
        {
            assert!(text.contains(phrase), "{phrase}:\n{text}");
        }
        assert!(!text.contains('\u{1b}') && text.lines().all(|line| line.chars().count() <= WIDTH));
        let document: Value = serde_json::from_str(&batches_json("table", &batches)).unwrap();
        assert_eq!((&document["schema"], &document["batches"][0]["void"]), (&1.into(), &Value::Null));
        assert_eq!(document["batches"][1]["last"]["label"], "2026-09");
        assert!(batches_text("table", &[]).contains("nothing yet"));
    }
}
