//! News in JSON that is no feed: records with a title and an address.

use super::column::Column;
use super::view::View;
use super::words::words;
use super::written::quoted;

/// The mapping of records that are news items, as lines of TOML; `None` where they are none.
pub fn mapping(view: &View, columns: &[Column]) -> Option<String> {
    let title = best(columns, &["title", "headline", "subject"], |column| is_text(column) && column.is_whole())?;
    let link = best(columns, &["url", "link", "permalink", "alias", "href", "uri"], is_address)?;
    let id = best(columns, &["id", "guid", "uuid", "number", "uri"], |column| {
        column.is_whole() && column.distinct() == column.rows && column.at != link.at
    });
    let is_date = |column: &Column| column.periods * 10 >= column.filled * 8 && column.filled * 2 > column.rows;
    let published = best(columns, &["published", "publication", "created", "date", "seendate", "pub"], is_date);
    let updated = best(columns, &["updated", "modified", "changed"], is_date);
    let summary =
        best(columns, &["summary", "abstract", "description", "excerpt", "teaser", "body", "content"], is_text);
    let language = best(columns, &["language", "lang"], |column| column.filled * 2 > column.rows);
    let parts = [
        ("title", Some(title)),
        ("link", Some(link)),
        ("id", id),
        ("published", published.filter(|published| updated.is_none_or(|updated| updated.at != published.at))),
        ("updated", updated),
        ("summary", summary.filter(|summary| summary.at != title.at)),
        ("language", language),
    ];
    let said: Vec<String> = parts
        .into_iter()
        .filter_map(|(key, column)| Some(format!("{key} = {}", quoted(column?.name.trim()))))
        .collect();
    let shape: String = view.keys.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
    Some(format!("{shape}item = {{ {} }}\n", said.join(", ")))
}

/// The column whose header ends in one of those words, the first of them counting most.
fn best<'a>(columns: &'a [Column], ends: &[&str], fits: impl Fn(&Column) -> bool) -> Option<&'a Column> {
    // What leads elsewhere than to the article.
    const ASIDE: &[&str] =
        &["pdf", "json", "api", "image", "img", "icon", "thumbnail", "avatar", "parent", "inspection", "views"];
    let rank = |column: &&Column| {
        let words = words(&column.name);
        let aside = words.iter().any(|word| ASIDE.contains(&word.as_str()));
        let place = ends.iter().position(|end| words.iter().any(|word| word == end))?;
        (!aside).then_some((place, words.len(), column.at))
    };
    let found = columns.iter().filter(|column| fits(column));
    found.filter_map(|column| Some((rank(&column)?, column))).min_by_key(|(rank, _)| *rank).map(|(_, column)| column)
}

fn is_text(column: &Column) -> bool {
    const LEAST: usize = 12;
    let long = column.values.iter().filter(|(value, _)| value.chars().count() >= LEAST && value.contains(' ')).count();
    long * 2 > column.distinct() && column.filled * 2 > column.rows
}

fn is_address(column: &Column) -> bool {
    let addresses = column.values.iter().filter(|(value, _)| value.starts_with("http")).count();
    addresses == column.distinct() && column.distinct() * 10 >= column.rows * 8
}
