//! Real payloads, read from beside the checkout: each equals its twin row by row, every row and no more.

use super::{lines, read};
use crate::domain::observation::Observation;
use crate::domain::time::{Cadence, Period};
use crate::feeds::FeedOptions;
use std::collections::{BTreeMap, BTreeSet};
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

/// The files of a folder beside the checkout, by name; none where it is not there.
pub(super) fn names(folder: &str) -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(folder);
    let files = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Reads a payload with a mapping and compares it with its twin: `date,route,value`. The twin marks the routes of running
/// totals and stocks.
fn equals_twin(name: &str, path: &str, mapping: &str) {
    let Some(body) = shared(&format!("feeds/{path}")) else { return };
    let twin = shared(&format!("feeds/expected/{name}.csv")).unwrap();
    let decoded = read(mapping, &body).unwrap();
    assert_eq!(decoded.warnings, []);
    let options: FeedOptions = toml::from_str(mapping).unwrap();
    let value = options.value.unwrap_or_default();
    let mark = match (value.stock, value.running.as_deref()) {
        (Some(true), _) => "#stock",
        (_, Some("keep")) => "#cumulative",
        _ => "",
    };
    let ours: BTreeSet<(String, String, String)> = decoded
        .observations
        .iter()
        .map(|o| (o.period.start().to_string(), format!("{}{mark}", o.series.route), o.value.unwrap().to_string()))
        .collect();
    let mut table = ::csv::Reader::from_reader(twin.as_slice());
    let theirs: BTreeSet<(String, String, String)> = table
        .records()
        .map(|row| row.unwrap())
        // Spaces at the ends of a name are no part of it: the payload has "Poland  ".
        .map(|row| (row[0].to_owned(), row[1].trim().to_owned(), row[2].parse::<f64>().unwrap().to_string()))
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
    ($test:ident, $name:literal, $path:literal) => {
        #[test]
        fn $test() {
            equals_twin($name, $path, include_str!(concat!("mappings/", $name, ".toml")));
        }
    };
}

