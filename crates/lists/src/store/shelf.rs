//! The rows of the lists that this process opened last. Rows change only together with an entry in their history, so
//! that the number of entries says which rows these are: what another person or another process changed is never
//! overlooked, because the number is asked for each time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use base::id::{ListId, OrgId};

use super::ExcludedRow;
use crate::sheet::Sheet;

/// Rows of all remembered lists together: three of the longest, about 100 MB.
const ROWS: usize = 300_000;
/// What nobody has looked at for so long is forgotten with the next look at any list: it is personal.
const IDLE: Duration = Duration::from_mins(10);

static SHELF: Mutex<Shelf> = Mutex::new(Shelf { lists: Vec::new() });

/// Which rows: of which list in which database, after how many changes.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) database: u64,
    pub(super) org: OrgId,
    pub(super) list: ListId,
    pub(super) changes: u32,
}

impl Place {
    fn is_same_list(&self, other: &Self) -> bool {
        (self.database, self.org, self.list) == (other.database, other.org, other.list)
    }
}

/// The rows of a list.
#[derive(Clone)]
pub(super) struct OpenList {
    pub(super) sheet: Arc<Sheet>,
    pub(super) excluded: Arc<Vec<ExcludedRow>>,
}

impl OpenList {
    fn rows(&self) -> usize {
        self.sheet.len() + self.excluded.len()
    }
}

/// Newest last.
struct Shelf {
    lists: Vec<(Place, Instant, OpenList)>,
}

impl Shelf {
    fn take(&mut self, place: &Place, now: Instant) -> Option<OpenList> {
        self.lists.retain(|(_, used, _)| now.duration_since(*used) < IDLE);
        let at = self.lists.iter().position(|(known, ..)| known == place)?;
        let (place, _, list) = self.lists.remove(at);
        self.lists.push((place, now, list.clone()));
        Some(list)
    }

    fn put(&mut self, place: Place, list: OpenList, now: Instant) {
        self.lists.retain(|(known, ..)| !known.is_same_list(&place));
        self.lists.push((place, now, list));
        let mut rows: usize = self.lists.iter().map(|(.., list)| list.rows()).sum();
        while rows > ROWS {
            let (.., oldest) = self.lists.remove(0);
            rows -= oldest.rows();
        }
    }
}

pub(super) fn take(place: &Place) -> Option<OpenList> {
    let mut shelf = SHELF.lock().unwrap_or_else(PoisonError::into_inner);
    shelf.take(place, Instant::now())
}

pub(super) fn put(place: Place, list: OpenList) {
    let mut shelf = SHELF.lock().unwrap_or_else(PoisonError::into_inner);
    shelf.put(place, list, Instant::now());
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use crate::read::{ReadOptions, read};

    fn list(rows: usize) -> OpenList {
        let text = format!("電話\n{}", "09012345678\n".repeat(rows));
        OpenList {
            sheet: Arc::new(read("a.csv", text.as_bytes(), &ReadOptions::default()).unwrap()),
            excluded: Arc::default(),
        }
    }

    fn place(list: i64, changes: u32) -> Place {
        Place {
            database: 0,
            org: OrgId::FIRST,
            list: ListId::new(list),
            changes,
        }
    }

    #[test]
    fn only_the_rows_as_they_stand_are_given() {
        let (mut shelf, now) = (Shelf { lists: Vec::new() }, Instant::now());
        shelf.put(place(1, 0), list(2), now);
        assert!(shelf.take(&place(1, 0), now).is_some());
        assert!(shelf.take(&place(1, 1), now).is_none(), "a row has changed");
        let elsewhere = Place {
            database: 1,
            ..place(1, 0)
        };
        assert!(shelf.take(&elsewhere, now).is_none());
        shelf.put(place(1, 1), list(2), now);
        assert_eq!(shelf.lists.len(), 1, "what is overtaken goes");
    }

    #[test]
    fn what_was_not_looked_at_goes_first() {
        let (mut shelf, now) = (Shelf { lists: Vec::new() }, Instant::now());
        for id in 1..=3 {
            shelf.put(place(id, 0), list(ROWS / 3), now);
        }
        assert!(shelf.take(&place(1, 0), now).is_some());
        shelf.put(place(4, 0), list(2), now);
        assert!(shelf.take(&place(2, 0), now).is_none());
        assert!(shelf.take(&place(1, 0), now).is_some());
        assert!(
            shelf.take(&place(1, 0), now + IDLE).is_none(),
            "and everything goes with time"
        );
    }
}
