//! Themes and scenarios are embedded: a new file there must be noticed, which cargo does only when told.

fn main() {
    println!("cargo:rerun-if-changed=themes");
    println!("cargo:rerun-if-changed=sample-feeds");
}
