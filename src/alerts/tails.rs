//! Tails of the normal and of Student's distribution, for a baseline of a few figures: a bound that few figures give must lie
//! further out to be as seldom passed.

use std::f64::consts::{FRAC_2_PI, PI};

/// How many of a thousand thousand normal figures lie beyond `z` standard deviations, as a share; for z from 0 to 6.
pub fn normal(z: f64) -> f64 {
    let density = (-z * z / 2.0).exp() / (2.0 * PI).sqrt();
    let (mut term, mut sum, mut odd) = (z, z, 1.0);
    while term > sum * 1e-17 {
        odd += 2.0;
        term *= z * z / odd;
        sum += term;
    }
    0.5 - density * sum
}

/// The share of Student's distribution beyond `t`, with whole degrees of freedom.
pub fn student(t: f64, degrees: u32) -> f64 {
    let angle = (t / f64::from(degrees).sqrt()).atan();
    let (sin, cos) = angle.sin_cos();
    let odd = degrees % 2 == 1;
    let (mut term, mut sum) = if odd { (cos, cos) } else { (1.0, 1.0) };
    if degrees == 1 {
        sum = 0.0;
    }
    let mut power = if odd { 3 } else { 2 };
    while power < degrees {
        term *= f64::from(power - 1) / f64::from(power) * cos * cos;
        sum += term;
        power += 2;
    }
    let within = if odd { FRAC_2_PI * (angle + sin * sum) } else { sin * sum };
    (1.0 - within) / 2.0
}

/// The point beyond which a share of Student's distribution lies.
pub fn student_quantile(share: f64, degrees: u32) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while student(high, degrees) > share && high < 1e9 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if student(middle, degrees) > share { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_textbooks() {
        let near = |ours: f64, theirs: f64, slack: f64| assert!((ours - theirs).abs() < slack, "{ours} {theirs}");
        near(normal(3.090_232_306_168), 0.001, 1e-12);
        near(normal(1.959_963_984_540), 0.025, 1e-12);
        near(normal(0.0), 0.5, 1e-12);
        for (share, degrees, t) in [
            (0.05, 1, 6.314),
            (0.025, 2, 4.303),
            (0.01, 3, 4.541),
            (0.001, 4, 7.173),
            (0.001, 5, 5.893),
            (0.01, 6, 3.143),
        ] {
            near(student_quantile(share, degrees), t, 1e-3);
        }
        // surge.md R6: for seven figures the true rate beyond 3.09 is 1.38 %.
        near(student(3.09 / (8.0_f64 / 7.0).sqrt(), 6), 0.0138, 1e-4);
        near(student(2.33 / (8.0_f64 / 7.0).sqrt(), 6), 1.0 / 28.0, 1e-3);
    }
}
