//! Where in a list each route stands: a mapping's template makes thousands of routes, and rules look them up at every tick.

use super::route::{Route, RouteId};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Below this looking through the list is as quick.
const FEW: usize = 16;

/// Places of routes in their list, found out at the first question. A copy finds out anew, since copies are made to be changed.
#[derive(Debug, Default)]
pub struct Places(OnceLock<HashMap<RouteId, usize>>);

impl Places {
    /// The route with an id.
    pub fn find<'a>(&self, routes: &'a [Route], id: &RouteId) -> Option<&'a Route> {
        self.place(routes, id).and_then(|at| routes.get(at))
    }

    /// Where in the list the route with an id stands.
    pub fn place(&self, routes: &[Route], id: &RouteId) -> Option<usize> {
        let look_through = || routes.iter().position(|route| route.id == *id);
        if routes.len() < FEW {
            return look_through();
        }
        // Of several with one id the first counts, as when looking through.
        let places =
            self.0.get_or_init(|| routes.iter().enumerate().rev().map(|(at, route)| (route.id.clone(), at)).collect());
        let is = |at: &usize| routes.get(*at).is_some_and(|route| route.id == *id);
        let found = places.get(id).copied().filter(is);
        // A list that was changed since is looked through.
        found.or_else(|| if places.len() == routes.len() { None } else { look_through() })
    }
}

impl Clone for Places {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Places {
    /// What has been looked up is no part of what a list says.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_found_before_and_after_the_list_grows() {
        let id = |number: usize| RouteId::new(&format!("route-{number}"));
        let mut routes: Vec<Route> = (0..FEW * 2).map(|number| Route::plain(id(number))).collect();
        let places = Places::default();
        let found = |routes: &[Route], number| places.find(routes, &id(number)).map(|route| route.id.clone());
        assert_eq!(found(&routes, 5), Some(id(5)));
        assert_eq!(found(&routes, 99), None);
        routes.push(Route::plain(id(99)));
        assert_eq!(found(&routes, 99), Some(id(99)));
        routes.swap(0, 5);
        assert_eq!(found(&routes, 5), Some(id(5)));
        assert_eq!(found(&routes[..3], 5), Some(id(5)));
    }
}
