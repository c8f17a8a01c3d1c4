//! Every data row of the list, from its check to its end.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use base::id::{BroadcastId, MessageId, OrgId};
use base::phone::PhoneNumber;
use db::{Db, DbError, OrgVault};
use lists::check::{Check, CheckedRow, Standing};
use lists::code::Severity;
use lists::person::PersonColumns;
use messaging::broadcast::{LeftOutRow, Outgoing, OutgoingRows, RowFate, Started};
use messaging::report::{Report, ReportRow, RowState, Tally};
use messaging::store;

/// Rows that are reported together: one question to the database for so many.
const CHUNK: usize = 1_000;

/// The rows that are sent, as the broadcast takes them. Their texts are merged again whenever they are asked for.
pub(super) struct ListRows {
    check: Arc<Check>,
    columns: PersonColumns,
    vault: Arc<OrgVault>,
}

impl ListRows {
    pub(super) fn new(check: Arc<Check>, vault: Arc<OrgVault>) -> Self {
        Self {
            columns: PersonColumns::of(check.sheet(), check.brief().to),
            check,
            vault,
        }
    }
}

impl OutgoingRows for ListRows {
    fn iter(&self) -> Box<dyn Iterator<Item = Outgoing> + Send + '_> {
        let rows = self.check.rows().zip(self.check.sheet().rows());
        Box::new(rows.filter_map(|(row, parsed)| {
            let (line, to) = row.sendable().map(|row| (row.line, row.phone))?;
            Some(Outgoing {
                person: self.columns.keys(&self.vault, parsed),
                ..Outgoing::to_number(line, to, row.text?)
            })
        }))
    }
}

/// Reports the rows of a list that is not sent at all.
pub(super) fn kept_back(check: &Check, left_out: &[LeftOutRow], report: &mut Report<'_>) -> io::Result<()> {
    let stopped = check.integrity().iter().find(|finding| finding.stops());
    let stopped = stopped.map(|finding| &finding.message);
    check.rows().try_for_each(|row| {
        let reason = reason(&row).or_else(|| stopped.cloned());
        let reason = reason.or_else(|| overtaken(left_out, row.line));
        report.row(&ReportRow::not_sent(row.line, row.phone, reason))
    })
}

/// The same where nothing is wrong with the rows.
pub(super) fn all_kept_back(check: &Check, report: &mut Report<'_>, why: &str) -> io::Result<()> {
    check.rows().try_for_each(|row| {
        let reason = reason(&row).unwrap_or_else(|| why.to_owned());
        report.row(&ReportRow::not_sent(row.line, row.phone, Some(reason)))
    })
}

fn reason(row: &CheckedRow) -> Option<String> {
    let error = row
        .problems
        .iter()
        .find(|problem| problem.severity() == Severity::Error);
    error.map(|problem| problem.message.clone())
}

/// Why the row was left out after it was checked. Rows rise.
fn overtaken(left_out: &[LeftOutRow], line: u32) -> Option<String> {
    let at = left_out.binary_search_by_key(&line, |row| row.line).ok()?;
    Some(left_out[at].why.sentence().to_owned())
}

/// What became of each row when the broadcast was started.
pub(super) struct SentRows {
    /// Whose they are.
    pub(super) org: OrgId,
    check: Arc<Check>,
    /// The new broadcast, or the one of the first recognised row.
    pub(super) broadcast: BroadcastId,
    /// Every broadcast that holds a message of these rows.
    pub(super) broadcasts: Vec<BroadcastId>,
    /// One for each row that is sent, lines rising.
    fates: Vec<RowFate>,
    /// One for each row that something came before since it was checked, lines rising.
    left_out: Vec<LeftOutRow>,
    /// Rows whose messages were there before this command.
    pub(super) recognised: usize,
}

