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

/// Most pictures that somebody may send for one application, taken away ones among them: each of [`PHOTOS`] six times.
pub const PHOTO_TRIES: i64 = 48;

/// Bytes of pictures that an organisation takes in on one day, sealed: 3,000 applications with six pictures of a
/// megabyte each, and a third more.
pub const PHOTO_DAY_BYTES: i64 = 24_000_000_000;

/// Bytes of one part of a picture that is under way: a quarter of a minute over a poor line.
pub const UPLOAD_PART: usize = 256 * 1024;

/// Most pictures of one application that are under way at once: one, and one that was given up.
pub const UPLOADS_AT_ONCE: usize = 2;

/// How long a picture that is under way is waited for: into the tunnel and out again, or home.
pub const UPLOAD_KEPT: Millis = 2 * HOUR;

/// Pictures that are under way are in memory with so many bytes together, at most; whoever comes then is asked to try
/// again.
pub const UPLOAD_MEMORY: usize = 256 * 1024 * 1024;

/// How long a whole picture may take to arrive: 12 MB over a line of 150 kbit/s, with room.
pub const UPLOAD_LONGEST: std::time::Duration = std::time::Duration::from_mins(15);

/// So many pictures of each quarter that one shares are looked at, the newest first, to tell similar ones.
pub const NEAR_LOOKED_AT: i64 = 50;

/// So many applications are erased in one write.
pub const APPLICATIONS_ERASED_AT_ONCE: i64 = 200;

/// So many pictures are erased in one write.
pub const PHOTOS_ERASED_AT_ONCE: i64 = 200;

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

/// Largest form of staff, in bytes: a comment, each letter of three bytes written as nine, and a few short fields.
pub const FORM_BYTES: usize = COMMENT_LETTERS * 9 + 16 * 1024;

/// How long an unfinished application may lie unused before its birth date is asked: somebody looks for the kit's box
/// and takes the pictures.
pub const DRAFT_IDLE: Millis = HOUR;

/// How long a browser may fill in an application at most.
pub const DRAFT_ABSOLUTE: Millis = DAY;

/// How long a result can be read behind its link: until the certificate was fetched, and no longer than the pictures
/// are kept.
pub const RESULT_SHOWN: Millis = 30 * DAY;

/// Wrong birth dates at the status page are forgotten after so long; the link's are not.
pub const STATUS_TRIES_KEPT: Millis = DAY;

/// Products that a search for a test kit shows at once: what fits on a few screens of a phone.
pub const KITS_SHOWN: usize = 12;

/// Below this age somebody else applies for the person: full age by the civil code.
pub const FULL_AGE: u8 = 18;

/// How long a code for a number can be read back. ASVS 6.6.2 allows ten minutes.
pub const CODE_VALID: Millis = 10 * MINUTE;

/// Wrong codes of an application in [`CODE_TRIES_IN`], whichever code they were for.
pub const CODE_TRIES: i64 = 5;

/// How long wrong codes are held against an application.
pub const CODE_TRIES_IN: Millis = DAY;

/// How soon another code can be asked for.
pub const CODE_WAIT: Millis = MINUTE;

/// From so many codes in an hour on it is looked at whether people read them back.
pub const CODES_LOOKED_AT: i64 = 50;

/// More than so many codes for each one that is read back is strange.
pub const CODES_FOR_ONE: i64 = 2;

/// How long what budgets have counted is kept: a day in Japan and the next.
pub const BUDGETS_KEPT: Millis = 2 * DAY;

/// How long a proof of work is good for: somebody reads the page, looks for their phone, types a number.
pub const PROOF_VALID: Millis = 30 * MINUTE;

/// Leading zero bits of each part of a proof.
pub const PROOF_BITS: u32 = 13;

/// Parts of a proof: many small ones take about the same time for everybody, one large one may take five times as
/// long. 16 x 2^13 tries are about a second on a phone of 2022.
pub const PROOF_PARTS: usize = 16;

/// Most people on one address list: what is packed in a morning.
pub const DELIVERY_PEOPLE: i64 = 2_000;

/// Address lists of a desk that its page shows.
pub const DELIVERIES_SHOWN: i64 = 50;

/// How often a certificate is looked at with a wrong birth date before nobody can look with one for a day.
pub const CERTIFICATE_TRIES: i64 = 10;

/// Bytes of a form of the desk editor: a whole document, each letter of three bytes written as nine.
pub const DESK_FORM_BYTES: usize = DOCUMENT_BYTES * 3 + 64 * 1024;
