//! One carrier account and its habits, written as one address:
//!
//! `smpp://system_id:password@host:2775?window=100&binds=1`
//!
//! | parameter | meaning | default |
//! |---|---|---|
//! | `window` | parts without an answer at a time, per bind | 100 |
//! | `binds` | connections at a time | 1 |
//! | `mode` | `trx` (transceiver) or `tx_rx` (transmitter and receiver) | `trx` |
//! | `rate` | most parts a second, all binds together | no limit |
//! | `numbers` | `international` (8190…) or `national` (090…) | `international` |
//! | `ids` | `verbatim`, `numeric` (leading zeros mean nothing), `hex_answers` (hexadecimal in answers, decimal in receipts) | `verbatim` |
//! | `utc_offset` | time zone of receipts, minutes east of Greenwich | 540 |
//! | `system_type` | as the contract says | empty |
//! | `answer_timeout`, `enquire` | seconds | 30, 30 |
//! | `ca`, `tls_name` | certificate authority file and server name for `smpps://` | public authorities, host |

use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use smpp::session::{BindConfig, BindMode, Tls};

/// How the carrier writes telephone numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NumberFormat {
    /// `819012345678`, type of number 1.
    International,
    /// `09012345678`, type of number 2.
    National,
}

/// How the message ids in answers and in receipts go together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdStyle {
    /// The same letters.
    Verbatim,
    /// Decimal numbers; leading zeros mean nothing.
    Numeric,
    /// Hexadecimal in answers, decimal in receipts.
    HexAnswers,
}

/// One account at a carrier. `Debug` masks the password.
#[derive(Clone, Debug)]
pub struct CarrierAccount {
    /// How one connection is made.
    pub bind: BindConfig,
    /// Transmitter and receiver apart, instead of one transceiver.
    pub apart: bool,
    /// Connections at a time.
    pub binds: usize,
    /// Most parts a second over all binds.
    pub rate: Option<u32>,
    /// How it writes telephone numbers.
    pub numbers: NumberFormat,
    /// How its ids go together.
    pub ids: IdStyle,
    /// Time zone of its receipts, minutes east of Greenwich.
    pub utc_offset_minutes: i32,
}

/// The address of a carrier account cannot be read. The words are for whoever wrote it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not `smpp://…` or `smpps://…`.
    #[error("携帯電話会社の接続先は smpp://利用者名:パスワード@ホスト:ポート の形で指定してください。")]
    Shape,
    /// A parameter after `?` is unknown or has an impossible value.
    #[error("携帯電話会社の接続先の設定「{0}」が読めません。")]
    Parameter(String),
}

impl CarrierAccount {
    /// An account with the usual habits.
    pub fn new(bind: BindConfig) -> Self {
        Self {
            bind,
            apart: false,
            binds: 1,
            rate: None,
            numbers: NumberFormat::International,
            ids: IdStyle::Verbatim,
            utc_offset_minutes: 540,
        }
    }

    /// What the account is called in the database and on pages; holds no password.
    pub fn name(&self) -> String {
        format!("{}@{}:{}", self.bind.system_id, self.bind.host, self.bind.port)
    }

    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "window" => self.bind.window = within(value, 1, 10_000)?,
            "binds" => self.binds = within(value, 1, 64)?,
            "mode" => self.apart = one_of(value, &[("trx", false), ("tx_rx", true)])?,
            "rate" => self.rate = Some(u32::try_from(within(value, 1, 1_000_000)?).ok()?),
            "numbers" => {
                let formats = [
                    ("international", NumberFormat::International),
                    ("national", NumberFormat::National),
                ];
                self.numbers = one_of(value, &formats)?;
            }
            "ids" => {
                let styles = [
                    ("verbatim", IdStyle::Verbatim),
                    ("numeric", IdStyle::Numeric),
                    ("hex_answers", IdStyle::HexAnswers),
                ];
                self.ids = one_of(value, &styles)?;
            }
            "utc_offset" => {
                self.utc_offset_minutes = value.parse().ok().filter(|m: &i32| m.abs() <= 14 * 60)?;
            }
            "system_type" => value.clone_into(&mut self.bind.system_type),
            "answer_timeout" => self.bind.response_timeout = seconds(value)?,
            "enquire" => self.bind.enquire_link_interval = seconds(value)?,
            "ca" => self.tls()?.0.replace(value.into()).map_or(Some(()), |_| None)?,
            "tls_name" => self
                .tls()?
                .1
                .replace(value.to_owned())
                .map_or(Some(()), |_| None)?,
            _ => return None,
        }
        Some(())
    }

    fn tls(&mut self) -> Option<(&mut Option<std::path::PathBuf>, &mut Option<String>)> {
        match &mut self.bind.tls {
            Tls::On { ca, server_name } => Some((ca, server_name)),
            Tls::Off => None,
        }
    }
}

