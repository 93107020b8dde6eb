//! The handover as Markdown that reads well on a terminal as it stands. Every part is there; an empty one says that there is nothing.

use super::{Due, FeedLine, Handover, Learned, NewFigures, Watch};
use crate::domain::alert::{Event, Incident, Notice, Subject};
use crate::domain::feed::FeedState;
use crate::domain::observation::Vintage;
use crate::domain::route::SeriesId;
use crate::domain::situation::{Mode, Situation};
use crate::domain::words::{self, count, plural};
use crate::report::ledger::change_words;
use crate::report::markdown::plain;
use crate::report::status_text::{alert_line, proof_words, subject_words};
use crate::report::words::{instant, length};

/// So many lines of one part are shown: a first load brings thousands.
const MOST: usize = 40;
/// So many publications are looked forward to.
const AHEAD: usize = 12;

/// The handover for people.
pub fn handover_text(situation: &Situation, watch: &Watch) -> String {
    let handover = Handover::of(situation, watch);
    let mut page = Page::default();
    handover.head(&mut page);
    let fired = handover.fired.iter().map(|(incident, told)| handover.fired_words(incident, *told));
    let escalated = handover.escalated.iter().map(|(notice, _)| {
        format!("escalated to **{}** {}: {}", notice.severity, instant(notice.at), plain(notice.text.as_str()))
    });
    page.part("Alerts that fired", "No alert fired.", MOST, escalated.chain(fired));
    let ended = handover.ended.iter().map(|(incident, at, event)| {
        let how = if *event == Event::Superseded { "superseded (its rule was changed)" } else { event.word() };
        format!(
            "{how} {}: {} (fired {}, rule {})",
            instant(*at),
            handover.line(incident),
            instant(incident.opened),
            plain(incident.rule.as_str())
        )
    });
    page.part("Alerts that ended", "No alert ended.", MOST, ended);
    let open = handover.open.iter().map(|incident| handover.open_words(incident));
    page.part("Alerts still open", "No alert is open.", MOST, open);
    let revised = handover.revised.iter().map(|(learned, before)| handover.revised_words(learned, before));
    page.part("Figures that were revised", "No figure was revised.", MOST, revised);
    let new = handover.new.iter().map(|new| handover.new_words(new));
    page.part("New figures", "No new figure came.", MOST, new);
    let moved = handover.moved.iter().map(|moved| {
        let change = plain(&change_words(moved.date, moved.before, moved.entry));
        let source = moved
            .entry
            .source
            .as_ref()
            .map_or_else(|| "no source given".to_owned(), |source| format!("source: {}", plain(source.as_str())));
        format!(
            "{}: {change}; {source}; known {}, recorded {}",
            plain(moved.date.name.as_str()),
            instant(moved.entry.known),
            instant(moved.entry.recorded)
        )
    });
    page.part("Policy dates that moved", "No policy date moved.", MOST, moved);
    let no_feed = if situation.catalog.feeds.is_empty() { "No feed is configured." } else { "Every feed answers." };
    page.part("Feeds that failed or are silent", no_feed, MOST, handover.feeds.iter().map(feed_words));
    let overdue = handover.overdue.iter().map(|due| handover.due_words(due));
    page.part("Publications overdue", "No publication is overdue.", MOST, overdue);
    let due = handover.due.iter().map(|due| handover.due_words(due));
    page.part("Publications due next", "No publication is expected.", AHEAD, due);
    page.text
}

/// Lines of Markdown.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    /// A heading with a line each, the first `most` of them, or that there is none.
    fn part(&mut self, name: &str, none: &str, most: usize, lines: impl Iterator<Item = String>) {
        self.text.push_str(&format!("\n## {name}\n\n"));
        let mut left_out = 0;
        let mut shown = 0;
        for line in lines {
            if shown < most {
                self.text.push_str(&format!("- {line}\n"));
                shown += 1;
            } else {
                left_out += 1;
            }
        }
        match (shown, left_out) {
            (0, _) => self.text.push_str(&format!("{none}\n")),
            (_, 0) => {}
            _ => self.text.push_str(&format!("- … and {left_out} more; `--json` has all of them\n")),
        }
    }
}

