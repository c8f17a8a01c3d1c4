//! Days and times of number cells as the spreadsheet shows them: an office that sees 令和4年2月14日 is shown that.
//!
//! A format that is not understood gives `2022-02-14 09:30`, which nobody can misread.

use calamine::ExcelDateTime;

/// Days that Excel can show: 1900-01-01 to 9999-12-31.
const DAYS: std::ops::Range<f64> = 0.0..2_958_466.0;

/// The format that Excel in Japan uses for the numbers that the file format leaves to the country.
/// Source: ECMA-376 part 1, 18.8.30, and Excel's own for 14 and 22.
pub(super) fn japanese(id: u32) -> Option<&'static str> {
    Some(match id {
        14 => "yyyy/m/d",
        22 => "yyyy/m/d h:mm",
        27 | 36 | 50 | 57 => "[$-411]ge.m.d",
        28 | 29 | 51 | 54 | 58 => "[$-411]ggge\"年\"m\"月\"d\"日\"",
        30 => "m/d/yy",
        31 => "yyyy\"年\"m\"月\"d\"日\"",
        32 => "h\"時\"mm\"分\"",
        33 => "h\"時\"mm\"分\"ss\"秒\"",
        34 | 52 | 55 => "yyyy\"年\"m\"月\"",
        35 | 53 | 56 => "m\"月\"d\"日\"",
        _ => return None,
    })
}

/// A day, a time or a length of time. `code` is the format code of its cell.
pub(super) fn shown(value: ExcelDateTime, code: Option<&str>) -> String {
    if !DAYS.contains(&value.as_f64()) {
        return super::number::number(value.as_f64(), None);
    }
    if value.is_duration() {
        let seconds = (value.as_f64() * 86_400.0).round();
        return format!(
            "{:.0}:{:02.0}",
            (seconds / 3600.0).floor(),
            (seconds % 3600.0 / 60.0).floor()
        );
    }
    let moment = Moment::of(value);
    code.and_then(|code| moment.formatted(code))
        .unwrap_or_else(|| moment.plain(value.as_f64()))
}

struct Moment {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    /// Monday is 0.
    weekday: usize,
}

/// A piece of a format code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Piece {
    /// A letter that stands for itself.
    Sign(char),
    /// A letter of a date or time, and how often it stands.
    Run(char, usize),
    /// `AM/PM`, `A/P`.
    Noon { long: bool },
}

