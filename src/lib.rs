//! Watchfloor: a full-screen terminal situation monitor.

pub mod alerts;
pub mod clock;
pub mod config;
pub mod domain;
pub mod engine;
pub mod feeds;
pub mod fetch;
pub mod report;
pub mod store;
pub mod ui;
