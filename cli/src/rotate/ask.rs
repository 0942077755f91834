//! Questions to whoever runs the command: at a terminal, or line by line from a pipe.

use std::io::{self, BufRead, IsTerminal, Write};

use agglestone::SecretString;
use anyhow::{Context, Result, ensure};

/// Whether the answer is yes. Anything else is no, and so is the end of the input.
pub fn yes(question: &str) -> Result<bool> {
    let mut err = io::stderr().lock();
    write!(err, "{question} [y/N] ")?;
    err.flush()?;
    let answer = line()?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// A secret, which a terminal does not show.
pub fn secret(prompt: &str) -> Result<SecretString> {
    let text = match io::stdin().is_terminal() {
        true => rpassword::prompt_password(prompt).context("the key can't be read")?,
        false => line()?,
    };
    let text = text.trim().to_owned();
    ensure!(!text.is_empty(), "no key was given");
    Ok(text.into())
}

fn line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line)
}
