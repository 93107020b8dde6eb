//! Watchfloor: a full-screen terminal situation monitor. It polls feeds of arrival statistics and headlines, keeps every published
//! version of every figure, raises alerts when arrivals surge or collapse, and counts down to policy dates.
//!
//! ```text
//!  feeds ──► fetch ──► decode ──► STORE ──► keeper ──► Situation (Arc, watch) ──► screen ──► terminal
//!                                 facts     fold, rules      └─► reports (text, JSON)
//!                                   ▲
//!                                   └── what a person does: facts like any other
//! ```
//!
//! Facts flow one way. A process that did not poll takes the same road from the store on; restart, a second process, and
//! replay are the same mechanism.
//!
//! # Who may know whom
//!
//! ```text
//! main ─► app ─► { engine, ui, report, config }
//! engine ─► { feeds, alerts, fetch, store, clock } ─► domain ─► std, jiff, unicode tables
//! ui, report ─► domain              config ─► the option types of the folders it gathers
//! ```
//!
//! A star: feeds, alerts, fetch, store and clock never see one another; only the engine composes them. The screen never sees
//! store, network or engine. `tests/architecture.rs` holds this table.
//!
//! Also absent: a clock read below `clock`, tokio in `domain`, `alerts`, `feeds` and `report`, serde in `domain`, a lock or a
//! channel in a panel, `unsafe`.
//!
//! # In reading order
//!
//! [`domain`], [`feeds`], [`fetch`], [`store`], [`alerts`], [`engine`], [`ui`], [`report`], [`config`], [`app`].

pub mod alerts;
pub mod app;
pub mod clock;
pub mod config;
pub mod domain;
pub mod engine;
pub mod feeds;
pub mod fetch;
pub mod report;
pub mod store;
pub mod ui;
