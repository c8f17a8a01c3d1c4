//! Every code that the SMPP library can name is explained to staff.

use std::collections::BTreeSet;

use messaging::carrier_code::known_statuses;
use smpp::pdu::CommandStatus;

#[test]
fn every_named_code_is_explained_and_nothing_else() {
    let explained: BTreeSet<_> = known_statuses().collect();
    let named = (0..0x1000).filter_map(|code| Some((code, CommandStatus(code).name()?)));
    assert_eq!(explained, named.collect::<BTreeSet<_>>());
    assert_eq!(explained.len(), known_statuses().count(), "no code twice");
}