impl Moment {
    fn of(value: ExcelDateTime) -> Self {
        let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
        Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            weekday: weekday(year, month, day),
        }
    }

    fn plain(&self, value: f64) -> String {
        let clock = if self.second == 0 {
            format!("{:02}:{:02}", self.hour, self.minute)
        } else {
            format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
        };
        let day = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        if value < 1.0 {
            clock
        } else if value.fract() == 0.0 {
            day
        } else {
            format!("{day} {clock}")
        }
    }

    fn formatted(&self, code: &str) -> Option<String> {
        let pieces = pieces(code)?;
        let halves = pieces.iter().any(|piece| matches!(piece, Piece::Noon { .. }));
        let gannen = code.contains("x-gannen");
        let mut text = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            match *piece {
                Piece::Sign(c) => text.push(c),
                Piece::Noon { long } => text.push_str(match (self.hour < 12, long) {
                    (true, true) => "AM",
                    (false, true) => "PM",
                    (true, false) => "A",
                    (false, false) => "P",
                }),
                Piece::Run('m', length) if length < 3 && is_minute(&pieces, at) => {
                    text.push_str(&padded(self.minute.into(), length));
                }
                Piece::Run('h', length) => {
                    let hour = if halves {
                        (self.hour + 11) % 12 + 1
                    } else {
                        self.hour
                    };
                    text.push_str(&padded(hour.into(), length));
                }
                Piece::Run('s', length) => text.push_str(&padded(self.second.into(), length)),
                Piece::Run(letter, length) => text.push_str(&self.of_day(letter, length, gannen)?),
            }
        }
        (!text.is_empty()).then_some(text)
    }

    /// The parts of a day.
    fn of_day(&self, letter: char, length: usize, gannen: bool) -> Option<String> {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        const DAYS: [&str; 7] = [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ];
        const KANJI: [char; 7] = ['月', '火', '水', '木', '金', '土', '日'];
        Some(match (letter, length) {
            ('y', 1 | 2) => format!("{:02}", self.year % 100),
            ('y', _) => format!("{:04}", self.year),
            ('m', 1 | 2) => padded(self.month.into(), length),
            ('d', 1 | 2) => padded(self.day.into(), length),
            ('m', _) => {
                let name = MONTHS[usize::from(self.month.clamp(1, 12)) - 1];
                name[..[name.len(), 3, 1][usize::from(length == 3) + 2 * usize::from(length == 5)]].to_owned()
            }
            ('d', _) => {
                let name = DAYS[self.weekday];
                name[..if length == 3 { 3 } else { name.len() }].to_owned()
            }
            ('a', 3) => KANJI[self.weekday].to_string(),
            ('a', 4) => format!("{}曜日", KANJI[self.weekday]),
            ('g', _) => {
                let (names, _) = self.era()?;
                names[length.min(3) - 1].to_owned()
            }
            ('e', _) => match self.era()?.1 {
                1 if gannen => "元".to_owned(),
                year => padded(year, length),
            },
            _ => return None,
        })
    }

    /// The names of the era, short to long, and the year in it.
    fn era(&self) -> Option<([&'static str; 3], u16)> {
        let names = match (self.year, self.month, self.day) {
            day if day >= (2019, 5, 1) => (["R", "令", "令和"], 2019),
            day if day >= (1989, 1, 8) => (["H", "平", "平成"], 1989),
            day if day >= (1926, 12, 25) => (["S", "昭", "昭和"], 1926),
            day if day >= (1912, 7, 30) => (["T", "大", "大正"], 1912),
            day if day >= (1868, 1, 25) => (["M", "明", "明治"], 1868),
            _ => return None,
        };
        Some((names.0, self.year - names.1 + 1))
    }
}

fn padded(number: u16, length: usize) -> String {
    format!("{number:0width$}", width = length.min(2))
}

/// `m` behind an hour or before a second is a minute.
fn is_minute(pieces: &[Piece], at: usize) -> bool {
    let run = |piece: &&Piece| matches!(piece, Piece::Run(..));
    let before = pieces[..at].iter().rev().find(run);
    let after = pieces[at + 1..].iter().find(run);
    matches!(before, Some(Piece::Run('h', _))) || matches!(after, Some(Piece::Run('s', _)))
}

/// The first section of a format code in pieces. `None` for one that is not understood.
fn pieces(code: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c.to_ascii_lowercase() {
            ';' => break,
            '"' => {
                let (inside, after) = after.split_once('"')?;
                pieces.extend(inside.chars().map(Piece::Sign));
                after
            }
            '[' => {
                let (inside, after) = after.split_once(']')?;
                // `[$-411]` says which language, `[h]` asks for more than a day's hours.
                if matches!(inside.chars().next()?.to_ascii_lowercase(), 'h' | 'm' | 's') {
                    return None;
                }
                after
            }
            '\\' => {
                let sign = after.chars().next()?;
                pieces.push(Piece::Sign(sign));
                &after[sign.len_utf8()..]
            }
            // Room as wide as the next letter, or the next letter until the cell is full.
            '_' | '*' => &after[after.chars().next()?.len_utf8()..],
            '@' => after,
            'a' if starts(rest, "am/pm") => {
                pieces.push(Piece::Noon { long: true });
                &rest[5..]
            }
            'a' if starts(rest, "a/p") => {
                pieces.push(Piece::Noon { long: false });
                &rest[3..]
            }
            letter @ ('y' | 'm' | 'd' | 'h' | 's' | 'a' | 'g' | 'e') => {
                let length = rest
                    .chars()
                    .take_while(|other| other.to_ascii_lowercase() == letter)
                    .count();
                pieces.push(Piece::Run(letter, length));
                &rest[length..]
            }
            letter if letter.is_ascii_alphanumeric() || letter == '#' || letter == '?' => return None,
            _ => {
                pieces.push(Piece::Sign(c));
                after
            }
        };
    }
    Some(pieces)
}

