//! The one integration-test binary: each costs a link.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "only here is there patience with a limit, on the machine's own clock")]

mod architecture;
mod e2e;
mod faults;
mod fuzz;
mod news;
mod screens;
mod soak;
