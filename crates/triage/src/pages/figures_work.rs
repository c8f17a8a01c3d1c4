//! When the work comes, and what it takes.

use web::chart::{Bar, Bars, Fill, Heat};

use super::figures_table::{Cell, Table};
use super::figures_view::{Figure, View, WEEKDAYS, brief, caption, people, shown};
use super::figures_words as words;

impl View<'_> {
    pub(super) fn hours(&self) -> Figure {
        let field = self.sums.by_hour(self.period);
        let before = self.sums.by_hour(self.period.before());
        let mut headings = vec!["時刻"];
        headings.extend(WEEKDAYS);
        headings.extend(["合計", "前の期間の合計"]);
        let mut table = Table::new(&headings);
        let mut columns = [0; 7];
        for (hour, row) in field.iter().enumerate() {
            let mut cells = vec![Cell::text(format!("{hour}時台"))];
            cells.extend(row.map(Cell::Count));
            cells.push(Cell::Count(row.iter().sum()));
            cells.push(Cell::Count(before[hour].iter().sum()));
            table.rows.push(cells);
            for (column, number) in columns.iter_mut().zip(row) {
                *column += number;
            }
        }
        let all: u64 = columns.iter().sum();
        let mut total = vec![Cell::text("合計")];
        total.extend(columns.map(Cell::Count));
        let earlier = before.iter().flatten().sum();
        total.extend([Cell::Count(all), Cell::Count(earlier)]);
        table.total = Some(total);
        let says = match (busiest(&field), busiest(&before)) {
            (None, _) => "この期間に届いた人はいません。".to_owned(),
            (Some(now), None) => format!("最も多いのは{now}です。前の期間に届いた人はいません。"),
            (Some(now), Some(past)) => format!("最も多いのは{now}、前の期間は{past}です。"),
        };
        let title = "届く時刻と曜日".to_owned();
        let rows = field.iter().enumerate();
        let rows = rows
            .map(|(hour, row)| (format!("{hour}時"), row.to_vec()))
            .collect();
        let caption = caption("hours-plot", &title, &says);
        let week = WEEKDAYS.map(str::to_owned).to_vec();
        Figure {
            id: "hours",
            charts: shown(all, || Heat::new(caption, week, rows).draw()),
            title,
            says,
            table,
            definitions: words::hours(),
        }
    }

    pub(super) fn work(&self) -> Figure {
        let (now, before) = (self.sums.work(self.period), self.sums.work(self.period.before()));
        let mut table = Table::new(&[
            "部署",
            "SMS",
            "SMSの職員の時間",
            "1時間あたりのSMS",
            "終えた電話",
            "電話の職員の時間",
            "1時間あたりの電話",
            "前の期間の1時間あたりの電話",
        ]);
        let (mut messages, mut calls) = (Vec::new(), Vec::new());
        let mut all = crate::figures::Work::default();
        for (office, name) in self.offices {
            let work = now.get(office).copied().unwrap_or_default();
            let past = before.get(office).copied().unwrap_or_default();
            all.join(&work);
            let sms = Cell::PerHour(work.messages, work.message_hours.into());
            let telephoned = Cell::PerHour(work.calls, work.call_hours.into());
            for (bars, much, hours, cell) in [
                (&mut messages, work.messages, work.message_hours, &sms),
                (&mut calls, work.calls, work.call_hours, &telephoned),
            ] {
                if hours > 0 {
                    bars.push(Bar {
                        label: brief(name),
                        parts: vec![(Fill::Solid, much * 100 / u64::from(hours))],
                        text: cell.shown(),
                    });
                }
            }
            table.rows.push(vec![
                Cell::text(name),
                Cell::Count(work.messages),
                Cell::Count(work.message_hours.into()),
                sms,
                Cell::Count(work.calls),
                Cell::Count(work.call_hours.into()),
                telephoned,
                Cell::PerHour(past.calls, past.call_hours.into()),
            ]);
        }
        let (sms, telephoned) = (
            Cell::PerHour(all.messages, all.message_hours.into()),
            Cell::PerHour(all.calls, all.call_hours.into()),
        );
        let says = if all.messages + all.calls == 0 {
            "この期間に送ったSMSも、終えた電話もありません。".to_owned()
        } else {
            format!(
                "職員1人の1時間あたり、SMSは{}人、電話は{}人です。",
                sms.shown(),
                telephoned.shown()
            )
        };
        let mut charts = Vec::new();
        for (id, title, bars) in [
            ("work-calls-plot", "1人1時間あたりの電話（人）", calls),
            ("work-messages-plot", "1人1時間あたりのSMS（人）", messages),
        ] {
            if !bars.is_empty() {
                let kinds = vec![(Fill::Solid, title.to_owned())];
                charts.push(Bars::new(caption(id, title, &says), kinds, bars).draw());
            }
        }
        Figure {
            id: "work",
            charts,
            title: "職員1人の1時間あたりのSMSと電話".to_owned(),
            says,
            table,
            definitions: words::work(),
        }
    }
}

/// When most came in, if anybody did.
fn busiest(field: &[[u64; 7]; 24]) -> Option<String> {
    let mut most = (0, String::new());
    for (hour, row) in field.iter().enumerate() {
        for (weekday, number) in row.iter().enumerate() {
            if *number > most.0 {
                let when = format!("{}曜日の{hour}時台の{}", WEEKDAYS[weekday], people(*number));
                most = (*number, when);
            }
        }
    }
    Some(most.1).filter(|when| !when.is_empty())
}
