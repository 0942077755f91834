//! What the person at the terminal sees: one short line a step with its time, and aligned tables.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Result;

/// Runs a step whose own output, if any, is kept for a failure: its line ends with the time it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    print!("==> {what} ... ");
    let _ = std::io::stdout().flush();
    let start = Instant::now();
    let done = work();
    println!("{}{}", if done.is_ok() { "" } else { "FAILED after " }, seconds(start.elapsed()));
    done
}

/// Runs a step whose output is shown as it comes, between two lines.
pub fn live_step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {what}");
    let start = Instant::now();
    let done = work();
    println!("    {} {}", if done.is_ok() { "took" } else { "FAILED after" }, seconds(start.elapsed()));
    done
}

/// `12.3 s`
pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// `12,345`
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Rows under headings, each column as wide as its widest cell. Columns whose heading starts with `>` are aligned to the right.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let title = |column: usize| headings[column].trim_start_matches('>');
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([title(column).chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (column, cell) in cells.enumerate() {
            let gap = " ".repeat(widths[column] - cell.chars().count());
            let right = headings[column].starts_with('>');
            text += &if right { format!("{gap}{cell}  ") } else { format!("{cell}{gap}  ") };
        }
        text.trim_end().to_string() + "\n"
    };
    let mut text = line(&mut (0..headings.len()).map(title));
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    text += &line(&mut rules.iter().map(String::as_str));
    for row in rows {
        text += &line(&mut row.iter().map(String::as_str));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{grouped, table};

    #[test]
    fn columns_are_aligned_to_the_widest_cell() {
        let rows = [vec!["C".into(), "9".into()], vec!["Python".into(), "10".into()]];
        assert_eq!(
            table(&["language", ">ms"], &rows),
            "language  ms\n--------  --\nC          9\nPython    10\n"
        );
    }

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
