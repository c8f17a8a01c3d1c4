//! What of cases waits for somebody, as counts on their home page: whoever was handed over to the office and was not
//! seen yet, and whoever a physician is to look at.

use accounts::{Permission, Staff};
use db::{Db, Work};
use messaging::pages::scope;
use web::ui::{Tile, Tone};

use crate::store::handed::arrived_count;
use crate::store::search::waiting_for_physician;

/// The counts for this person.
pub fn home_tiles<'a>(db: &'a Db, staff: &'a Staff) -> Work<'a, Vec<Tile>> {
    Box::pin(async move {
        if !staff.may(Permission::WorkCases) {
            return Ok(Vec::new());
        }
        let arrived = arrived_count(db, staff.org, staff.office).await?;
        let physician = waiting_for_physician(db, staff.org, scope(staff)).await?;
        let tiles = [
            ("arrived", "引き継がれた人", arrived, "/cases?arrived=yes"),
            (
                "physician",
                "医師の確認を待つ人",
                physician,
                "/cases?contact=waiting&route=physician",
            ),
        ];
        // Nobody has to look at an empty page every day.
        Ok(tiles
            .into_iter()
            .filter(|(.., people, _)| *people > 0)
            .map(|(id, label, people, to)| Tile::new(id, label, people.into(), to).tone(Tone::Attention))
            .collect())
    })
}
