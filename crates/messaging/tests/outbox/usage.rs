//! The bill can be checked line by line.

use base::clock::{DAY, japan_midnight};
use base::id::OfficeId;
use messaging::allowance::month_of;
use messaging::broadcast::NewBroadcast;
use messaging::message::Outcome;
use messaging::store::{self, UsageSum};

use crate::desk::{Desk, ORG, carrier_id, claim, desks, new, receipt, strangers, taken};

impl Desk {
    async fn sums(&self, office: Option<OfficeId>) -> Vec<UsageSum> {
        let month = month_of(self.clock.now());
        store::usage_sums(&self.db, ORG, office, false, month)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn sums_and_lines_say_the_same() {
    for desk in desks().await {
        let office = OfficeId::new(4);
        desk.start(new(strangers(2, &format!("長い{}", "字".repeat(80)))))
            .await;
        desk.start(NewBroadcast {
            office,
            ..new(strangers(3, "短い"))
        })
        .await;
        let rehearsal = NewBroadcast {
            simulated: true,
            ..new(strangers(9, "訓練"))
        };
        desk.start(rehearsal).await;
        let (outbox, account) = desk.outbox().await;
        assert!(desk.sums(None).await.is_empty(), "nothing has left");
        let out = claim(&outbox, account, 100).await;
        assert_eq!(out.len(), 7);
        // All but the last are taken, and the first two arrive.
        let answers = out[..6].iter().map(taken).collect();
        outbox.record(account, answers).await.unwrap();
        let receipts = out[..2]
            .iter()
            .map(|one| receipt(carrier_id(one.part), Outcome::Delivered))
            .collect();
        outbox.receipts(account, receipts).await.unwrap();

        let sums = desk.sums(None).await;
        assert_eq!(sums.len(), 2);
        let total = |of: fn(&UsageSum) -> u32| sums.iter().map(of).sum::<u32>();
        assert_eq!(
            [
                total(|one| one.messages),
                total(|one| one.parts),
                total(|one| one.taken),
                total(|one| one.delivered)
            ],
            [5, 7, 6, 2]
        );
        assert!(sums.iter().all(|one| one.day == japan_midnight(desk.clock.now())));
        assert!(sums.iter().all(|one| one.account == Some(account)));
        let own = desk.sums(Some(office)).await;
        assert_eq!((own.len(), own[0].office), (1, office));

        let month = month_of(desk.clock.now());
        let lines = store::usage_lines(&desk.db, ORG, None, false, month)
            .await
            .unwrap();
        assert_eq!(lines.len(), 5);
        let all = |of: fn(&store::UsageLine) -> u32| lines.iter().map(of).sum::<u32>();
        assert_eq!(
            [
                all(|one| one.parts),
                all(|one| one.taken),
                all(|one| one.delivered)
            ],
            [7, 6, 2]
        );
        let next = (month.1, month.1 + 30 * DAY);
        assert!(
            store::usage_lines(&desk.db, ORG, None, false, next)
                .await
                .unwrap()
                .is_empty()
        );
    }
}
