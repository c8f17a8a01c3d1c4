//! A month's usage with its prices: what the page shows and the files hold.

use std::collections::{BTreeMap, HashMap};

use accounts::SignedIn;
use base::clock::Millis;
use base::id::{AccountId, OfficeId, TemplateId};
use jiff::civil::Date;
use web::PageError;

use super::{Desk, failed, scope};
use crate::allowance::{midnight, month_of};
use crate::store::{self, UsageLine, UsageSum};
use crate::tariff::Tariffs;
use crate::template::japan_day;

/// A month in Japan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Month {
    pub(super) first: Date,
    from: Millis,
    to: Millis,
}

impl Month {
    /// The month in which `at` lies.
    pub(super) fn of(at: Millis) -> Self {
        let (from, to) = month_of(at);
        Self {
            first: japan_day(from),
            from,
            to,
        }
    }

    /// `2026-11`, as addresses have it; another month than that of `now` only if it can be read.
    pub(super) fn asked(text: &str, now: Millis) -> Self {
        let day = format!("{}-01", text.trim()).parse::<Date>().ok();
        let day = day.filter(|day| (2020..=2100).contains(&day.year()));
        Self::of(day.map_or(now, midnight))
    }

    /// `2026-11`.
    pub(super) fn word(self) -> String {
        format!("{:04}-{:02}", self.first.year(), self.first.month())
    }

    /// `2026年11月`.
    pub(super) fn label(self) -> String {
        format!("{}年{}月", self.first.year(), self.first.month())
    }

    pub(super) fn before(self) -> Self {
        Self::of(self.from - 1)
    }

    pub(super) fn after(self) -> Self {
        Self::of(self.to)
    }

    /// Every day of it.
    pub(super) fn days(self) -> impl Iterator<Item = Date> {
        let month = self.first.month();
        self.first
            .series(jiff::Span::new().days(1))
            .take_while(move |day| day.month() == month)
    }
}

/// What something costs. Without a tariff nobody knows.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Billed {
    /// Parts on the bill.
    pub(super) parts: u64,
    /// Their price, in hundredths of a yen.
    pub(super) cost: u64,
    /// Parts for which there is no tariff.
    pub(super) unknown: u64,
}

impl Billed {
    fn of(tariffs: &Tariffs, day: Millis, account: Option<AccountId>, taken: u32, delivered: u32) -> Self {
        match tariffs.on(day, account) {
            Some(tariff) => {
                let parts = u64::from(tariff.rule.billed(taken, delivered));
                Self {
                    parts,
                    cost: parts * u64::from(tariff.price),
                    unknown: 0,
                }
            }
            None => Self {
                unknown: taken.into(),
                ..Self::default()
            },
        }
    }

    fn add(&mut self, other: Self) {
        self.parts += other.parts;
        self.cost += other.cost;
        self.unknown += other.unknown;
    }
}

/// Numbers of a group.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Figures {
    pub(super) messages: u64,
    pub(super) parts: u64,
    pub(super) taken: u64,
    pub(super) delivered: u64,
    pub(super) billed: Billed,
}

impl Figures {
    fn add(&mut self, sum: &UsageSum, billed: Billed) {
        self.messages += u64::from(sum.messages);
        self.parts += u64::from(sum.parts);
        self.taken += u64::from(sum.taken);
        self.delivered += u64::from(sum.delivered);
        self.billed.add(billed);
    }
}

/// Office, template and account.
type Group = (OfficeId, Option<TemplateId>, Option<AccountId>);

/// The names behind the numbers.
pub(super) struct UsageNames {
    offices: HashMap<OfficeId, String>,
    templates: HashMap<TemplateId, String>,
    accounts: HashMap<AccountId, String>,
}

impl UsageNames {
    pub(super) async fn load(
        desk: &Desk,
        session: &SignedIn,
        templates: impl Iterator<Item = TemplateId>,
    ) -> Result<Self, PageError> {
        let org = session.staff.org;
        let offices = desk.accounts.offices(org).await.map_err(failed)?;
        Ok(Self {
            offices: offices
                .into_iter()
                .map(|office| (office.id, office.name.to_string()))
                .collect(),
            templates: store::template_names(&desk.db, org, templates)
                .await
                .map_err(failed)?,
            accounts: store::carrier_accounts(&desk.db)
                .await
                .map_err(failed)?
                .into_iter()
                .collect(),
        })
    }