twin!(
    cbp_nationwide_encounters_fy20_fy23_state,
    "cbp-nationwide-encounters-fy20-fy23-state",
    "statistics/cbp-nationwide-encounters-fy20-fy23-state.csv"
);
twin!(
    cbp_nationwide_encounters_fy21_fy24_oct_state,
    "cbp-nationwide-encounters-fy21-fy24-oct-state",
    "statistics/cbp-nationwide-encounters-fy21-fy24-oct-state.csv"
);
twin!(
    cbp_southwest_encounters_fy19_fy22,
    "cbp-southwest-encounters-fy19-fy22",
    "statistics/cbp-southwest-encounters-fy19-fy22.csv"
);
twin!(
    cbp_usbp_monthly_by_sector_fy2019,
    "cbp-usbp-monthly-by-sector-fy2019",
    "statistics/cbp-usbp-monthly-by-sector-fy2019.csv"
);
twin!(
    eurostat_asylum_monthly_geo_wide,
    "eurostat-asylum-monthly-geo-wide",
    "statistics/eurostat-asylum-monthly-geo-wide.csv"
);
twin!(eurostat_migr_asyappctzm_wide, "eurostat-migr-asyappctzm-wide", "statistics/eurostat-migr-asyappctzm-wide.csv");
twin!(
    federalregister_documents_2024_page1,
    "federalregister-documents-2024-page1",
    "calendar/federalregister-documents-2024-page1.json"
);
twin!(
    frontex_ibc_monthly_route_nationality,
    "frontex-ibc-monthly-route-nationality",
    "statistics/frontex-ibc-monthly-route-nationality.csv"
);
twin!(hdx_iom_dtm_admin0_2_hxl, "hdx-iom-dtm-admin0-2-hxl", "statistics/hdx-iom-dtm-admin0-2-hxl.csv");
twin!(iom_dtm_api_admin0_haiti, "iom-dtm-api-admin0-haiti", "statistics/iom-dtm-api-admin0-haiti.json");
twin!(
    iom_dtm_europe_arrivals_monthly,
    "iom-dtm-europe-arrivals-monthly",
    "statistics/iom-dtm-europe-arrivals-monthly.csv"
);
twin!(
    iom_missing_migrants_global_20200108,
    "iom-missing-migrants-global-20200108",
    "statistics/iom-missing-migrants-global-20200108.csv"
);
twin!(
    mexico_upmrip_irregular_events_nationality,
    "mexico-upmrip-irregular-events-nationality",
    "statistics/mexico-upmrip-irregular-events-nationality.csv"
);
twin!(
    panama_snm_darien_transit_nationality,
    "panama-snm-darien-transit-nationality",
    "statistics/panama-snm-darien-transit-nationality.csv"
);
twin!(
    rvaughan_ukho_small_boats_daily,
    "rvaughan-ukho-small-boats-daily",
    "statistics/rvaughan-ukho-small-boats-daily.csv"
);
twin!(
    ukho_small_boats_daily_20220524,
    "ukho-small-boats-daily-20220524",
    "statistics/ukho-small-boats-daily-20220524.html"
);
twin!(
    ukho_small_boats_time_series_20251212,
    "ukho-small-boats-time-series-20251212",
    "statistics/ukho-small-boats-time-series-20251212.ods"
);
twin!(
    ukho_small_boats_weekly_20220523_20220529,
    "ukho-small-boats-weekly-20220523-20220529",
    "statistics/ukho-small-boats-weekly-20220523-20220529.html"
);
twin!(unhcr_myanmar_idps, "unhcr-myanmar-idps", "statistics/unhcr-myanmar-idps.json");
twin!(
    unhcr_refugee_statistics_population_gbr_2024,
    "unhcr-refugee-statistics-population-gbr-2024",
    "statistics/unhcr-refugee-statistics-population-gbr-2024.json"
);
twin!(
    unhcr_refugee_statistics_population_tur_2024,
    "unhcr-refugee-statistics-population-tur-2024",
    "statistics/unhcr-refugee-statistics-population-tur-2024.json"
);
twin!(unhcr_sudan_origin_southsudan, "unhcr-sudan-origin-southsudan", "statistics/unhcr-sudan-origin-southsudan.json");
twin!(unhcr_sudan_origin_uganda, "unhcr-sudan-origin-uganda", "statistics/unhcr-sudan-origin-uganda.json");
twin!(
    unhcr_ukraine_sublocation_20220427,
    "unhcr-ukraine-sublocation-20220427",
    "statistics/unhcr-ukraine-sublocation-20220427.json"
);
twin!(
    unhcr_ukraine_timeseries_20220427,
    "unhcr-ukraine-timeseries-20220427",
    "statistics/unhcr-ukraine-timeseries-20220427.json"
);
twin!(viminale_sbarchi_per_giorno, "viminale-sbarchi-per-giorno", "statistics/viminale-sbarchi-per-giorno.csv");

/// A payload's figures by series and period, as its worked mapping reads them.
fn figures(name: &str, path: &str, mapping: &str) -> Option<BTreeMap<(String, String), f64>> {
    let decoded = read(mapping, &shared(&format!("feeds/{path}"))?).unwrap_or_else(|error| panic!("{name}: {error}"));
    let figure = |o: &Observation| ((o.series.route.to_string(), o.period.label()), o.value.unwrap());
    Some(decoded.observations.iter().map(figure).collect())
}

/// Where two releases disagree on what both have.
fn revisions(
    earlier: &BTreeMap<(String, String), f64>,
    later: &BTreeMap<(String, String), f64>,
) -> Vec<(String, String, f64, f64)> {
    let changed = earlier.iter().filter_map(|(key, old)| {
        let new = *later.get(key)?;
        (new != *old).then(|| (key.0.clone(), key.1.clone(), *old, new))
    });
    changed.collect()
}

/// The same from the twins, which were made by another program.
fn twin_figures(name: &str, cadence: Cadence) -> BTreeMap<(String, String), f64> {
    let twin = shared(&format!("feeds/expected/{name}.csv")).unwrap();
    let mut table = ::csv::Reader::from_reader(twin.as_slice());
    let figure = |row: ::csv::StringRecord| {
        let period = Period::containing(cadence, row[0].parse().unwrap());
        ((row[1].trim().to_owned(), period.label()), row[2].parse().unwrap())
    };
    table.records().map(|row| figure(row.unwrap())).collect()
}

