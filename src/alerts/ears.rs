//! Kind `ears` (surge.md R6): a figure against the last few, the early aberration reporting of public health. C1 looks at the
//! figures right before it, C2 leaves a gap of two, C3 adds up what stood out in the last three. Needs seven figures, no year.

use super::baseline::{Against, Figures, Scale, short_bound};
use super::course::{Course, every_period};
use super::options::{RuleError, RuleOptions};
use super::{Kind, SeriesKind, What};
use crate::domain::alert::{Evaluation, Severity, Verdict};
use crate::domain::observation::Status;
use crate::domain::route::SeriesSpec;
use crate::domain::series::Series;
use crate::domain::text::Printable;
use crate::domain::time::Period;
use crate::domain::words;
use std::sync::Arc;

/// The kind's row. Nominally one quiet period in a thousand lies beyond 3.09, and one in a hundred beyond 2.33; where the usual is told
/// by seven figures it is one in 70, and one in 28.
pub const KIND: Kind = Kind {
    word: "ears",
    sentence: "a figure stands out from the 7 before it (weeks, sums of 7 days; months on a log scale); fires in about 1 of 70 quiet weeks, 1 of 28 quiet months",
    parameters: &[
        "fire",
        "clear",
        "critical",
        "for",
        "keep",
        "min_count",
        "levels",
        "scale",
        "baseline",
        "block",
        "min_sd",
        "short",
        "exclude_alarmed",
    ],
    severity: Severity::Warning,
    keep: 0,
    make,
};

fn make(options: &RuleOptions) -> Result<What, RuleError> {
    let scale = match options.scale.as_deref() {
        None => None,
        Some("raw") => Some(Scale::Raw),
        Some("log1p") => Some(Scale::Log1p),
        Some(other) => {
            return Err(RuleError::new("scale", format!("\"{other}\" is none"), "write \"raw\" or \"log1p\""));
        }
    };
    let baseline = RuleOptions::whole("baseline", options.baseline, FEWEST)?.unwrap_or(7);
    if let Some(fire) = options.fire {
        options.thresholds(fire, options.clear.unwrap_or(fire / 2.0), false)?;
        if fire > 6.0 {
            let remedy = "write a number of standard deviations, such as 3.09";
            return Err(RuleError::new("fire", format!("{fire} is never reached"), remedy));
        }
    } else if let Some((key, _)) =
        [("clear", options.clear), ("critical", options.critical)].iter().find(|k| k.1.is_some())
    {
        return Err(RuleError::new(key, "it says nothing without `fire`", "add fire = 3.09, or leave it out"));
    }
    Ok(What::Series(Arc::new(Ears {
        levels: levels(options)?,
        scale,
        fire: options.fire,
        clear: options.clear,
        critical: options.critical,
        baseline: baseline as usize,
        block: RuleOptions::whole("block", options.block, 1)?,
        min_sd: options.min_sd.map(|min_sd| RuleOptions::number("min_sd", Some(min_sd), 0.0, 0.0)).transpose()?,
        min_count: RuleOptions::number("min_count", options.min_count, 0.0, 0.0)?,
        short: options.short.unwrap_or(false),
        exclude_alarmed: options.exclude_alarmed.unwrap_or(false),
    })))
}

fn levels(options: &RuleOptions) -> Result<Vec<Level>, RuleError> {
    let Some(given) = &options.levels else { return Ok(vec![Level::C2]) };
    let level = |word: &String| Level::ALL.into_iter().find(|level| level.word() == word.to_uppercase());
    let wrong = given.iter().find(|word| level(word).is_none());
    if let Some(wrong) = wrong {
        return Err(RuleError::new("levels", format!("\"{wrong}\" is none"), "write some of \"C1\", \"C2\", \"C3\""));
    }
    if given.is_empty() {
        return Err(RuleError::new("levels", "none is left", "write some of \"C1\", \"C2\", \"C3\""));
    }
    Ok(Level::ALL.into_iter().filter(|known| given.iter().any(|word| level(word) == Some(*known))).collect())
}

/// A baseline of fewer says nothing.
const FEWEST: u32 = 4;
/// C3 fires beyond this, and holds beyond half of it.
const C3_FIRE: f64 = 2.0;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    C1,
    C2,
    C3,
}

impl Level {
    const ALL: [Self; 3] = [Self::C1, Self::C2, Self::C3];

    const fn word(self) -> &'static str {
        match self {
            Self::C1 => "C1",
            Self::C2 => "C2",
            Self::C3 => "C3",
        }
    }

    /// Figures between the one that is judged and its baseline.
    const fn lag(self) -> i64 {
        if matches!(self, Self::C1) { 0 } else { 2 }
    }
}

