//! The rules that decide about cases of today: the one place where pages ask for them, and where the programme of new
//! cases is chosen.

use std::collections::HashMap;
use std::sync::Arc;

use accounts::Staff;
use base::id::{OrgId, ProgrammeId};
use messaging::pages::failed;
use web::PageError;
use web::form::{Choice, Field};

use super::Triage;
use crate::case::received_day;
use crate::decision::{Rules, WithoutRules};
use crate::programme::Programme;
use crate::store::programmes;

/// New cases belong to this as long as the organisation has no programme.
pub(super) const NO_PROGRAMME: i64 = 0;

/// The programmes of an organisation, of which the one of new cases is chosen.
pub(super) struct Programmes {
    /// Number, name, whether its rules hold today at the person's office; by number.
    all: Vec<(i64, String, bool)>,
    in_force: HashMap<i64, Programme>,
}

impl Programmes {
    pub(super) async fn of(triage: &Triage, staff: &Staff) -> Result<Self, PageError> {
        let org = staff.org;
        let in_force = programmes::all_in_force(&triage.db, org).await.map_err(failed)?;
        let today = received_day(triage.db.now());
        let rows = programmes::programmes(&triage.db, org).await.map_err(failed)?;
        let mut all: Vec<(i64, String, bool)> = rows
            .into_iter()
            .map(|row| {
                let rules = in_force.get(&row.id.get());
                let holds = rules.is_some_and(|rules| rules.on(today, staff.office).is_some());
                (row.id.get(), row.name, holds)
            })
            .collect();
        all.sort_by_key(|(id, ..)| *id);
        Ok(Self { all, in_force })
    }

    /// The programme that was asked for; else the first whose rules hold today; else the first; else none.
    pub(super) fn chosen(&self, asked: &str) -> i64 {
        let asked: Option<i64> = asked.parse().ok();
        let known = self.all.iter().find(|(id, ..)| Some(*id) == asked);
        let holds = self.all.iter().find(|(.., holds)| *holds);
        known
            .or(holds)
            .or(self.all.first())
            .map_or(NO_PROGRAMME, |(id, ..)| *id)
    }

    /// What it is called.
    pub(super) fn name(&self, programme: i64) -> &str {
        let found = self.all.iter().find(|(id, ..)| *id == programme);
        found.map_or("", |(_, name, _)| name)
    }

    /// The choice, where there is more than one.
    pub(super) fn field(&self, chosen: i64) -> Option<Field> {
        let choices = self.all.iter().map(|(id, name, holds)| {
            let label = if *holds {
                name.clone()
            } else {
                format!("{name}（いま使われている規則がありません。全員が「保健所が電話」になります）")
            };
            Choice::new(id, label)
        });
        (self.all.len() > 1)
            .then(|| Field::select("programme", "振り分け規則", choices.collect()).value(chosen))
    }

    /// The rules of a programme that are in force. Without any, everybody is telephoned.
    pub(super) fn rules(&self, programme: i64) -> Arc<dyn Rules> {
        match self.in_force.get(&programme) {
            Some(rules) => Arc::new(rules.clone()),
            None => Arc::new(WithoutRules),
        }
    }
}

/// The rules of a programme that are in force. Without any, everybody is telephoned.
pub(super) async fn rules(triage: &Triage, org: OrgId, programme: i64) -> Result<Arc<dyn Rules>, PageError> {
    let in_force = programmes::in_force(&triage.db, org, ProgrammeId::new(programme));
    let in_force = in_force.await.map_err(failed)?;
    Ok(if in_force.versions().is_empty() {
        Arc::new(WithoutRules)
    } else {
        Arc::new(in_force)
    })
}
