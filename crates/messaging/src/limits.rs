//! The limits of this slice's pages, each with its reason.

/// Messages to one number among which somebody on the telephone finds the one that is meant.
pub const FOUND_MESSAGES: u32 = 20;

/// Messages to one number that whoever searches the audit trail is shown: a year of observation, twice a day.
pub const PERSON_MESSAGES: u32 = 1_000;

/// Largest form of text fields, in bytes: a template in twelve languages of 660 letters, each letter of three
/// bytes written as nine, and twice that for merge fields.
pub const FORM_BYTES: usize = 12 * 660 * 9 * 2 + 16 * 1024;

/// Longest name of a template, in letters: one line of a table.
pub const TEMPLATE_NAME_LETTERS: usize = 60;

/// Longest name of a folder, in letters: a heading of a table.
pub const FOLDER_LETTERS: usize = 30;
/// Longest name of a page that links lead to, in letters: it stands inside the text of a template.
pub const LINK_NAME_LETTERS: usize = 30;

/// Longest address of such a page, in bytes: what browsers show whole, and far above what lg.jp sites use.
pub const LINK_URL_BYTES: usize = 500;

/// How long a short link leads on after its message was made: the time in which people read a first contact
/// again.
pub const LINK_VALID: base::clock::Millis = 14 * base::clock::DAY;

/// Longest reason for sending again, in letters: a few sentences.
pub const REASON_LETTERS: usize = 500;

/// Messages on one page: what one looks through without losing one's place.
pub const MESSAGES_PER_PAGE: u64 = 50;

/// Pages that may be kept up to date at once by one process; a room of 50 people has several open each.
pub const LIVE_STREAMS: usize = 500;

/// How long one live connection lasts, in seconds. The browser opens the next one by itself, and only then
/// is it asked again who it is.
pub const LIVE_SECONDS: u64 = 600;

/// Rows of a list on one page: what one mends in one go.
pub const LIST_ROWS_PER_PAGE: u64 = 50;

/// Lists that one process reads at the same time; reading takes a core each, and the pages need one too.
pub const LISTS_READ_AT_ONCE: usize = 2;

/// Files above this size are read and kept in the background, in bytes: about 2,000 rows, which take a second.
pub const LONG_LIST_BYTES: usize = 200_000;

/// Rows with errors that are told before a long list is kept: one screen or two.
pub const FIRST_PROBLEMS: usize = 50;

/// Rows that are looked through together for such errors: some tens of milliseconds, so that the first is told soon.
pub const FIRST_PROBLEMS_WITHIN: usize = 2_000;

/// Largest upload that is listened to, in bytes. What is longer than a list may be is dropped as it comes in,
/// but to the end, so that the browser is told why instead of losing its connection.
pub const UPLOAD_BYTES: usize = 4 * base::limits::LIST_FILE_BYTES;

/// Longest text of a short field of an upload, in bytes: the name of a sheet has up to 31 letters.
pub const SHORT_FIELD_BYTES: usize = 1_000;

/// Longest name of a file that is kept, in letters: Windows allows no longer one.
pub const FILE_NAME_LETTERS: usize = 255;

/// Longest cell that is typed in the browser, in letters: a whole message fits into it.
pub const CELL_LETTERS: usize = 1_000;

/// Longest reason for leaving a row out, in letters: a sentence or two.
pub const EXCLUSION_LETTERS: usize = 200;

/// Whoever sends to more people than this proves once more who it is: an office's list has at most 300 rows.
pub const LARGE_SEND: usize = 300;

/// Alarms about the organisation itself that the home page shows; more would hide the newest.
pub const ALARMS_SHOWN: u32 = 10;

/// Lists of more people than this are only sent after some of their texts were looked at.
pub const UNSEEN_ROWS: usize = 50;

/// How many texts are looked at, taken at random.
pub const SAMPLE_ROWS: usize = 3;

/// Changes of rows that a list's page shows; the newest are the ones that somebody asks about.
pub const CHANGES_SHOWN: usize = 50;

/// Reports of wrong numbers on one page.
pub const NUMBERS_PER_PAGE: u64 = 50;

/// Replies on one page: what one reads without losing one's place.
pub const REPLIES_PER_PAGE: u64 = 50;

/// Parts of a text that is written back by itself: a courtesy, not a letter.
pub const CONFIRMATION_PARTS: u16 = 2;

/// Calls on one page: more than one telephones in an hour.
pub const CALLS_PER_PAGE: u64 = 50;

/// Calls that are due again later, on the page: those of a day of an office.
pub const CALLS_LATER_SHOWN: u32 = 100;

/// Callers who are on the telephone, on the page: a large room of them.
pub const CALLS_HELD_SHOWN: u32 = 100;

/// How many days ahead the next attempt may be: whoever is away for longer is written to.
pub const CALL_DAYS_AHEAD: i64 = 7;

/// Finished calls that the call list shows: those of a busy day.
pub const CALLS_DONE_SHOWN: u32 = 200;

/// Longest name of somebody who is telephoned, in letters.
pub const PERSON_LETTERS: usize = 100;

/// Longest number of a call, in letters: two numbers with a remark.
pub const NUMBER_LETTERS: usize = 60;

/// Longest note about a call, in letters: a few sentences.
pub const NOTE_LETTERS: usize = 500;

/// How far back a message is found by its number when somebody reports it: whoever got another person's message calls
/// within days.
pub const REPORTABLE: base::clock::Millis = 30 * base::clock::DAY;

/// Incidents that their list shows; there are few, and each is one too many.
pub const INCIDENTS_SHOWN: i64 = 100;

/// Broadcasts of one incident: all of a prefecture's on a busy day.
pub const INCIDENT_BROADCASTS: usize = 100;

/// Lists of one incident that are checked once more while the page waits.
pub const INCIDENT_LISTS: usize = 3;

/// Rows before and after a reported one that are shown: a slip moves values by one or two rows.
pub const NEIGHBOURS: u32 = 3;

/// Reports that are shown with the rows beside theirs.
pub const REPORTS_SHOWN: usize = 20;

/// Longest note in an incident, in letters: a page.
pub const INCIDENT_NOTE_LETTERS: usize = 2_000;

/// Entries of the audit trail about one list or broadcast that a timeline takes in.
pub const ENTRIES_ABOUT: i64 = 200;
/// Messages that go ahead in a first wave: enough to see a text that no phone takes, few enough to telephone.
pub const FIRST_WAVE: usize = 5;

/// Texts that an approver is shown, of rows that the sender was not shown.
pub const APPROVAL_ROWS: usize = 5;

/// Broadcasts that wait for an approval on one page; a head office of 17 offices has as many in a bad morning.
pub const APPROVALS_SHOWN: u32 = 100;

/// How many days ahead a broadcast may be scheduled. Lists of people grow old.
pub const SCHEDULE_DAYS: i32 = 30;

/// Longest hold window that the rule may set, in minutes: longer ones are schedules.
pub const HOLD_MINUTES: i64 = 10;

/// Longest wait for the receipts of a first wave, in minutes: half a day.
pub const PATIENCE_MINUTES: i64 = 720;

/// Entries of the rule about hours besides the first: a few for each of 17 offices.
pub const HOURS_ENTRIES: usize = 60;

/// Versions of the rule that its page shows: some years of changes.
pub const RULES_SHOWN: u32 = 50;

/// Warnings that are kept for the approver; a list with more has been looked at as a list.
pub const WARNINGS_KEPT: usize = 100;
