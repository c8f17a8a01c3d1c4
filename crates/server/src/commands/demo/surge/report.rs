//! What came of a played day, in words for staff and as JSON: where everybody is, and which promises were kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use base::clock::{MINUTE, Millis};
use lists::calls::CallReason;
use serde_json::{Value, json};
use web::number::grouped;

use super::day::Played;

/// A message has to be with the carrier so soon after it might leave.
const SOON: Millis = 10_000;
/// For so many of a hundred.
const SOON_SHARE: u64 = 95;

/// Where a notification ended. Each is in exactly one of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Place {
    /// The message arrived, and the page behind it was opened.
    Sms,
    /// Somebody spoke with the person.
    Telephone,
    /// Somebody will.
    CallList,
    /// Every way was tried.
    GivenUp,
    /// Nothing has to be said.
    NotNeeded,
    /// A physician or the centre looks after the person.
    Centre,
    /// The same person as another notification.
    Twin,
    /// The case is closed.
    Closed,
    /// Something is still to happen by itself.
    UnderWay,
    /// Nobody knows: this must not be.
    Lost,
}

impl Place {
    const ALL: [Self; 10] = [
        Self::Sms,
        Self::Telephone,
        Self::CallList,
        Self::GivenUp,
        Self::NotNeeded,
        Self::Centre,
        Self::Twin,
        Self::Closed,
        Self::UnderWay,
        Self::Lost,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Telephone => "telephone",
            Self::CallList => "call_list",
            Self::GivenUp => "given_up",
            Self::NotNeeded => "not_needed",
            Self::Centre => "centre",
            Self::Twin => "twin",
            Self::Closed => "closed",
            Self::UnderWay => "under_way",
            Self::Lost => "lost",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Sms => "SMSの案内を開いた",
            Self::Telephone => "電話で伝えた",
            Self::CallList => "電話リストで順番を待つ",
            Self::GivenUp => "何度かけてもつながらない",
            Self::NotNeeded => "連絡は不要",
            Self::Centre => "保健所・医師が対応",
            Self::Twin => "同じ人の届として統合",
            Self::Closed => "終了",
            Self::UnderWay => "まだ途中",
            Self::Lost => "行方が分からない",
        }
    }
}

/// What was found.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) lists: u64,
    pub(super) rows: u64,
    pub(super) broadcasts: u64,
    pub(super) places: BTreeMap<Place, u64>,
    /// Messages in the carriers' logs, of these of nobody who is known, and messages in the database.
    pub(super) sms: u64,
    pub(super) sms_unknown: u64,
    pub(super) sms_in_database: u64,
    /// Cases of which the logs tell something else than the database.
    pub(super) log_differs: u64,
    pub(super) written_twice: u64,
    pub(super) told_twice: u64,
    /// Messages to somebody else's number.
    pub(super) strangers: u64,
    /// What was handed over behind lower risk, one sentence each.
    pub(super) handed_over_out_of_order: Vec<String>,
    pub(super) called_out_of_order: u64,
    pub(super) doubly_leased: u64,
    /// Calls that came onto the list too late, and the longest delay in milliseconds, by the place of the reason.
    pub(super) late: BTreeMap<usize, (u64, Millis)>,
    pub(super) forgotten: u64,
    /// By the place of the reason in `CallReason::ALL`.
    pub(super) reasons: BTreeMap<usize, u64>,
    pub(super) calls: u64,
    pub(super) tries: u64,
    pub(super) not_needed: u64,
    pub(super) lost_by_outage: u64,
    /// Where everybody is whose message the outage lost.
    pub(super) outage: BTreeMap<Place, u64>,
    /// Share in a hundred that was soon with the carrier; median and 95th of a hundred, in milliseconds.
    pub(super) soon: u64,
    pub(super) median: Millis,
    pub(super) p95: Millis,
}

/// What was promised, whether it was kept, and what was counted.
pub(super) struct Promise {
    word: &'static str,
    kept: bool,
    says: String,
}

impl Findings {
    pub(super) fn of(played: &Played) -> Self {
        Self {
            lists: played.lists,
            rows: played.rows,
            broadcasts: played.broadcasts.len() as u64,
            called_out_of_order: played.calls.out_of_order,
            doubly_leased: played.calls.doubly_leased,
            calls: played.calls.calls,
            tries: played.calls.tries,
            not_needed: played.calls.not_needed,
            lost_by_outage: played.lost as u64,
            ..Self::default()
        }
    }

