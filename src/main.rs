//! The program's entry: parse arguments, choose a mode, turn an error into an exit code.

fn main() {}
