//! What carriers ask for a part, by account, and for which parts.

use base::clock::Millis;
use base::id::AccountId;

/// For which parts a carrier sends a bill.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PriceRule {
    /// For each part that it took, whatever became of it.
    Taken,
    /// Only for those that arrived.
    Delivered,
}

impl PriceRule {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Taken, Self::Delivered];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Delivered => "delivered",
        }
    }

    /// The rule that the database's word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == word)
    }

    /// As pages show it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Taken => "受け付けられたものすべて",
            Self::Delivered => "着信したものだけ",
        }
    }

    /// How many parts are on the bill: of those that the carrier gave a number, or of those that arrived.
    pub const fn billed(self, taken: u32, delivered: u32) -> u32 {
        match self {
            Self::Taken => taken,
            Self::Delivered => delivered,
        }
    }
}

/// What an account asks, from a day on. Never changed: a later one takes its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CarrierTariff {
    /// Of which account; of every account without a tariff of its own if none.
    pub account: Option<AccountId>,
    /// Of a part, in hundredths of a yen.
    pub price: u32,
    /// For which parts.
    pub rule: PriceRule,
    /// The midnight in Japan from which on it is in force.
    pub from_day: Millis,
}

/// Every tariff that was ever set, in that order.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Tariffs(pub Vec<CarrierTariff>);

impl Tariffs {
    /// What the account asks on a day.
    pub fn on(&self, day: Millis, account: Option<AccountId>) -> Option<CarrierTariff> {
        let newest = |account: Option<AccountId>| {
            let begun = self
                .0
                .iter()
                .filter(|one| one.account == account && one.from_day <= day);
            begun.max_by_key(|one| one.from_day).copied()
        };
        account
            .and_then(|account| newest(Some(account)))
            .or_else(|| newest(None))
    }

    /// The dearest price that any account asks on a day.
    pub fn dearest(&self, day: Millis) -> Option<u32> {
        let prices = self.0.iter().filter_map(|one| self.on(day, one.account));
        prices.map(|one| one.price).max()
    }
}

/// `8.50円`, of hundredths of a yen.
pub fn yen(hundredths: u64) -> String {
    let whole = web::number::grouped(hundredths / 100);
    match hundredths % 100 {
        0 => format!("{whole}円"),
        rest => format!("{whole}.{rest:02}円"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tariff(account: Option<i64>, price: u32, from_day: Millis) -> CarrierTariff {
        CarrierTariff {
            account: account.map(AccountId::new),
            price,
            rule: PriceRule::Taken,
            from_day,
        }
    }

    #[test]
    fn an_account_asks_its_own_price_or_that_of_all() {
        let tariffs = Tariffs(vec![
            tariff(None, 800, 0),
            tariff(Some(1), 330, 10),
            tariff(Some(1), 900, 20),
        ]);
        let price = |day, account| {
            tariffs
                .on(day, Some(AccountId::new(account)))
                .map(|one| one.price)
        };
        assert_eq!(
            [price(5, 1), price(10, 1), price(20, 1), price(20, 2)],
            [Some(800), Some(330), Some(900), Some(800)]
        );
        assert_eq!((tariffs.dearest(10), tariffs.dearest(20)), (Some(800), Some(900)));
        assert_eq!(Tariffs::default().dearest(10), None);
        assert_eq!(yen(123_450), "1,234.50円");
    }
}
