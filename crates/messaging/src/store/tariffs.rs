//! What carriers ask, by account and day.

use base::clock::Millis;
use base::id::{AccountId, OrgId, StaffId};
use db::{Db, DbError, Row, Tx, params};

use crate::tariff::{CarrierTariff, PriceRule, Tariffs};

db::statements! {
    TARIFFS = "
        SELECT account_id, price, rule, from_day FROM carrier_tariffs WHERE org_id = $1 ORDER BY tariff_no";
    ADD_TARIFF = "
        INSERT INTO carrier_tariffs (org_id, tariff_no, account_id, price, rule, from_day, set_by, set_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    ACCOUNTS = "SELECT account_id, name FROM carrier_accounts ORDER BY name";
}

/// Every tariff of the organisation.
pub async fn tariffs(db: &Db, org: OrgId) -> Result<Tariffs, DbError> {
    tariffs_of(&db.query(TARIFFS, params![org]).await?)
}

/// The dearest price of a part on a day, in hundredths of a yen.
pub(crate) async fn dearest_price_in(tx: &mut Tx, org: OrgId, day: Millis) -> Result<Option<i64>, DbError> {
    let tariffs = tariffs_of(&tx.query(TARIFFS, params![org]).await?)?;
    Ok(tariffs.dearest(day).map(i64::from))
}

fn tariffs_of(rows: &[Row]) -> Result<Tariffs, DbError> {
    let tariff = |row: &Row| {
        let word: String = row.get(2)?;
        Ok(CarrierTariff {
            account: row.get(0)?,
            price: row.get(1)?,
            rule: PriceRule::from_word(&word)
                .ok_or_else(|| DbError::Statement(format!("no price rule is called {word}")))?,
            from_day: row.get(3)?,
        })
    };
    rows.iter().map(tariff).collect::<Result<_, _>>().map(Tariffs)
}

/// A tariff about to be set.
pub type NewTariff = CarrierTariff;

/// Sets a tariff.
pub async fn add_tariff(db: &Db, org: OrgId, new: NewTariff, by: Option<StaffId>) -> Result<(), DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            let number = tx.take_numbers("carrier_tariffs", 1).await?;
            let (price, rule) = (i64::from(new.price), new.rule.as_str());
            let params = params![org, number, new.account, price, rule, new.from_day, by, now];
            tx.execute(ADD_TARIFF, params).await.map(drop)
        })
    })
    .await
}

/// The carrier accounts of this installation, by name.
pub async fn accounts(db: &Db) -> Result<Vec<(AccountId, String)>, DbError> {
    let rows = db.query(ACCOUNTS, params![]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