    /// Keeps how long messages waited; sorted.
    pub(super) fn waits(&mut self, waits: &[Millis]) {
        let count = waits.len() as u64;
        let soon = waits.iter().filter(|wait| **wait <= SOON).count() as u64;
        self.soon = (soon * 100).checked_div(count).unwrap_or(100);
        let at = |percent: usize| waits.get(waits.len() * percent / 100).or(waits.last()).copied();
        self.median = at(50).unwrap_or(0);
        self.p95 = at(95).unwrap_or(0);
    }

    fn place(&self, place: Place) -> u64 {
        self.places.get(&place).copied().unwrap_or(0)
    }

    /// Every promise of the day.
    pub(super) fn promises(&self) -> Vec<Promise> {
        let counted: u64 = self.places.values().sum();
        let promise = |word, kept, says| Promise { word, kept, says };
        let unknown = self.place(Place::Lost) + self.place(Place::UnderWay) + self.forgotten;
        vec![
            promise(
                "everybody",
                unknown == 0 && counted == self.rows && self.log_differs == 0 && self.sms_unknown == 0,
                format!(
                    "全員の行方が分かる（行方不明 {}人、途中 {}人、携帯電話会社の記録と合わない {}件）",
                    grouped(self.place(Place::Lost)),
                    grouped(self.place(Place::UnderWay) + self.forgotten),
                    grouped(self.log_differs + self.sms_unknown)
                ),
            ),
            promise(
                "nobody_twice",
                self.written_twice + self.told_twice + self.doubly_leased == 0,
                format!(
                    "同じ人に二度連絡しない（SMSが2通 {}人、電話が2回 {}人、2人の職員が同時に {}件）",
                    grouped(self.written_twice),
                    grouped(self.told_twice),
                    grouped(self.doubly_leased)
                ),
            ),
            promise(
                "nobody_elses",
                self.strangers == 0,
                format!("他人の番号に送らない（{}件）", grouped(self.strangers)),
            ),
            promise(
                "high_risk_first",
                self.handed_over_out_of_order.is_empty() && self.called_out_of_order == 0,
                format!(
                    "重い人が後回しにならない（SMS {}件、電話 {}件の逆転）",
                    grouped(self.handed_over_out_of_order.len() as u64),
                    grouped(self.called_out_of_order)
                ),
            ),
            promise(
                "soon",
                self.soon >= SOON_SHARE,
                format!(
                    "送信開始から10秒以内に携帯電話会社へ（{}%、中央値 {}、95%が {} 以内）",
                    self.soon,
                    seconds(self.median),
                    seconds(self.p95)
                ),
            ),
            promise(
                "called_in_time",
                self.listed_late() + self.forgotten == 0,
                format!(
                    "届かない人は決められた時間までに電話リストへ（遅れ {}件{}、載っていない {}人）",
                    grouped(self.listed_late()),
                    self.late_in_words(),
                    grouped(self.forgotten)
                ),
            ),
        ]
    }

    fn listed_late(&self) -> u64 {
        self.late.values().map(|(count, _)| count).sum()
    }

    /// ` （SMSが届かなかった 3件、最長 12分）`, one after the other; nothing if none was late.
    fn late_in_words(&self) -> String {
        let one = |(at, (count, longest)): (&usize, &(u64, Millis))| {
            let label = CallReason::ALL.get(*at).map_or("", |reason| reason.label());
            format!("（{label} {}件、最長 {}分）", grouped(*count), longest / MINUTE)
        };
        self.late.iter().map(one).collect()
    }

    /// Whether every promise was kept.
    pub(super) fn are_kept(&self) -> bool {
        self.promises().iter().all(|one| one.kept)
    }

