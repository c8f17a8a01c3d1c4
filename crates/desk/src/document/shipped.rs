//! The desks that come with the program: documents like any other, imported when somebody wants one.

use super::DeskDocument;

/// One of them.
#[derive(Clone, Debug)]
pub struct ShippedDesk {
    /// Its document as it is written down.
    pub text: &'static str,
    /// The same, read.
    pub document: DeskDocument,
}

/// All of them. A test reads each.
pub fn shipped() -> Vec<ShippedDesk> {
    let read = |text| ShippedDesk {
        text,
        document: DeskDocument::parse(text).expect("a test reads every desk that ships"),
    };
    TEXTS.into_iter().map(read).collect()
}

const TEXTS: [&str; 3] = [
    include_str!("../../desks/self_test.json"),
    include_str!("../../desks/certificate.json"),
    include_str!("../../desks/test_kits.json"),
];
