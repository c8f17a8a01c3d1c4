use super::*;

#[test]
fn a_case_changes_in_these_ways_only() {
    use CaseChange as C;
    use CaseState as S;
    let changes = [
        C::Close,
        C::Reopen,
        C::Merge,
        C::TakeApart { was_closed: true },
        C::TakeApart { was_closed: false },
    ];
    let mut possible = Vec::new();
    for state in S::ALL {
        for change in changes {
            if let Some(after) = state.after(change) {
                possible.push((*state, change, after));
            }
        }
    }
    assert_eq!(
        possible,
        [
            (S::Open, C::Close, S::Closed),
            (S::Open, C::Merge, S::Merged),
            (S::Closed, C::Reopen, S::Open),
            (S::Closed, C::Merge, S::Merged),
            (S::Merged, C::TakeApart { was_closed: true }, S::Closed),
            (S::Merged, C::TakeApart { was_closed: false }, S::Open),
        ]
    );
}

#[test]
fn taking_apart_gives_back_what_merging_took() {
    for state in CaseState::ALL {
        let was_closed = *state == CaseState::Closed;
        let merged = state.after(CaseChange::Merge);
        let back = merged.and_then(|merged| merged.after(CaseChange::TakeApart { was_closed }));
        assert_eq!(back, merged.map(|_| *state));
    }
}

#[test]
fn what_is_known_of_the_first_word_is_not_taken_back() {
    use ContactEvent as E;
    use FirstContact as F;
    for state in F::ALL {
        for event in E::ALL {
            let after = state.after(*event);
            match event {
                E::Forgotten => assert_eq!(after, F::Waiting),
                E::NotDelivered => assert_eq!(after == F::Unreached, {
                    matches!(state, F::Waiting | F::Written | F::Unreached)
                }),
                E::PutOnCallList => assert_eq!(
                    after == F::Calling,
                    matches!(
                        state,
                        F::Waiting | F::Written | F::Unreached | F::Calling | F::Delivered | F::Opened
                    )
                ),
                _ => assert!(after.strength() >= state.strength(), "{state:?} {event:?}"),
            }
            assert_eq!(
                after.after(*event),
                after,
                "told twice is told once: {state:?} {event:?}"
            );
        }
    }
}

#[test]
fn a_late_receipt_does_not_hide_what_the_person_did() {
    use ContactEvent as E;
    use FirstContact as F;
    let opened = F::Waiting.after(E::Written).after(E::Opened);
    assert_eq!(opened.after(E::Delivered), F::Opened);
    assert_eq!(opened.after(E::NotDelivered), F::Opened);
    let called = F::Waiting
        .after(E::Written)
        .after(E::NotDelivered)
        .after(E::PutOnCallList);
    assert_eq!(called, F::Calling);
    assert_eq!(called.after(E::Delivered), F::Delivered);
    assert_eq!(called.after(E::Spoke), F::Spoken);
}

#[test]
fn every_word_is_read_back() {
    for state in FirstContact::ALL {
        assert_eq!(FirstContact::from_word(state.as_str()), Some(*state));
    }
    for kind in EventKind::ALL {
        assert_eq!(EventKind::from_word(kind.as_str()), Some(*kind));
    }
    for why in ClosedWhy::ALL {
        assert_eq!(ClosedWhy::from_word(why.as_str()), Some(*why));
    }
}
