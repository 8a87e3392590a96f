//! The query of a URL, taken apart.

use percent_encoding::percent_decode_str;

/// The parameters in their order, decoded. A parameter may come several times.
pub(crate) fn parse(query: Option<&str>) -> Vec<(String, String)> {
    let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn repeated_parameters_and_encoded_characters_are_kept() {
        let pairs = parse(Some("a=1&a=%E4%B8%AD&b=x+y&c"));
        let expected = [("a", "1"), ("a", "中"), ("b", "x y"), ("c", "")];
        assert_eq!(pairs, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
