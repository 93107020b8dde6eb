//! What a scenario says of time: `[scenario]`, where the replay starts and ends, and how fast it runs.

use super::finding::Complaint;
use super::section::Section;
use super::value;
use crate::domain::scenario::Scenario;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

/// Between two instants of the epilogue, where the scenario does not say.
const EPILOGUE_PACE: SignedDuration = SignedDuration::from_secs(3);

/// Reads the table; `None` where something in it is wrong, which is told by then.
pub(super) fn read(section: Section<'_>) -> Option<Scenario> {
    let utc = TimeZone::UTC;
    let instant = || value::instant(&utc);
    let name = section.need("name", "give it a name, such as name = \"Spring 2022\"", value::text);
    let start = section.need("start", "say where it starts: start = \"2022-03-28T00:00:00Z\"", instant());
    let until = section.need("until", "say where it ends: until = \"2022-05-31T21:00:00Z\"", instant());
    let step = section.need("step", "say how much time lies between two pictures: step = \"3h\"", value::duration);
    let pace = section.need("pace", "say how long each picture stands: pace = \"140ms\"", value::duration);
    let epilogue_pace = section.read("epilogue_pace", value::duration);
    let mut epilogue = Vec::new();
    for moment in section.tables("epilogue") {
        let at = moment.need("at", "say when: at = \"2022-11-15T21:00:00Z\"", instant());
        let note = moment.read("note", value::text);
        moment.finish();
        if let (Some(at), Some(until)) = (&at, &until)
            && at.value <= until.value
        {
            let complaint =
                Complaint::new("this moment of the epilogue is not after `until`", "move it, or move `until`");
            section.log().clash(&at.at, &until.at, "the end", complaint);
        }
        epilogue.extend(at.map(|at| (at.value, note.map(|note| note.value))));
    }
    epilogue.sort();
    if let (Some(start), Some(until)) = (&start, &until)
        && until.value < start.value
    {
        let complaint = Complaint::new("the scenario ends before it starts", "let `until` be later than `start`");
        section.log().clash(&until.at, &start.at, "the start", complaint);
    }
    section.finish();
    Some(Scenario {
        name: name?.value,
        start: start?.value,
        until: until?.value,
        step: step?.value,
        pace: pace?.value,
        epilogue,
        epilogue_pace: epilogue_pace.map_or(EPILOGUE_PACE, |pace| pace.value),
    })
}
