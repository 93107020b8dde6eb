//! Watchfloor: a full-screen terminal situation monitor.

pub mod alerts;
pub mod clock;
pub mod domain;
pub mod feeds;
pub mod fetch;
pub mod store;
