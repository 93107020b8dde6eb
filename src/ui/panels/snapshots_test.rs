//! Peek.
use crate::ui::testing::*;
use crate::ui::message::Page;
#[test]
fn peek() {
    for (w,h) in [(80,24),(120,40),(44,14),(220,60)] {
        let m = spring().as_sample(|_|{}).screen(w,h);
        println!("{}", text(&m));
    }
}
