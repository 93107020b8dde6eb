//! Stories through the real binary, in a pseudo-terminal.

mod collecting;
mod commands;
mod crash;
mod leaving;
mod sample;
mod support;
mod voiding;
