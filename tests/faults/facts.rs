//! What must be true of the facts that a fault leaves behind.

use super::judge::Holds;
use std::collections::BTreeMap;

/// What the healthy tables of the server hold: a level of 120, ten up or down, fifteen less at weekends.
const USUAL: std::ops::RangeInclusive<f64> = 95.0..=130.0;

/// What is wrong with what is held of a feed.
pub fn wrong(fault: &str, id: &str, holds: &Holds) -> Vec<String> {
    let mut wrong: Vec<String> = Vec::new();
    for value in holds.values.get(id).into_iter().flatten() {
        if !USUAL.contains(value) && !may_be(fault, *value) {
            wrong.push(format!("the figure {value} was taken"));
        }
    }
    wrong.truncate(3);
    for title in holds.titles(id) {
        if title.contains("POISON") || title.contains("lollol") || title.contains("root:") {
            wrong.push(format!("the title {title:?} was taken"));
        }
        if title.chars().count() > 500 {
            wrong.push(format!("a title of {} characters", title.chars().count()));
        }
    }
    if fault.starts_with("title-") && fault != "title-missing" && !id.ends_with("-csv") {
        let hostile: Vec<&str> = holds.titles(id).filter(|title| title.starts_with("AAA")).collect();
        if !hostile.iter().any(|title| title.ends_with("ZZZ") || title.ends_with('…')) {
            wrong.push(format!("the rest of the title is not there: {hostile:?}"));
        }
    }
    if let Some(count) = titles_of(fault).filter(|_| !id.ends_with("-csv")) {
        let ours = holds.titles(id).filter(|title| !title.starts_with("News n")).count();
        if ours != count {
            let titles: Vec<&str> = holds.titles(id).filter(|title| !title.starts_with("News n")).collect();
            wrong.push(format!(
                "{ours} items of the answers in question instead of {count}: {:.300}",
                format!("{titles:?}")
            ));
        }
    }
    wrong
}

/// Figures of a fault that are right though unusual.
fn may_be(fault: &str, value: f64) -> bool {
    match fault {
        "stat-fraction" => value == 12.5,
        "stat-thousands" => value == 1234.0,
        "stat-all-zero" => value == 0.0,
        "stat-revised" => (95.0..=139.0).contains(&value),
        "stat-duplicate-dates" => (145.0..=180.0).contains(&value),
        "csv-decimal-comma" => (95.5..=130.5).contains(&value) && value.fract() == 0.5,
        "csv-many-series" | "csv-1m-rows" => value == 5.0,
        "json-duplicate-keys" => value == 2.0 || value == 1.0,
        "json-wrong-types" => value == 12.0,
        "json-lone-surrogate" => value == 5.0,
        // An estimate of the machine's number is as near as floating point comes.
        "json-bigint" => value >= 18_446_744_073_709_551_616.0,
        _ => false,
    }
}

/// How many items a fault's answers bring beside the healthy ones, where that is certain.
fn titles_of(fault: &str) -> Option<usize> {
    Some(match fault {
        "date-future" | "date-1970" | "date-9999" | "date-missing" | "date-no-zone" | "date-dst-gap" => 3,
        "date-garbage" | "date-odd-zone" => 4,
        "date-other-language" => 2,
        "guid-missing" | "guid-and-link-missing" | "guid-churn" | "item-comes-and-goes" | "guid-duplicate" => 5,
        "order-changed" => 8,
        "item-edited" | "title-missing" => 4,
        "feed-replaced" => 10,
        "bom-utf8" | "utf16-le-bom" | "utf16-be-bom" | "latin1-declared" | "charset-conflict" => 2,
        "invalid-utf8" | "nul-bytes" => 4,
        "overlong-utf8" | "surrogate-utf8" => 3,
        _ => return None,
    })
}

/// What is wrong with the alerts on the series of a feed: there are none, save that a table which never grows is overdue, and that a zero
/// which is left at the end of a hundred a day, where the good table has come back, is asked about (surge.md R10). `alerts`: reasons by
/// rule and subject.
pub fn alerts(fault: &str, id: &str, alerts: &BTreeMap<String, String>) -> Vec<String> {
    let ours = || alerts.iter().filter(|(subject, _)| subject.contains(&format!("\"{id}/")));
    let is_overdue = |subject: &str| subject.starts_with("\"stale\"");
    let is_asked_about = |subject: &str, reason: &str| {
        fault == "stat-all-zero" && subject.starts_with("\"suspect\"") && reason.contains("zero, or not reported?")
    };
    let mut wrong: Vec<String> = ours()
        .filter(|(subject, reason)| !is_overdue(subject) && !is_asked_about(subject, reason))
        .map(|(subject, reason)| format!("alert on {subject}: {reason}"))
        .collect();
    if fault == "stat-repeats-itself" && !ours().any(|(subject, _)| is_overdue(subject)) {
        wrong.push("nobody says that its figures are overdue".to_owned());
    }
    wrong
}

/// Secrets and lines of local files in what was written.
pub fn secrets(written: &[(String, Vec<u8>)]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, bytes) in written {
        for secret in ["hunter2", "root:x:0:0"] {
            if bytes.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                found.push(format!("{secret} stands in {name}"));
            }
        }
    }
    found
}