/// A rule of this kind.
#[derive(Debug)]
pub struct Ears {
    levels: Vec<Level>,
    scale: Option<Scale>,
    fire: Option<f64>,
    clear: Option<f64>,
    critical: Option<f64>,
    baseline: usize,
    block: Option<u32>,
    min_sd: Option<f64>,
    min_count: f64,
    short: bool,
    exclude_alarmed: bool,
}

impl SeriesKind for Ears {
    fn text(&self) -> String {
        let levels = self.levels.iter().map(|level| level.word()).collect::<Vec<_>>().join(", ");
        let fire = self.fire.map_or_else(|| "3.09 (months: 2.33 on a log scale)".to_owned(), words::count);
        format!("EARS {levels} above {fire} standard deviations of the {} figures before", self.baseline)
    }

    fn course<'a>(&'a self, series: &'a Series, spec: &'a SeriesSpec) -> Course<'a> {
        let mut figures = Figures::of(self.scale, self.block, series, spec);
        let mut found = Vec::new();
        let first = series.first();
        let evaluations = every_period(series, |period| {
            let (evaluation, says) = self.judge(&mut figures, series, period);
            found.push(says);
            evaluation
        });
        let block = figures.block;
        Course::new(evaluations, move |of| {
            let at =
                of.period.zip(first).and_then(|(period, first)| usize::try_from(period.index() - first.index()).ok());
            at.and_then(|at| found.get(at)).map(|says| self.reason(of, says, block)).unwrap_or_default()
        })
    }
}

/// What is found of a period, for its reason.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    /// The level that decided.
    level: Option<Level>,
    /// What was judged: the figure, or the sum of its block.
    count: f64,
    /// What is usual, as a count.
    usual: f64,
    /// What it has to pass, as a count.
    bound: f64,
    /// How many figures the baseline had.
    figures: usize,
    /// What C3 adds up to.
    c3: Option<f64>,
}

impl Ears {
    /// As headlines are judged: the days before tell more of them than seven can.
    pub fn of_headlines(least: u32) -> Self {
        Self {
            levels: vec![Level::C2],
            scale: Some(Scale::Raw),
            fire: None,
            clear: None,
            critical: None,
            baseline: 14,
            block: Some(1),
            min_sd: None,
            min_count: least.into(),
            short: false,
            exclude_alarmed: false,
        }
    }

    fn judge(&self, figures: &mut Figures, series: &Series, period: Period) -> (Option<Evaluation>, Found) {
        let at = usize::try_from(period.index() - figures.first).unwrap_or_default();
        let point = series.point(period);
        let partial = point.is_some_and(|point| point.status == Status::Partial);
        let c2 = self.against(figures, at, Level::C2);
        let c2_beyond = c2.ok().map(|c2| (c2.statistic() - 1.0).max(0.0));
        figures.beyond.push(c2_beyond);
        let c3 = self.c3(figures, at);
        let mut found = Found { c3, count: figures.counts[at].unwrap_or_default(), ..Found::default() };
        let mut best: Option<(Verdict, bool, f64, f64)> = None;
        for level in &self.levels {
            let against = if *level == Level::C1 { self.against(figures, at, Level::C1) } else { c2 };
            let Ok(against) = against else {
                found.figures = found.figures.max(against.err().unwrap_or_default());
                continue;
            };
            let (usual, bound) = (against.mean, against.mean + against.fire * against.sd);
            let (usual, bound) = (figures.scale.count(usual), figures.scale.count(bound));
            let (verdict, critical, statistic, limit) = match (*level, c3) {
                (Level::C3, None) => continue,
                (Level::C3, Some(c3)) if c3 > C3_FIRE => (Verdict::Up, false, c3, C3_FIRE),
                (Level::C3, Some(c3)) if c3 > C3_FIRE / 2.0 => (Verdict::Hold, false, c3, C3_FIRE),
                (Level::C3, Some(c3)) => (Verdict::Clear, false, c3, C3_FIRE),
                _ => {
                    let critical = against.critical.is_some_and(|critical| against.passes(critical));
                    (against.verdict(), critical, against.statistic(), bound)
                }
            };
            // The first level that fires decides, else the one that is nearest to it.
            let weight = |verdict: Verdict| match verdict {
                Verdict::Up => 2,
                Verdict::Hold => 1,
                Verdict::Clear | Verdict::Unknown => 0,
            };
            if best.is_none_or(|(before, ..)| weight(verdict) > weight(before)) {
                best = Some((verdict, critical, statistic, limit));
                found = Found { level: Some(*level), usual, bound, ..found };
            }
        }
        let value = point.and_then(|point| point.value);
        let unknown = Evaluation::without_figures(Some(period), Verdict::Unknown, Printable::default());
        let Some((verdict, critical, statistic, bound)) = best else {
            figures.up.push(false);
            return ((!partial).then_some(Evaluation { value, ..unknown }), found);
        };
        let small = figures.counts[at].is_some_and(|count| count < self.min_count);
        let verdict = if small && verdict == Verdict::Up { Verdict::Hold } else { verdict };
        let up = verdict == Verdict::Up;
        figures.up.push(up);
        let evaluation = Evaluation {
            verdict,
            critical: critical && up,
            partial,
            value,
            // Where nothing varies and no least spread is set there is no number of spreads.
            statistic: Some(statistic).filter(|statistic| statistic.is_finite()),
            bound: Some(bound),
            ..unknown
        };
        // A running period may prove that an upper bound is passed, and nothing else.
        ((up || !partial).then_some(evaluation), found)
    }

