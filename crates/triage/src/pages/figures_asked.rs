//! Which figures an address asks for, and what they are made of.

use std::borrow::Cow;
use std::collections::BTreeMap;

use accounts::Staff;
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId};
use messaging::pages::{failed, in_query, scope};
use serde::Deserialize;
use web::PageError;
use web::form::{Choice, Field};

use super::Triage;
use super::figures_view::View;
use crate::case::received_day;
use crate::counting::{days, needed, waiting};
use crate::figures::{Backlog, DayKind, Period, Sums};
use crate::store::programmes::programmes;

/// Lengths to choose from; the greatest is a quarter of a year, twice of which is read to compare.
const LENGTHS: [u16; 5] = [7, 14, 28, 56, 91];
const USUAL: u16 = 28;

/// The address; what cannot be read counts as not asked.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    days: String,
    last: String,
    by: String,
    programme: String,
    office: String,
    /// Of a file.
    pub(super) figure: String,
    /// Of a file.
    pub(super) form: String,
}

/// What is asked for, as far as this person may see it.
pub(super) struct Wanted {
    pub(super) org: OrgId,
    pub(super) period: Period,
    pub(super) by: DayKind,
    pub(super) programme: Option<i64>,
    pub(super) office: Option<OfficeId>,
    pub(super) today: CalendarDate,
    programmes: Vec<(i64, String)>,
    /// Those that this person may see, by number.
    pub(super) offices: BTreeMap<OfficeId, String>,
    is_head_office: bool,
}

impl Wanted {
    pub(super) async fn read(triage: &Triage, staff: &Staff, asked: &Asked) -> Result<Self, PageError> {
        let org = staff.org;
        let own = scope(staff);
        let offices: BTreeMap<OfficeId, String> = triage
            .offices(org)
            .await?
            .into_iter()
            .filter(|(id, _)| own.is_none_or(|own| own == *id))
            .map(|(id, office)| (id, office.name.to_string()))
            .collect();
        let programmes = programmes(&triage.db, org).await.map_err(failed)?;
        let programmes: Vec<(i64, String)> = programmes
            .into_iter()
            .map(|one| (one.id.get(), one.name))
            .collect();
        let today = received_day(triage.db.now());
        let length = asked.days.parse().ok().filter(|days| LENGTHS.contains(days));
        let last = asked.last.parse::<Day>().ok().map(|day| day.0);
        let last = last.filter(|day| (0..3_650).contains(&today.days_since(*day)));
        let programme = asked.programme.parse().ok();
        let office = asked.office.parse().ok().map(OfficeId::new);
        Ok(Self {
            org,
            period: Period::ending(last.unwrap_or(today), length.unwrap_or(USUAL)),
            by: DayKind::from_word(&asked.by).unwrap_or(DayKind::Arrival),
            programme: programme.filter(|id| programmes.iter().any(|(known, _)| known == id)),
            office: own.or(office.filter(|office| offices.contains_key(office))),
            today,
            programmes,
            offices,
            is_head_office: own.is_none(),
        })
    }

    /// The fields to choose by.
    pub(super) fn fields(&self) -> Vec<Field> {
        let lengths = LENGTHS.map(|days| Choice::new(days, format!("{days}日間")));
        let kinds = DayKind::ALL
            .iter()
            .map(|kind| Choice::new(kind.as_str(), kind.label()));
        let mut fields = vec![
            Field::select("days", "期間", lengths.to_vec()).value(self.period.length()),
            Field::select("by", "人数を数える日", kinds.collect()).value(self.by.as_str()),
        ];
        let all = || vec![Choice::new("", "すべて")];
        if self.programmes.len() > 1 {
            let mut choices = all();
            choices.extend(self.programmes.iter().map(|(id, name)| Choice::new(id, name)));
            let chosen = self.programme.map_or_else(String::new, |id| id.to_string());
            fields.push(Field::select("programme", "プログラム", choices).value(chosen));
        }
        if self.is_head_office {
            let mut choices = all();
            choices.extend(self.offices.iter().map(|(id, name)| Choice::new(id, name)));
            let chosen = self.office.map_or_else(String::new, |id| id.to_string());
            fields.push(Field::select("office", "部署", choices).value(chosen));
        }
        fields
    }

