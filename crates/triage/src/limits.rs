//! The limits of this slice, each with its reason.

use base::clock::{DAY, HOUR, MINUTE, Millis};

/// Cases that one write takes in; bounds its memory and how long others wait for it (some tenths of a second).
pub const CASES_PER_WRITE: usize = 1_000;

/// How far back somebody who shares a number or an address is taken for the same household: a wave in a family is
/// over by then, and numbers change hands.
pub const HOUSEHOLD_FOR: Millis = 60 * DAY;

/// How far back the same person's case is taken for the same illness; later it is another infection, as the national
/// definition of reinfection had it.
pub const TWIN_FOR: Millis = 90 * DAY;

/// Cases on one page: what one looks through without losing one's place.
pub const CASES_PER_PAGE: u32 = 50;

/// Approved texts that a record offers by name; the others are one click further.
pub const TEXTS_OFFERED: usize = 4;

/// Replies that one step gives to their offices; the records of as many people are opened for it.
pub const REPLIES_PER_STEP: u32 = 200;

/// Hits of a search that are shown; who finds more gives more of the name.
pub const HITS: u32 = 50;

/// Longest note, reason or other words of staff, in letters: a page of a paper record.
pub const NOTE_LETTERS: usize = 2_000;

/// How long somebody counts as having the form of a record open: a telephone call and the typing after it.
pub const OPEN_FOR: Millis = 15 * MINUTE;

/// Newest lines of one record's time that its page shows, of each source: a month of daily observation, twice over.
pub const TIMELINE: i64 = 500;

/// How long before the case came in, and how long after today, a day of care or of closing may lie: further away it is
/// a slip of the keyboard.
pub const DAYS_BACK: i32 = 60;

/// Longest name of whoever went on a visit, in letters: two people and their section.
pub const VISITOR_LETTERS: usize = 60;

/// Most rules of one version: what one person can still hold in their head, twice over.
pub const RULES: usize = 30;

/// Most conditions of one rule; a longer sentence is two rules.
pub const CONDITIONS: usize = 8;

/// Longest name of a rule, in letters: it stands in every reason.
pub const RULE_NAME_LETTERS: usize = 40;

/// Longest name of a programme or title of a version, in letters: one line of a table.
pub const PROGRAMME_NAME_LETTERS: usize = 60;

/// Most period rules of one version: symptoms or none, times the places where one may be.
pub const PERIOD_RULES: usize = 12;

/// Longest period, in days: contacts of measles are watched for 21; three times that is a slip of the keyboard.
pub const PERIOD_DAYS: u16 = 60;

/// Longest time that a first contact may stay open, in hours: a month.
pub const FIRST_CONTACT_HOURS: u16 = 24 * 31;

/// Most sources of one version: a screenful.
pub const SOURCES: usize = 20;

/// Longest line of a source, in letters: a title and an address.
pub const SOURCE_LETTERS: usize = 600;

/// Longest value of a condition as it is typed, in letters: a dozen words.
pub const VALUE_LETTERS: usize = 200;

/// Largest form of a version, in bytes: 30 rules of eight conditions, each value of 200 letters written as nine
/// bytes a letter.
pub const RULES_FORM_BYTES: usize = RULES * CONDITIONS * (VALUE_LETTERS * 9 + 200);

/// Cases of a day that a draft is tried on: twice a prefecture's largest day, and the page waits some seconds.
pub const TRIED_CASES: i64 = 20_000;

/// Cases that would go another way and are named on the page of a trial.
pub const MOVED_SHOWN: usize = 20;

/// Versions of a programme that its page shows.
pub const VERSIONS_SHOWN: i64 = 100;
/// How far back a day without its year is looked for: nobody is notified later, and no two years are meant.
pub const DAY_WITHOUT_YEAR_FOR: Millis = 60 * DAY;
/// By how many years a told age may differ from that of the birth date: a birthday may lie between, and one after that.
pub const STATED_AGE_OFF: u8 = 2;
/// A day of an illness that lies further back than this is looked at: its year may be wrong.
pub const LONG_AGO: Millis = 60 * DAY;

/// Longest line of the areas of an office, in letters: a hundred municipalities.
pub const AREAS_LETTERS: usize = 600;

/// Longest line of the diseases of a programme, in letters: a dozen names and spellings.
pub const DISEASES_LETTERS: usize = 300;

/// Names of diseases that no programme takes and that a list's check shows: more are another kind of list.
pub const DISEASES_SHOWN: usize = 10;

/// Remarks of one kind on a list's check, in rows: what one reads before it is done; how many more there are is said.
pub const REMARKS_SHOWN: usize = 100;

/// Largest form, in bytes: every field of a notification as long as it may be, each letter of three bytes written as
/// nine, would be a book; a page for each long field is plenty.
pub const FORM_BYTES: usize = 256 * 1024;

