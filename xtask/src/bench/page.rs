//! `docs/benchmarks.md`: what a comparison writes, and at its end what is measured of tokens, which each leave to the other.

/// Where it is.
pub const PAGE: &str = "docs/benchmarks.md";
/// What its end begins with.
pub const TOKENS: &str = "## Verifying a token\n";

/// What the page says of tokens: its end.
pub fn tokens(page: &str) -> &str {
    page.find(TOKENS).map_or("", |start| &page[start..])
}

/// A page whose end is another.
pub fn with_tokens(page: &str, tokens: &str) -> String {
    let others = page.strip_suffix(self::tokens(page)).unwrap_or(page);
    format!("{}\n\n{tokens}", others.trim_end()).trim_end().to_string() + "\n"
}

/// A table for it.
pub fn markdown(headings: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(headings.iter().map(|heading| heading.trim_start_matches('>')).collect());
    text +=
        &line(headings.iter().map(|heading| if heading.starts_with('>') { "--:" } else { "---" }).collect());
    for row in rows {
        text += &line(row.iter().map(String::as_str).collect());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_which_columns_are_numbers() {
        let rows = [vec!["C".to_string(), "1.5".to_string()]];
        assert_eq!(markdown(&["language", ">µs"], &rows), "| language | µs |\n| --- | --: |\n| C | 1.5 |\n");
    }

    #[test]
    fn each_part_of_the_page_outlives_the_other() {
        let calls = "# Benchmarks\n\n## One\n";
        assert_eq!((tokens(calls), with_tokens(calls, "")), ("", calls.to_string()));
        let section = format!("{TOKENS}\n| a |\n");
        let page = with_tokens(calls, &section);
        assert_eq!((tokens(&page), with_tokens(&page, &section)), (section.as_str(), page.clone()));
        assert_eq!(page, format!("{calls}\n{section}"));
    }
}
