//! Small, stateless drawings that panels share.

pub mod chart;
pub mod digits;
pub mod line;
pub mod sparkline;
