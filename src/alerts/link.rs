//! Ties compounds to the rules that they name, where a configuration is read: what is not there, judges no figures, never meets
//! the others or leads back to the compound is said.

use super::{Rule, What};
use crate::domain::alert::RuleId;

/// A compound that names what it cannot count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkError {
    /// Which rule.
    pub rule: RuleId,
    /// The member that is to blame.
    pub member: RuleId,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// Ties compounds to the rules that they name: another meaning of a member is another meaning of its compounds. Says what is
/// named but is not there, judges no figures, or leads back to itself.
pub fn link(rules: &mut [Rule]) -> Vec<LinkError> {
    let mut errors = Vec::new();
    for at in 0..rules.len() {
        let What::Compound(compound) = rules[at].what.clone() else { continue };
        for member in compound.members() {
            if let Some((what, remedy)) = wrong_member(rules, &rules[at].id, member) {
                errors.push(LinkError { rule: rules[at].id.clone(), member: member.clone(), what, remedy });
            }
        }
    }
    if errors.is_empty() {
        let meanings: Vec<u64> = rules.iter().map(|rule| meaning(rules, rule)).collect();
        rules.iter_mut().zip(meanings).for_each(|(rule, meaning)| rule.hash = meaning);
    }
    errors
}

fn wrong_member(rules: &[Rule], rule: &RuleId, member: &RuleId) -> Option<(String, String)> {
    let Some(found) = rules.iter().find(|other| other.id == *member) else {
        let judging = rules.iter().filter(|other| !matches!(other.what, What::Clock(_)) && other.id != *rule);
        let names: Vec<&str> = judging.map(|other| other.id.as_str()).collect();
        return Some((format!("no rule is called \"{member}\""), format!("rules are {}", names.join(", "))));
    };
    if matches!(found.what, What::Clock(_)) {
        let what = format!("\"{member}\" is of kind \"{}\", which judges no figures", found.kind);
        return Some((what, "name rules that look at series".to_owned()));
    }
    let elsewhere = |other: &Rule| {
        let (route, own) = (other.selector.route.as_ref()?, found.selector.route.as_ref()?);
        (route != own)
            .then(|| format!("\"{member}\" is on the route {own}, \"{}\" on {route}: they never meet", other.id))
    };
    if let Some(what) = family(rules, rule).find_map(elsewhere) {
        return Some((what, "name rules on one route, or on all".to_owned()));
    }
    let back = path_back(rules, rule, found, &mut vec![rule.as_str()])?;
    Some((format!("the rule counts itself: {back}"), "take one of them out of its `of`".to_owned()))
}

/// A compound and what it counts.
fn family<'a>(rules: &'a [Rule], rule: &'a RuleId) -> impl Iterator<Item = &'a Rule> {
    let compound = rules.iter().find(|other| other.id == *rule);
    let members = compound.and_then(|rule| match &rule.what {
        What::Compound(compound) => Some(compound.members()),
        What::Series(_) | What::Clock(_) => None,
    });
    let members = members.unwrap_or_default();
    rules.iter().filter(move |other| other.id == *rule || members.contains(&other.id))
}

/// How a member leads back to a rule: `a → b → a`.
fn path_back<'a>(rules: &'a [Rule], rule: &RuleId, from: &'a Rule, path: &mut Vec<&'a str>) -> Option<String> {
    if from.id == *rule {
        return Some(format!("{} → {}", path.join(" → "), from.id));
    }
    let What::Compound(compound) = &from.what else { return None };
    // A circle that the rule is no part of is told where it is one.
    if path.contains(&from.id.as_str()) {
        return None;
    }
    path.push(from.id.as_str());
    let next = rules.iter().filter(|other| compound.members().contains(&other.id));
    let found = next.into_iter().find_map(|next| path_back(rules, rule, next, path));
    path.pop();
    found
}

fn meaning(rules: &[Rule], rule: &Rule) -> u64 {
    let What::Compound(compound) = &rule.what else { return rule.hash };
    let members = rules.iter().filter(|other| compound.members().contains(&other.id));
    members.fold(rule.hash, |hash, member| hash.rotate_left(7) ^ meaning(rules, member))
}
