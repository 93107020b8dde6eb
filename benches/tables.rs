//! How fast tables are read, and what that takes in memory: the largest of each format beside the checkout, or made ones where
//! they are not there. `cargo bench --bench tables`; "max alloc" is the most that reading held at once beside the reply.

use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher, black_box};
use rust_xlsxwriter::Workbook;
use std::path::Path;
use watchfloor::domain::feed::FeedId;
use watchfloor::feeds::{FeedOptions, Reader, Source};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// A worked mapping and the file that it reads, from beside the checkout.
macro_rules! publisher {
    ($bench:ident, $path:literal, $mapping:literal) => {
        #[divan::bench]
        fn $bench(bencher: Bencher<'_, '_>) {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/feeds").join($path);
            match std::fs::read(path) {
                Ok(bytes) => {
                    reading(bencher, include_str!(concat!("../src/feeds/tests/mappings/", $mapping, ".toml")), &bytes)
                }
                Err(_) => eprintln!("SKIPPED: {} is not beside the checkout", $path),
            }
        }
    };
}

publisher!(
    csv_2_8_mb_33_series,
    "statistics/cbp-nationwide-encounters-fy20-fy23-state.csv",
    "cbp-nationwide-encounters-fy20-fy23-state"
);
publisher!(csv_hxl_2_4_mb, "statistics/hdx-iom-dtm-admin0-2-hxl.csv", "hdx-iom-dtm-admin0-2-hxl");
publisher!(
    csv_events_1_8_mb,
    "statistics/iom-missing-migrants-global-20200108.csv",
    "iom-missing-migrants-global-20200108"
);
publisher!(csv_wide_4_557_series, "statistics/eurostat-migr-asyappctzm-wide.csv", "eurostat-migr-asyappctzm-wide");
publisher!(json_counts, "calendar/federalregister-documents-2024-page1.json", "federalregister-documents-2024-page1");
publisher!(
    ods_time_series,
    "statistics/ukho-small-boats-time-series-20251212.ods",
    "ukho-small-boats-time-series-20251212"
);
publisher!(
    html_weekly_page,
    "statistics/ukho-small-boats-weekly-20220523-20220529.html",
    "ukho-small-boats-weekly-20220523-20220529"
);
publisher!(prose_daily_page, "statistics/ukho-small-boats-daily-20220524.html", "ukho-small-boats-daily-20220524");

/// The most that a table may have, 32 MiB, summed into months: reading it must take little beside the reply itself.
#[divan::bench(sample_count = 5)]
fn csv_32_mib(bencher: Bencher<'_, '_>) {
    let mut table = "Date,Region,Sex,Age,Count\n".to_owned();
    let mut number = 0_u32;
    while table.len() < 32 << 20 {
        let (year, month, day) = (2000 + number / 480 % 26, 1 + number / 40 % 12, 1 + number % 28);
        table.push_str(&format!("{year}-{month:02}-{day:02},Region {},F,18-34,{}\n", number % 60, number % 977));
        number += 1;
    }
    let mapping = "kind = \"statistics\"\nformat = \"csv\"\nperiod = { kind = \"month\", column = \"Date\" }\n\
        value = { column = \"Count\", aggregate = \"sum\" }\n\
        series = [{ route = \"all\", measure = \"persons\" }, { route = \"by/{Region}\", measure = \"persons\" }]";
    reading(bencher, mapping, table.as_bytes());
}

/// A spreadsheet of 900 rows and 200 months, as Frontex publishes it.
#[divan::bench]
fn xlsx_wide_900_by_200(bencher: Bencher<'_, '_>) {
    let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Detections_of_IBC").expect("a short name");
    for (column, name) in (0..).zip(["Route", "Border type", "Nationality"]) {
        sheet.write(1, column, name).expect("within the sheet");
    }
    for month in 0..200_u16 {
        let name = format!("{}{}", months[usize::from(month) % 12], 2009 + month / 12);
        sheet.write(1, month + 3, name).expect("within the sheet");
    }
    for row in 0..900_u32 {
        sheet.write(row + 2, 0, format!("Route {}", row % 10)).expect("within the sheet");
        sheet.write(row + 2, 1, "Sea").expect("within the sheet");
        sheet.write(row + 2, 2, format!("N{}", row / 10)).expect("within the sheet");
        for month in (0..200_u16).filter(|month| (row + u32::from(*month)) % 3 != 0) {
            sheet.write(row + 2, month + 3, row % 31).expect("within the sheet");
        }
    }
    let mapping = "kind = \"statistics\"\nsheet = \"Detections*\"\nperiod = { kind = \"month\", wide = \"MMMYYYY\" }\n\
        value = { aggregate = \"sum\" }\nseries = [{ route = \"{Route}\", measure = \"detections\" }]";
    reading(bencher, mapping, &book.save_to_buffer().expect("it is written to memory"));
}

fn reading(bencher: Bencher<'_, '_>, options: &str, bytes: &[u8]) {
    let options: FeedOptions = toml::from_str(options).expect("the options are sound");
    let reader = Reader::from_options(&options).expect("the options are sound");
    let feed = FeedId::new("bench");
    let now = "2030-01-01T00:00:00Z".parse().expect("this is an instant");
    let source = Source::new(&feed, now);
    bencher.counter(BytesCount::of_slice(bytes)).bench_local(|| {
        let decoded = reader.decode(black_box(bytes), &source).expect("the document is sound");
        assert!(!decoded.observations.is_empty());
        decoded
    });
}
