//! What of cases waits for somebody, as a count on their home page: whoever was handed over to the office and was not
//! seen yet.

use accounts::{Permission, Staff};
use db::{Db, Work};
use web::ui::{Tile, Tone};

use crate::store::handed::arrived_count;

/// The counts for this person.
pub fn home_tiles<'a>(db: &'a Db, staff: &'a Staff) -> Work<'a, Vec<Tile>> {
    Box::pin(async move {
        if !staff.may(Permission::WorkCases) {
            return Ok(Vec::new());
        }
        let arrived = arrived_count(db, staff.org, staff.office).await?;
        let tile = Tile::new("arrived", "引き継がれた人", arrived.into(), "/cases?arrived=yes");
        // Nobody has to look at an empty page every day.
        Ok((arrived > 0)
            .then(|| tile.tone(Tone::Attention))
            .into_iter()
            .collect())
    })
}
