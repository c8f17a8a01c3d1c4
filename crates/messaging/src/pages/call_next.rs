//! When somebody who was not reached is called again.

use base::clock::{DAY, HOUR, MINUTE, Millis, japan_midnight};
use web::form::Choice;
use web::time::JapanTime;

use super::day_field::read_day;
use crate::limits::CALL_DAYS_AHEAD;

/// Calls begin and end within these hours, where a time is chosen.
const HOURS: std::ops::Range<i64> = 8..21;
/// The hour of 「今日17時」, when people come home from school or work, and of 「明日9時」.
const EVENING: Millis = 17 * HOUR;
const MORNING: Millis = 9 * HOUR;

/// What was chosen in the form.
#[derive(Clone, Copy)]
pub(super) struct NextTyped<'a> {
    pub(super) next: &'a str,
    pub(super) day: &'a str,
    pub(super) time: &'a str,
}

/// The word for a day and time of their own.
pub(super) const AT: &str = "at";
/// What is chosen as long as nobody chooses.
pub(super) const USUAL: &str = "2h";

impl NextTyped<'_> {
    /// The moment, or the field with a mistake and what to do.
    pub(super) fn due(self, now: Millis) -> Result<Millis, (&'static str, String)> {
        let today = japan_midnight(now);
        let due = match self.next {
            "30m" => return Ok(now + 30 * MINUTE),
            "2h" => return Ok(now + 2 * HOUR),
            "9" => return Ok(today + DAY + MORNING),
            "17" if today + EVENING > now => return Ok(today + EVENING),
            "17" => {
                let over = "今日の17時は過ぎています。ほかの時間を選んでください。";
                return Err(("next", over.to_owned()));
            }
            AT => self.chosen(),
            _ => {
                let none = "次にかけるときを選んでください。";
                return Err(("next", none.to_owned()));
            }
        };
        match due {
            None => Err(("day", "次にかける日と時刻を選んでください。".to_owned())),
            Some(due) if due <= now => Err(("time", "これからの時刻を選んでください。".to_owned())),
            Some(due) if due > today + (CALL_DAYS_AHEAD + 1) * DAY => Err((
                "day",
                format!("次にかける日は{CALL_DAYS_AHEAD}日後までから選んでください。"),
            )),
            Some(due) => Ok(due),
        }
    }

    fn chosen(self) -> Option<Millis> {
        let day = read_day(self.day).ok()??;
        let (hour, minute) = self.time.split_once(':')?;
        let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
        let is_time = (0..24).contains(&hour) && (0..60).contains(&minute);
        is_time.then(|| day + hour * HOUR + minute * MINUTE)
    }
}

/// When it could be, with the clock it would be.
pub(super) fn choices(now: Millis) -> Vec<Choice> {
    let today = japan_midnight(now);
    let clock = |at: Millis| JapanTime::from_millis(at).clock();
    let mut all = vec![
        Choice::new("30m", format!("30分後（{}）", clock(now + 30 * MINUTE))),
        Choice::new("2h", format!("2時間後（{}）", clock(now + 2 * HOUR))),
    ];
    if today + EVENING > now {
        all.push(Choice::new("17", "今日17時"));
    }
    all.push(Choice::new("9", "明日9時"));
    all.push(Choice::new(AT, "日と時刻を選ぶ（下の2つの欄）"));
    all
}

/// The days on which it could be.
pub(super) fn days(now: Millis) -> Vec<Choice> {
    let today = japan_midnight(now);
    let day = |number: i64| {
        let at = JapanTime::from_millis(today + number * DAY);
        let name = match number {
            0 => format!("今日 {}", at.date()),
            1 => format!("明日 {}", at.date()),
            _ => at.date(),
        };
        let value: String = at.machine().chars().take(10).collect();
        Choice::new(value, name)
    };
    (0..=CALL_DAYS_AHEAD).map(day).collect()
}

/// The times of a day, by half hours.
pub(super) fn times() -> Vec<Choice> {
    HOURS
        .flat_map(|hour| ["00", "30"].map(|minute| format!("{hour:02}:{minute}")))
        .map(|time| Choice::new(&time, &time))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22 14:05 in Japan.
    const NOW: Millis = 1_795_323_900_000;
    const MIDNIGHT: Millis = 1_795_273_200_000;

    fn due(next: &str, day: &str, time: &str, now: Millis) -> Result<Millis, &'static str> {
        let typed = NextTyped { next, day, time };
        typed.due(now).map_err(|(field, _)| field)
    }

    #[test]
    fn each_choice_is_a_moment_in_japan() {
        for (next, at) in [
            ("30m", NOW + 30 * MINUTE),
            ("2h", NOW + 2 * HOUR),
            ("17", MIDNIGHT + 17 * HOUR),
            ("9", MIDNIGHT + 33 * HOUR),
        ] {
            assert_eq!(due(next, "", "", NOW), Ok(at), "{next}");
        }
        let own = due("at", "2026-11-24", "18:30", NOW);
        assert_eq!(own, Ok(MIDNIGHT + 2 * DAY + 18 * HOUR + 30 * MINUTE));
    }

    #[test]
    fn what_is_over_or_far_away_or_nothing_is_refused() {
        let evening = MIDNIGHT + 18 * HOUR;
        assert_eq!(due("17", "", "", evening), Err("next"));
        assert_eq!(due("", "", "", NOW), Err("next"));
        assert_eq!(due("at", "", "09:00", NOW), Err("day"));
        assert_eq!(due("at", "2026-11-22", "99:00", NOW), Err("day"));
        assert_eq!(due("at", "2026-11-22", "14:00", NOW), Err("time"));
        assert_eq!(due("at", "2027-11-22", "14:00", NOW), Err("day"));
        assert_eq!(choices(NOW).len(), choices(evening).len() + 1);
    }

    #[test]
    fn every_day_and_time_that_is_offered_is_taken() {
        let html = web::form::Field::select("day", "日", days(NOW)).to_string();
        assert!(
            html.contains(r#"value="2026-11-22""#) && html.contains("明日 11月23日(月)"),
            "{html}"
        );
        assert_eq!(days(NOW).len(), 8);
        let last = due("at", "2026-11-29", "20:30", NOW);
        assert_eq!(last, Ok(MIDNIGHT + 7 * DAY + 20 * HOUR + 30 * MINUTE));
    }
}
