//! What holds for any figures.

use super::*;

#[derive(Clone, Debug)]
struct Arrival {
    month: i64,
    value: f64,
}

proptest! {
    #[test]
    fn a_restart_after_any_step_changes_nothing(
        values in prop::collection::vec((0_i64..24, 0_u32..12), 1..40),
        restart in 0_usize..40,
        keep in 0_i64..2,
        run in 1_i64..3,
    ) {
        let rules = vec![rule(&format!("id = \"x\"\nkind = \"above\"\nfire = 8\nclear = 5\ncritical = 11\nkeep = {keep}\nfor = {run}"))];
        let arrivals: Vec<Arrival> = values.iter().map(|(month, value)| Arrival { month: *month, value: f64::from(*value) }).collect();
        let follow = |restart: Option<usize>| {
            let mut session = Session::new(catalog(&[("r", (1, 1))]), rules.clone());
            let start: Period = "2020-01".parse().unwrap();
            for (step, arrival) in (0_i64..).zip(&arrivals) {
                let now = at("2022-01-01T00:00:00Z") + SignedDuration::from_hours(step);
                let revised = session.insert("r", &start.offset(arrival.month).label(), Some(arrival.value), Status::Closed, now);
                session.decide(if revised { Cause::Revision { small: false } } else { Cause::New }, now);
                if restart.is_some_and(|restart| i64::try_from(restart) == Ok(step)) {
                    session.decide(Cause::RulesChanged, now);
                    session.decide(Cause::Tick, now);
                }
            }
            (session.facts.incidents, session.told)
        };
        let (incidents, told) = follow(None);
        prop_assert_eq!((&incidents, &told), (&follow(Some(restart)).0, &follow(Some(restart)).1));
        let keys: BTreeSet<String> = told.iter().map(Notice::key).collect();
        prop_assert_eq!(keys.len(), told.len(), "the same notice twice");
        prop_assert!(incidents.values().filter(|incident| incident.is_open()).count() <= 1);
    }

    #[test]
    fn folding_at_once_ends_where_folding_one_by_one_ends(values in prop::collection::vec(prop::option::of(0_u32..12), 1..30)) {
        let rules = vec![rule("id = \"x\"\nkind = \"above\"\nfire = 8\nclear = 5\nkeep = 1")];
        let start: Period = "2020-01".parse().unwrap();
        let status = |value: &Option<u32>| if value.is_some() { Status::Closed } else { Status::Suppressed };
        let now = at("2023-01-01T00:00:00Z");
        let mut slow = Session::new(catalog(&[("r", (1, 1))]), rules.clone());
        let mut quick = Session::new(catalog(&[("r", (1, 1))]), rules);
        for (month, value) in (0_i64..).zip(&values) {
            let label = start.offset(month).label();
            quick.insert("r", &label, value.map(f64::from), status(value), now);
            slow.insert("r", &label, value.map(f64::from), status(value), now);
            slow.decide(Cause::New, now + SignedDuration::from_hours(month));
        }
        quick.decide(Cause::New, now);
        let open = |session: &Session| {
            session.facts.incidents.values().find(|incident| incident.is_open()).map(|incident| {
                (incident.onset, incident.phase, incident.severity, incident.value, incident.reason.clone())
            })
        };
        prop_assert_eq!(open(&slow), open(&quick));
        let verdicts = |session: &Session| session.facts.judgements.values().map(|j| (j.phase, j.evaluation.verdict)).collect::<Vec<(Phase, Verdict)>>();
        prop_assert_eq!(verdicts(&slow), verdicts(&quick));
    }

    #[test]
    fn a_beginning_of_the_figures_has_the_beginning_of_the_verdicts(
        values in prop::collection::vec(prop::option::weighted(0.9, 0_u32..400), 1..90),
        cut in 1_usize..90,
        cadence in 0_usize..3,
    ) {
        use super::figures::from;
        let first: Period = ["2020-01", "2020-W01", "2020-01-01"][cadence].parse().unwrap();
        // The last figure of each is there: a gap at the end is no part of a series yet.
        let figures = |values: &[Option<u32>]| {
            let mut values: Vec<Option<f64>> = values.iter().map(|value| value.map(f64::from)).collect();
            *values.last_mut().unwrap() = Some(values.last().unwrap().unwrap_or(7.0));
            from(first, &values)
        };
        let mut beginning = values.clone();
        beginning.truncate(cut.min(values.len()));
        let mut whole = values;
        whole[beginning.len() - 1] = Some(beginning.last().unwrap().unwrap_or(7));
        let (whole, beginning) = (figures(&whole), figures(&beginning));
        for rule in every_kind() {
            let long = judged(&rule, whole.clone());
            let short = judged(&rule, beginning.clone());
            prop_assert_eq!(&long[..short.len()], &short[..], "{}", rule[rule.len() - 1].text);
        }
    }
}

/// A rule of each kind that judges figures, last in a list of those it counts.
fn every_kind() -> Vec<Vec<Rule>> {
    let kinds = [
        "kind = \"above\"\nfire = 200\nclear = 100\nwindow = 2",
        "kind = \"below\"\nfire = 50",
        "kind = \"change\"",
        "kind = \"year-on-year\"\nwindow = 2",
        "kind = \"year-to-date\"",
        "kind = \"record\"\nsince = 5\nmin_history = 5",
        "kind = \"record\"\npercentile = 0.9\nwindow = 30",
        "kind = \"ears\"\nlevels = [\"C1\", \"C2\", \"C3\"]",
        "kind = \"ears\"\nexclude_alarmed = true\nshort = true",
        "kind = \"suspect\"",
    ];
    let alone = kinds.iter().map(|kind| vec![rule(&format!("id = \"x\"\n{kind}"))]);
    let members = [("a", kinds[0]), ("b", kinds[5]), ("c", kinds[7])];
    let mut compound: Vec<Rule> = members.iter().map(|(id, kind)| rule(&format!("id = \"{id}\"\n{kind}"))).collect();
    compound.push(rule("id = \"x\"\nkind = \"at-least\"\nleast = 2\nwithin = 2\nof = [\"a\", \"b\", \"c\"]"));
    alone.chain([compound]).collect()
}

/// Verdicts and figures; what is said of them may depend on when the series was last heard of.
fn judged(rules: &[Rule], series: crate::domain::series::Series) -> Vec<crate::domain::alert::Evaluation> {
    let mut facts = Facts::default();
    let id = series.id().clone();
    facts.series.insert(id.clone(), series.into());
    let rule = rules.last().unwrap();
    let mut all = crate::alerts::evaluate(rule, rules, &Catalog::default(), &facts, &id);
    for evaluation in &mut all {
        evaluation.reason = Default::default();
    }
    all
}
