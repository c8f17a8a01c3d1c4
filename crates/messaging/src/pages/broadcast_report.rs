//! What became of every row of a broadcast's list, for the file that leaves (`broadcast_export.rs`).

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Cursor};

use accounts::SignedIn;
use base::id::MessageId;
use lists::check::CheckedRow;
use lists::code::{Code, Severity};
use web::PageError;

use super::broadcast_left_out::list;
use super::list_judged::{JudgedList, Judgement, RowStanding};
use super::{Desk, failed};
use crate::broadcast::Broadcast;
use crate::message::MessageState;
use crate::report::{CsvReport, Report, ReportForm, ReportHead, ReportRow, Tally, XlsxReport};
use crate::store::{self, MessageFilter, MessageStanding};

/// What became of every row, by line.
pub(super) type Rows = BTreeMap<u32, ReportRow>;

/// As CSV, with `mark` in its last line.
pub(super) fn csv(rows: &Rows, head: ReportHead, mark: String) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write(rows, CsvReport::begin(&mut bytes, head)?.marked(mark))?;
    Ok(bytes)
}

/// As a workbook, with `mark` on a sheet of its own.
pub(super) fn xlsx(rows: &Rows, head: ReportHead, mark: String) -> io::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    write(rows, XlsxReport::begin(&mut bytes, head)?.marked(mark))?;
    Ok(bytes.into_inner())
}

fn write(rows: &Rows, form: impl ReportForm) -> io::Result<Tally> {
    let mut report = Report::of(form);
    rows.values().try_for_each(|row| report.row(row))?;
    report.end()
}

/// Every row of a broadcast's list, whether it became a message or not.
pub(super) async fn rows(desk: &Desk, session: &SignedIn, broadcast: &Broadcast) -> Result<Rows, PageError> {
    let mut rows = messages(desk, session, broadcast).await?;
    if let Some(judged) = list(desk, session, broadcast).await? {
        add_left_out(desk, session, &judged, &mut rows).await?;
    }
    Ok(rows)
}

/// The rows that became messages of this broadcast, by line.
async fn messages(desk: &Desk, session: &SignedIn, broadcast: &Broadcast) -> Result<Rows, PageError> {
    let org = session.staff.org;
    let all = MessageFilter {
        states: MessageState::ALL.to_vec(),
        code: None,
        limit: i64::MAX,
        offset: 0,
    };
    let messages = store::messages(&desk.db, org, broadcast, all, desk.db.now())
        .await
        .map_err(failed)?;
    let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
    let standings = store::standings(&desk.db, org, &ids).await.map_err(failed)?;
    let row = |(message, standing): (&store::MessageRow, MessageStanding)| {
        (
            message.line,
            ReportRow::message(message.line, message.to, standing),
        )
    };
    Ok(messages.iter().zip(standings).map(row).collect())
}

/// The other rows of the list: done before, kept back, or left out.
async fn add_left_out(
    desk: &Desk,
    session: &SignedIn,
    judged: &JudgedList,
    rows: &mut Rows,
) -> Result<(), PageError> {
    for one in &judged.kept.excluded {
        let reason = Some(format!("除外しました: {}", one.reason));
        rows.entry(one.line)
            .or_insert_with(|| ReportRow::not_sent(one.line, None, reason));
    }
    let Judgement::Rows(list) = &judged.judgement else {
        return Ok(());
    };
    let before: Vec<MessageId> = list.done_before().map(|(_, before)| before.message).collect();
    let standings = store::standings(&desk.db, session.staff.org, &before)
        .await
        .map_err(failed)?;
    let standings: HashMap<MessageId, MessageStanding> = before.into_iter().zip(standings).collect();
    for (row, standing) in list.standings() {
        if rows.contains_key(&row.line) {
            continue;
        }
        let earlier = match standing {
            RowStanding::Before(before) => standings.get(&before.message).cloned(),
            RowStanding::Repeat(line) => rows.get(&line).and_then(same_message),
            RowStanding::Send | RowStanding::Blocked | RowStanding::Contacted => None,
        };
        let report = match (row.phone, earlier) {
            (Some(phone), Some(standing)) => ReportRow::message(row.line, phone, standing),
            _ => kept_back(row),
        };
        rows.insert(row.line, report);
    }
    Ok(())
}

/// A row that repeats an earlier one is told with that one's message.
fn same_message(row: &ReportRow) -> Option<MessageStanding> {
    let crate::report::RowState::Message(state) = row.state else {
        return None;
    };
    Some(MessageStanding {
        state,
        carrier_message_id: row.carrier_message_id.clone(),
        carrier_code: row.carrier_code.clone(),
    })
}

fn kept_back(row: &CheckedRow) -> ReportRow {
    let errors = || {
        row.problems
            .iter()
            .filter(|problem| problem.severity() == Severity::Error)
    };
    let reasons: Vec<&str> = errors().map(|problem| problem.message.as_str()).collect();
    let contacted = row
        .problems
        .iter()
        .find(|problem| problem.code == Code::RowContacted);
    let reason = match (reasons.as_slice(), contacted) {
        ([], Some(contacted)) => contacted.message.clone(),
        ([], None) => "まだ送っていません。リストから送れます。".to_owned(),
        (reasons, _) => reasons.join(" "),
    };
    let code = errors().next().map(|problem| problem.code.code().to_owned());
    ReportRow {
        carrier_code: code,
        ..ReportRow::not_sent(row.line, row.phone, Some(reason))
    }
}