fn within(value: &str, least: usize, most: usize) -> Option<usize> {
    value
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
}

fn seconds(value: &str) -> Option<Duration> {
    within(value, 1, 3_600).map(|seconds| Duration::from_secs(seconds as u64))
}

fn one_of<T: Copy>(value: &str, words: &[(&str, T)]) -> Option<T> {
    words
        .iter()
        .find(|(word, _)| *word == value)
        .map(|(_, meaning)| *meaning)
}

impl FromStr for CarrierAccount {
    type Err = ProfileError;

    fn from_str(address: &str) -> Result<Self, ProfileError> {
        let (scheme, rest) = address.split_once("://").ok_or(ProfileError::Shape)?;
        let tls = match scheme {
            "smpp" => Tls::Off,
            "smpps" => Tls::On {
                ca: None,
                server_name: None,
            },
            _ => return Err(ProfileError::Shape),
        };
        let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (user, place) = authority
            .trim_end_matches('/')
            .rsplit_once('@')
            .ok_or(ProfileError::Shape)?;
        let (system_id, password) = user.split_once(':').ok_or(ProfileError::Shape)?;
        let (host, port) = place.rsplit_once(':').unwrap_or((place, "2775"));
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = port.parse().map_err(|_| ProfileError::Shape)?;
        let (system_id, password) = (decoded(system_id)?, decoded(password)?);
        if system_id.is_empty() || host.is_empty() {
            return Err(ProfileError::Shape);
        }
        let mut bind = BindConfig::new(host, port, &system_id, &password);
        bind.tls = tls;
        bind.mode = BindMode::Transceiver;
        let mut account = Self::new(bind);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let wrong = || ProfileError::Parameter(pair.to_owned());
            let (key, value) = pair.split_once('=').ok_or_else(wrong)?;
            account.set(key, &decoded(value)?).ok_or_else(wrong)?;
        }
        Ok(account)
    }
}

fn decoded(text: &str) -> Result<String, ProfileError> {
    percent_decode_str(text)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| ProfileError::Shape)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_everything() {
        let address = "smpps://kenko:p%40ss%3Aword@sms.example.jp:3550?window=10&binds=2&mode=tx_rx&rate=50&ids=hex_answers&utc_offset=0&numbers=national&tls_name=x";
        let account: CarrierAccount = address.parse().unwrap();
        assert_eq!(account.name(), "kenko@sms.example.jp:3550");
        assert_eq!(
            (account.bind.password.as_str(), account.bind.window),
            ("p@ss:word", 10)
        );
        assert_eq!((account.binds, account.apart, account.rate), (2, true, Some(50)));
        assert_eq!(
            (account.ids, account.numbers),
            (IdStyle::HexAnswers, NumberFormat::National)
        );
        assert!(!format!("{account:?}").contains("p@ss"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_in_words() {
        for wrong in [
            "",
            "localhost:2775",
            "http://a:b@c",
            "smpp://host:2775",
            "smpp://a@host",
            "smpp://:b@c",
        ] {
            assert_eq!(
                wrong.parse::<CarrierAccount>().unwrap_err(),
                ProfileError::Shape,
                "{wrong}"
            );
        }
        for wrong in [
            "window=0",
            "window=x",
            "unknown=1",
            "ca=/x",
            "rate",
            "utc_offset=9999",
        ] {
            let refusal = format!("smpp://a:b@c:1?{wrong}")
                .parse::<CarrierAccount>()
                .unwrap_err();
            assert!(refusal.to_string().contains(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_port_may_be_left_out_and_the_host_may_be_an_ipv6_address() {
        let account: CarrierAccount = "smpp://a:b@[::1]:99".parse().unwrap();
        assert_eq!((account.bind.host.as_str(), account.bind.port), ("::1", 99));
        let account: CarrierAccount = "smpp://a:b@host".parse().unwrap();
        assert_eq!(account.bind.port, 2775);
    }
}
