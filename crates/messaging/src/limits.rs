//! The limits of this slice's pages, each with its reason.

/// Largest form of text fields, in bytes: a template with everything escaped three times over.
pub const FORM_BYTES: usize = 3 * base::limits::TEMPLATE_BYTES + 16 * 1024;

/// Longest name of a template, in letters: one line of a table.
pub const TEMPLATE_NAME_LETTERS: usize = 60;

/// Longest reason for sending again, in letters: a few sentences.
pub const REASON_LETTERS: usize = 500;

/// Messages on one page: what one looks through without losing one's place.
pub const MESSAGES_PER_PAGE: u64 = 50;

/// Pages that may be kept up to date at once by one process; a room of 50 people has several open each.
pub const LIVE_STREAMS: usize = 500;

/// How long one live connection lasts, in seconds. The browser opens the next one by itself, and only then
/// is it asked again who it is.
pub const LIVE_SECONDS: u64 = 600;
