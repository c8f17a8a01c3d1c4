//! Values of flags: read once, each refused in words.

use std::path::PathBuf;
use std::time::Duration;

use base::clock::Millis;
use base::text::Counting;
use lists::contacts::Purpose;
use lists::read::Encoding;

pub(super) fn mapped(text: &str) -> Result<(String, String), String> {
    let (field, column) = text
        .split_once('=')
        .ok_or("差し込み名=列の見出し の形で指定してください")?;
    Ok((field.trim().to_owned(), column.trim().to_owned()))
}

pub(super) fn encoding(text: &str) -> Result<Encoding, String> {
    let names: Vec<&str> = Encoding::ALL.iter().map(|one| one.name()).collect();
    Encoding::from_name(text).ok_or_else(|| format!("{} のどれかを指定してください", names.join("、")))
}

pub(super) fn purpose(text: &str) -> Result<Purpose, String> {
    let words: Vec<&str> = Purpose::ALL.iter().map(|one| one.as_str()).collect();
    Purpose::from_word(text).ok_or_else(|| format!("{} のどれかを指定してください", words.join("、")))
}

pub(super) fn day(text: &str) -> Result<Millis, String> {
    accounts::day_begins(text).ok_or_else(|| "日付を 2026-11-01 のように指定してください".to_owned())
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || "秒数を 0 以上の数で指定してください".to_owned();
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong())
}

pub(super) fn sender(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let number = !digits.is_empty() && digits.len() <= 20 && digits.bytes().all(|b| b.is_ascii_digit());
    let name = !text.is_empty() && text.len() <= 11 && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if number || name {
        Ok(text.to_owned())
    } else {
        Err("送信元は20桁までの数字か、11文字までの半角英数字で指定してください".to_owned())
    }
}

pub(super) fn report_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let known = |end: &std::ffi::OsStr| end.eq_ignore_ascii_case("csv") || end.eq_ignore_ascii_case("xlsx");
    if path.extension().is_some_and(known) {
        Ok(path)
    } else {
        Err("結果のファイル名は .csv か .xlsx で終わるようにしてください".to_owned())
    }
}

pub(super) fn not_blank(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        Err("理由を書いてください".to_owned())
    } else {
        Ok(text.trim().to_owned())
    }
}

pub(super) fn account(text: &str) -> Result<(String, String), String> {
    let (id, password) = text
        .split_once(':')
        .ok_or("名前:パスワード の形で指定してください")?;
    Ok((id.to_owned(), password.to_owned()))
}

pub(super) fn reply(text: &str) -> Result<(String, String), String> {
    let wrong = || "番号の終わり=返す文 の形で指定してください".to_owned();
    let (end, answer) = text.split_once('=').ok_or_else(wrong)?;
    let digits = !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
    if digits && !answer.is_empty() {
        Ok((end.to_owned(), answer.to_owned()))
    } else {
        Err(wrong())
    }
}

pub(super) fn status(text: &str) -> Result<u32, String> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    digits
        .map_or_else(|| text.parse(), |hex| u32::from_str_radix(hex, 16))
        .map_err(|_| "番号を 0x0E のように指定してください".to_owned())
}

pub(super) fn range(text: &str) -> Result<(u64, u64), String> {
    let wrong = || "最短-最長 の形で指定してください".to_owned();
    let (least, most) = text.split_once('-').ok_or_else(wrong)?;
    Ok((
        least.parse().map_err(|_| wrong())?,
        most.parse().map_err(|_| wrong())?,
    ))
}

pub(super) fn fraction(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|fraction| (0.0..=1.0).contains(fraction))
        .ok_or_else(|| "0 から 1 の数で指定してください".to_owned())
}

pub(super) fn newline_units(text: &str) -> Result<Counting, String> {
    match text {
        "1" => Ok(Counting::NewlineOnce),
        "2" => Ok(Counting::NewlineTwice),
        _ => Err("1 か 2 を指定してください".to_owned()),
    }
}

/// Yen with up to two decimals, in hundredths.
pub(super) fn price(text: &str) -> Result<u32, String> {
    let wrong = || "8 や 8.5 のように、円で指定してください".to_owned();
    let (yen, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 2 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let hundredths: u32 = format!("{rest:0<2}").parse().map_err(|_| wrong())?;
    let yen: u32 = yen.parse().map_err(|_| wrong())?;
    yen.checked_mul(100)
        .and_then(|yen| yen.checked_add(hundredths))
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::price;

    #[test]
    fn a_price_is_read_in_hundredths_of_a_yen() {
        assert_eq!(
            (price("8"), price("8.5"), price("0.05")),
            (Ok(800), Ok(850), Ok(5))
        );
        for wrong in ["", "8,5", "8.555", "-1", "x", "99999999999"] {
            assert!(price(wrong).is_err(), "{wrong}");
        }
    }
}
