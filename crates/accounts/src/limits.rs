//! The limits of signing in, each with its reason. The values follow NIST SP 800-63B-4 and ASVS 6.2, 6.3, 7.3.

use std::time::Duration;

use base::clock::{DAY, HOUR, MINUTE, Millis, SECOND};

/// Shortest and longest login name, in letters: long enough to be a name, short enough for one line.
pub const LOGIN_LETTERS: (usize, usize) = (3, 64);

/// Longest name of an organisation, office or person, in characters: what fits the head of a page.
pub const NAME_CHARACTERS: usize = 60;

/// Shortest password, in code points: twelve characters outlast guessing at the pace of the throttle.
pub const PASSWORD_MIN: usize = 12;

/// Longest password, in code points: room for a sentence, yet no work for the hash beyond reason.
pub const PASSWORD_MAX: usize = 128;

/// Failures after which an account's sign-in begins to wait: a person mistypes two or three times.
pub const ACCOUNT_FREE_FAILURES: i64 = 5;

/// The first wait of an account. It doubles with each further failure.
pub const ACCOUNT_FIRST_WAIT: Millis = 30 * SECOND;

/// The longest wait of an account, so that a stranger's attempts keep nobody out for a day.
pub const ACCOUNT_LONGEST_WAIT: Millis = HOUR;

/// Consecutive failures after which only a new password opens the account again; NIST allows 100.
pub const ACCOUNT_LOCK_FAILURES: i64 = 50;

/// Failures that one source address has in a [`SOURCE_WINDOW`]: an office behind one address in the morning.
pub const SOURCE_FAILURES: i64 = 20;

/// See [`SOURCE_FAILURES`].
pub const SOURCE_WINDOW: Millis = 10 * MINUTE;

/// Failures older than this are forgotten, so that made-up login names do not pile up.
pub const FAILURES_KEPT: Millis = 30 * DAY;

/// A login session ends after this long without a request. NIST recommends an hour at most.
pub const SESSION_IDLE: Millis = 30 * MINUTE;

/// A login session ends this long after signing in: one working day.
pub const SESSION_ABSOLUTE: Millis = 10 * HOUR;

/// Login sessions one person may have at once: a desk, a laptop and one more.
pub const SESSIONS_PER_PERSON: i64 = 3;

/// The same for administrators, who can do more harm from a desk that somebody left.
pub const SESSION_IDLE_ADMINISTRATOR: Millis = 15 * MINUTE;

/// How long before that end a page asks whether one is still there: time to notice and to press a key.
pub const SESSION_WARNING: Millis = 2 * MINUTE;

/// How long somebody who proved who it is need not do so again before something that matters.
pub const FRESH_FOR: Millis = 5 * MINUTE;

/// The same for the form of a new device: taking a token out of its box takes a while.
pub const FRESH_FOR_DEVICES: Millis = 15 * MINUTE;

/// From the password to the second step: long enough to fetch the token from the coat.
pub const SECOND_STEP_FOR: Millis = 10 * MINUTE;

/// A question to a passkey; browsers give up sooner.
pub const CHALLENGE_FOR: Millis = 5 * MINUTE;

/// Questions that may be open at once, so that strangers who ask and never answer fill no table: a hundred times as
/// many as people in the largest organisation.
pub const CHALLENGES_OPEN: i64 = 30_000;

/// Recovery codes of one person: one sheet of paper, one lost phone each.
pub const RECOVERY_CODES: usize = 10;

/// Devices with one-time codes that one person may have: an app, a token, and a spare. Each is one more code to guess.
pub const TOTP_DEVICES: usize = 3;

/// Passkeys that one person may have: some PCs, a phone, two keys.
pub const PASSKEYS: usize = 8;

/// A request to reset somebody's factors waits so long for a second administrator: over a weekend.
pub const RESET_FOR: Millis = 3 * DAY;

/// Longest reason for it, in characters: a sentence or two.
pub const REASON_CHARACTERS: usize = 200;

/// How often at most a session notes that it was used; each note is a write.
pub const SESSION_NOTE_EVERY: Millis = MINUTE;

/// A one-time link is good for this long: over a weekend's beginning, and no longer (ASVS 6.4.1).
pub const INVITATION_LASTS: Millis = 48 * HOUR;

/// People that one upload may invite: an organisation has some hundred accounts.
pub const PEOPLE_AT_ONCE: usize = 200;

/// People on one page of the list.
pub const PEOPLE_PER_PAGE: u64 = 50;

/// Largest uploaded list of offices or people, in bytes: [`PEOPLE_AT_ONCE`] long lines.
pub const SHEET_BYTES: usize = 128 * 1024;

