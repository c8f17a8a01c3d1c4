//! Every data row of the list, from its check to its end.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;

use base::id::{BroadcastId, MessageId, OrgId};
use base::phone::PhoneNumber;
use db::{Db, DbError};
use lists::check::{Checked, CheckedRow, Standing};
use lists::code::Severity;
use messaging::broadcast::{Outgoing, Started};
use messaging::report::{Report, ReportRow, RowState};
use messaging::store;

/// The rows that are sent, as the broadcast takes them. Their texts move over: a large list is not held twice.
pub(super) fn outgoing(checked: &mut Checked) -> Arc<[Outgoing]> {
    let outgoing = |row: &mut CheckedRow| {
        let (line, to) = row.sendable().map(|row| (row.line, row.phone))?;
        Some(Outgoing {
            line,
            to,
            text: row.text.take()?,
        })
    };
    checked.rows.iter_mut().filter_map(outgoing).collect()
}

/// Rows of a list that is not sent at all.
pub(super) fn kept_back(checked: &Checked) -> Vec<ReportRow> {
    checked
        .rows
        .iter()
        .map(|row| ReportRow::not_sent(row.line, row.phone, reason(row)))
        .collect()
}

fn reason(row: &CheckedRow) -> Option<String> {
    let error = row
        .problems
        .iter()
        .find(|problem| problem.severity() == Severity::Error);
    error.map(|problem| problem.message.clone())
}

enum Fate {
    Message(MessageId),
    KeptBack(Option<String>),
}

/// What became of each row when the broadcast was started.
pub(super) struct SentRows {
    /// The new broadcast, or the one of the first recognised row.
    pub(super) broadcast: BroadcastId,
    /// Every broadcast that holds a message of these rows.
    pub(super) broadcasts: Vec<BroadcastId>,
    rows: Vec<(u32, Option<PhoneNumber>, Fate)>,
    /// Rows whose messages were there before this command.
    pub(super) recognised: usize,
}

impl SentRows {
    pub(super) fn new(checked: &Checked, started: &Started) -> Self {
        let messages: HashMap<u32, MessageId> = started
            .fates
            .iter()
            .map(|fate| (fate.line, fate.message))
            .collect();
        let mut broadcasts: Vec<BroadcastId> = started.fates.iter().map(|fate| fate.broadcast).collect();
        broadcasts.sort_unstable();
        broadcasts.dedup();
        let fate = |row: &CheckedRow| match row.standing() {
            Standing::Send => messages.get(&row.line),
            Standing::Repeat(line) => messages.get(&line),
            Standing::Blocked => None,
        };
        let rows = checked
            .rows
            .iter()
            .map(|row| {
                let fate = fate(row).map_or_else(|| Fate::KeptBack(reason(row)), |id| Fate::Message(*id));
                (row.line, row.phone, fate)
            })
            .collect();
        let recognised = started.fates.iter().filter(|fate| !fate.is_new).count();
        Self {
            broadcast: started.broadcast,
            broadcasts,
            rows,
            recognised,
        }
    }

    /// The messages of these rows, each once.
    pub(super) fn messages(&self) -> Vec<MessageId> {
        let message = |(_, _, fate): &(u32, Option<PhoneNumber>, Fate)| match fate {
            Fate::Message(message) => Some(*message),
            Fate::KeptBack(_) => None,
        };
        let mut messages: Vec<MessageId> = self.rows.iter().filter_map(message).collect();
        messages.sort_unstable();
        messages.dedup();
        messages
    }

    /// Where every row stands now.
    pub(super) async fn report(self, db: &Db, simulated: bool) -> Result<Report, DbError> {
        let messages = self.messages();
        let standings = store::standings(db, OrgId::FIRST, &messages).await?;
        let standings: HashMap<MessageId, _> = messages.into_iter().zip(standings).collect();
        let row = |(line, phone, fate): (u32, Option<PhoneNumber>, Fate)| match (fate, phone) {
            (Fate::Message(message), Some(phone)) => {
                ReportRow::message(line, phone, standings[&message].clone())
            }
            (Fate::KeptBack(reason), phone) => ReportRow::not_sent(line, phone, reason),
            (Fate::Message(_), None) => ReportRow::not_sent(line, None, None),
        };
        let rows = self.rows.into_iter().map(row).collect();
        Ok(Report::new(Some(self.broadcast.get()), simulated, rows))
    }
}

/// How it ended, in a line for people.
pub(super) fn summary_words(report: &Report) -> String {
    let mut counts: Vec<(RowState, u32)> = Vec::new();
    for row in &report.rows {
        match counts.iter_mut().find(|(state, _)| *state == row.state) {
            Some((_, count)) => *count += 1,
            None => counts.push((row.state, 1)),
        }
    }
    let words: Vec<String> = counts
        .iter()
        .map(|(state, count)| format!("{} {count}", state.label()))
        .collect();
    let simulated = if report.simulated {
        "模擬送信です。実際には誰にも送っていません。"
    } else {
        ""
    };
    format!("{simulated}{}行: {}", report.rows.len(), words.join("、"))
}

/// 0 every row accepted or further, 1 nothing sent, 2 anything else.
pub(super) fn exit_code(report: &Report) -> ExitCode {
    let went_well =
        |row: &ReportRow| matches!(row.state, RowState::Message(state) if state.is_accepted_or_further());
    if report.rows.iter().all(went_well) {
        ExitCode::SUCCESS
    } else if report.rows.iter().all(|row| row.state.never_left()) {
        ExitCode::FAILURE
    } else {
        ExitCode::from(2)
    }
}
