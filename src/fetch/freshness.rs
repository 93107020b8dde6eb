//! When a server wants to be asked again: `Retry-After` of one that is overworked, `Cache-Control` and `Expires` of one that says how
//! long its answer holds. Whoever plans puts a bound on both.

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{self, HeaderMap, HeaderName};

/// What a server asks for with `Retry-After`: seconds, or an HTTP date that lies ahead.
pub fn retry_at(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let text = text(headers, &header::RETRY_AFTER)?;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than can be counted is as long as can be.
        let seconds = text.parse::<i64>().unwrap_or(i64::MAX);
        return Some(later(now, seconds)).filter(|at| *at > now);
    }
    date(text).filter(|at| *at > now)
}

/// Until when an answer says that it holds. What it says of shared caches is not for us.
pub fn fresh_until(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let said: Vec<String> = headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|word| word.trim().to_lowercase())
        .collect();
    if said.iter().any(|word| word.starts_with("no-cache") || word == "no-store") {
        return None;
    }
    let age = text(headers, &header::AGE).and_then(|age| age.parse::<u32>().ok()).map_or(0, i64::from);
    let max_age = said.iter().find_map(|word| word.strip_prefix("max-age="));
    if let Some(seconds) = max_age {
        let seconds = seconds.trim_matches('"').parse::<i64>().ok()?;
        return Some(later(now, seconds.saturating_sub(age))).filter(|at| *at > now);
    }
    // By the server's own clock: ours may be off.
    let expires = text(headers, &header::EXPIRES).and_then(date)?;
    let sent = text(headers, &header::DATE).and_then(date)?;
    let lasts = expires.duration_since(sent).as_secs().saturating_sub(age);
    Some(later(now, lasts)).filter(|at| *at > now)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_ahead() {
        let at = |text: &str| retry_at(&headers(&[(header::RETRY_AFTER, text)]), Timestamp::UNIX_EPOCH);
        assert_eq!(at("120"), Timestamp::from_second(120).ok());
        assert_eq!(at("Thu, 01 Jan 1970 00:05:00 GMT"), Timestamp::from_second(300).ok());
        assert_eq!(at("1000000000000"), Some(Timestamp::MAX));
        for nothing in ["soon", "-1", "0", "Wed, 31 Dec 1969 00:00:00 GMT", ""] {
            assert_eq!(at(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn an_answer_says_how_long_it_holds() {
        let until = |lines: &[(HeaderName, &str)]| {
            fresh_until(&headers(lines), Timestamp::UNIX_EPOCH).map(Timestamp::as_second)
        };
        let control = |text| (header::CACHE_CONTROL, text);
        assert_eq!(until(&[control("public, max-age=20")]), Some(20));
        assert_eq!(until(&[control("max-age=20"), (header::AGE, "15")]), Some(5));
        assert_eq!(until(&[control("max-age=20, no-cache")]), None);
        assert_eq!(until(&[control("max-age=0")]), None);
        let (date, expires) = ("Mon, 05 Oct 2026 10:00:00 GMT", "Mon, 05 Oct 2026 10:02:00 GMT");
        assert_eq!(until(&[(header::DATE, date), (header::EXPIRES, expires)]), Some(120));
        assert_eq!(until(&[(header::DATE, date), (header::EXPIRES, "0")]), None);
    }

    proptest! {
        #[test]
        fn nothing_overflows_and_nothing_lies_behind(value in "[0-9a-z=, -]{0,40}", now in -1_000_000_000_i64..100_000_000_000) {
            let now = Timestamp::from_second(now).unwrap();
            let said = headers(&[
                (header::RETRY_AFTER, &value),
                (header::CACHE_CONTROL, &format!("max-age={value}")),
            ]);
            prop_assert!(retry_at(&said, now).is_none_or(|at| at > now));
            prop_assert!(fresh_until(&said, now).is_none_or(|at| at > now));
        }
    }
}
