//! The figures of a period: each with its picture, its table and its definitions.

use std::collections::BTreeMap;

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::OfficeId;
use web::chart::{Caption, Chart, Columns, Span, Spans};
use web::number::{grouped, percent};

use super::figures_table::{Cell, Table, in_words, tenths};
use super::figures_words::{self as words, Definition};
use crate::figures::{Backlog, DayKind, Latency, Period, Sums, latency};

pub(super) const WEEKDAYS: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];

/// One figure.
pub(super) struct Figure {
    /// Its place on the page, and its name in addresses.
    pub(super) id: &'static str,
    pub(super) title: String,
    /// What one sees, in a sentence.
    pub(super) says: String,
    /// Empty where there is nothing to see.
    pub(super) charts: Vec<Chart>,
    pub(super) table: Table,
    pub(super) definitions: Vec<Definition>,
}

/// What figures are made of.
pub(super) struct View<'a> {
    pub(super) sums: &'a Sums,
    pub(super) backlog: &'a [Backlog],
    pub(super) period: Period,
    pub(super) by: DayKind,
    pub(super) now: Millis,
    pub(super) today: CalendarDate,
    pub(super) offices: &'a BTreeMap<OfficeId, String>,
}

/// `2/14`, below a column.
fn short(day: CalendarDate) -> String {
    format!("{}/{}", day.month(), day.day())
}

/// `2月14日(月)`.
pub(super) fn long(day: CalendarDate) -> String {
    let weekday = WEEKDAYS[crate::figures::period::weekday(day)];
    format!("{}月{}日({weekday})", day.month(), day.day())
}

pub(super) fn people(number: u64) -> String {
    format!("{}人", grouped(number))
}

impl View<'_> {
    /// Every figure, in the order of the page.
    pub(super) fn all(&self) -> Vec<Figure> {
        vec![
            self.cases(),
            self.first_contact(),
            self.backlog(),
            self.reach(),
            self.calls(),
            self.hours(),
            self.work(),
        ]
    }

    fn cases(&self) -> Figure {
        let curve = self.sums.curve(self.period, self.by, self.today);
        let before = self.sums.curve(self.period.before(), self.by, self.today);
        let complete = curve.days.len() - curve.incomplete;
        let means = means(&before.days, &curve.days, complete);
        let days: Vec<CalendarDate> = self.period.days().collect();
        let mut table = Table::new(&["日", "人数", "7日間の平均", "前の期間の同じ順の日", "備考"]);
        for (at, day) in days.iter().enumerate() {
            table.rows.push(vec![
                Cell::text(long(*day)),
                Cell::Count(curve.days[at].into()),
                means[at].map_or(Cell::text("—"), |mean| Cell::text(tenths(mean))),
                Cell::Count(before.days.get(at).copied().unwrap_or(0).into()),
                Cell::text(if at < complete { "" } else { "まだ増えます" }),
            ]);
        }
        let sum = |days: &[u32]| days.iter().map(|day| u64::from(*day)).sum::<u64>();
        let (all, earlier) = (sum(&curve.days), sum(&before.days));
        table.total = Some(vec![
            Cell::text("合計"),
            Cell::Count(all),
            Cell::text(""),
            Cell::Count(earlier),
            Cell::text(""),
        ]);
        let by = self.by.label();
        let most = curve.days.iter().zip(&days).max_by_key(|(people, _)| **people);
        let says = match most {
            Some((most, day)) if *most > 0 => format!(
                "この期間は{}、前の期間は{}。最も多い日は{}の{}です。",
                people(all),
                people(earlier),
                long(*day),
                people((*most).into())
            ),
            _ => format!("この期間に{by}がある人はいません。"),
        };
        let title = format!("{by}ごとの人数");
        let columns = days
            .iter()
            .zip(&curve.days)
            .map(|(day, people)| (short(*day), u64::from(*people)));
        let chart = Columns::new(caption("cases-plot", &title, &says), "人数", columns.collect())
            .incomplete(curve.incomplete, "まだ増える日")
            .curve(
                means
                    .iter()
                    .map(|mean| mean.map(|mean| as_f64(mean) / 10.0))
                    .collect(),
                "7日間の平均",
            );
        Figure {
            id: "cases",
            charts: shown(all, || chart.draw()),
            title,
            says,
            table,
            definitions: words::cases(by, curve.incomplete, curve.delay, curve.unknown),
        }
    }

    fn first_contact(&self) -> Figure {
        let by_office = self.sums.first_contact(self.period);
        let before = self.sums.first_contact(self.period.before());
        let nobody = (Latency::default(), 0);
        let row = |name: &str, (latency, young): &(Latency, u64), earlier: &Latency| {
            vec![
                Cell::text(name),
                Cell::Count(latency.people()),
                Cell::Share(latency.within_a_day(), latency.people()),
                time(latency, 50),
                time(latency, 90),
                Cell::Count(*young),
                Cell::Share(earlier.within_a_day(), earlier.people()),
            ]
        };
        let mut table = Table::new(&[
            "部署",
            "対象",
            "24時間以内",
            "中央値",
            "9割",
            "まだ数えない人",
            "前の期間の24時間以内",
        ]);
        let (mut spans, mut all, mut earlier) = (Vec::new(), (Latency::default(), 0), Latency::default());
        for (office, name) in self.offices {
            let (now, past) = (by_office.get(office).unwrap_or(&nobody), before.get(office));
            let past = past.map_or(&nobody.0, |(latency, _)| latency);
            table.rows.push(row(name, now, past));
            all.0.join(&now.0);
            all.1 += now.1;
            earlier.join(past);
            if now.0.people() > 0 {
                spans.push(Span {
                    label: brief(name),
                    middle: now.0.percentile(50),
                    most: now.0.percentile(90),
                    text: percent(now.0.within_a_day(), now.0.people()),
                });
            }
        }
        if self.offices.len() > 1 {
            table.total = Some(row("全体", &all, &earlier));
        }
        let says = if all.0.people() == 0 {
            "この期間に届き、24時間が過ぎた人はいません。".to_owned()
        } else {
            format!(
                "24時間以内に連絡がついた人は{}（前の期間は{}）。半数の人には{}、9割の人には{}。",
                percent(all.0.within_a_day(), all.0.people()),
                Cell::Share(earlier.within_a_day(), earlier.people()).shown(),
                within(all.0.percentile(50)),
                within(all.0.percentile(90)),
            )
        };
        let title = "届いてから連絡がつくまでの時間".to_owned();
        let caption = caption("first-contact-plot", &title, &says);
        let legend = [
            "半数の人まで",
            "9割の人まで",
            "24時間（右の数は24時間以内の割合）",
        ];
        Figure {
            id: "first-contact",
            charts: shown(all.0.people(), || {
                Spans::new(caption, legend, latency::DAY, spans).draw()
            }),
            title,
            says,
            table,
            definitions: words::first_contact(),
        }
    }
}

