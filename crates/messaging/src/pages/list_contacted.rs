//! People of a list who were written to before for the same purpose: when, by which office, and whether they get it
//! once more. What another office wrote stays with that office.

use base::clock::Millis;
use base::phone::PhoneNumber;
use lists::check::CheckedRow;
use lists::code::Code;
use lists::contacts::{Earlier, Whose};

use super::list_judged::{JudgedRows, RowStanding};

/// A row whose person was written to before, and how it stands now.
#[derive(Clone, Copy)]
pub(super) struct Contacted<'a> {
    row: &'a CheckedRow,
    earlier: &'a Earlier,
    again: Option<&'a str>,
}

/// The same, as a line of the table.
pub(super) struct ContactedRow {
    pub(super) line: u32,
    pub(super) phone: String,
    pub(super) whom: &'static str,
    pub(super) at: Millis,
    pub(super) office: String,
    pub(super) purpose: &'static str,
    pub(super) times: u32,
    /// Why it is sent all the same.
    pub(super) again: Option<String>,
}

/// Every such row; those that are stopped by an error or sent with an earlier row are told elsewhere.
pub(super) fn contacted(rows: &JudgedRows) -> Vec<Contacted<'_>> {
    let Some(purpose) = rows.brief.background.purpose else {
        return Vec::new();
    };
    let known = &rows.brief.background.rows;
    let concerned = |(at, (row, standing)): (usize, (&'_ CheckedRow, RowStanding))| {
        let again = row
            .problems
            .iter()
            .any(|problem| problem.code == Code::RowContactedAgain);
        (standing == RowStanding::Contacted || again && standing == RowStanding::Send).then_some(at)
    };
    let places = rows.standings().enumerate().filter_map(concerned);
    let found = places.filter_map(|at| {
        let row = &rows.checked.rows[at];
        let earlier = known.get(&at)?.facts.repeats(purpose)?;
        let again = rows.brief.choices.again(row.line).filter(|_| !row.contacted);
        Some(Contacted { row, earlier, again })
    });
    found.collect()
}

impl Contacted<'_> {
    /// Whether somebody chose to send it all the same.
    pub(super) fn is_sent(&self) -> bool {
        self.again.is_some()
    }

    pub(super) fn shown(&self, rows: &JudgedRows) -> ContactedRow {
        let Earlier {
            whose,
            office,
            purpose,
            last_at,
            times,
        } = *self.earlier;
        let offices = &rows.brief.background.offices;
        ContactedRow {
            line: self.row.line,
            phone: self.row.phone.map_or_else(String::new, PhoneNumber::masked),
            whom: match whose {
                Whose::SamePerson => "この方",
                Whose::SameNumber => "この番号",
                Whose::OtherPerson => "同じ番号の別の方",
            },
            at: last_at,
            office: offices
                .get(&office)
                .cloned()
                .unwrap_or_else(|| "ほかの部署".to_owned()),
            purpose: purpose.label(),
            times,
            again: self.again.map(str::to_owned),
        }
    }
}
