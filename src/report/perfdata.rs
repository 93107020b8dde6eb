//! Performance data of monitoring plugins: `'label'=value[unit];[warn];[crit];[min];[max]`, separated by blanks.

/// What a number counts, in the grammar's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
}

/// Numbers with their labels, in the order in which they are shown.
#[derive(Debug, Default)]
pub(super) struct Perfdata {
    text: String,
}

impl Perfdata {
    /// Adds a number; one that is none is left out. `max` where there can be no more of it.
    pub(super) fn add(&mut self, label: &str, value: f64, unit: Unit, max: Option<usize>) {
        if !value.is_finite() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        let (unit, least) = match unit {
            Unit::Count => ("", "0"),
            // What lies ahead counts down through zero.
            Unit::Seconds => ("s", ""),
        };
        let max = max.map_or_else(String::new, |max| max.to_string());
        let limits = format!(";;;{least};{max}");
        self.text.push_str(&format!("'{}'={value}{unit}{}", quoted(label), limits.trim_end_matches(';')));
    }

    /// All of it on one line.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// A label may hold anything but an equals sign; a quote is written twice. A bar would begin the data anew.
fn quoted(label: &str) -> String {
    label.replace('\'', "''").replace('=', "_").replace('|', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_in_the_grammar_of_plugins() {
        let mut data = Perfdata::default();
        data.add("critical", 1.0, Unit::Count, None);
        data.add("feeds fresh", 6.0, Unit::Count, Some(7));
        data.add("date l'été=a|b", -90.0, Unit::Seconds, None);
        data.add("south/persons/day", 88.5, Unit::Count, None);
        data.add("none", f64::NAN, Unit::Count, None);
        let expected = "'critical'=1;;;0 'feeds fresh'=6;;;0;7 'date l''été_a/b'=-90s 'south/persons/day'=88.5;;;0";
        assert_eq!(data.text(), expected);
        let mut large = Perfdata::default();
        large.add("n", 1e15, Unit::Count, None);
        assert_eq!(large.text(), "'n'=1000000000000000;;;0", "no exponents");
    }
}
