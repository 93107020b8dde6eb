//! Lengths of time as people write them: `90s`, `5m`, `6h`, `1h 30m`, and `20d` for days of 24 hours.

use jiff::SignedDuration;

/// Reads a length of time above zero; says how to write it otherwise.
pub fn read(text: &str) -> Result<SignedDuration, String> {
    let text = text.trim();
    let days = text.strip_suffix('d').and_then(|days| days.trim().parse::<i64>().ok());
    let length = match days {
        Some(days) => days.checked_mul(24).map(SignedDuration::from_hours),
        None => text.parse::<SignedDuration>().ok(),
    };
    length
        .filter(|length| length.is_positive() && length.as_secs() < 100 * 366 * 86_400)
        .ok_or_else(|| "write a length of time such as \"90s\", \"5m\", \"6h\" or \"20d\"".to_owned())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn lengths_of_time() {
        for (text, seconds) in [("90s", 90), ("5m", 300), ("1h 30m", 5400), ("20d", 1_728_000), (" 6h ", 21_600)] {
            assert_eq!(read(text).unwrap().as_secs(), seconds, "{text}");
        }
        for text in ["", "300", "-5m", "0s", "soon", "99999999999d"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
