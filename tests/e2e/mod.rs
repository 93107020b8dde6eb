//! Stories through the real binary, in a pseudo-terminal.

mod alerts;
mod checking;
mod collecting;
mod commands;
mod crash;
mod dates;
mod guessing;
mod handing_over;
mod keeping;
mod leaving;
mod lists;
mod refreshing;
mod sample;
mod servers;
pub mod support;
mod voiding;