    /// What comes after `?` for these figures in another period that ends with `last`.
    pub(super) fn query(&self, last: CalendarDate) -> String {
        let text = |number: Option<i64>| number.map_or_else(String::new, |number| number.to_string());
        format!(
            "days={}&last={}&by={}&programme={}&office={}",
            self.period.length(),
            in_query(&last.to_string()),
            self.by.as_str(),
            text(self.programme),
            text(self.office.filter(|_| self.is_head_office).map(OfficeId::get)),
        )
    }

    /// The last day of the period after this one, if that does not lie ahead.
    pub(super) fn later(&self) -> Option<CalendarDate> {
        let last = self.period.last().plus_days(i32::from(self.period.length()))?;
        (self.period.last() < self.today).then(|| last.min(self.today))
    }

    /// Of which offices and which programme, in words.
    pub(super) fn label(&self) -> String {
        let office = match self.office {
            Some(office) => self.offices.get(&office).cloned().unwrap_or_default(),
            None => "すべての部署".to_owned(),
        };
        let programme = self.programme.and_then(|id| {
            let found = self.programmes.iter().find(|(known, _)| *known == id);
            found.map(|(_, name)| name.clone())
        });
        match programme {
            Some(name) => format!("{office}・{name}"),
            None => office,
        }
    }

    /// The days of a period, of what is asked for.
    async fn sums(&self, triage: &Triage, period: Period) -> Result<Sums, PageError> {
        let mut sums = days(&triage.db, self.org, period).await.map_err(failed)?;
        sums.office = self.office;
        sums.programme = self.programme;
        Ok(sums)
    }

    /// The days of another period: those that were read already, if it lies in them.
    pub(super) async fn also<'a>(
        &self,
        triage: &Triage,
        counted: &'a Counted,
        period: Period,
    ) -> Result<Cow<'a, Sums>, PageError> {
        let read = &counted.sums;
        let whole = [period.first(), period.last()]
            .iter()
            .all(|day| read.days.contains_key(day));
        if whole {
            return Ok(Cow::Borrowed(read));
        }
        Ok(Cow::Owned(self.sums(triage, period).await?))
    }

    /// What the figures are made of.
    pub(super) async fn counted(&self, triage: &Triage) -> Result<Counted, PageError> {
        let sums = self.sums(triage, needed(self.period, self.today)).await?;
        let backlog = waiting(&triage.db, self.org, self.office).await.map_err(failed)?;
        // The head office stands there only if it has people of its own, or did something.
        let mut offices = self.offices.clone();
        offices.retain(|id, _| self.office.is_none_or(|office| office == *id));
        let head = OfficeId::HEADQUARTERS;
        let is_busy =
            sums.by_office(self.period).contains_key(&head) || sums.work(self.period).contains_key(&head);
        if offices.len() > 1 && !is_busy {
            offices.remove(&head);
        }
        Ok(Counted {
            sums,
            backlog,
            offices,
            now: triage.db.now(),
        })
    }
}

/// Days and people, counted.
pub(super) struct Counted {
    pub(super) sums: Sums,
    backlog: Vec<Backlog>,
    offices: BTreeMap<OfficeId, String>,
    now: i64,
}

impl Counted {
    pub(super) fn view(&self, wanted: &Wanted) -> View<'_> {
        View {
            sums: &self.sums,
            backlog: &self.backlog,
            period: wanted.period,
            by: wanted.by,
            now: self.now,
            today: wanted.today,
            offices: &self.offices,
        }
    }
}

/// `2022-02-14`, in an address.
pub(super) struct Day(pub(super) CalendarDate);

impl std::str::FromStr for Day {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse::<u16>().ok());
        let mut next = || parts.next().flatten().ok_or(());
        let (year, month, day) = (next()?, next()?, next()?);
        let small = |number: u16| u8::try_from(number).map_err(|_| ());
        CalendarDate::new(year, small(month)?, small(day)?)
            .map(Day)
            .ok_or(())
    }
}
