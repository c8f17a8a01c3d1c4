//! A list of a health centre is taken in: read, kept, registered, decided.

use base::id::{CaseId, ListId, OfficeId, StaffId};
use lists::read::ReadOptions;
use lists::store::{NewList, Role, Settings, add_list, load_list};
use messaging::pages::Desk;
use triage::case::{CaseSource, NewCase, received_day};
use triage::decision::Route;
use triage::intake::{Circumstances, Columns, ReadRow};
use triage::store::{cases, programmes};

use super::Failure;
use super::day::ORG;
use super::people::{List, Told};

/// One upload, as `POST /intake` and `POST /intake/{id}/register` do it.
pub(super) struct Intake {
    pub(super) desk: Desk,
    pub(super) office: OfficeId,
    pub(super) by: StaffId,
    pub(super) programme: i64,
    /// One of so many asks for a message though the rules say that somebody telephones.
    pub(super) one_asks_of: i64,
}

/// What was taken in.
pub(super) struct Taken {
    pub(super) list: ListId,
    pub(super) rows: Vec<(u32, Told)>,
}

impl Intake {
    pub(super) async fn take(self, file: List) -> Result<Taken, Failure> {
        let db = &self.desk.db;
        let read = lists::read::read(&file.name, &file.bytes, &ReadOptions::default());
        let sheet = read.map_err(|problem| Failure::Nothing(format!("{}: {problem}", file.name)))?;
        let new = NewList {
            role: Role::Cases,
            reference: None,
            office: self.office,
            sheet,
            settings: Settings::default(),
            by: self.by,
        };
        let list = add_list(db, ORG, new).await?;
        let gone = || Failure::Nothing("登録したリストがありません。".to_owned());
        let kept = load_list(db, ORG, list).await?.ok_or_else(gone)?;
        let around = Circumstances {
            is_typed: false,
            received: received_day(kept.head.uploaded_at),
            office: String::new(),
        };
        let columns = Columns::of(kept.sheet.headings());
        let mut new = Vec::new();
        for row in kept.sheet.rows() {
            match columns.read(&around, |column| row.cell(column)) {
                ReadRow::Person(told, _) => new.push(NewCase {
                    office: self.office,
                    source: CaseSource::Row {
                        list,
                        line: row.line(),
                    },
                    notification: *told,
                }),
                // Excel's empty rows.
                ReadRow::Nobody(_) => {}
            }
        }
        let id = base::id::ProgrammeId::new(self.programme);
        let rules = programmes::in_force(db, ORG, id).await?;
        let added = cases::add(db, ORG, self.programme, &rules, Some(self.by), new).await?;
        self.some_ask_for_a_message(&added.cases).await?;
        Ok(Taken {
            list,
            rows: file.rows.into_iter().collect(),
        })
    }

    /// Some of those whom the rules give to the telephone asked the clinic for a message (who does not hear well, who
    /// works at night). They keep their priority: the high risk that goes first among the messages.
    async fn some_ask_for_a_message(&self, added: &[CaseId]) -> Result<(), Failure> {
        let db = &self.desk.db;
        let asking: Vec<CaseId> = added
            .iter()
            .copied()
            .filter(|case| case.get() % self.one_asks_of == 0)
            .collect();
        for case in cases::cases(db, ORG, &asking).await? {
            if case.decided.route != Route::CentrePhone {
                continue;
            }
            let hand = triage::store::changes::Hand {
                scope: Some(case.office),
                case: case.id,
                version: case.version,
                by: self.by,
                office: self.office,
            };
            let why = "本人がSMSを希望".to_owned();
            triage::store::changes::overrule(db, ORG, hand, Route::HeadOfficeSms, why).await?;
        }
        Ok(())
    }
}
