//! The board: what rules say of the series of a route, worked out once for each, since compounds count what others have
//! said already.

use super::compound::{Compound, Member, Standings};
use super::course::Course;
use super::{Rule, What};
use crate::domain::route::{Measure, RouteId, SeriesId, SeriesSpec};
use crate::domain::series::Series;
use crate::domain::situation::{Catalog, Facts};
use crate::domain::time::Cadence;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Rules, what they look at, and how those stood that compounds count.
pub struct Board<'a> {
    rules: &'a [Rule],
    catalog: &'a Catalog,
    facts: &'a Facts,
    /// By rule, series and `within`; of one route at a time.
    standings: HashMap<(usize, SeriesId, u32), Rc<Standings>>,
    route: Option<RouteId>,
    /// Rules that compounds count, with each `within` that they do it by.
    counted: Vec<(usize, u32)>,
}

/// Every series of a route of which something is known.
pub fn of_route<'a>(facts: &'a Facts, route: &RouteId) -> impl Iterator<Item = (&'a SeriesId, &'a Arc<Series>)> {
    let first = SeriesId { route: route.clone(), measure: Measure::new(""), cadence: Cadence::Day };
    let of = route.clone();
    facts.series.range(first..).take_while(move |(id, _)| id.route == of)
}

impl<'a> Board<'a> {
    /// With nothing worked out yet.
    pub fn new(rules: &'a [Rule], catalog: &'a Catalog, facts: &'a Facts) -> Self {
        let compounds = rules.iter().filter_map(compound);
        let counted = compounds.flat_map(|compound| {
            let members = rules.iter().enumerate().filter(|(_, rule)| compound.members().contains(&rule.id));
            members.map(|(at, _)| (at, compound.within())).collect::<Vec<_>>()
        });
        let counted = counted.collect();
        Self { rules, catalog, facts, standings: HashMap::new(), route: None, counted }
    }

    /// The course of a rule on a series that it looks at; `None` for clock kinds, and of a compound on series that are not for it.
    pub fn course<'s>(&mut self, rule: &'s Rule, series: &'s Series, spec: &'s SeriesSpec) -> Option<Course<'s>> {
        if self.route.as_ref() != Some(&series.id().route) {
            self.standings.clear();
            self.route = Some(series.id().route.clone());
        }
        let course = match &rule.what {
            What::Series(kind) => kind.course(series, spec),
            What::Compound(compound) if self.is_for(compound, rule, series.id()) => {
                compound.course(series, self.members(compound, series.id(), self.rules.len())?)
            }
            What::Compound(_) | What::Clock(_) => return None,
        };
        let counted = self.counted.iter().filter(|(at, _)| self.rules[*at].id == rule.id);
        for (at, within) in counted {
            let standings = Rc::new(Standings::of(rule, &course, *within));
            self.standings.insert((*at, series.id().clone(), *within), standings);
        }
        Some(course)
    }

    /// How each member stood: on the series itself where it looks at it, else on what it looks at of the same route. `None` where
    /// compounds count one another in circles deeper than there are rules.
    fn members(&mut self, compound: &Compound, on: &SeriesId, depth: usize) -> Option<Vec<Member>> {
        let depth = depth.checked_sub(1)?;
        let kinds: Vec<&str> = compound.members().iter().filter_map(|id| Some(self.rule(id)?.1.kind)).collect();
        let mut members = Vec::with_capacity(compound.members().len());
        for id in compound.members() {
            let Some((at, rule)) = self.rule(id) else { continue };
            let own_kind = kinds.iter().filter(|kind| **kind == rule.kind).count() == 1;
            let name = if own_kind { rule.kind.replace('-', " ") } else { id.to_string() };
            let looked_at: Vec<SeriesId> = if self.looks_at(rule, on) {
                vec![on.clone()]
            } else {
                let of_route = of_route(self.facts, &on.route).map(|(id, _)| id);
                of_route.filter(|id| self.looks_at(rule, id)).cloned().collect()
            };
            let mut standings = Vec::with_capacity(looked_at.len());
            for series in looked_at {
                standings.extend(self.standings(at, rule, &series, compound.within(), depth));
            }
            members.push(Member { name, standings });
        }
        Some(members)
    }

    fn standings(&mut self, at: usize, rule: &Rule, id: &SeriesId, within: u32, depth: usize) -> Option<Rc<Standings>> {
        let key = (at, id.clone(), within);
        if let Some(known) = self.standings.get(&key) {
            return Some(known.clone());
        }
        let (series, spec) = (self.facts.series.get(id)?, self.catalog.series(id));
        let course = match &rule.what {
            What::Series(kind) => kind.course(series, &spec),
            What::Compound(compound) => compound.course(series, self.members(compound, id, depth)?),
            What::Clock(_) => return None,
        };
        let standings = Rc::new(Standings::of(rule, &course, within));
        self.standings.insert(key, standings.clone());
        Some(standings)
    }

    /// Whether a compound counts, for a series, what rules say of others of its route; other compounds may.
    pub fn counts_others(&self, rule: &Rule, id: &SeriesId) -> bool {
        let Some(compound) = compound(rule) else { return false };
        let mut members = compound.members().iter().filter_map(|id| Some(self.rule(id)?.1));
        members.any(|member| !member.selector.matches(id) || matches!(member.what, What::Compound(_)))
    }

    fn rule(&self, id: &crate::domain::alert::RuleId) -> Option<(usize, &'a Rule)> {
        self.rules.iter().enumerate().find(|(_, rule)| rule.id == *id)
    }

    /// Whether a rule judges a series: a compound judges what one of its members does.
    fn looks_at(&self, rule: &Rule, id: &SeriesId) -> bool {
        rule.selector.matches(id)
            && match &rule.what {
                What::Series(_) => true,
                What::Compound(compound) => self.is_for(compound, rule, id),
                What::Clock(_) => false,
            }
    }

    /// Whether a compound is judged on a series: where every member looks at it; else, of those of the route that some member
    /// looks at, on the ones with the shortest periods, since all the others are known by their ends.
    fn is_for(&self, compound: &Compound, rule: &Rule, id: &SeriesId) -> bool {
        let members: Vec<&Rule> = compound.members().iter().filter_map(|id| Some(self.rule(id)?.1)).collect();
        let direct = |id: &SeriesId| members.iter().filter(|member| member.selector.matches(id)).count();
        let shortest = || {
            let looked_at = of_route(self.facts, &id.route).map(|(id, _)| id);
            looked_at.filter(|id| rule.selector.matches(id) && direct(id) > 0).map(|id| id.cadence).min()
        };
        match direct(id) {
            0 => false,
            all if all == members.len() => true,
            _ => shortest() == Some(id.cadence),
        }
    }
}

fn compound(rule: &Rule) -> Option<&Compound> {
    match &rule.what {
        What::Compound(compound) => Some(compound),
        What::Series(_) | What::Clock(_) => None,
    }
}
