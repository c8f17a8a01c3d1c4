//! The limits of this slice, each with its reason.

use base::clock::{DAY, HOUR, MINUTE, Millis};

/// Longest name of a form, page, question or option: it stands in addresses and fields.
pub const KEY_LETTERS: usize = 40;

/// Largest document of a form, in bytes: the application desk's forty pages in nine languages are about 200,000.
pub const DOCUMENT_BYTES: usize = 1_000_000;

/// Most pages of a form. Nobody answers more on a phone.
pub const PAGES: usize = 60;

/// Most questions on a page: one is the rule, a few that belong together the exception.
pub const QUESTIONS_PER_PAGE: usize = 6;

/// Most options of a question: prefectures are 47.
pub const OPTIONS: usize = 60;

/// Most columns of a list: name, relation, telephone, day.
pub const COLUMNS: usize = 5;

/// Most rows of a list. Who met more people tells it to a person.
pub const ROWS: usize = 30;

/// Longest answer of one line, in letters: the longest names and addresses that exist.
pub const TEXT_LETTERS: usize = 200;

/// Longest answer of several lines, in letters: a page.
pub const LONG_TEXT_LETTERS: usize = 2_000;

/// How far back a day may lie, in days: a year and two months.
pub const DAYS_BACK: u16 = 400;

/// Largest page of answers that is listened to, in bytes: thirty rows of five cells of 200 letters, each letter of
/// three bytes written as nine.
pub const ANSWER_BYTES: usize = ROWS * COLUMNS * TEXT_LETTERS * 9 + 64 * 1024;

/// Wrong birth dates before a link is locked: a slip or two, and a stranger with a year of guesses gets nowhere.
pub const TRIES: i64 = 5;

/// How long a page may lie unused after the birth date was given: somebody looks for the thermometer.
pub const VISIT_IDLE: Millis = 30 * MINUTE;

/// How long it lasts at most.
pub const VISIT_ABSOLUTE: Millis = 12 * HOUR;

/// A use is noted so often at most, because each note is a write.
pub const VISIT_NOTE_EVERY: Millis = MINUTE;

/// Longest time for which a link may be asked to work.
pub const LINK_LONGEST: Millis = 60 * DAY;

/// Answers that are read at once: each is opened with its form, some thousand bytes.
pub const ANSWERS_AT_ONCE: i64 = 200;

/// So many rows travel in one answer of the store.
pub const FOUND: i64 = 1_000;

/// Most minutes between two releases of results by themselves: half a day.
pub const RELEASE_MINUTES: u32 = 720;

/// Most pictures of an application: both sides of a card, the test, its package, a second try of each.
pub const PHOTOS: u32 = 8;

/// Most people in one outcome list: what a broadcast takes at once with room to look at it.
pub const LIST_PEOPLE: i64 = 5_000;

/// So many decisions become final in one write, or are looked at for what follows: bounded work, and the next look
/// comes soon.
pub const SETTLED_PER_STEP: i64 = 200;

/// How long whoever takes over confirmed people has them to itself: a write, with room.
pub const HANDOVER_CLAIM: Millis = 2 * MINUTE;

/// How long an unfinished draft is kept: people look for the kit's box until the next day.
pub const DRAFT_KEPT: Millis = 2 * DAY;

/// How long the person can answer what was sent back.
pub const SENT_BACK_KEPT: Millis = 7 * DAY;

/// Applications of the same person or with the same picture are told within so many days.
pub const TWIN_DAYS: i64 = 60;

/// Most versions of a desk that a page shows.
pub const VERSIONS_SHOWN: i64 = 200;

/// Longest comment of a reviewer, in letters: a page.
pub const COMMENT_LETTERS: usize = 2_000;

/// Rows of a queue or list that one page shows.
pub const ROWS_SHOWN: i64 = 200;

/// Bytes of a form about results: a reason of a page, each letter of three bytes written as nine.
pub const STAFF_FORM_BYTES: usize = 32 * 1024;

/// Bytes of a form of the desk editor: a whole document, each letter of three bytes written as nine.
pub const DESK_FORM_BYTES: usize = DOCUMENT_BYTES * 3 + 64 * 1024;
