//! "Did you mean": the known name that was probably meant.

/// A longer text is nobody's slip.
const MAX_BYTES: usize = 256;

/// Of the known names the one that needs the fewest corrections to become `text`, and not many for its length;
/// of several, the first of the alphabet.
pub fn nearest<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if text.len() > MAX_BYTES {
        return None;
    }
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(text, word), word))
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4)
        .min()
        .map(|(_, word)| word)
}
