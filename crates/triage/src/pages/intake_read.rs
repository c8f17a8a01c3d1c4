//! A case list, read: every row as a person, or why it is nobody.

use std::sync::Arc;

use accounts::Staff;
use base::date::CalendarDate;
use base::id::ListId;
use base::merge::heading_key;
use lists::HeadingLine;
use lists::store::{KeptList, Role, load_list};
use messaging::pages::{failed, may_see};
use web::{OrBug, PageError};

use super::Triage;
use crate::case::received_day;
use crate::intake::{Circumstances, Columns, ReadRow, Remark, is_unknown};
use crate::notification::CaseNotification;
use crate::store::case_columns::choices;

/// A comma that nobody quoted: every value behind it stands in the next column.
const SLIPPED: &str = "見出しより多くのセルがあり、列がずれているおそれがあります。元の資料を確かめて、「1人を入力する」で登録してください。";

/// A list with every row read.
pub(super) struct Read {
    pub(super) kept: KeptList,
    /// The day in Japan on which it came in.
    pub(super) received: CalendarDate,
    pub(super) columns: Columns,
    /// Row number, what was told, what is said about it.
    pub(super) people: Arc<Vec<(u32, CaseNotification, Vec<Remark>)>>,
    /// Rows that are nobody, and why.
    pub(super) nobody: Vec<(u32, &'static str)>,
}

/// The list with its rows read, if it is there for this person.
pub(super) async fn read_list(triage: &Triage, staff: &Staff, id: ListId) -> Result<Read, PageError> {
    let kept = load_list(&triage.db, staff.org, id).await.map_err(failed)?;
    let kept = kept
        .filter(|kept| kept.head.role == Role::Cases && may_see(staff, kept.head.office))
        .filter(|kept| kept.head.withdrawn_at.is_none())
        .ok_or(PageError::NotFound)?;
    let office = kept.head.office;
    let headings = kept.sheet.headings().iter().map(String::as_str);
    let unknown: Vec<&str> = headings.filter(|heading| is_unknown(heading)).collect();
    let said = choices(&triage.db, staff.org, office, &unknown).await;
    let said = said.map_err(failed)?;
    let offices = triage.offices(staff.org).await?;
    let received = received_day(kept.head.uploaded_at);
    let around = Circumstances {
        received,
        office: offices
            .get(&office)
            .map(|office| office.name.to_string())
            .unwrap_or_default(),
        is_typed: false,
    };
    let sheet = Arc::clone(&kept.sheet);
    // Reading a long list takes a while: not in the way of other requests.
    let (columns, people, nobody) = tokio::task::spawn_blocking(move || {
        let columns = Columns::with(sheet.headings(), |heading| {
            said.get(&heading_key(heading)).copied()
        });
        let (mut people, mut nobody) = (Vec::new(), Vec::new());
        let (headings, slipped) = (HeadingLine::of(sheet.headings()), sheet.slipped());
        for row in sheet.rows() {
            let found = if headings.is_again(row) {
                ReadRow::Nobody("見出しと同じ行です。")
            } else if slipped.contains(&row.line()) {
                ReadRow::Nobody(SLIPPED)
            } else {
                columns.read(&around, |column| row.cell(column))
            };
            match found {
                ReadRow::Person(told, mut remarks) => {
                    remarks.extend(row.hidden().then(Remark::hidden_row));
                    people.push((row.line(), *told, remarks));
                }
                ReadRow::Nobody(why) => nobody.push((row.line(), why)),
            }
        }
        (columns, people, nobody)
    })
    .await
    .or_bug()?;
    Ok(Read {
        kept,
        received,
        columns,
        people: Arc::new(people),
        nobody,
    })
}