/// Who has so much priority or more counts as high risk in the figures of the head office.
pub const HIGH_RISK: u32 = 70;

/// People of one gathering; more of them are the next one. As many as a busy day of a whole prefecture.
pub const GATHERED: u32 = 20_000;

/// How long somebody waits for the first word where the programme says nothing.
pub const CALL_AFTER: Millis = 24 * HOUR;

/// How long somebody waits for a physician before anybody telephones: what is given against measles works for 72 hours.
pub const PHYSICIAN_WITHIN: Millis = 2 * HOUR;

/// How long the carrier has to find out what became of a message before somebody telephones.
pub const UNCONFIRMED_FOR: Millis = 10 * MINUTE;

/// The least time between two looks at one case, and the most while something is under way.
pub const LOOKS: (Millis, Millis) = (MINUTE, 30 * MINUTE);

/// How often one looks whether a call has been settled; whoever settles it says so too.
pub const CALL_LOOK: Millis = 5 * MINUTE;

/// How long an opening still counts for somebody who was reached otherwise, and how often one looks at most.
pub const OPENINGS_FOR: Millis = 7 * DAY;
/// See [`OPENINGS_FOR`].
pub const OPENINGS_LOOK: Millis = 6 * HOUR;

/// Cases that one step looks at: bounds its memory and the write that follows.
pub const WATCHED_PER_STEP: u32 = 500;

/// Children without a number for whose family's one looks at once: each is a question. No fewer than a step has cases.
pub const FAMILIES_PER_STEP: usize = 500;

/// Largest form of the questions of a form, in bytes: a document as long as it may be, with each letter of three bytes
/// written as nine.
pub const QUESTIONS_FORM_BYTES: usize = 3 * desk::limits::DOCUMENT_BYTES + 16 * 1024;

/// Bytes of a form of these pages.
pub const REACH_FORM_BYTES: usize = 16 * 1024;

/// Cases that are read at once to be counted; bounds memory.
pub const COUNTED_PER_STEP: u32 = 5_000;

/// Days that are kept counted, back from today: a year and what one compares it with.
pub const COUNTED_DAYS: u16 = 400;

/// Days that one step counts: at ten thousand cases a day some tenths of a second.
pub const COUNTED_DAYS_PER_STEP: usize = 8;
/// The hours in Japan in which people are asked how they are: from the first, before the last.
pub const ASKING_HOURS: (u16, u16) = (7, 20);

/// From which hour people are told that it is over, where nobody is asked how they are.
pub const CLOSING_HOUR: u16 = 9;

/// Most days in a row that may stay unanswered before somebody telephones: a week of silence is no observation.
pub const UNANSWERED_DAYS: u16 = 7;

/// When a step is tried again that could not be taken: a limit, a text that may not be sent, a message on its way.
pub const CARE_AGAIN: Millis = 10 * MINUTE;

/// Cases that one step of care looks at.
pub const CARED_PER_STEP: u32 = 500;

/// Cases that one write lets be looked at anew when their rules changed.
pub const LOOKED_AT_PER_WRITE: u32 = 1_000;

/// Cases whose last day one write sets anew: each is read, sealed and told in its history.
pub const ENDS_PER_WRITE: usize = 200;

/// How long the questions of a day may be answered: until those of the next day.
pub const OBSERVATION_FOR: Millis = DAY;

/// How long an interview may be answered.
pub const INTERVIEW_FOR: Millis = 14 * DAY;

/// From which temperature somebody counts as ill, in tenths of a degree.
pub const FEVER_TENTHS: u32 = 375;

/// Commits that began earlier than the last one that is known may still appear for so long.
pub const LATE_COMMITS: Millis = MINUTE;

/// How long back the newest answer is looked at for the list of people with symptoms.
pub const SYMPTOMS_FOR: Millis = 2 * DAY;

/// Rows of one list of the observation page.
pub const OBSERVED_SHOWN: u32 = 200;

/// The priority of somebody whose answer is a sign of danger: before everybody whom rules decided about.
pub const DANGER_PRIORITY: u32 = 200;

/// The priority of somebody whose answer is to be followed by a call: after everybody in danger, before whom rules
/// decided about.
pub const ANSWER_PRIORITY: u32 = 99;

/// Longest script of a call, in letters: what one says in a few minutes.
pub const SCRIPT_LETTERS: usize = 2_000;

/// Columns of a list whose heading nobody knows and that are kept in the remarks: more is another kind of file.
pub const UNKNOWN_COLUMNS: usize = 20;

/// Longest cell of such a column that is kept whole, in letters: a sentence or two.
pub const UNKNOWN_LETTERS: usize = 100;

/// How long a record that comes in once more, letter for letter, is the same list again and no new illness.
pub const SAME_RECORD_FOR: Millis = 7 * DAY;
