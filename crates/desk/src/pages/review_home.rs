//! What waits at desks, on the home page of whoever judges there or looks through what came.

use accounts::{Permission, Staff};
use db::{Db, Work};
use messaging::pages::Start;
use web::ui::{Tile, Tone};

use super::review_load::{desks, may_check, may_review};
use super::review_today::cut_off;
use super::review_words::waiting;
use crate::store;

/// The next application of each desk at which this person judges.
pub fn review_starts<'a>(db: &'a Db, staff: &'a Staff) -> Work<'a, Vec<Start>> {
    Box::pin(async move {
        let (mut all, now) = (Vec::new(), db.now());
        if !staff.may(Permission::SeeApplications) {
            return Ok(all);
        }
        for open in desks(db, staff).await? {
            if !may_review(staff, &open.row, &open.document) {
                continue;
            }
            let queues = store::queues(db, staff.org, open.row.id).await?;
            let page = format!("/review/{}", open.row.key);
            let mut facts = vec![("判定待ち", waiting(queues.ready, now))];
            facts.extend((queues.looks.count > 0).then(|| ("二人目の確認", waiting(queues.looks, now))));
            facts.extend((queues.parked.count > 0).then(|| ("保留・電話中", waiting(queues.parked, now))));
            facts.push(("当日の締切", cut_off(&open, now)));
            all.push(Start {
                press: (queues.ready.count > 0).then(|| ("次の案件を開く", format!("{page}/next"))),
                about: open.row.name,
                page,
                facts,
            });
        }
        Ok(all)
    })
}

/// What came and was not looked through yet.
pub fn check_tiles<'a>(db: &'a Db, staff: &'a Staff) -> Work<'a, Vec<Tile>> {
    Box::pin(async move {
        if !staff.may(Permission::CheckApplications) {
            return Ok(Vec::new());
        }
        let mut received = None;
        for open in desks(db, staff).await? {
            if may_check(staff, &open.row) && open.document.document().review.precheck {
                let waits = store::received_count(db, staff.org, open.row.id).await?;
                received = Some(received.unwrap_or(0) + waits.count);
            }
        }
        let tile = |count| {
            let tile = Tile::new("received", "事前確認を待つ申請", count, "/applications");
            if count > 0 {
                tile.tone(Tone::Attention)
            } else {
                tile
            }
        };
        Ok(received.map(tile).into_iter().collect())
    })
}
