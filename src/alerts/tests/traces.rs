//! The traces of the state machine.

use super::*;

/// Traces whose features come with acknowledgements, silences and inhibitions.
const LATER: [&str; 6] = [
    "ack-stops-repeats-until-resolved",
    "escalation-breaks-ack",
    "ack-expires",
    "silence-defers-then-notifies-if-still-firing",
    "silence-covers-whole-episode",
    "inhibited-while-source-fires",
];

#[test]
fn traces_of_the_state_machine() {
    let Some(text) = shared("reference/surge/alert-traces.json") else { return };
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut left_out = Vec::new();
    for trace in document["traces"].as_array().unwrap() {
        let name = trace["name"].as_str().unwrap();
        let later = trace["steps"]
            .as_array()
            .unwrap()
            .iter()
            .any(|step| matches!(step["in"].as_str(), Some("ack" | "silence" | "inhibit")));
        if later {
            left_out.push(name.to_owned());
        } else {
            follow_trace(name, trace);
        }
    }
    assert_eq!(left_out, LATER);
}

fn follow_trace(name: &str, trace: &serde_json::Value) {
    let given = &trace["rule"];
    let critical = given["critical"].as_f64().map(|critical| format!("critical = {critical:?}\n")).unwrap_or_default();
    let options = format!(
        "id = \"t\"\nkind = \"{}\"\nfire = {:?}\nclear = {:?}\nfor = {}\nkeep = {}\n{critical}",
        if given["dir"] == "up" { "above" } else { "below" },
        given["fire"].as_f64().unwrap(),
        given["clear"].as_f64().unwrap(),
        given["for"],
        given["keep"],
    );
    let mut session = Session::new(catalog(&[("r", (1, 1))]), vec![rule(&options)]);
    for (number, step) in trace["steps"].as_array().unwrap().iter().enumerate() {
        let now = at(step["now"].as_str().unwrap());
        let (kind, value) = (step["in"].as_str().unwrap(), step["value"].as_f64());
        let mut cause = Cause::Tick;
        if let Some(period) = step["period"].as_str() {
            let status = if kind == "partial" { Status::Partial } else { Status::Closed };
            match value {
                Some(value) => {
                    session.insert("r", period, Some(value), status, now);
                }
                // A gap: the period after it makes it one; a withheld figure is as unknown.
                None => {
                    session.insert("r", period, None, Status::Suppressed, now);
                }
            }
            cause = if kind == "revise" { Cause::Revision { small: false } } else { Cause::New };
        } else if kind == "restart" {
            cause = Cause::RulesChanged;
        }
        let decision = session.decide(cause, now);
        let expect = &step["expect"];
        let place = format!("{name}, step {number}");
        let key = (RuleId::new("t"), Subject::Series(series_id("r")));
        let phase = session.facts.judgements.get(&key).map_or(Phase::Inactive, |judgement| judgement.phase);
        assert_eq!(phase.word(), expect["state"].as_str().unwrap(), "{place}");
        let open = session.facts.incidents.values().find(|incident| incident.is_open());
        if phase.is_active() {
            let open = open.unwrap();
            assert_eq!(open.onset.to_string(), expect["since"].as_str().unwrap(), "{place}");
            assert_eq!(open.severity.word(), expect["severity"].as_str().unwrap(), "{place}");
        } else {
            assert!(open.is_none(), "{place}");
        }
        let notices: Vec<&str> = decision.notices.iter().map(|notice| notice.event.word()).collect();
        let expected: Vec<&str> = expect["notify"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
        assert_eq!(notices, expected, "{place}");
    }
}
