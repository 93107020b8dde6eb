//! Real payloads, read from beside the checkout: each equals its twin row by row, every row and no more.

use super::{lines, read};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A file of the shared folder; `None`, said loudly, where the folder is not there. In CI its absence is a failure.
pub fn shared(path: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI has no ../shared");
        eprintln!("SKIPPED: {path} needs ../shared, which is not there");
        return None;
    }
    Some(std::fs::read(folder.join(path)).unwrap())
}

/// Reads `statistics/<name>` with a mapping and compares it with its twin: `date,route,value`.
fn equals_twin(name: &str, extension: &str, mapping: &str) {
    let Some(body) = shared(&format!("feeds/statistics/{name}.{extension}")) else { return };
    let twin = shared(&format!("feeds/expected/{name}.csv")).unwrap();
    let decoded = read(mapping, &body).unwrap();
    assert_eq!(decoded.warnings, []);
    let ours: BTreeSet<(String, String, String)> = decoded
        .observations
        .iter()
        .map(|o| (o.period.start().to_string(), o.series.route.to_string(), o.value.unwrap().to_string()))
        .collect();
    let mut table = ::csv::Reader::from_reader(twin.as_slice());
    let theirs: BTreeSet<(String, String, String)> = table
        .records()
        .map(|row| row.unwrap())
        .map(|row| (row[0].to_owned(), row[1].to_owned(), row[2].parse::<f64>().unwrap().to_string()))
        .collect();
    let missing: Vec<_> = theirs.difference(&ours).take(5).collect();
    let extra: Vec<_> = ours.difference(&theirs).take(5).collect();
    assert!(missing.is_empty() && extra.is_empty(), "{name}: missing {missing:?}, extra {extra:?}");
    assert!(!theirs.is_empty());
    assert_eq!(decoded.observations.len(), theirs.len());
    assert!(lines(&decoded).iter().all(|line| line.ends_with(" closed")), "nothing of it is filler or running");
}

/// A mapping of the folder beside, with the file that it reads and the twin's name.
macro_rules! twin {
    ($test:ident, $name:literal, $extension:literal) => {
        #[test]
        fn $test() {
            equals_twin($name, $extension, include_str!(concat!("mappings/", $name, ".toml")));
        }
    };
}

twin!(cbp_southwest, "cbp-southwest-encounters-fy19-fy22", "csv");
twin!(cbp_nationwide, "cbp-nationwide-encounters-fy21-fy24-oct-state", "csv");
twin!(uk_small_boats, "rvaughan-ukho-small-boats-daily", "csv");
twin!(panama_darien, "panama-snm-darien-transit-nationality", "csv");
twin!(frontex_routes, "frontex-ibc-monthly-route-nationality", "csv");
twin!(unhcr_ukraine, "unhcr-ukraine-timeseries-20220427", "json");
