//! The name that was probably meant.

/// Names further away than this share of their length are no help.
const FARTHEST: f64 = 0.5;

/// The known name nearest to the given one, without case; none if nothing is near.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_n(given, known, 1).into_iter().next()
}

/// Up to `count` known names, nearest first.
pub fn nearest_n<'a>(given: &str, known: impl IntoIterator<Item = &'a str>, count: usize) -> Vec<&'a str> {
    let given = given.to_ascii_lowercase();
    let mut near: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (1.0 - strsim::normalized_damerau_levenshtein(&given, &name.to_ascii_lowercase()), name))
        .filter(|(distance, _)| *distance <= FARTHEST)
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
    near.into_iter().map(|(_, name)| name).take(count).collect()
}
