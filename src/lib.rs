//! Watchfloor: a full-screen terminal situation monitor.

pub mod alerts;
pub mod domain;
pub mod feeds;
pub mod store;