pub(super) fn caption(id: &'static str, title: &str, says: &str) -> Caption {
    Caption {
        id,
        title: title.to_owned(),
        description: format!("{says}数は表にあります。"),
    }
}

/// The picture, if there is anything on it.
pub(super) fn shown(all: u64, draw: impl FnOnce() -> Chart) -> Vec<Chart> {
    if all > 0 { vec![draw()] } else { Vec::new() }
}

/// The name of an office beside its bar: nine letters at most, the table has it whole.
pub(super) fn brief(name: &str) -> String {
    if name.chars().count() <= 9 {
        return name.to_owned();
    }
    let begin: String = name.chars().take(8).collect();
    format!("{begin}…")
}

fn time(latency: &Latency, percent: u64) -> Cell {
    if latency.people() == 0 {
        Cell::text("—")
    } else {
        Cell::Time(latency.percentile(percent))
    }
}

fn within(minutes: Option<u32>) -> String {
    minutes.map_or_else(
        || "まだ連絡がついていません".to_owned(),
        |minutes| format!("{}以内に連絡がつきました", in_words(minutes)),
    )
}

/// The mean of each day and the six before it, in tenths; nothing for days that will still grow.
fn means(before: &[u32], days: &[u32], complete: usize) -> Vec<Option<u64>> {
    let all: Vec<u64> = before.iter().chain(days).map(|day| u64::from(*day)).collect();
    let mean = |at: usize| {
        let end = before.len() + at + 1;
        let week = end.checked_sub(7).map(|begin| &all[begin..end]);
        week.filter(|_| at < complete)
            .map(|week| week.iter().sum::<u64>() * 10 / 7)
    };
    (0..days.len()).map(mean).collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "tenths of people of a day are far below 2^53"
)]
fn as_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_a_week_ends_where_days_will_still_grow() {
        assert_eq!(means(&[7; 6], &[7, 14, 0], 2), [Some(70), Some(80), None]);
        assert_eq!(means(&[], &[7; 7], 7)[..6], [None; 6]);
    }
}
