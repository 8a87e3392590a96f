//! Medians, and rows that hold a figure against its bound.

/// The middle one of these.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        0 => (values[middle - 1] + values[middle]) / 2.0,
        _ => values[middle],
    }
}

/// The smallest and largest of these.
pub fn span(values: &[f64]) -> (f64, f64) {
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (smallest, largest)
}

/// Prints a figure and its upper bound.
pub fn at_most(what: &str, figure: f64, bound: f64, unit: &str) {
    let verdict = if figure <= bound { "holds" } else { "MISSED" };
    println!("  {what}: {figure:.3}{unit}, at most {bound}{unit}: {verdict}");
}