#[test]
fn two_releases_of_cbp_give_the_true_revisions_and_no_others() {
    const NAMES: [&str; 3] = [
        "cbp-southwest-encounters-fy19-fy22",
        "cbp-nationwide-encounters-fy20-fy23-state",
        "cbp-nationwide-encounters-fy21-fy24-oct-state",
    ];
    let southwest = include_str!("mappings/cbp-southwest-encounters-fy19-fy22.toml");
    let nationwide = include_str!("mappings/cbp-nationwide-encounters-fy21-fy24-oct-state.toml");
    let releases = [(NAMES[0], southwest), (NAMES[1], nationwide), (NAMES[2], nationwide)]
        .map(|(name, mapping)| figures(name, &format!("statistics/{name}.csv"), mapping));
    let [Some(oct_2022), Some(nov_2023), Some(later)] = releases else { return };
    let [twin_2022, twin_2023, twin_later] = NAMES.map(|name| twin_figures(name, Cadence::Month));
    // The years that these releases share were final: they restate nothing, and a reader that found a revision would
    // have misread one of them.
    for (earlier, later, twin, newer, both) in
        [(&oct_2022, &nov_2023, &twin_2022, &twin_2023, 283), (&nov_2023, &later, &twin_2023, &twin_later, 1_148)]
    {
        let ours = revisions(earlier, later);
        assert_eq!(ours, revisions(twin, newer));
        let shared = earlier.keys().filter(|key| later.contains_key(*key)).count();
        assert_eq!((ours.len(), shared), (0, both), "{ours:?}");
    }
}

#[test]
fn two_publications_of_the_channel_give_the_true_revision_and_no_other() {
    let page = figures(
        "weekly page",
        "statistics/ukho-small-boats-weekly-20220523-20220529.html",
        include_str!("mappings/ukho-small-boats-weekly-20220523-20220529.toml"),
    );
    let sheet = figures(
        "time series",
        "statistics/ukho-small-boats-time-series-20251212.ods",
        include_str!("mappings/ukho-small-boats-time-series-20251212.toml"),
    );
    let mirror = figures(
        "mirror",
        "statistics/rvaughan-ukho-small-boats-daily.csv",
        include_str!("mappings/rvaughan-ukho-small-boats-daily.toml"),
    );
    let (Some(page), Some(sheet), Some(mirror)) = (page, sheet, mirror) else { return };
    let day = "2022-05-23".to_owned();
    let people = ("english-channel".to_owned(), day.clone(), 252.0, 122.0);
    let boats = ("english-channel/boats".to_owned(), day, 7.0, 4.0);
    assert_eq!(revisions(&page, &sheet), [people, boats]);
    let [twin, newer] = ["ukho-small-boats-time-series-20251212", "rvaughan-ukho-small-boats-daily"]
        .map(|name| twin_figures(name, Cadence::Day));
    assert_eq!(revisions(&sheet, &mirror), revisions(&twin, &newer));
}

/// The set has one release of each series of UNHCR: the pair is made by restating one day of it.
#[test]
fn a_restated_day_of_unhcr_is_the_one_revision() {
    let Some(body) = shared("feeds/statistics/unhcr-ukraine-timeseries-20220427.json") else { return };
    let mapping = include_str!("mappings/unhcr-ukraine-timeseries-20220427.toml");
    let read_all = |body: &[u8]| {
        let decoded = read(mapping, body).unwrap();
        let figure = |o: &Observation| ((o.series.route.to_string(), o.period.label()), o.value.unwrap());
        decoded.observations.iter().map(figure).collect::<BTreeMap<_, _>>()
    };
    let later = String::from_utf8(body.clone()).unwrap().replacen("205493", "205497", 1);
    let (earlier, later) = (read_all(&body), read_all(later.as_bytes()));
    assert_eq!(
        revisions(&earlier, &later),
        [("ukraine-refugee-situation".to_owned(), "2022-03-07".to_owned(), 205_493.0, 205_497.0)]
    );
}

#[test]
fn the_cube_of_the_set_has_its_cells() {
    let Some(body) = shared("feeds/statistics/eurostat-jsonstat-nama-gdp-c.json") else { return };
    let mapping = "kind = \"statistics\"\nperiod = { kind = \"year\", column = \"time\" }\nvalue = { column = \"value\", stock = true }\n\
        series = [{ route = \"{unit}/{indic_na}/{geo}\", measure = \"gdp\" }]";
    let decoded = read(mapping, &body).unwrap();
    assert_eq!(decoded.warnings, []);
    let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let cells = document["nama_gdp_c"]["value"].as_object().map(|cells| cells.values().collect::<Vec<_>>());
    let cells = cells.unwrap_or_else(|| document["nama_gdp_c"]["value"].as_array().unwrap().iter().collect());
    assert_eq!(cells.len(), 3_036, "what the manifest says");
    assert_eq!(decoded.observations.len(), cells.iter().filter(|cell| cell.is_number()).count());
}
