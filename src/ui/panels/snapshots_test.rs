//! Peek.
use crate::ui::testing::*;
use crate::ui::message::Page;
#[test]
fn peek() {
    for (w,h) in [(80,24),(120,40),(44,14),(220,60)] {
        let mut m = held().as_sample(|_|{}).screen(w,h);
        println!("{}", text(&m));
        m.help = true;
        println!("{}", text(&m));
        for page in [Page::Dates, Page::Headlines, Page::Feeds] {
        let mut m = held().screen(w,h);
        m.page=page;
        println!("{}", text(&m));
        }
    }
}