    /// The report for people.
    pub(super) fn words(&self, took: Duration) -> String {
        let mut text = String::new();
        let counted: u64 = self.places.values().sum();
        let _ = writeln!(
            text,
            "\n大波の1日: 発生届 {}件（{}リスト）、配信 {}件、SMS {}通、電話 {}件。実時間 {}秒。",
            grouped(self.rows),
            grouped(self.lists),
            grouped(self.broadcasts),
            grouped(self.sms),
            grouped(self.calls),
            took.as_secs()
        );
        let _ = writeln!(text, "\n全員の行方（携帯電話会社の記録から数え直し）");
        for place in Place::ALL {
            let people = self.place(place);
            if people > 0 || matches!(place, Place::UnderWay | Place::Lost) {
                let _ = writeln!(text, "  {:>7}人  {}", grouped(people), place.label());
            }
        }
        let _ = writeln!(
            text,
            "  {:>7}人  合計（受け付けた発生届 {}件）",
            grouped(counted),
            grouped(self.rows)
        );
        let _ = writeln!(text, "\n電話リストに載った理由");
        for (at, count) in &self.reasons {
            let label = CallReason::ALL.get(*at).map_or("", |reason| reason.label());
            let _ = writeln!(text, "  {:>7}件  {label}", grouped(*count));
        }
        let _ = writeln!(
            text,
            "  通信障害でまとめて載せた人 {}人、かけ直しになった電話 {}件、その間に連絡がついて不要になった電話 {}件",
            grouped(self.lost_by_outage),
            grouped(self.tries),
            grouped(self.not_needed)
        );
        if !self.outage.is_empty() {
            let _ = writeln!(text, "\n障害で届いたか分からなくなった人の行方");
            for (place, people) in &self.outage {
                let _ = writeln!(text, "  {:>7}人  {}", grouped(*people), place.label());
            }
        }
        let _ = writeln!(text, "\n約束");
        for promise in self.promises() {
            let mark = if promise.kept { "守れた" } else { "破れた" };
            let _ = writeln!(text, "  {mark}  {}", promise.says);
        }
        text
    }

    /// The report for programs.
    pub(super) fn json(&self, took: Duration) -> Value {
        let places = Place::ALL
            .iter()
            .map(|place| (place.word().to_owned(), self.place(*place).into()));
        let reasons = self.reasons.iter().map(|(at, count)| {
            let word = CallReason::ALL.get(*at).map_or("", |reason| reason.as_str());
            (word.to_owned(), (*count).into())
        });
        let outage = self.outage.iter();
        let outage = outage.map(|(place, people)| (place.word().to_owned(), (*people).into()));
        let promises = self.promises();
        let promises = promises.iter().map(|one| (one.word.to_owned(), one.kept.into()));
        json!({
            "notifications": self.rows,
            "lists": self.lists,
            "broadcasts": self.broadcasts,
            "places": places.collect::<serde_json::Map<String, Value>>(),
            "sms": self.sms,
            "sms_in_database": self.sms_in_database,
            "sms_unknown": self.sms_unknown,
            "log_differs": self.log_differs,
            "written_twice": self.written_twice,
            "told_twice": self.told_twice,
            "strangers": self.strangers,
            "doubly_leased": self.doubly_leased,
            "handed_over_out_of_order": self.handed_over_out_of_order,
            "called_out_of_order": self.called_out_of_order,
            "listed_late": self.listed_late(),
            "forgotten": self.forgotten,
            "call_reasons": reasons.collect::<serde_json::Map<String, Value>>(),
            "calls": self.calls,
            "tries": self.tries,
            "not_needed": self.not_needed,
            "lost_by_outage": self.lost_by_outage,
            "outage": outage.collect::<serde_json::Map<String, Value>>(),
            "within_10_seconds_percent": self.soon,
            "wait_median_ms": self.median,
            "wait_p95_ms": self.p95,
            "seconds": took.as_secs(),
            "promises": promises.collect::<serde_json::Map<String, Value>>(),
            "kept": self.are_kept(),
        })
    }
}

fn seconds(millis: Millis) -> String {
    format!("{}.{}秒", millis / 1_000, millis % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_who_is_nowhere_breaks_a_promise() {
        let mut findings = Findings {
            rows: 2,
            ..Findings::default()
        };
        findings.waits(&[10, 20]);
        findings.places.insert(Place::Sms, 2);
        assert!(findings.are_kept());
        findings.places.insert(Place::Sms, 1);
        assert!(!findings.are_kept(), "one is not counted at all");
        findings.places.insert(Place::Lost, 1);
        assert!(!findings.are_kept());
        assert!(findings.words(Duration::ZERO).contains("行方が分からない"));
    }

    #[test]
    fn nine_in_ten_within_ten_seconds_are_too_few() {
        let mut findings = Findings::default();
        let waits: Vec<Millis> = (0..100).map(|at| if at < 90 { 100 } else { 20_000 }).collect();
        findings.waits(&waits);
        assert_eq!((findings.soon, findings.median), (90, 100));
        assert!(!findings.are_kept());
    }
}
