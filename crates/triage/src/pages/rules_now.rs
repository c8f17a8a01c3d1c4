//! The rules that decide about cases of today: the one place where pages ask for them, and where the programme of new
//! cases is chosen.

use std::collections::HashMap;
use std::sync::Arc;

use accounts::Staff;
use base::id::{OfficeId, OrgId, ProgrammeId};
use messaging::pages::failed;
use web::PageError;
use web::form::{Choice, Field};

use super::Triage;
use super::intake_read::Read;
use crate::case::received_day;
use crate::decision::{Rules, WithoutRules};
use crate::disease::{is_named, names};
use crate::notification::CaseNotification;
pub(super) use crate::programme::NO_PROGRAMME;
use crate::programme::Programme;
use crate::store::{owners, programmes};

/// The programmes of an organisation, of which the one of new cases is chosen: the default before the others, those
/// whose rules hold today before those without, then by number.
pub(super) struct Programmes {
    all: Vec<Offered>,
    in_force: HashMap<i64, Programme>,
    /// The offices to which programmes belong.
    owners: HashMap<i64, OfficeId>,
}

struct Offered {
    id: i64,
    name: String,
    diseases: String,
    is_default: bool,
    /// Whether its rules hold today at the person's office.
    holds: bool,
}

impl Programmes {
    pub(super) async fn of(triage: &Triage, staff: &Staff) -> Result<Self, PageError> {
        let org = staff.org;
        let in_force = programmes::all_in_force(&triage.db, org).await.map_err(failed)?;
        let today = received_day(triage.db.now());
        let rows = programmes::programmes(&triage.db, org).await.map_err(failed)?;
        let mut all: Vec<Offered> = rows
            .into_iter()
            .map(|row| {
                let rules = in_force.get(&row.id.get());
                Offered {
                    id: row.id.get(),
                    name: row.name,
                    diseases: row.diseases,
                    is_default: row.is_default,
                    holds: rules.is_some_and(|rules| rules.on(today, staff.office).is_some()),
                }
            })
            .collect();
        all.sort_by_key(|one| (!one.is_default, !one.holds, one.id));
        let owners = owners::owners(&triage.db, org).await.map_err(failed)?;
        Ok(Self {
            all,
            in_force,
            owners,
        })
    }

    fn find(&self, programme: i64) -> Option<&Offered> {
        self.all.iter().find(|one| one.id == programme)
    }

    /// The programme that was asked for; else the first that is offered; else none.
    pub(super) fn chosen(&self, asked: &str) -> i64 {
        let known = asked.parse().ok().and_then(|asked| self.find(asked));
        known.or(self.all.first()).map_or(NO_PROGRAMME, |one| one.id)
    }

    /// The programme of a person, where this one was chosen for everybody: the one for the disease that is told. A
    /// disease that no programme names is told with nobody's words, but for a programme that does not say for what
    /// it is.
    pub(super) fn of_told(&self, told: &CaseNotification, chosen: i64) -> i64 {
        let Some(disease) = &told.illness.disease else {
            return chosen;
        };
        let mut chosen_first = self.find(chosen).into_iter().chain(&self.all);
        let named = chosen_first.find(|one| is_named(&one.diseases, disease));
        let takes_all = self
            .find(chosen)
            .filter(|one| names(&one.diseases).next().is_none());
        named.or(takes_all).map_or(NO_PROGRAMME, |one| one.id)
    }

    /// Whose the new people of a programme are, where this office takes them in.
    pub(super) fn office(&self, programme: i64, taken_in: OfficeId) -> OfficeId {
        self.owners.get(&programme).copied().unwrap_or(taken_in)
    }

    /// The same of every row of a list.
    pub(super) fn of_rows(&self, read: &Read, chosen: i64) -> HashMap<u32, i64> {
        let people = read.people.iter();
        people
            .map(|(line, told, _)| (*line, self.of_told(told, chosen)))
            .collect()
    }

    /// What it is called.
    pub(super) fn name(&self, programme: i64) -> &str {
        self.find(programme).map_or("", |one| one.name.as_str())
    }

    /// The choice, where there is more than one.
    pub(super) fn field(&self, chosen: i64) -> Option<Field> {
        let choices = self.all.iter().map(|one| {
            let label = if one.holds {
                one.name.clone()
            } else {
                format!(
                    "{}（いま使われている規則がありません。全員が「保健所が電話」になります）",
                    one.name
                )
            };
            Choice::new(one.id, label)
        });
        (self.all.len() > 1).then(|| {
            Field::select("programme", "振り分け規則", choices.collect())
                .support("疾患名が書かれている人は、その疾患の規則で振り分けます。")
                .value(chosen)
        })
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
