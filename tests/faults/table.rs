//! FAULTS.md: the faults that were met, what was shown, and the verdict.

use std::fmt::Write as _;

/// A fault with its verdict.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: String,
    pub group: String,
    pub must: String,
    pub shown: String,
    pub wrong: Vec<String>,
    /// Why it need not hold yet.
    pub not_yet: Option<String>,
}

/// Prints what is wrong; gives how many cases are not as they should be.
pub fn told(rows: &[Row]) -> usize {
    let mut bad = 0;
    for Row { name, group, wrong, not_yet, .. } in rows {
        match (wrong.is_empty(), not_yet) {
            (true, None) => {}
            (true, Some(_)) => {
                bad += 1;
                println!("HOLDS NOW {group}: {name}: take its note out of expected.txt");
            }
            (false, Some(why)) => println!("not yet {group}: {name}: {} ({why})", wrong.join("; ")),
            (false, None) => {
                bad += 1;
                println!("WRONG {group}: {name}: {}", wrong.join("; "));
            }
        }
    }
    bad
}

/// The page.
pub fn page(rows: &[Row]) -> String {
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d");
    let good = rows.iter().filter(|row| row.wrong.is_empty()).count();
    let mut page = format!(
        "# Faults\n\nWhat Watchfloor shows when servers misbehave. Each fault was met by the real program: two good answers, three bad ones, \
         good ones again. Verified each time: what was handed out whole is stored, the feed is fresh again by itself, no control character \
         and no secret is in log, exports and status, nothing alerts but the failing feed.\n\nWritten by `WATCHFLOOR_FAULTS_WRITE=1 cargo \
         test --test main -- --ignored faults` on {today}; {good} of {} cases are as they should be. Do not edit by hand.\n",
        rows.len()
    );
    let mut group = "";
    for row in rows {
        if row.group != group {
            group = &row.group;
            // Writing to a String cannot fail.
            let _ = write!(page, "\n## {group}\n\n| fault | must | shown | verdict |\n|---|---|---|---|\n");
        }
        let verdict = match (&row.wrong[..], &row.not_yet) {
            ([], _) => "as it should".to_owned(),
            (wrong, Some(why)) => format!("not yet: {} ({why})", wrong.join("; ")),
            (wrong, None) => format!("WRONG: {}", wrong.join("; ")),
        };
        let _ =
            writeln!(page, "| {} | {} | {} | {} |", cell(&row.name), cell(&row.must), cell(&row.shown), cell(&verdict));
    }
    page
}

/// A cell: one line, no pipes, of readable length, without the instants of one run.
fn cell(text: &str) -> String {
    let words: Vec<&str> =
        text.split(' ').map(|word| if word.starts_with("http://127") { "ADDRESS" } else { word }).collect();
    let text: String = words.join(" ").chars().take(240).collect();
    text.replace('|', "\\|").replace('<', "&lt;")
}