impl Handover<'_> {
    fn head(&self, page: &mut Page) {
        let situation = self.situation;
        let title =
            if situation.title.is_empty() { String::new() } else { format!(": {}", plain(situation.title.as_str())) };
        let span = format!(
            "{} to {} ({})",
            instant(self.since),
            instant(situation.now),
            length(situation.now.duration_since(self.since))
        );
        let collector = match &situation.mode {
            Mode::Viewer { collector: Some(holder) } => format!(" {} collects.", plain(holder.as_str())),
            Mode::Viewer { collector: None } => " Nobody collects now.".to_owned(),
            _ => String::new(),
        };
        page.text =
            format!("# Handover{title}\n\n{span}\n\nNow: {}.{collector}\n", proof_words(situation, situation.now));
    }

    fn line(&self, incident: &Incident) -> String {
        format!("**{}** {}", incident.severity, plain(&alert_line(incident, self.situation)))
    }

    fn series(&self, series: &SeriesId) -> String {
        plain(&subject_words(&Subject::Series(series.clone()), self.situation))
    }

    fn fired_words(&self, incident: &Incident, told: Option<&Notice>) -> String {
        let line = match told {
            Some(notice) => format!("**{}** {}", notice.severity, plain(notice.text.as_str())),
            None => self.line(incident),
        };
        let first = if incident.first_load { ", there at the first load" } else { "" };
        let provisional = if incident.provisional { ", provisional" } else { "" };
        format!(
            "{} (fired {}{first}{provisional}, rule {})",
            line,
            instant(incident.opened),
            plain(incident.rule.as_str())
        )
    }

    fn open_words(&self, incident: &Incident) -> String {
        let mut parts = vec![format!("{} since {}", incident.phase.word(), instant(incident.opened))];
        parts.push(incident.in_hand(self.situation.now).map_or_else(
            || "nobody has it".to_owned(),
            |by| {
                let note = if by.note.is_empty() { String::new() } else { format!(": {}", plain(by.note.as_str())) };
                format!("{} has it since {}{note}", plain(by.by.as_str()), instant(by.at))
            },
        ));
        let route = self.route_of(&incident.subject);
        let owner = route.and_then(|route| route.owner.as_ref());
        parts.push(owner.map_or_else(|| "no owner".to_owned(), |owner| format!("owner {}", plain(owner.as_str()))));
        parts.extend(
            route
                .and_then(|route| route.runbook.as_ref())
                .map(|runbook| format!("runbook {}", plain(runbook.as_str()))),
        );
        parts.push(format!("rule {}", plain(incident.rule.as_str())));
        format!("{} ({})", self.line(incident), parts.join("; "))
    }

    fn revised_words(&self, learned: &Learned, before: &Vintage) -> String {
        let observation = &learned.vintage.observation;
        let change = observation.value.zip(before.observation.value).filter(|(_, old)| *old != 0.0);
        let change = change.map_or_else(String::new, |(new, old)| format!(", {}", percent((new - old) / old)));
        format!(
            "{}, {}: {} → {}{change}",
            self.series(&observation.series),
            words::period(observation.period),
            vintage_words(before),
            vintage_words(&learned.vintage),
        )
    }

    fn new_words(&self, new: &NewFigures<'_>) -> String {
        let observation = &new.newest.vintage.observation;
        let how = if new.first_load { "first load, " } else { "" };
        let periods = words::span(new.first, observation.period);
        let newest = format!("{}: {}", words::period(observation.period), vintage_words(&new.newest.vintage));
        if new.count == 1 {
            return format!("{}, {how}{newest}", self.series(new.series));
        }
        format!("{}: {how}{}, {periods}; newest {newest}", self.series(new.series), plural(new.count, "figure"))
    }

    fn due_words(&self, due: &Due<'_>) -> String {
        let (now, next) = (self.situation.now, &due.next);
        let when = if next.overdue < now {
            format!("overdue since {}, expected {}", instant(next.overdue), instant(next.expected))
        } else if next.expected <= now {
            format!("any time now, expected {}, overdue from {}", instant(next.expected), instant(next.overdue))
        } else {
            format!("expected {} (in {})", instant(next.expected), length(now.duration_until(next.expected)))
        };
        format!("{}, {}: {when}", self.series(due.series), words::period(next.period))
    }
}

/// A figure with its vintage: `221,303 (known 2022-04-18 20:00 UTC, stated)`.
fn vintage_words(vintage: &Vintage) -> String {
    let observation = &vintage.observation;
    let value = observation.value.map_or_else(|| observation.status.word().to_owned(), count);
    let status = if observation.status.word() == "closed" || observation.value.is_none() {
        String::new()
    } else {
        format!("{}, ", observation.status.word())
    };
    format!("{value} ({status}known {}, {})", instant(vintage.known.at), vintage.known.how.word())
}

/// `+0.42 %`, `−47 %`.
fn percent(part: f64) -> String {
    let sign = if part < 0.0 { "−" } else { "+" };
    let size = part.abs() * 100.0;
    if size < 10.0 { format!("{sign}{size:.2} %") } else { format!("{sign}{size:.0} %") }
}

fn feed_words(line: &FeedLine<'_>) -> String {
    let health = line.health;
    let fails = health.is_some_and(|health| health.failures > 0);
    let word = match line.state {
        FeedState::Fresh if fails => "failed once",
        FeedState::Fresh => "answers well again",
        FeedState::Degraded => "doubtful",
        state => state.word(),
    };
    let since = health.and_then(|health| health.since).map_or_else(String::new, |at| format!(" since {}", instant(at)));
    let last = health.and_then(|health| health.success);
    let last = last.map_or_else(|| "no good answer yet".to_owned(), |at| format!("last good answer {}", instant(at)));
    let why = health.and_then(|health| health.error.as_ref().or(health.degraded.as_ref()));
    let why = why.map_or_else(String::new, |why| format!(": {}", plain(why.as_str())));
    format!("{} {word}{since}, {last}{why}", plain(line.feed.name.as_str()))
}