    pub(super) fn office(&self, id: OfficeId) -> String {
        self.offices.get(&id).cloned().unwrap_or_default()
    }

    pub(super) fn template(&self, id: Option<TemplateId>) -> String {
        let name = id.and_then(|id| self.templates.get(&id));
        name.cloned()
            .unwrap_or_else(|| "（コマンドラインの文面）".to_owned())
    }

    pub(super) fn account(&self, id: Option<AccountId>) -> String {
        id.and_then(|id| self.accounts.get(&id))
            .cloned()
            .unwrap_or_default()
    }
}

/// A month's usage.
pub(super) struct Usage {
    pub(super) month: Month,
    pub(super) groups: BTreeMap<Group, Figures>,
    pub(super) by_day: BTreeMap<Date, Figures>,
    pub(super) total: Figures,
}

impl Usage {
    /// The templates that come up.
    pub(super) fn templates(&self) -> impl Iterator<Item = TemplateId> {
        self.groups.keys().filter_map(|(_, template, _)| *template)
    }

    pub(super) async fn load(desk: &Desk, session: &SignedIn, month: Month) -> Result<Self, PageError> {
        let org = session.staff.org;
        let tariffs = store::tariffs(&desk.db, org).await.map_err(failed)?;
        let (office, simulated) = (scope(&session.staff), desk.sending.simulated);
        let sums = store::usage_sums(&desk.db, org, office, simulated, (month.from, month.to))
            .await
            .map_err(failed)?;
        let mut usage = Self {
            month,
            groups: BTreeMap::new(),
            by_day: BTreeMap::new(),
            total: Figures::default(),
        };
        for sum in &sums {
            let billed = Billed::of(&tariffs, sum.day, sum.account, sum.taken, sum.delivered);
            let group = (sum.office, sum.template, sum.account);
            usage.groups.entry(group).or_default().add(sum, billed);
            usage
                .by_day
                .entry(japan_day(sum.day))
                .or_default()
                .add(sum, billed);
            usage.total.add(sum, billed);
        }
        Ok(usage)
    }
}

/// A month's messages, one by one, each with its price.
pub(super) async fn lines(
    desk: &Desk,
    session: &SignedIn,
    month: Month,
) -> Result<Vec<(UsageLine, Option<u32>, Billed)>, PageError> {
    let org = session.staff.org;
    let tariffs = store::tariffs(&desk.db, org).await.map_err(failed)?;
    let (office, simulated) = (scope(&session.staff), desk.sending.simulated);
    let lines = store::usage_lines(&desk.db, org, office, simulated, (month.from, month.to))
        .await
        .map_err(failed)?;
    let priced = lines.into_iter().map(|line| {
        let billed = Billed::of(&tariffs, line.day, line.account, line.taken, line.delivered);
        let price = tariffs.on(line.day, line.account).map(|tariff| tariff.price);
        (line, price, billed)
    });
    Ok(priced.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariff::{CarrierTariff, PriceRule};

    #[test]
    fn a_month_is_read_and_followed() {
        let november = Month::asked("2026-11", 0);
        assert_eq!(november.label(), "2026年11月");
        assert_eq!(
            (november.before().word(), november.after().word()),
            ("2026-10".into(), "2026-12".into())
        );
        assert_eq!(november.days().count(), 30);
        assert_eq!(Month::asked("nonsense", november.from), november);
        assert_eq!(Month::asked("9999-99", november.to - 1), november);
    }

    #[test]
    fn the_bill_follows_the_rule_of_the_carrier() {
        let tariff = |rule| {
            Tariffs(vec![CarrierTariff {
                account: None,
                price: 330,
                rule,
                from_day: 0,
            }])
        };
        let billed = |rule| Billed::of(&tariff(rule), 10, None, 5, 3);
        assert_eq!(
            (billed(PriceRule::Taken).parts, billed(PriceRule::Taken).cost),
            (5, 1_650)
        );
        assert_eq!(
            (
                billed(PriceRule::Delivered).parts,
                billed(PriceRule::Delivered).cost
            ),
            (3, 990)
        );
        assert_eq!(Billed::of(&Tariffs::default(), 10, None, 5, 3).unknown, 5);
    }
}
