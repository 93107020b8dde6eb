//! When a feed says that it changes: `ttl` and `skipHours` of RSS, the syndication period of its module. They stand in the head of the
//! document, before the first item; what cannot be read there says nothing.

use super::Rhythm;
use regex::bytes::{Captures, Regex};
use std::sync::LazyLock;

/// How much of a document is looked at.
const HEAD: usize = 64 << 10;

static ITEM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)<(item|entry)[\s>]"));
static TTL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)<ttl>\s*(\d{1,9})\s*</ttl>"));
static PERIOD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)<\w+:updatePeriod>\s*(hourly|daily|weekly|monthly|yearly)\s*</"));
static FREQUENCY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)<\w+:updateFrequency>\s*(\d{1,6})\s*</"));
static SKIPPED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?is)<skipHours>(.*?)</skipHours>"));
static HOUR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)<hour>\s*(\d{1,2})\s*</hour>"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a test uses each of them")
}

/// What the head of a feed says.
pub fn of(bytes: &[u8]) -> Rhythm {
    let head = &bytes[..bytes.len().min(HEAD)];
    let head = ITEM.find(head).map_or(head, |item| &head[..item.start()]);
    let number = |found: Captures<'_>| str::from_utf8(&found[1]).ok()?.parse::<u32>().ok();
    let ttl = TTL.captures(head).and_then(number).filter(|minutes| *minutes > 0);
    let period = PERIOD.captures(head).map(|found| match found[1].to_ascii_lowercase().as_slice() {
        b"hourly" => 3_600_u32,
        b"daily" => 86_400,
        b"weekly" => 7 * 86_400,
        b"monthly" => 30 * 86_400,
        _ => 365 * 86_400,
    });
    let often = FREQUENCY.captures(head).and_then(number).unwrap_or(1).max(1);
    let hours = SKIPPED.captures(head).map_or(0, |skipped| {
        let hours = HOUR.captures_iter(skipped.get(1).map_or(&b""[..], |inner| inner.as_bytes())).filter_map(number);
        // Some count from 1 to 24.
        hours.filter(|hour| *hour <= 24).fold(0, |mask, hour| mask | 1 << (hour % 24))
    });
    Rhythm {
        ttl: ttl.map(|minutes| minutes.saturating_mul(60)).or_else(|| period.map(|seconds| seconds / often)),
        // One that never changes has made a mistake.
        skip_hours: if hours == (1 << 24) - 1 { 0 } else { hours },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_head_says_when_to_ask_and_items_do_not() {
        let rss = b"<rss><channel><ttl> 90 </ttl><skipHours><hour>0</hour><hour> 23 </hour><hour>77</hour></skipHours>\
            <item><ttl>1</ttl></item></channel></rss>";
        assert_eq!(of(rss), Rhythm { ttl: Some(5_400), skip_hours: 1 | 1 << 23 });
        assert_eq!(of(b"<rss><channel><item><ttl>1</ttl></item>"), Rhythm::default());
        let module =
            b"<rdf><channel><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>";
        assert_eq!(of(module).ttl, Some(1_800));
        let never: String = (0..24).map(|hour| format!("<hour>{hour}</hour>")).collect();
        assert_eq!(of(format!("<rss><skipHours>{never}</skipHours>").as_bytes()), Rhythm::default());
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in "(<ttl>|</ttl>|<hour>|<item |sy:updatePeriod>|[0-9a-z<>]){0,40}") {
            let _ = of(bytes.as_bytes());
        }
    }
}
