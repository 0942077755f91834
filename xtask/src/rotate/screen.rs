//! The live table: redrawn in place on a terminal, a line every few seconds where output goes elsewhere.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Where nothing can be redrawn, this often is enough.
const BETWEEN_LINES: Duration = Duration::from_secs(2);

/// What is on the screen: events above, one table below.
pub struct Screen {
    redraws: bool,
    drawn: usize,
    start: Instant,
    next_line: Instant,
}

impl Screen {
    /// For standard output as it is.
    pub fn new() -> Self {
        let now = Instant::now();
        Self { redraws: std::io::stdout().is_terminal(), drawn: 0, start: now, next_line: now }
    }

    /// Something happened: a line that stays.
    pub fn say(&mut self, text: &str) {
        let seconds = self.start.elapsed().as_secs_f64();
        self.print(&format!("{seconds:5.1} s  {text}\n"));
    }

    /// Shows how it goes: `table` in place of the last one, or now and then `line`.
    pub fn show(&mut self, table: &str, line: &str) {
        if self.redraws {
            // Without wrapping, so that a row is a row on a narrow terminal too.
            self.print(&format!("\x1b[?7l\n{}\x1b[?7h\n", table.trim_end()));
            self.drawn = table.lines().count() + 1;
        } else if Instant::now() >= self.next_line {
            self.next_line = Instant::now() + BETWEEN_LINES;
            self.say(line);
        }
    }

    /// Takes the live table away, for what comes at the end.
    pub fn finish(&mut self) {
        self.print("");
    }

    /// Prints in place of the table, all in one piece: Ctrl-C may end the program at any moment, and half a frame would leave
    /// the terminal without wrapping.
    fn print(&mut self, text: &str) {
        let erased = match std::mem::take(&mut self.drawn) {
            0 => String::new(),
            lines => format!("\x1b[{lines}A\r\x1b[J"),
        };
        print!("{}", erased + text);
        let _ = std::io::stdout().flush();
    }
}
