//! Tables of text with aligned columns, including characters of double width.

use unicode_width::UnicodeWidthStr;

use super::output::bold;

/// The number of spaces between columns.
const GAP: usize = 2;

/// Returns the lines of a table with headings.
pub fn lines<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> Vec<String> {
    let headings = headings.map(str::to_owned);
    let widths = widths(rows.iter().chain([&headings]));
    let mut lines = vec![bold(&line(&headings, &widths))];
    lines.extend(rows.iter().map(|row| line(row, &widths)));
    lines
}

/// Returns the lines of a table without headings.
pub fn aligned<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let widths = widths(rows.iter());
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn widths<'r, const N: usize>(rows: impl Iterator<Item = &'r [String; N]> + Clone) -> [usize; N] {
    std::array::from_fn(|column| rows.clone().map(|row| row[column].width()).max().unwrap_or(0))
}

fn line<const N: usize>(row: &[String; N], widths: &[usize; N]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width + GAP - cell.width()));
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn aligns_columns_with_wide_characters() {
        let rows = [["a", "1"], ["封面", "2"]].map(|row| row.map(str::to_owned));
        let table = lines(["name", "n"], &rows);
        assert_eq!(table[1..], ["a     1", "封面  2"]);
    }
}
