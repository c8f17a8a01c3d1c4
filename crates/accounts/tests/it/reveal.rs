//! Sixty reveals in ten minutes raise an alarm and end there (threat 9).

use accounts::alarms::{self, AlarmKind};
use accounts::{Accounts, Staff};
use base::clock::{MINUTE, SECOND};
use base::id::{OrgId, StaffId};

use crate::browser::{Host, PASSWORD, on_each};

async fn staff(accounts: &Accounts, id: StaffId) -> Staff {
    let found = accounts.staff_by_ids(OrgId::FIRST, &[id]).await.unwrap();
    found[&id].clone()
}

/// How many of `count` are shown.
async fn shown(host: &Host, staff: &Staff, count: usize) -> usize {
    let mut shown = 0;
    for _ in 0..count {
        let reveal = host.accounts.reveal(staff, ("messages", 7)).await.unwrap();
        shown += usize::from(reveal.is_ok());
    }
    shown
}

async fn alarms(host: &Host) -> usize {
    let open = alarms::open_alarms(&host.db, OrgId::FIRST, 10).await.unwrap();
    open.iter()
        .filter(|alarm| alarm.kind == AlarmKind::REVEALS.code)
        .count()
}

#[tokio::test]
async fn the_sixtieth_reveal_in_ten_minutes_raises_an_alarm_and_is_the_last_for_ten_minutes() {
    on_each(async |host| {
        let tanaka = staff(&host.accounts, host.add_tanaka().await).await;
        let suzuki = staff(&host.accounts, host.add("suzuki", PASSWORD).await).await;
        assert_eq!(shown(&host, &tanaka, 59).await, 59);
        assert_eq!(alarms(&host).await, 0);
        assert_eq!(shown(&host, &tanaka, 20).await, 1);
        assert_eq!(alarms(&host).await, 1, "one alarm, however often they try again");
        assert_eq!(shown(&host, &suzuki, 5).await, 5, "nobody else is kept from work");
        host.clock.advance(10 * MINUTE - SECOND);
        assert_eq!(shown(&host, &tanaka, 1).await, 0);
        host.clock.advance(SECOND);
        assert_eq!(shown(&host, &tanaka, 59).await, 59, "and then one begins anew");
        let open = alarms::open_alarms(&host.db, OrgId::FIRST, 10).await.unwrap();
        assert_eq!(open[0].subject, Some(("staff".to_owned(), tanaka.id.get())));
        let seen_to = alarms::acknowledge(&host.db, OrgId::FIRST, open[0].id, suzuki.id);
        assert!(seen_to.await.unwrap());
        assert_eq!(alarms(&host).await, 0);
    })
    .await;
}

#[tokio::test]
async fn at_the_pace_of_work_nobody_is_stopped() {
    on_each(async |host| {
        let tanaka = staff(&host.accounts, host.add_tanaka().await).await;
        for _ in 0..150 {
            host.clock.advance(11 * SECOND);
            assert_eq!(shown(&host, &tanaka, 1).await, 1);
        }
        assert_eq!(alarms(&host).await, 0);
    })
    .await;
}

#[tokio::test]
async fn many_connections_at_once_get_no_more_than_one_after_the_other() {
    on_each(async |host| {
        let tanaka = staff(&host.accounts, host.add_tanaka().await).await;
        let tries = (0..200).map(|_| {
            let (accounts, tanaka) = (host.accounts.clone(), tanaka.clone());
            tokio::spawn(async move { accounts.reveal(&tanaka, ("messages", 7)).await.unwrap().is_ok() })
        });
        let mut shown = 0;
        for one in tries.collect::<Vec<_>>() {
            shown += usize::from(one.await.unwrap());
        }
        assert_eq!((shown, alarms(&host).await), (60, 1));
    })
    .await;
}