/// A row could not be reported.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReportError {
    #[error(transparent)]
    Database(#[from] DbError),
    #[error(transparent)]
    Write(#[from] io::Error),
}

impl SentRows {
    pub(super) fn new(org: OrgId, check: Arc<Check>, started: Started) -> Self {
        let mut broadcasts: Vec<BroadcastId> = started.fates.iter().map(|fate| fate.broadcast).collect();
        broadcasts.sort_unstable();
        broadcasts.dedup();
        Self {
            org,
            check,
            broadcast: started.broadcast,
            broadcasts,
            recognised: started.fates.iter().filter(|fate| !fate.is_new).count(),
            fates: started.fates,
            left_out: started.left_out,
        }
    }

    /// How many rows are not sent because of what came since they were checked.
    pub(super) fn left_out_words(&self) -> Option<String> {
        let count = self.left_out.len();
        (count > 0).then(|| {
            format!("{count}行は、検査のあとに状況が変わったため送りません。理由は結果の各行にあります。")
        })
    }

    /// The messages of these rows, each once.
    pub(super) fn messages(&self) -> Vec<MessageId> {
        let mut messages: Vec<MessageId> = self.fates.iter().map(|fate| fate.message).collect();
        messages.sort_unstable();
        messages.dedup();
        messages
    }

    fn message(&self, line: u32) -> Option<MessageId> {
        let at = self.fates.binary_search_by_key(&line, |fate| fate.line).ok()?;
        Some(self.fates[at].message)
    }

    /// Why the row, or the one that it goes with, was left out.
    fn overtaken(&self, row: &CheckedRow) -> Option<String> {
        let line = match row.standing() {
            Standing::Repeat(line) => line,
            _ => row.line,
        };
        overtaken(&self.left_out, line)
    }

    /// Where every row stands now.
    pub(super) async fn report(&self, db: &Db, mut report: Report<'_>) -> Result<Tally, ReportError> {
        // What became a message is told by that; only the other rows are judged once more.
        let mut rows = self.check.rows_judging(|line| self.message(line).is_none());
        loop {
            let chunk: Vec<(u32, Option<PhoneNumber>, Option<CheckedRow>)> =
                rows.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                return Ok(report.end()?);
            }
            let message = |(line, _, row): &(u32, _, Option<CheckedRow>)| match row {
                None => self.message(*line),
                Some(row) => match row.standing() {
                    Standing::Repeat(first) => self.message(first),
                    Standing::Send | Standing::Blocked | Standing::Contacted => None,
                },
            };
            let messages: Vec<Option<MessageId>> = chunk.iter().map(message).collect();
            let wanted: Vec<MessageId> = messages.iter().flatten().copied().collect();
            let mut standings = store::standings(db, self.org, &wanted).await?.into_iter();
            for ((line, phone, row), message) in chunk.iter().zip(messages) {
                let standing = message.and_then(|_| standings.next());
                report.row(&match (phone, standing) {
                    (Some(phone), Some(standing)) => ReportRow::message(*line, *phone, standing),
                    (phone, _) => {
                        let reason = row
                            .as_ref()
                            .and_then(|row| reason(row).or_else(|| self.overtaken(row)));
                        ReportRow::not_sent(*line, *phone, reason)
                    }
                })?;
            }
        }
    }
}

/// How it ended, in a line for people.
pub(super) fn summary_words(tally: &Tally, simulated: bool) -> String {
    let words: Vec<String> = tally
        .counts()
        .map(|(state, count)| format!("{} {count}", state.label()))
        .collect();
    let simulated = if simulated {
        "模擬送信です。実際には誰にも送っていません。"
    } else {
        ""
    };
    format!("{simulated}{}行: {}", tally.rows(), words.join("、"))
}

/// 0 every row accepted or further, 1 nothing sent, 2 anything else.
pub(super) fn exit_code(tally: &Tally) -> ExitCode {
    let went_well = |state| matches!(state, RowState::Message(state) if state.is_accepted_or_further());
    if tally.all(went_well) {
        ExitCode::SUCCESS
    } else if tally.all(RowState::never_left) {
        ExitCode::FAILURE
    } else {
        ExitCode::from(2)
    }
}
