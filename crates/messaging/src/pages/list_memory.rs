//! What this process judged last. The judgement of rows follows from the rows and from [`Facts`] alone; the facts are
//! asked for each time, so that what another person, office or process did is seen at once. Only where every one of
//! them is the same are the rows not judged again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lists::sheet::Sheet;

use super::list_judging::{Facts, Judged, People};

/// Rows of all remembered lists together: one of the longest and a morning's others, about 300 MB at most.
const ROWS: usize = 300_000;
/// What nobody has looked at for so long is forgotten with the next look at any list: it is personal.
const IDLE: Duration = Duration::from_mins(10);

/// Newest last.
static MEMORY: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

/// What is known of one list. Its rows are the same only while they are the same piece of memory.
struct Entry {
    sheet: Arc<Sheet>,
    used: Instant,
    people: Option<Arc<People>>,
    judged: Option<(Facts, Arc<Judged>)>,
}

/// Who the rows are about, `to` being the column of numbers.
pub(super) fn people(sheet: &Arc<Sheet>, to: usize) -> Option<Arc<People>> {
    of(sheet, |entry| {
        entry.people.clone().filter(|people| people.columns.to == to)
    })
}

pub(super) fn keep_people(sheet: &Arc<Sheet>, people: &Arc<People>) {
    of(sheet, |entry| entry.people = Some(Arc::clone(people)));
}

/// The rows judged under these facts.
pub(super) fn judged(sheet: &Arc<Sheet>, facts: &Facts) -> Option<Arc<Judged>> {
    of(sheet, |entry| {
        let (known, judged) = entry.judged.as_ref()?;
        (known == facts).then(|| Arc::clone(judged))
    })
}

pub(super) fn keep_judged(sheet: &Arc<Sheet>, facts: Facts, judged: &Arc<Judged>) {
    of(sheet, |entry| entry.judged = Some((facts, Arc::clone(judged))));
}

/// Does something with what is known of a list.
fn of<T>(sheet: &Arc<Sheet>, look: impl FnOnce(&mut Entry) -> T) -> T {
    let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    let now = Instant::now();
    let known = memory.iter().position(|entry| Arc::ptr_eq(&entry.sheet, sheet));
    let mut entry = match known {
        Some(at) => memory.remove(at),
        None => Entry {
            sheet: Arc::clone(sheet),
            used: now,
            people: None,
            judged: None,
        },
    };
    entry.used = now;
    let answer = look(&mut entry);
    memory.push(entry);
    memory.retain(|entry| now.duration_since(entry.used) < IDLE);
    let mut rows: usize = memory.iter().map(|entry| entry.sheet.len()).sum();
    while rows > ROWS && memory.len() > 1 {
        rows -= memory.remove(0).sheet.len();
    }
    answer
}
