//! What is different about a layout since the last time.

use std::collections::HashMap;

use base::merge::heading_key;

use super::{Layout, words};

/// What is different about a layout. Headings as they stand in their lists.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct LayoutChange {
    /// Headings that were not there, apart from renamed ones.
    pub added: Vec<String>,
    /// Headings that are no longer there, apart from renamed ones.
    pub removed: Vec<String>,
    /// One that is gone and one that is new and may be the same column. A guess, for a person to look at.
    pub renamed: Vec<Renamed>,
    /// Headings that stand in another order among those that both have.
    pub moved: Vec<String>,
}

/// A column that may have got another name.
#[derive(Clone, PartialEq, Eq)]
pub struct Renamed {
    /// Its heading last time.
    pub from: String,
    /// Its heading now.
    pub to: String,
}

impl LayoutChange {
    /// Whether a person is asked before anything else: a column came, went or changed its name. Columns that
    /// only moved are found by their names; that is said, and nothing is asked.
    pub fn asks(&self) -> bool {
        !(self.added.is_empty() && self.removed.is_empty() && self.renamed.is_empty())
    }

    /// Whether nothing at all is different.
    pub fn is_empty(&self) -> bool {
        !self.asks() && self.moved.is_empty()
    }
}

/// Headings may hold what somebody typed by mistake: the debug form counts them.
impl std::fmt::Debug for LayoutChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LayoutChange")
            .field("added", &self.added.len())
            .field("removed", &self.removed.len())
            .field("renamed", &self.renamed.len())
            .field("moved", &self.moved.len())
            .finish()
    }
}

/// A heading with its folded form and, where one name stands several times, which of them it is.
struct Heading<'a> {
    text: &'a str,
    key: (String, usize),
}

fn headings(layout: &Layout) -> Vec<Heading<'_>> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let numbered = layout.headings().iter().map(|text| {
        let folded = heading_key(text);
        let count = seen.entry(folded.clone()).or_default();
        *count += 1;
        Heading {
            text,
            key: (folded, *count),
        }
    });
    numbered.collect()
}

/// What is different in `now`.
pub fn changed(last: &Layout, now: &Layout) -> LayoutChange {
    let (before, after) = (headings(last), headings(now));
    let places: HashMap<&(String, usize), usize> = before
        .iter()
        .enumerate()
        .map(|(at, heading)| (&heading.key, at))
        .collect();
    let mut added: Vec<Placed<'_>> = Vec::new();
    let mut kept: Vec<Placed<'_>> = Vec::new();
    for (at, heading) in after.iter().enumerate() {
        match places.get(&heading.key) {
            Some(place) => kept.push((*place, heading.text)),
            None => added.push((at, heading.text)),
        }
    }
    let mut removed: Vec<Placed<'_>> = before
        .iter()
        .enumerate()
        .filter(|(_, heading)| !after.iter().any(|other| other.key == heading.key))
        .map(|(at, heading)| (at, heading.text))
        .collect();
    let renamed = pair(&mut removed, &mut added);
    let text = |headings: Vec<Placed<'_>>| headings.into_iter().map(|(_, text)| text.to_owned()).collect();
    LayoutChange {
        added: text(added),
        removed: text(removed),
        renamed,
        moved: moved(&kept),
    }
}

/// A heading and its place.
type Placed<'a> = (usize, &'a str);

/// Takes out pairs that are probably one column under two names: two words for one thing, names that share most
/// of their letters, or the same place.
fn pair(removed: &mut Vec<Placed<'_>>, added: &mut Vec<Placed<'_>>) -> Vec<Renamed> {
    let means = |text: &str| words::meaning(&words::bare(text));
    let mut renamed = pair_by(removed, added, |from, to| {
        means(from.1).is_some() && means(from.1) == means(to.1)
    });
    renamed.extend(pair_by(removed, added, |from, to| {
        alike(&words::bare(from.1), &words::bare(to.1))
    }));
    renamed.extend(pair_by(removed, added, |from, to| {
        from.0 == to.0 && (means(from.1).is_none() || means(to.1).is_none())
    }));
    renamed
}

fn pair_by(
    removed: &mut Vec<Placed<'_>>,
    added: &mut Vec<Placed<'_>>,
    rule: impl Fn(&Placed<'_>, &Placed<'_>) -> bool,
) -> Vec<Renamed> {
    let mut renamed = Vec::new();
    removed.retain(|from| {
        let Some(at) = added.iter().position(|to| rule(from, to)) else {
            return true;
        };
        renamed.push(Renamed {
            from: from.1.to_owned(),
            to: added.remove(at).1.to_owned(),
        });
        false
    });
    renamed
}

/// Whether one name holds the other, or they share most of their letters.
fn alike(a: &str, b: &str) -> bool {
    if a.is_empty() || b.is_empty() {
        return false;
    }
    let shared = a.chars().filter(|c| b.contains(*c)).count();
    let longest = a.chars().count().max(b.chars().count());
    a.contains(b) || b.contains(a) || shared * 3 >= longest * 2
}

/// The headings to move so that the others stand in their old order: all that are not on a longest rising run.
fn moved(kept: &[Placed<'_>]) -> Vec<String> {
    // Length of the longest rising run that ends here, and the one before on it.
    let mut runs: Vec<(usize, Option<usize>)> = Vec::new();
    for (at, (place, _)) in kept.iter().enumerate() {
        let before = (0..at)
            .filter(|other| kept[*other].0 < *place)
            .max_by_key(|other| runs[*other].0);
        runs.push((before.map_or(1, |before| runs[before].0 + 1), before));
    }
    let mut stays = vec![false; kept.len()];
    let mut on = (0..kept.len()).max_by_key(|at| runs[*at].0);
    while let Some(at) = on {
        stays[at] = true;
        on = runs[at].1;
    }
    let moved = kept.iter().zip(stays).filter(|(_, stays)| !stays);
    moved.map(|((_, text), _)| (*text).to_owned()).collect()
}
