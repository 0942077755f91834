//! Reads the number of tests that passed, failed and were skipped from what each test runner prints.

use std::ops::AddAssign;

/// Tests of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Ran and held.
    pub passed: u32,
    /// Ran and did not hold, or could not run.
    pub failed: u32,
    /// Left out by the runner.
    pub skipped: u32,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// `cargo test`: the sum over its programs and doc tests.
pub fn cargo(text: &str) -> Count {
    let mut sum = Count::default();
    for line in text.lines() {
        if let Some(rest) = line.trim_start().strip_prefix("test result: ") {
            let numbers = rest.split_once(". ").map_or(rest, |(_, numbers)| numbers);
            sum += pairs(numbers.split(';'));
        }
    }
    sum
}

/// pytest's last summary, `2 failed, 10 passed, 1 skipped in 0.52s`, with or without the rule around it.
pub fn pytest(text: &str) -> Count {
    let summary = text.lines().rev().map(|line| line.trim_matches(['=', ' ']));
    let mut summary = summary.filter_map(|line| line.rsplit_once(" in "));
    let found =
        summary.find(|(counts, time)| time.contains('s') && pairs(counts.split(',')) != Count::default());
    found.map(|(counts, _)| pairs(counts.split(','))).unwrap_or_default()
}

/// `node --test` in its two styles, `# pass 3` and `ℹ pass 3`.
pub fn node(text: &str) -> Count {
    let mut count = Count::default();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (Some("#" | "ℹ"), Some(what), Some(number), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let Ok(number) = number.parse::<u32>() else { continue };
        match what {
            "pass" => count.passed += number,
            "fail" | "cancelled" => count.failed += number,
            "skipped" | "todo" => count.skipped += number,
            _ => {}
        }
    }
    count
}

/// The last line of the form `3 passed, 1 failed` with an optional `, 2 skipped`: the NUnit runner and the conformance harness.
pub fn closing_line(text: &str) -> Count {
    let counts = text.lines().rev().filter(|line| line.contains(" passed, "));
    let mut counts = counts.map(|line| pairs(line.split(',')));
    counts.find(|count| *count != Count::default()).unwrap_or_default()
}

/// `dotnet test`: `Passed!  - Failed:     0, Passed:    12, Skipped:     0, Total:    12`, summed over projects.
pub fn dotnet_sdk(text: &str) -> Count {
    let mut sum = Count::default();
    for line in text.lines().filter(|line| line.contains("Failed:") && line.contains("Passed:")) {
        let number = |name: &str| -> u32 {
            let after = line.split_once(name).map_or("", |(_, after)| after).trim_start();
            let digits = after.split(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
            digits.parse().unwrap_or(0)
        };
        sum += Count { passed: number("Passed:"), failed: number("Failed:"), skipped: number("Skipped:") };
    }
    sum
}

/// The C programs: `ok NAME` and `not ok NAME: why`.
pub fn c_program(text: &str) -> Count {
    let mut count = Count::default();
    for line in text.lines() {
        if line.starts_with("ok ") {
            count.passed += 1;
        } else if line.starts_with("not ok ") {
            count.failed += 1;
        }
    }
    count
}

/// `3 passed`, `1 error`, …: a number and what it counts.
fn pairs<'a>(parts: impl Iterator<Item = &'a str>) -> Count {
    let mut count = Count::default();
    for part in parts {
        let mut words = part.split_whitespace();
        let (Some(number), Some(what)) = (words.next(), words.next()) else { continue };
        let Ok(number) = number.parse::<u32>() else { continue };
        match what {
            "passed" | "xfailed" => count.passed += number,
            "failed" | "error" | "errors" | "xpassed" => count.failed += number,
            "skipped" | "ignored" => count.skipped += number,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(passed: u32, failed: u32, skipped: u32) -> Count {
        Count { passed, failed, skipped }
    }

    #[test]
    fn cargo_test_is_summed_over_its_programs() {
        let text = "running 2 tests\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.20s\n";
        assert_eq!(cargo(text), count(5, 1, 1));
        assert_eq!(cargo("error: could not compile"), count(0, 0, 0));
    }

    #[test]
    fn pytest_summaries_of_all_kinds_are_read() {
        assert_eq!(pytest("....\n4 passed in 0.12s\n"), count(4, 0, 0));
        let loud = "== 1 failed, 2 passed, 3 skipped, 1 xfailed, 2 warnings, 1 error in 61.20s (0:01:01) ==";
        assert_eq!(pytest(loud), count(3, 2, 3));
        assert_eq!(pytest("no tests ran in 0.01s"), count(0, 0, 0));
    }

    #[test]
    fn node_test_is_read_in_both_styles() {
        assert_eq!(node("# tests 4\n# pass 3\n# fail 1\n# cancelled 0\n# skipped 0\n"), count(3, 1, 0));
        assert_eq!(
            node("ℹ pass 12\nℹ fail 0\nℹ cancelled 1\nℹ skipped 2\nℹ duration_ms 12.5\n"),
            count(12, 1, 2)
        );
    }

    #[test]
    fn the_last_closing_line_counts() {
        let text = "1 passed, 0 failed\nmore\n12 passed, 3 failed, 1 skipped\n";
        assert_eq!(closing_line(text), count(12, 3, 1));
    }

    #[test]
    fn the_sdks_summary_is_summed_over_projects() {
        let line = "Failed!  - Failed:     1, Passed:    12, Skipped:     2, Total:    15, Duration: 3 s - Agglestone.Tests.dll (net8.0)";
        assert_eq!(dotnet_sdk(&format!("{line}\n{line}\n")), count(24, 2, 4));
    }

    #[test]
    fn c_programs_report_a_line_a_test() {
        assert_eq!(c_program("ok one\nnot ok two: why\nok three\nokay, whatever\n"), count(2, 1, 0));
    }
}
