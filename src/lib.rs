//! Watchfloor: a full-screen terminal situation monitor.
