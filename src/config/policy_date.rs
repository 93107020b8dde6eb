//! Policy dates as they are written: `[[policy_date]]`, with the dated changes that are known.

use super::finding::{At, Complaint};
use super::section::{Section, Spot};
use super::value;
use crate::domain::policy_date::{LedgerEntry, PolicyDate, PolicyId, PolicyStatus};
use crate::domain::route::RouteId;
use crate::domain::text::Printable;
use jiff::tz::TimeZone;

/// A policy date with the places of what the checks speak about.
pub(super) struct PolicyDraft {
    pub(super) date: PolicyDate,
    pub(super) changes: Vec<LedgerEntry>,
    pub(super) at: At,
    pub(super) routes_at: Vec<At>,
}

/// Reads one `[[policy_date]]`; `None` where it has no id.
pub(super) fn read(section: Section<'_>) -> Option<PolicyDraft> {
    let id = section.need("id", "add the key `id`, such as id = \"title-42-lift\"", value::id);
    let name = section.read("name", value::text);
    let zone = section.read("zone", value::zone);
    if !section.has("zone") {
        let what = "this policy date says no zone, so its dates are taken as dates of UTC";
        section.log().warn(
            section.at(),
            Complaint::new(what, "add the zone of whoever decides, such as zone = \"America/New_York\""),
        );
    }
    let routes = section.list("routes", value::name);
    let tables = section.tables("changes");
    let log = section.log();
    if tables.is_empty() && !section.has("changes") {
        let remedy = "add changes = [{ known = \"2022-04-01\", status = \"scheduled\", date = \"2022-05-23\" }]";
        log.warn(section.at(), Complaint::new("no change of this policy date is known, so it shows no clock", remedy));
    }
    let zone = zone.map_or(TimeZone::UTC, |zone| zone.value);
    let changes: Vec<_> = tables.into_iter().filter_map(|table| read_change(table, &zone)).collect();
    for (number, change) in changes.iter().enumerate() {
        if let Some(first) = changes[..number].iter().find(|first| first.value == change.value) {
            log.clash(
                &change.at,
                &first.at,
                "the first one",
                Complaint::new("the same change is written twice", "remove one"),
            );
        }
    }
    section.finish();
    let id = id?;
    let (routes, routes_at) = routes.into_iter().map(|route| (RouteId::new(&route.value), route.at)).unzip();
    Some(PolicyDraft {
        date: PolicyDate {
            name: name.map_or_else(|| Printable::clean(&id.value), |name| name.value),
            id: PolicyId::new(&id.value),
            zone,
            routes,
        },
        changes: changes.into_iter().map(|change| change.value).collect(),
        at: id.at,
        routes_at,
    })
}

fn read_change(section: Section<'_>, zone: &TimeZone) -> Option<Spot<LedgerEntry>> {
    let statuses = PolicyStatus::ALL.map(|status| (status.word(), status));
    let known = section.need(
        "known",
        "say when it became known: a day of the policy date's zone, or an instant",
        value::instant(zone),
    );
    let status = section.need(
        "status",
        "say what it was from then on: proposed, scheduled, held, withdrawn or reached",
        value::word(&statuses),
    );
    let due = section.read("date", value::due);
    let optional = |key| section.read(key, value::text).map(|text| text.value);
    let (reason, authority, source) = (optional("reason"), optional("authority"), optional("source"));
    if let Some(status) = &status
        && status.value == PolicyStatus::Scheduled
        && !section.has("date")
    {
        let complaint = Complaint::new(
            "what is scheduled has a date",
            "add date = \"2022-05-23\", or write status = \"proposed\" or \"held\"",
        );
        section.log().error(&status.at, complaint);
    }
    let at = section.at().clone();
    section.finish();
    let known = known?.value;
    let change = LedgerEntry {
        known,
        // When it was written into a configuration nobody knows; whoever records it says when this program learned of it.
        recorded: known,
        status: status?.value,
        due: due.map(|due| due.value),
        reason,
        authority,
        source,
        first_load: false,
    };
    Some(Spot { value: change, at })
}
