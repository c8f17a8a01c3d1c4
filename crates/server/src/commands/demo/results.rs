//! Some of those who applied are judged already, so that there are results to be locked and sent.

use base::clock::{Clock, MINUTE};
use base::id::{DeskId, OrgId, StaffId};
use db::Db;
use desk::document::{Decision, DeskDocument, Reviewer};
use desk::store::{self, Act, Claimed, Mine, Wanted};

use super::Failure;

/// One of so many is not confirmed.
const REFUSED: usize = 4;

/// Lets doctors judge so many, a minute apart, and the time for taking back go by. The clock is one that is set by hand.
pub(super) async fn decide(db: &Db, clock: &Clock, doctors: &[StaffId], most: usize) -> Result<(), Failure> {
    let org = OrgId::FIRST;
    for row in store::desks(db, org).await? {
        let rule = store::now_in_force(db, org, row.id).await?;
        let rule = rule.filter(|one| one.document.document().review.by == Reviewer::Doctor);
        let Some(rule) = rule else { continue };
        for (n, doctor) in doctors.iter().cycle().take(most).enumerate() {
            clock.advance(MINUTE);
            let Some(mine) = next(db, row.id, *doctor).await? else {
                break;
            };
            let act = Act::Decide(decision(&rule.document, n));
            store::act(db, org, mine, (act, None), &rule.document).await?;
        }
    }
    clock.advance(3 * MINUTE);
    store::settle(db, org).await?;
    Ok(())
}

fn decision(document: &DeskDocument, n: usize) -> Decision {
    let reasons = &document.document().reasons;
    match reasons.get(n / REFUSED % reasons.len().max(1)) {
        Some(reason) if n % REFUSED == REFUSED - 1 => Decision::Refused(reason.code.clone()),
        _ => Decision::Confirmed,
    }
}

async fn next(db: &Db, desk: DeskId, doctor: StaffId) -> Result<Option<Mine>, Failure> {
    let org = OrgId::FIRST;
    let (vault, now) = (db.vault(org).await?, db.now());
    let claimed = db.write(move |tx| {
        let vault = vault.clone();
        Box::pin(async move { store::claim(tx, org, &vault, (desk, Wanted::Next), doctor, now).await })
    });
    Ok(match claimed.await? {
        Claimed::Yours(id, lease) => Some(Mine {
            id,
            review: lease.review,
            staff: doctor,
        }),
        _ => None,
    })
}