/// Passwords being hashed at once: each takes 19 MiB and one core for a tenth of a second.
pub const HASHES_AT_ONCE: usize = 2;

/// Passwords waiting to be hashed; whoever comes then is asked to try again shortly.
pub const HASHES_WAITING: usize = 100;

/// Largest body of a form of this slice, in bytes.
pub const FORM_BYTES: usize = 32 * 1024;

/// Offices that one form may add: a prefecture has 17 centres, and few have more than 50 offices.
pub const OFFICES_AT_ONCE: usize = 100;

/// Ranges of addresses from which an organisation's staff may come: 17 centres with a few lines each, and contractors.
pub const ADDRESS_RANGES: usize = 200;

/// From the button to the way back from the identity provider: a password and a code, typed slowly.
pub const IDENTITY_ATTEMPT: Millis = 10 * MINUTE;

/// What an identity provider may take to answer one question; the person waits for three.
pub const IDENTITY_ANSWER: Duration = Duration::from_secs(10);

/// Largest answer of an identity provider; descriptions and keys have a few kilobytes.
pub const IDENTITY_ANSWER_BYTES: usize = 256 * 1024;

/// Keys of an identity provider that are looked at; providers have two to six.
pub const IDENTITY_KEYS: usize = 32;

/// How long a provider's description and keys are kept.
pub const IDENTITY_KEPT: Millis = HOUR;

/// How soon the keys may be asked for again when a token names one that is not known.
pub const IDENTITY_KEYS_AGAIN: Millis = MINUTE;

/// People who wait for an identity provider at a time; whoever comes then is asked to try again shortly.
pub const IDENTITY_AT_ONCE: usize = 32;
/// People whose number or text one person may have shown whole within [`REVEAL_WINDOW`]. A caller who dials each
/// number needs a minute or more a person; who reads sixty in ten minutes copies them.
pub const REVEALS: i64 = 60;

/// See [`REVEALS`].
pub const REVEAL_WINDOW: Millis = 10 * MINUTE;

/// How long nothing more is shown after that: long enough for somebody to look at the alarm and ask.
pub const REVEAL_PAUSE: Millis = 10 * MINUTE;

/// Entries of the audit trail on one page.
pub const TRAIL_PER_PAGE: u32 = 100;

/// Entries that one file of the trail may hold: a year of a busy office, and a file that spreadsheets open.
pub const TRAIL_EXPORT: u32 = 100_000;

/// Entries that 「検証する」 on the page goes through: a second of work; the whole trail is the command line's.
pub const TRAIL_VERIFY: i64 = 10_000;

/// Entries that are sealed in one commit: a few milliseconds, so that nobody waits for it.
pub const SEALS_AT_ONCE: i64 = 500;

/// How far back every look of the sealer goes: a request that was open for longer is found by the wide look.
pub const SEAL_LOOK: Millis = 15 * MINUTE;

/// How far back its wide look goes, once an hour and at start: no request is open for a day.
pub const SEAL_WIDE_LOOK: Millis = DAY;

/// How often a signed checkpoint is written. What was cut off since the last one is not noticed.
pub const CHECKPOINT_EVERY: Millis = HOUR;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asvs_7_1_1_the_book_says_how_long_sessions_last_and_why() {
        let book = include_str!("../../../docs/operations.md");
        let row = book.lines().find(|line| line.starts_with("| session |"));
        let row = row.expect("operations.md has a row about sessions");
        let minutes = |time: Millis| time / MINUTE;
        let three = ["no", "one", "two", "three", "four"][usize::try_from(SESSIONS_PER_PERSON).unwrap_or(0)];
        for said in [
            format!("{} minutes without a request", minutes(SESSION_IDLE)),
            format!("administrators {}", minutes(SESSION_IDLE_ADMINISTRATOR)),
            format!("{} hours in all", SESSION_ABSOLUTE / HOUR),
            format!("{three} per person"),
            "NIST recommends at most an hour and 24 hours".to_owned(),
        ] {
            assert!(row.contains(&said), "「{said}」 is not in {row}");
        }
        // NIST SP 800-63B-4, AAL2.
        const { assert!(SESSION_IDLE <= HOUR && SESSION_ABSOLUTE <= DAY) };
        let step_up = book.lines().find(|line| line.starts_with("| step-up |"));
        let step_up = step_up.expect("operations.md has a row about proving again");
        let said = format!("within {} minutes", minutes(FRESH_FOR));
        assert!(step_up.contains(&said), "{step_up}");
    }
}
