//! JSON-stat, the cube of statistics offices, laid flat: a row for each cell, with a column for each dimension (its codes,
//! and beside it `… label`), `value` and `status`. Cells that are not there have no row.

use super::grid::Grid;
use crate::feeds::DecodeError;
use serde_json::{Map, Value};

/// The most cells of a cube.
const MOST_CELLS: usize = 5_000_000;

/// Whether a document is one: a dataset of version 2, or a wrapped one of version 1.
pub fn is_one(document: &Value) -> bool {
    dataset(document).is_some()
}

/// The rows of the first dataset.
pub fn grid(document: &Value) -> Result<Grid, DecodeError> {
    let Some(dataset) = dataset(document) else {
        return Err(DecodeError::not_this(
            "JSON-stat dataset",
            "it has no `dimension` with `id` and `size` beside a `value`",
        ));
    };
    let damaged = |what: &str| DecodeError::broken("JSON-stat", "`dimension`", what);
    let dimension = dataset.get("dimension").and_then(Value::as_object).ok_or_else(|| damaged("it is no object"))?;
    let list = |key: &str| dataset.get(key).or_else(|| dimension.get(key)).and_then(Value::as_array);
    let ids: Vec<&str> = list("id").into_iter().flatten().filter_map(Value::as_str).collect();
    let sizes = list("size").into_iter().flatten().filter_map(Value::as_u64);
    let sizes: Vec<usize> = sizes.map(|size| usize::try_from(size).unwrap_or(usize::MAX)).collect();
    if ids.is_empty() || ids.len() != sizes.len() || sizes.contains(&0) {
        return Err(damaged("`id` and `size` do not go together"));
    }
    let dimensions: Vec<Dimension> = ids.iter().map(|id| Dimension::new(id, dimension.get(*id))).collect();
    let cells = sizes.iter().try_fold(1_usize, |cells, size| cells.checked_mul(*size));
    let cells =
        cells.filter(|cells| *cells <= MOST_CELLS).ok_or_else(|| damaged("it has more than 5 million cells"))?;

    let mut header: Vec<String> = ids.iter().flat_map(|id| [(*id).to_owned(), format!("{id} label")]).collect();
    header.extend(["value".to_owned(), "status".to_owned()]);
    let mut rows = vec![header];
    let (values, statuses) = (dataset.get("value"), dataset.get("status"));
    let statuses = statuses.map(|status| status.get("value").unwrap_or(status));
    for cell in 0..cells {
        let (value, status) = (at(values, cell), at(statuses, cell));
        if value.is_empty() && status.is_empty() {
            continue;
        }
        let mut row = vec![String::new(); 2 * dimensions.len()];
        let mut rest = cell;
        for (number, dimension) in dimensions.iter().enumerate().rev() {
            let (code, label) = dimension.category(rest % sizes[number]);
            (row[2 * number], row[2 * number + 1]) = (code, label);
            rest /= sizes[number];
        }
        row.extend([value, status]);
        rows.push(row);
    }
    let around = dataset.get("label").or_else(|| dataset.get("title")).and_then(Value::as_str).unwrap_or_default();
    Ok(Grid { rows, around: around.to_owned(), row_word: "cell".to_owned(), first: 0 })
}

fn dataset(document: &Value) -> Option<&Map<String, Value>> {
    let is_dataset = |value: &&Value| {
        let has_ids = |value: &Value| {
            value.get("id").is_some_and(Value::is_array) && value.get("size").is_some_and(Value::is_array)
        };
        value.get("value").is_some_and(|value| value.is_array() || value.is_object())
            && value.get("dimension").is_some_and(|dimension| has_ids(dimension) || has_ids(value))
    };
    let inner = document.as_object().into_iter().flat_map(Map::values);
    std::iter::once(document).chain(inner).find(is_dataset).and_then(Value::as_object)
}

/// A value by its flat number, whether the cube is dense or sparse.
fn at(values: Option<&Value>, cell: usize) -> String {
    let value = match values {
        Some(Value::Array(list)) => list.get(cell),
        Some(Value::Object(map)) => map.get(cell.to_string().as_str()),
        // One status for all.
        Some(Value::String(text)) => return text.clone(),
        _ => None,
    };
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// A dimension's categories in order.
struct Dimension {
    codes: Vec<String>,
    labels: Map<String, Value>,
}

impl Dimension {
    fn new(id: &str, dimension: Option<&Value>) -> Self {
        let category = dimension.and_then(|dimension| dimension.get("category"));
        let labels = category.and_then(|category| category.get("label")).and_then(Value::as_object);
        let labels = labels.cloned().unwrap_or_default();
        let codes = match category.and_then(|category| category.get("index")) {
            Some(Value::Array(list)) => list.iter().map(|code| code.as_str().unwrap_or_default().to_owned()).collect(),
            Some(Value::Object(map)) => {
                let mut codes: Vec<(u64, &String)> =
                    map.iter().map(|(code, number)| (number.as_u64().unwrap_or(u64::MAX), code)).collect();
                codes.sort_unstable();
                codes.into_iter().map(|(_, code)| code.clone()).collect()
            }
            // A dimension of one category may leave out its index.
            _ => vec![labels.keys().next().map_or(id, String::as_str).to_owned()],
        };
        Self { codes, labels }
    }

    fn category(&self, number: usize) -> (String, String) {
        let code = self.codes.get(number).cloned().unwrap_or_default();
        let label = self.labels.get(&code).and_then(Value::as_str).unwrap_or(&code).to_owned();
        (code, label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cubes_are_laid_flat() {
        let cube = r#"{"class": "dataset", "label": "Applicants", "id": ["geo", "sex", "time"], "size": [2, 1, 2],
            "dimension": {
              "geo": {"category": {"index": {"FR": 1, "DE": 0}, "label": {"DE": "Germany", "FR": "France"}}},
              "sex": {"category": {"label": {"T": "Total"}}},
              "time": {"category": {"index": ["2022-01", "2022-02"]}}},
            "value": {"0": 5, "3": "7.5"}, "status": {"1": ":", "3": "p"}}"#;
        let dense = cube.replace(r#"{"0": 5, "3": "7.5"}"#, r#"[5, null, null, "7.5"]"#);
        for cube in [cube.to_owned(), dense, format!("{{\"wrapped\": {cube}}}")] {
            let grid = grid(&serde_json::from_str(&cube).unwrap()).unwrap();
            let rows: Vec<String> = grid.rows.iter().map(|row| row.join("|")).collect();
            assert_eq!(
                rows,
                [
                    "geo|geo label|sex|sex label|time|time label|value|status",
                    "DE|Germany|T|Total|2022-01|2022-01|5|",
                    "DE|Germany|T|Total|2022-02|2022-02||:",
                    "FR|France|T|Total|2022-02|2022-02|7.5|p",
                ]
            );
        }
        for (other, phrase) in [
            ("{}", "no `dimension`"),
            (r#"{"id": ["a"], "size": [0], "dimension": {}, "value": []}"#, "do not go together"),
            (r#"{"id": ["a", "b"], "size": [9999999, 9999999], "dimension": {}, "value": []}"#, "5 million"),
        ] {
            let error = grid(&serde_json::from_str(other).unwrap()).unwrap_err().to_string();
            assert!(error.contains(phrase), "{error}");
        }
    }
}
