//! Words of headers: which of them speak of a date, a count, a place; and names made from them.

/// The words of a header, in small letters: `numPresentIdpInd` is `num present idp ind`, `Data_Report` is `data report`.
pub fn words(header: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in header.chars() {
        let begins = !c.is_alphanumeric()
            || (c.is_uppercase() && before.is_lowercase())
            || (c.is_ascii_digit() != before.is_ascii_digit() && before.is_alphanumeric());
        if begins {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().expect("there is one from the start").extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether one of a header's words is among those.
pub fn says(header: &str, any: &[&str]) -> bool {
    words(header).iter().any(|word| any.contains(&word.as_str()))
}

/// When something happened.
pub const WHEN: &[&str] = &[
    "date", "day", "month", "week", "year", "quarter", "period", "time", "t", "datum", "tag", "monat", "woche", "jahr",
    "data", "giorno", "mese", "anno", "fecha", "dia", "mes", "ano", "jour", "mois", "annee", "semaine",
];

/// When it was told rather than when it happened.
pub const TOLD: &[&str] = &[
    "report",
    "reported",
    "reporting",
    "updated",
    "update",
    "modified",
    "created",
    "published",
    "release",
    "released",
    "last",
    "download",
    "extracted",
    "retrieved",
    "refresh",
    "timestamp",
    "unix",
];

/// A year.
pub const YEAR: &[&str] = &["year", "jahr", "anno", "ano", "año", "annee", "année", "fy"];

/// A month.
pub const MONTH: &[&str] = &["month", "monat", "mese", "mes", "mois"];

/// A publisher's year of its own.
pub const FISCAL: &[&str] = &["fiscal", "fy", "financial"];

/// How many.
pub const COUNT: &[&str] = &[
    "count",
    "counts",
    "n",
    "value",
    "values",
    "val",
    "number",
    "num",
    "total",
    "arrivals",
    "arrived",
    "arrival",
    "encounters",
    "apprehensions",
    "detections",
    "crossings",
    "persons",
    "people",
    "individuals",
    "migrants",
    "refugees",
    "idp",
    "idps",
    "cases",
    "dead",
    "deaths",
    "missing",
    "obs",
    "amount",
    "events",
    "applications",
    "applicants",
    "departures",
    "returns",
    "valore",
    "arrivi",
    "sbarcati",
    "sbarchi",
    "persone",
    "totale",
    "numero",
    "valor",
    "personas",
    "llegadas",
    "cantidad",
    "eventos",
    "wert",
    "anzahl",
    "personen",
    "ankunfte",
    "valeur",
    "nombre",
    "effectif",
    "personnes",
    "arrivees",
];

/// Numbers that count nothing.
pub const NO_COUNT: &[&str] = &[
    "id",
    "code",
    "pcode",
    "lat",
    "lon",
    "lng",
    "latitude",
    "longitude",
    "coordinates",
    "year",
    "month",
    "day",
    "week",
    "hour",
    "round",
    "rank",
    "level",
    "index",
    "version",
    "zip",
    "phone",
    "depth",
    "master",
    "min",
    "max",
    "timestamp",
    "unix",
    "order",
    "page",
    "pages",
    "uid",
    "offset",
    "limit",
    "position",
    "type",
    "quality",
    "size",
    "records",
    "percent",
    "percentage",
    "share",
    "pct",
    "rate",
    "ratio",
    "change",
    "age",
];

/// Some of those who are counted beside.
pub const PART: &[&str] = &[
    "male",
    "males",
    "female",
    "females",
    "men",
    "women",
    "children",
    "minors",
    "boys",
    "girls",
    "households",
    "hhs",
    "families",
    "elderly",
    "adults",
    "uac",
    "survivors",
    "injured",
    "uomini",
    "donne",
    "minori",
    "hombres",
    "mujeres",
    "menores",
];

/// Totals that run on.
pub const RUNNING: &[&str] = &[
    "cumulative",
    "cumul",
    "cum",
    "running",
    "ytd",
    "acumulado",
    "acumulada",
    "cumulato",
    "progressivo",
    "kumuliert",
    "cumule",
    "desde",
    "depuis",
    "seit",
];

/// The start of a stretch of days, in the name of its date.
pub const BEGINS: &[&str] =
    &["commencing", "beginning", "begins", "starting", "starts", "start", "from", "inicio", "desde", "inizio"];

/// The start of a year, in the name of what runs on from there.
pub const FROM_JANUARY: &[&str] =
    &["january", "jan", "enero", "janvier", "gennaio", "januar", "year", "ytd", "año", "ano"];

/// How many are there, not how many came.
pub const STOCK: &[&str] =
    &["stock", "present", "population", "refugees", "idp", "idps", "stateless", "residents", "asylum", "hosted"];

/// Where, or who: what routes are named after.
pub const PLACE: &[&str] = &[
    "route",
    "routes",
    "border",
    "region",
    "country",
    "geo",
    "state",
    "sector",
    "nation",
    "nationality",
    "nat",
    "citizenship",
    "citizen",
    "origin",
    "destination",
    "location",
    "area",
    "port",
    "admin",
    "adm",
    "geomaster",
    "operation",
    "coa",
    "coo",
    "rotta",
    "paese",
    "nazionalita",
    "ruta",
    "pais",
    "nacionalidad",
    "frontera",
    "land",
    "grenze",
    "pays",
    "nationalite",
];

/// Where somebody goes, rather than who it is: the better route of the two.
pub const WAY: &[&str] =
    &["route", "routes", "border", "sector", "rotta", "ruta", "frontera", "grenze", "geo", "region"];

/// What stands beside and names nothing.
pub const REMARK: &[&str] = &[
    "note",
    "notes",
    "comment",
    "comments",
    "source",
    "fonte",
    "url",
    "link",
    "remarks",
    "description",
    "text",
    "information",
    "id",
    "uuid",
    "color",
    "coordinates",
    "updated",
    "date",
    "lat",
    "lon",
    "latitude",
    "longitude",
    "centroid",
    "timestamp",
    "fuente",
];

/// A level of a hierarchy of places.
pub const LEVEL: &[&str] = &["level", "livello", "nivel", "niveau", "ebene"];

/// What marks a figure.
pub const STATUS: &[&str] = &["status", "flag", "flags", "provisional", "stato", "estado", "statut"];

/// A row, or a column, that has the others in it.
pub fn is_total(cell: &str) -> bool {
    let cell = cell.trim().trim_end_matches([':', '*', '.']).to_lowercase();
    let mut words = cell.split_whitespace();
    let count = cell.split_whitespace().count();
    if (2..=3).contains(&count) && words.any(|word| matches!(word, "total" | "totals" | "totale")) {
        return true;
    }
    matches!(
        cell.as_str(),
        "total"
            | "t"
            | "_t"
            | "tot"
            | "totals"
            | "grand total"
            | "all"
            | "total general"
            | "totale"
            | "gesamt"
            | "insgesamt"
            | "ensemble"
            | "overall"
            | "sum"
    )
}

/// What is counted, from the header of the values: a word that people use, or `persons`, which the second half says.
pub fn measure(header: &str) -> (String, bool) {
    const SAID: &[&str] = &[
        "encounters",
        "apprehensions",
        "detections",
        "crossings",
        "arrivals",
        "persons",
        "individuals",
        "migrants",
        "refugees",
        "idps",
        "cases",
        "deaths",
        "events",
        "applications",
        "applicants",
        "departures",
        "returns",
        "boats",
        "households",
        "stateless",
    ];
    let words = words(header);
    let is = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    if is(&["dead", "missing", "deaths"]) {
        let named: Vec<&str> =
            ["dead", "missing", "deaths"].into_iter().filter(|word| words.iter().any(|w| w == word)).collect();
        return (named.join("-and-"), true);
    }
    if is(&["encounter"]) {
        return ("encounters".to_owned(), true);
    }
    if is(&["idp"]) {
        return ("idps".to_owned(), true);
    }
    if is(&["sbarchi", "sbarcati", "arrivi", "llegadas", "arrived"]) && !is(&["boats"]) && !is(&["migrants"]) {
        return ("arrivals".to_owned(), true);
    }
    match SAID.iter().find(|said| words.iter().any(|word| word == *said)) {
        Some(said) => ((*said).to_owned(), true),
        None => ("persons".to_owned(), false),
    }
}

/// A name of small letters, digits and dashes.
pub fn slug(text: &str) -> String {
    let parts: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).map(str::to_lowercase).collect();
    parts.join("-")
}

/// Names of files that say nothing about what is in them.
const SAYS_NOTHING: &[&str] = &[
    "",
    "rss",
    "feed",
    "feeds",
    "atom",
    "index",
    "all",
    "data",
    "download",
    "export",
    "latest",
    "xml",
    "json",
    "csv",
    "news",
    "main",
    "default",
    "output",
    "results",
    "api",
    "documents",
    "reports",
    "standard",
    "input",
];

/// An id from the name of a file or address: without its extension and without what changes from one release to the
/// next (dates, numbers, `fy19`, `final`). An address whose file says nothing is called after its host.
pub fn id_of(name: &str) -> String {
    const LONGEST: usize = 60;
    let path = name.split(['?', '#']).next().unwrap_or(name).trim_end_matches('/');
    let (host, path) = match path.split_once("://") {
        Some((_, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            (Some(host), path)
        }
        None => (None, path),
    };
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = file.strip_suffix(".gz").unwrap_or(file);
    let stem = match stem.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 5 => stem,
        _ => stem,
    };
    let slug = slug(stem);
    let changes = |part: &&str| part.chars().any(|c| c.is_ascii_digit()) || matches!(*part, "final" | "latest" | "v");
    let kept: Vec<&str> = slug.split('-').filter(|part| !changes(part)).collect();
    let kept = if kept.is_empty() { slug.clone() } else { kept.join("-") };
    let id = match host.map(host_name) {
        Some(host) if SAYS_NOTHING.contains(&kept.as_str()) => host,
        _ if kept.is_empty() => "feed".to_owned(),
        _ => kept,
    };
    id.chars().take(LONGEST).collect()
}

/// `aljazeera` of `www.aljazeera.com`, `bbc` of `feeds.bbc.co.uk`.
fn host_name(host: &str) -> String {
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = host.split(':').next().unwrap_or(host);
    let labels: Vec<&str> =
        host.split('.').filter(|label| !matches!(*label, "www" | "feeds" | "rss" | "api" | "data")).collect();
    let name = slug(labels.first().copied().unwrap_or(host));
    if name.is_empty() || name.chars().all(|c| c.is_ascii_digit()) { slug(host) } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_taken_apart() {
        assert_eq!(words("numPresentIdpInd"), ["num", "present", "idp", "ind"]);
        assert_eq!(words("Data_Report"), ["data", "report"]);
        assert_eq!(words("Month (abbv)"), ["month", "abbv"]);
        assert_eq!(words("#date"), ["date"]);
        assert_eq!(words("FY2019"), ["fy", "2019"]);
        assert!(says("Total Dead and Missing", COUNT) && !says("Counter", COUNT));
    }

    #[test]
    fn ids_keep_what_stays_from_release_to_release() {
        for (name, id) in [
            ("cbp-southwest-encounters-fy19-fy22.csv", "cbp-southwest-encounters"),
            ("/a/b/Monthly_detections_of_IBC_2026_09_02.xlsx", "monthly-detections-of-ibc"),
            ("https://example.org/x/sbarchi-per-giorno.csv?token=1", "sbarchi-per-giorno"),
            ("2024.csv", "2024"),
            ("data.csv.gz", "data"),
            ("Été.csv", "été"),
            ("https://www.aljazeera.com/xml/rss/all.xml", "aljazeera"),
            ("https://feeds.bbci.co.uk/news/rss.xml?edition=uk", "bbci"),
            ("https://example.org/", "example"),
            ("http://127.0.0.1:8080/feed", "127-0-0-1"),
            ("", "feed"),
        ] {
            assert_eq!(id_of(name), id, "{name}");
        }
    }

    #[test]
    fn measures_are_said_in_words_of_the_header() {
        for (header, word, said) in [
            ("Encounter Count", "encounters", true),
            ("Total Dead and Missing", "dead-and-missing", true),
            ("n", "persons", false),
            ("numPresentIdpInd", "idps", true),
            ("migrants", "migrants", true),
        ] {
            assert_eq!(measure(header), (word.to_owned(), said), "{header}");
        }
    }
}
