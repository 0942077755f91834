//! Characters that show as nothing: with them a text shows as another than it is.

/// Unicode's `Default_Ignorable_Code_Point`, which has all marks that turn the direction of text, and what annotates text
/// between lines.
pub(crate) fn is_invisible(c: char) -> bool {
    // Nearly every text is ASCII.
    c > '\u{7f}'
        && matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}
