//! Colours, on a terminal only, and lines that are not too long.

use std::io::{self, IsTerminal};

/// Columns of a line of text: more are hard to read, however wide the terminal is.
const WIDTH: usize = 92;

/// Columns that the terminal has, if there is one; at least so many that a word fits behind its indentation.
fn width() -> usize {
    let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.map_or(WIDTH, |columns| columns.clamp(30, WIDTH))
}

/// How a word is set off.
#[derive(Clone, Copy)]
pub(crate) enum Colour {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
}

/// The text in a colour, if somebody looks at it.
pub(crate) fn paint(colour: Colour, text: &str) -> String {
    if !on_a_terminal() {
        return text.to_owned();
    }
    let code = match colour {
        Colour::Bold => 1,
        Colour::Dim => 2,
        Colour::Red => 31,
        Colour::Green => 32,
        Colour::Yellow => 33,
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// Whether standard output is a terminal that shows colours: one that is not `dumb`, whose user does not refuse
/// (<https://no-color.org>).
pub(crate) fn on_a_terminal() -> bool {
    let is = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    io::stdout().is_terminal()
        && is("NO_COLOR").is_none()
        && is("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// The text in lines that begin with `indent` and break between words.
pub(crate) fn indented(text: &str, indent: &str) -> String {
    within(width(), text, indent)
}

fn within(width: usize, text: &str, indent: &str) -> String {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let longer = indent.chars().count() + line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && longer > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.iter().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        let words = "twelve chars ".repeat(20);
        for width in [30, 60, WIDTH] {
            let text = within(width, words.trim_end(), "    ");
            let fits = |line: &str| line.starts_with("    ") && line.chars().count() <= width;
            assert!(text.lines().all(fits), "{text}");
            assert_eq!(text.split_whitespace().count(), 40);
        }
        assert_eq!(indented("one\ntwo", " "), " one\n two");
    }
}
