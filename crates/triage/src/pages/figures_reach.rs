//! What became of people: who is not reached yet, the outcomes, why people are telephoned.

use lists::calls::CallReason;
use web::chart::{Bar, Bars, Fill};
use web::number::percent;

use super::figures_table::{Cell, Table};
use super::figures_view::{Figure, View, caption, people, shown};
use super::figures_words as words;
use crate::case::FirstContact;
use crate::figures::Outcome;
use crate::figures::sums::{NOT_REACHED, backlog};

impl View<'_> {
    pub(super) fn backlog(&self) -> Figure {
        let rows = backlog(self.backlog, self.sums.programme);
        let column = |at: usize| rows.iter().map(|(_, numbers)| numbers[at]).sum::<u64>();
        // Whose message arrived is not reached where the programme asks for more, and only there.
        let always = |contact| !matches!(contact, FirstContact::Delivered | FirstContact::Opened);
        let columns: Vec<usize> = (0..NOT_REACHED.len())
            .filter(|at| always(NOT_REACHED[*at]) || column(*at) > 0)
            .collect();
        let label = |at: &usize| NOT_REACHED[*at].label();
        let kinds: Vec<(Fill, String)> = columns
            .iter()
            .map(|at| (Fill::ALL[*at], label(at).to_owned()))
            .collect();
        let mut headings = vec!["待っている時間"];
        headings.extend(columns.iter().map(label));
        headings.push("合計");
        let mut table = Table::new(&headings);
        let (mut bars, mut all, mut long) = (Vec::new(), 0, 0);
        for (waited, numbers) in &rows {
            let numbers: Vec<u64> = columns.iter().map(|at| numbers[*at]).collect();
            let here: u64 = numbers.iter().sum();
            let mut row = vec![Cell::text(waited.label())];
            row.extend(numbers.iter().copied().map(Cell::Count));
            row.push(Cell::Count(here));
            table.rows.push(row);
            all += here;
            if waited.below() > base::clock::DAY {
                long += here;
            }
            bars.push(Bar {
                label: waited.label().to_owned(),
                parts: kinds.iter().map(|(fill, _)| *fill).zip(numbers).collect(),
                text: people(here),
            });
        }
        let mut total = vec![Cell::text("合計")];
        total.extend(columns.iter().map(|at| Cell::Count(column(*at))));
        total.push(Cell::Count(all));
        table.total = Some(total);
        let says = if all == 0 {
            "いま、連絡を待っている人はいません。".to_owned()
        } else {
            format!(
                "{}現在、{}に連絡がついていません。そのうち24時間を超えた人は{}です。",
                web::time::JapanTime::from_millis(self.now).short(),
                people(all),
                people(long)
            )
        };
        let title = "まだ連絡がつかない人（待っている時間）".to_owned();
        let caption = caption("backlog-plot", &title, &says);
        Figure {
            id: "backlog",
            charts: shown(all, || Bars::new(caption, kinds, bars).draw()),
            title,
            says,
            table,
            definitions: words::backlog(),
        }
    }

    pub(super) fn reach(&self) -> Figure {
        let (now, before) = (
            self.sums.outcomes(self.period),
            self.sums.outcomes(self.period.before()),
        );
        let (all, earlier): (u64, u64) = (now.values().sum(), before.values().sum());
        let mut table = Table::new(&["結果", "人数", "割合", "前の期間の人数", "前の期間の割合"]);
        let mut bars = Vec::new();
        let mut reached = 0;
        for outcome in Outcome::ALL {
            let number = now.get(outcome).copied().unwrap_or(0);
            let past = before.get(outcome).copied().unwrap_or(0);
            table.rows.push(vec![
                Cell::text(outcome.label()),
                Cell::Count(number),
                Cell::Share(number, all),
                Cell::Count(past),
                Cell::Share(past, earlier),
            ]);
            if outcome.is_reached() {
                reached += number;
            }
            bars.push(Bar {
                label: outcome.label().to_owned(),
                parts: vec![(
                    if outcome.is_reached() {
                        Fill::Solid
                    } else {
                        Fill::Hatched
                    },
                    number,
                )],
                text: format!("{}  {}", people(number), percent(number, all)),
            });
        }
        table.total = Some(vec![
            Cell::text("合計"),
            Cell::Count(all),
            Cell::Share(all, all),
            Cell::Count(earlier),
            Cell::Share(earlier, earlier),
        ]);
        let says = if all == 0 {
            "この期間に届いた人はいません。".to_owned()
        } else {
            format!(
                "届いた{}のうち、{}（{}）に連絡がつきました。",
                people(all),
                people(reached),
                percent(reached, all)
            )
        };
        let title = "連絡の結果".to_owned();
        let kinds = vec![
            (Fill::Solid, "連絡がついた".to_owned()),
            (Fill::Hatched, "そのほか".to_owned()),
        ];
        let caption = caption("reach-plot", &title, &says);
        Figure {
            id: "reach",
            charts: shown(all, || Bars::new(caption, kinds, bars).draw()),
            title,
            says,
            table,
            definitions: words::reach(),
        }
    }

    pub(super) fn calls(&self) -> Figure {
        let (now, before) = (
            self.sums.calls(self.period),
            self.sums.calls(self.period.before()),
        );
        let (all, arrived): (u64, u64) = (now.values().sum(), self.sums.arrivals(self.period));
        let mut table = Table::new(&["理由", "人数", "割合", "前の期間の人数"]);
        let mut bars = Vec::new();
        for reason in CallReason::ALL {
            let number = now.get(reason.as_str()).copied().unwrap_or(0);
            let past = before.get(reason.as_str()).copied().unwrap_or(0);
            table.rows.push(vec![
                Cell::text(reason.label()),
                Cell::Count(number),
                Cell::Share(number, all),
                Cell::Count(past),
            ]);
            bars.push(Bar {
                label: reason.label().to_owned(),
                parts: vec![(Fill::Solid, number)],
                text: people(number),
            });
        }
        table.total = Some(vec![
            Cell::text("合計"),
            Cell::Count(all),
            Cell::Share(all, all),
            Cell::Count(before.values().sum()),
        ]);
        let says = if all == 0 {
            "この期間に届いた人で、電話リストに入った人はいません。".to_owned()
        } else {
            format!(
                "届いた{}のうち、{}（{}）が電話リストに入りました。",
                people(arrived),
                people(all),
                percent(all, arrived)
            )
        };
        let title = "電話が必要になった理由".to_owned();
        let caption = caption("calls-plot", &title, &says);
        Figure {
            id: "calls",
            charts: shown(all, || Bars::new(caption, Vec::new(), bars).draw()),
            title,
            says,
            table,
            definitions: words::calls(),
        }
    }
}