    /// A period's figure against the baseline of C1 or C2; how many figures there are where they are too few.
    fn against(&self, figures: &Figures, at: usize, level: Level) -> Result<Against, usize> {
        let baseline = figures.baseline(at, level.lag(), self.baseline, self.exclude_alarmed);
        let enough = if self.short { FEWEST as usize } else { self.baseline };
        let Some(count) = figures.counts[at].filter(|_| baseline.len() >= enough) else { return Err(baseline.len()) };
        #[expect(clippy::cast_precision_loss, reason = "a baseline has few figures")]
        let number = baseline.len() as f64;
        let mean = baseline.iter().sum::<f64>() / number;
        let squares: f64 = baseline.iter().map(|value| (value - mean) * (value - mean)).sum();
        let sd = (squares / (number - 1.0)).sqrt().max(self.min_sd.unwrap_or(figures.scale.min_sd()));
        let fire = self.fire.unwrap_or(figures.scale.fire());
        let clear = self.clear.unwrap_or(fire / 2.0);
        let few = (baseline.len() < self.baseline).then_some(baseline.len());
        let bound = |times: f64| few.map_or(times, |figures| short_bound(times, figures));
        Ok(Against {
            value: figures.scale.scaled(count),
            mean,
            sd,
            fire: bound(fire),
            clear: bound(clear),
            critical: self.critical.map(bound),
        })
    }

    /// What stood out in a period and the two before it, added up.
    fn c3(&self, figures: &Figures, at: usize) -> Option<f64> {
        let block = usize::try_from(figures.block).ok()?;
        let at_back = |back: usize| at.checked_sub(back * block).and_then(|at| figures.beyond[at]);
        Some(at_back(0)? + at_back(1)? + at_back(2)?)
    }

