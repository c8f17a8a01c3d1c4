//! The counting carrier: a simulated SMSC in this process that keeps every `submit_sm`.

use std::collections::BTreeMap;

use smpp::pdu::CommandStatus;
use smpp::smsc::{HandsetMessage, JournalEntry, Smsc, SmscConfig};
use tokio::sync::broadcast::Receiver;

use super::list::Person;
use super::runtime;

/// A carrier and its phones.
pub(crate) struct Carrier {
    pub(crate) smsc: Smsc,
    phones: Receiver<HandsetMessage>,
}

impl Carrier {
    /// Takes everything and delivers it at once.
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut SmscConfig)) -> Self {
        let mut config = SmscConfig {
            journal: true,
            ..SmscConfig::default()
        };
        change(&mut config);
        let smsc = runtime().block_on(Smsc::start(config)).unwrap();
        let phones = smsc.handsets();
        Self { smsc, phones }
    }

    /// Its address for `--carrier`.
    pub(crate) fn url(&self) -> String {
        self.url_with("")
    }

    /// The same with settings: `window=1&binds=2`.
    pub(crate) fn url_with(&self, settings: &str) -> String {
        format!("smpp://todoke:secret@{}?{settings}", self.smsc.address())
    }

    pub(crate) fn binds(&self) -> u64 {
        self.smsc.counters().binds
    }

    pub(crate) fn submits(&self) -> u64 {
        self.smsc.counters().submits
    }

    /// Messages of one part that were accepted: number and text, and how often.
    pub(crate) fn taken(&self) -> BTreeMap<(String, String), usize> {
        let mut taken = BTreeMap::new();
        for entry in self.accepted() {
            *taken
                .entry((entry.destination_addr.clone(), text(&entry)))
                .or_default() += 1;
        }
        taken
    }

    fn accepted(&self) -> impl Iterator<Item = JournalEntry> {
        let ok = |entry: &JournalEntry| entry.command_status == CommandStatus::ESME_ROK;
        self.smsc.journal().into_iter().filter(ok)
    }

    /// Each of these people was accepted exactly once, with the very text, and nobody else was.
    #[track_caller]
    pub(crate) fn took_each_once(&self, people: &[Person]) {
        let mut expected: Vec<(String, String)> = people.iter().map(Person::message).collect();
        expected.sort();
        let taken = self.taken();
        for (message, count) in &taken {
            assert_eq!(*count, 1, "{message:?} was taken {count} times");
        }
        assert_eq!(taken.into_keys().collect::<Vec<_>>(), expected);
    }

    /// What arrived on the phones so far: number and whole text.
    pub(crate) fn phones(&mut self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        while let Ok(message) = self.phones.try_recv() {
            all.push((message.destination_addr, message.text));
        }
        all
    }
}

fn text(entry: &JournalEntry) -> String {
    if entry.data_coding == 8 {
        let units = entry
            .short_message
            .chunks(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        char::decode_utf16(units).map(Result::unwrap).collect()
    } else {
        String::from_utf8(entry.short_message.clone()).unwrap()
    }
}
