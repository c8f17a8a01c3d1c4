use super::*;

const BEFORES: [Before; 3] = [Before::Ready, Before::Final, Before::Released];

fn changes() -> Vec<Change> {
    use Change as C;
    let mut all = vec![
        C::Submit,
        C::Pass,
        C::SendBack,
        C::Withdraw,
        C::Expire,
        C::Decide,
        C::Correct,
        C::Settle,
        C::SettleAsTold,
        C::Release,
        C::NotSent,
    ];
    all.extend(BEFORES.map(C::Undo));
    all
}

/// Every pair that leads somewhere; all others do not.
fn ways() -> Vec<(State, Change, State)> {
    use Change as C;
    use State as S;
    vec![
        (S::Draft, C::Submit, S::Received),
        (S::Draft, C::Withdraw, S::Withdrawn),
        (S::Draft, C::Expire, S::Expired),
        (S::Received, C::Pass, S::Ready),
        (S::Received, C::SendBack, S::SentBack),
        (S::Received, C::Withdraw, S::Withdrawn),
        (S::SentBack, C::Submit, S::Received),
        (S::SentBack, C::Withdraw, S::Withdrawn),
        (S::SentBack, C::Expire, S::Expired),
        (S::Ready, C::SendBack, S::SentBack),
        (S::Ready, C::Withdraw, S::Withdrawn),
        (S::Ready, C::Decide, S::Provisional),
        (S::Provisional, C::Undo(Before::Ready), S::Ready),
        (S::Provisional, C::Undo(Before::Final), S::Final),
        (S::Provisional, C::Undo(Before::Released), S::Released),
        (S::Provisional, C::Settle, S::Final),
        (S::Provisional, C::SettleAsTold, S::Released),
        (S::Final, C::Correct, S::Provisional),
        (S::Final, C::Release, S::Released),
        (S::Released, C::Correct, S::Provisional),
        (S::Released, C::Submit, S::Received),
        (S::Released, C::NotSent, S::Final),
    ]
}

#[test]
fn every_pair_leads_where_it_should_or_nowhere() {
    let ways = ways();
    for state in State::ALL {
        for change in changes() {
            let expected = ways
                .iter()
                .find(|(from, by, _)| *from == state && *by == change)
                .map(|(.., to)| *to);
            assert_eq!(state.after(change), expected, "{state:?} {change:?}");
        }
    }
}

#[test]
fn nothing_is_told_but_what_is_final() {
    for state in State::ALL {
        assert_eq!(
            state.after(Change::Release).is_some(),
            state == State::Final,
            "{state:?}"
        );
    }
}

#[test]
fn every_word_is_read_as_it_was_written() {
    for state in State::ALL {
        assert_eq!(State::from_code(state.code()), Some(state));
        assert!(!state.label().is_empty() && state.advice().ends_with('。'));
    }
    for look in SecondLook::ALL {
        assert_eq!(SecondLook::from_code(look.code()), Some(look));
    }
    for parked in [Parked::Hold, Parked::Phone] {
        assert_eq!(Parked::from_code(parked.code()), Some(parked));
    }
    for before in BEFORES {
        assert_eq!(Before::of(before.state()), Some(before));
    }
}