    /// `15,633 in August 2022, above 9,120: about 4,300 is usual (EARS C2)`
    fn reason(&self, of: &Evaluation, found: &Found, block: i64) -> String {
        let Some(period) = of.period else { return String::new() };
        let when = words::span(period.offset(1 - block), period);
        let Some(level) = found.level else {
            return match of.value {
                Some(_) if found.figures < self.baseline => {
                    format!("not enough history: {} of {} figures", found.figures, self.baseline)
                }
                Some(_) => format!("a figure is missing in {when}"),
                None => format!("no figure for {when}"),
            };
        };
        let (usual, bound) = (words::count(found.usual.round()), words::count(found.bound.floor()));
        let value = words::count(found.count);
        let by = format!("(EARS {})", level.word());
        if level == Level::C3 {
            let sum = found.c3.unwrap_or_default();
            let said = match of.verdict {
                Verdict::Up => "three in a row stand out",
                Verdict::Hold => "three in a row are high",
                _ => "nothing stands out",
            };
            return format!(
                "{value} in {when}; {said}: C3 {sum:.1}, fires above {C3_FIRE:.0}; about {usual} is usual {by}"
            );
        }
        match of.verdict {
            Verdict::Up => format!("{value} in {when}, above {bound}: about {usual} is usual {by}"),
            Verdict::Hold => format!("{value} in {when}, high but not above {bound}: about {usual} is usual {by}"),
            _ => format!("{value} in {when}, nothing unusual: about {usual} is usual, up to {bound} {by}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::baseline::short_bound;
    use super::super::tests::figures::{course, days, series, words_of};
    use crate::domain::alert::Verdict;

    fn some(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    fn said(options: &str, values: &[Option<f64>]) -> Vec<String> {
        words_of(&course(&format!("kind = \"ears\"\nscale = \"raw\"\n{options}"), &series("2021-01", values)))
    }

    #[test]
    fn a_jump_is_told_with_what_is_usual() {
        let said = said("", &some(&[10.0, 12.0, 9.0, 11.0, 10.0, 12.0, 13.0, 11.0, 10.0, 40.0, 15.0]));
        assert_eq!(said[8], "unknown not enough history: 6 of 7 figures");
        assert_eq!(said[9], "up 40 in October 2021, above 15: about 11 is usual (EARS C2)");
        assert_eq!(said[10], "hold 15 in November 2021, high but not above 15: about 11 is usual (EARS C2)");
    }

    #[test]
    fn one_rule_says_which_of_its_levels_fires() {
        let values = some(&[10.0, 12.0, 9.0, 11.0, 10.0, 12.0, 13.0, 40.0, 11.0, 14.0, 14.0, 14.0]);
        let all = said("levels = [\"C1\", \"C2\", \"C3\"]", &values);
        assert!(all[7].starts_with("up 40") && all[7].ends_with("(EARS C1)"), "{all:?}");
        let third =
            said("levels = [\"c3\"]", &some(&[10.0, 12.0, 9.0, 11.0, 10.0, 12.0, 13.0, 11.0, 10.0, 15.0, 15.0, 15.0]));
        assert_eq!(
            third[11],
            "up 15 in December 2021; three in a row stand out: C3 5.8, fires above 2; about 11 is usual (EARS C3)"
        );
        assert_eq!(third[10], "unknown not enough history: 0 of 7 figures");
    }

    #[test]
    fn after_gaps_the_last_seven_of_fourteen_count() {
        let mut values = some(&[10.0, 12.0, 9.0, 11.0, 10.0, 12.0, 13.0, 11.0, 10.0, 11.0, 12.0, 10.0, 40.0]);
        (values[5], values[8]) = (None, None);
        let judged = said("", &values);
        assert!(judged[12].starts_with("up 40"), "{judged:?}");
        assert_eq!(judged[8], "unknown no figure for September 2021");
        values[2..10].fill(None);
        assert_eq!(said("", &values)[12], "unknown not enough history: 2 of 7 figures");
    }

    #[test]
    fn a_constant_baseline_keeps_a_floor_under_its_spread() {
        let flat = [5.0; 12];
        let with = |newest: f64, options: &str| {
            let mut values = some(&flat);
            values[11] = Some(newest);
            said(options, &values)[11].split(' ').next().unwrap().to_owned()
        };
        assert_eq!([with(8.0, ""), with(9.0, ""), with(6.0, "min_sd = 0")], ["hold", "up", "up"]);
        assert_eq!(with(5.0, "min_sd = 0"), "clear");
    }

    #[test]
    fn few_figures_need_a_bound_further_out() {
        let values = some(&[10.0, 12.0, 9.0, 11.0, 10.0, 12.0, 16.0, 60.0]);
        assert_eq!(said("", &values)[7], "unknown not enough history: 5 of 7 figures");
        let short = said("short = true", &values);
        assert!(short[7].starts_with("up 60") && short[6].starts_with("hold 16"), "{short:?}");
        assert!((short_bound(3.090_232_306, 6) - 5.893 * (7.0_f64 / 6.0).sqrt()).abs() < 1e-3);
    }

    #[test]
    fn a_past_surge_masks_the_next_unless_it_is_left_out() {
        let mut values = some(&[5.0, 6.0, 5.0, 4.0, 5.0, 6.0, 5.0, 4.0, 5.0, 6.0, 60.0, 6.0, 5.0, 58.0]);
        let masked = course("kind = \"ears\"\nscale = \"raw\"", &series("2021-01", &values));
        assert_eq!((masked[10].verdict, masked[13].verdict), (Verdict::Up, Verdict::Hold));
        let left_out = said("exclude_alarmed = true", &values);
        assert!(left_out[13].starts_with("up 58"), "{left_out:?}");
        // A level that stays is the usual one after a while: no more than three are left out.
        values.extend(some(&[60.0; 12]));
        assert!(said("exclude_alarmed = true", &values)[25].starts_with("clear"));
    }

    #[test]
    fn days_are_judged_by_the_week() {
        let every = |days: i32| (0..90).map(|day| Some(if day % days == 3 { 70.0 } else { 0.0 })).collect::<Vec<_>>();
        let values = every(7);
        let up =
            |judged: &[crate::domain::alert::Evaluation]| judged.iter().filter(|e| e.verdict == Verdict::Up).count();
        // Where few days have people each of them stands out by itself; a week of them does not.
        assert!(up(&course("kind = \"ears\"\nblock = 1", &days("2022-01-01", &every(10)))) > 5);
        let judged = course("kind = \"ears\"", &days("2022-01-01", &values));
        assert_eq!(up(&judged), 0);
        assert_eq!(judged.iter().filter(|e| e.verdict == Verdict::Clear).count(), 90 - 6 - 9 * 7);
        assert_eq!(
            words_of(&judged)[89],
            "clear 70 in 25 Mar–31 Mar 2022, nothing unusual: about 70 is usual, up to 73 (EARS C2)"
        );
    }
}