fn starts(text: &str, word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// Sakamoto's method; Monday is 0.
fn weekday(year: u16, month: u8, day: u8) -> usize {
    const SHIFT: [u32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let month = usize::from(month.clamp(1, 12));
    let year = u32::from(year) - u32::from(month < 3 && year > 0);
    let sunday_first = (year + year / 4 - year / 100 + year / 400 + SHIFT[month - 1] + u32::from(day)) % 7;
    (sunday_first as usize + 6) % 7
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    fn date(value: f64, code: Option<&str>) -> String {
        shown(
            ExcelDateTime::new(value, ExcelDateTimeType::DateTime, false),
            code,
        )
    }

    #[test]
    fn days_read_as_on_the_screen() {
        for (value, code, text) in [
            (44_606.0, "yyyy/m/d", "2022/2/14"),
            (44_606.0, "yyyy/mm/dd;@", "2022/02/14"),
            (44_606.0, "[$-411]ggge\"年\"m\"月\"d\"日\";@", "令和4年2月14日"),
            (44_606.0, "[$-411]ge\\.m\\.d;@", "R4.2.14"),
            (44_606.0, "[$-411]gge.mm.dd", "令4.02.14"),
            (43_586.0, "[$-411]ggge\"年\"m\"月\"d\"日\"", "令和1年5月1日"),
            (
                43_586.0,
                "[$-ja-JP-x-gannen]ggge\"年\"m\"月\"d\"日\";@",
                "令和元年5月1日",
            ),
            (43_585.0, "[$-411]ggge\"年\"", "平成31年"),
            (32_515.0, "gee.mm.dd", "S64.01.07"),
            (44_606.0, "m\"月\"d\"日\"(aaa)", "2月14日(月)"),
            (44_606.0, "aaaa", "月曜日"),
            (44_606.0, "ddd, d-mmm-yy", "Mon, 14-Feb-22"),
            (44_606.0, "mmmm d, dddd", "February 14, Monday"),
            (44_606.395_833_333_336, "m/d h:mm", "2/14 9:30"),
            (44_606.604_166_666_664, "yyyy/m/d h:mm AM/PM", "2022/2/14 2:30 PM"),
            (0.395_833_333_333_333_3, "hh:mm:ss", "09:30:00"),
            (0.395_833_333_333_333_3, "mm:ss", "30:00"),
        ] {
            assert_eq!(date(value, Some(code)), text, "{code}");
        }
        assert_eq!(
            shown(
                ExcelDateTime::new(1.5, ExcelDateTimeType::TimeDelta, false),
                Some("[h]:mm")
            ),
            "36:00"
        );
    }

    #[test]
    fn a_strange_format_gives_one_plain_form() {
        for code in [None, Some("General"), Some("mm:ss.0"), Some("\"open"), Some("")] {
            assert_eq!(date(44_606.0, code), "2022-02-14", "{code:?}");
        }
        assert_eq!(date(44_606.395_833_333_336, None), "2022-02-14 09:30");
        assert_eq!(date(0.395_833_333_333_333_3, None), "09:30");
        assert_eq!(date(-1.0, Some("yyyy/m/d")), "-1");
        assert_eq!(date(9e15, Some("yyyy/m/d")), "9000000000000000");
    }

    #[test]
    fn weekdays_go_on() {
        assert_eq!(weekday(2022, 2, 14), 0);
        assert_eq!(weekday(2000, 1, 1), 5);
        assert_eq!(weekday(2024, 2, 29), 3);
    }
}
