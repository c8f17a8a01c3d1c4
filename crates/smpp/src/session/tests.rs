#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::pdu::{Body, Pdu};
use crate::smsc::{Account, Accounts, BindAnswer, Cut, CutWhen, Smsc, SmscConfig, SubmitAnswer};
use crate::testing::{Peer, accepted, bytes, config, listen, listen_to_the_end, message, messages};

const MANY: u64 = 1_000;

#[tokio::test]
async fn every_submit_is_answered_once_and_the_window_is_never_exceeded() {
    let smsc_config = SmscConfig {
        answer_delay: Duration::from_millis(2),
        ..SmscConfig::default()
    };
    let smsc = Smsc::start(smsc_config).await.unwrap();
    let config = BindConfig {
        window: 20,
        ..config(smsc.address())
    };
    let (session, mut events) = bind(&config).await.unwrap();
    // One call with more than the window: the session itself waits for room.
    let sender = tokio::spawn({
        let session = session.clone();
        async move { session.submit(messages(0..MANY)).await }
    });
    let told = listen(&session, &mut events, |told| {
        told.answers.len() == 1_000 && told.delivers.len() == 1_000
    })
    .await;
    sender.await.unwrap().unwrap();
    let mut answered = told.answered();
    answered.sort_unstable();
    assert_eq!(answered, (0..MANY).collect::<Vec<_>>());
    let given: BTreeSet<String> = told
        .answers
        .iter()
        .map(|(_, result)| result.clone().unwrap())
        .collect();
    let receipted: BTreeSet<String> = told
        .receipts()
        .into_iter()
        .map(|receipt| receipt.message_id)
        .collect();
    assert_eq!(given, receipted);
    assert_eq!(smsc.counters().unanswered_peak, 20);
    assert_eq!(session.free_window(), 20);
}

#[tokio::test]
async fn answers_in_one_write_and_in_any_order_find_their_tokens() {
    let (mut peer, session, mut events) = Peer::bound(|_| {}).await;
    session.submit(messages(0..100)).await.unwrap();
    assert_eq!(session.free_window(), 0);
    let requests = peer.read_many(100).await;
    let answers: Vec<Pdu> = requests
        .iter()
        .rev()
        .map(|request| accepted(request.sequence_number))
        .collect();
    peer.say(&answers).await;
    let told = listen(&session, &mut events, |told| told.answers.len() == 100).await;
    assert_eq!(told.answered(), (0..100).rev().collect::<Vec<_>>());
    let name = |index: usize| Ok(format!("m{}", requests[index].sequence_number));
    assert!(
        told.answers
            .iter()
            .all(|(token, result)| *result == name(usize::try_from(*token).unwrap()))
    );
}

#[tokio::test]
async fn answers_that_come_octet_by_octet_are_put_together() {
    let (mut peer, session, mut events) = Peer::bound(|_| {}).await;
    session.submit(messages(0..3)).await.unwrap();
    let requests = peer.read_many(3).await;
    for octet in requests
        .iter()
        .flat_map(|request| bytes(&[accepted(request.sequence_number)]))
    {
        peer.stream.write_all(&[octet]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let told = listen(&session, &mut events, |told| told.answers.len() == 3).await;
    assert_eq!(told.answered(), [0, 1, 2]);
}

#[tokio::test]
async fn refusals_are_answers() {
    let (mut peer, session, mut events) = Peer::bound(|_| {}).await;
    session.submit(messages(0..2)).await.unwrap();
    let requests = peer.read_many(2).await;
    let refusal = |index: usize, command_status, body| Pdu {
        command_status,
        sequence_number: requests[index].sequence_number,
        body,
    };
    peer.say(&[
        refusal(
            0,
            CommandStatus::ESME_RTHROTTLED,
            Body::SubmitSmResp {
                message_id: String::new(),
            },
        ),
        refusal(1, CommandStatus::ESME_RINVCMDLEN, Body::GenericNack),
    ])
    .await;
    let told = listen(&session, &mut events, |told| told.answers.len() == 2).await;
    let wanted = [
        (0, Err(CommandStatus::ESME_RTHROTTLED)),
        (1, Err(CommandStatus::ESME_RINVCMDLEN)),
    ];
    assert_eq!(told.answers, wanted);
    assert_eq!(session.free_window(), 100);
}

#[tokio::test]
async fn what_smpp_cannot_carry_is_answered_without_being_written() {
    let (mut peer, session, mut events) = Peer::bound(|_| {}).await;
    let (token, mut long) = message(7);
    long.short_message = vec![0; 255];
    session.submit(vec![(token, long), message(8)]).await.unwrap();
    let told = listen(&session, &mut events, |told| told.answers.len() == 1).await;
    assert_eq!(told.answers, [(7, Err(CommandStatus::ESME_RINVMSGLEN))]);
    let Body::SubmitSm(written) = peer.read().await.body else {
        panic!("a submit_sm is wanted")
    };
    assert_eq!(written, message(8).1);
}

/// Cuts the connection at the 50th of 100 and returns what the session told and how many were accepted.
async fn cut_at_fifty(when: CutWhen) -> (Vec<u64>, Vec<u64>, Vec<u64>, BTreeSet<u64>) {
    let smsc_config = SmscConfig {
        journal: true,
        cut: Some(Cut { every: 50, when }),
        ..SmscConfig::default()
    };
    let smsc = Smsc::start(smsc_config).await.unwrap();
    let (session, mut events) = bind(&config(smsc.address())).await.unwrap();
    session.submit(messages(0..100)).await.unwrap();
    let mut told = listen(&session, &mut events, |_| false).await;
    assert!(session.submit(messages(100..101)).await.is_err());
    assert_eq!(told.closed.len(), 1);
    let (reason, unanswered, unwritten) = told.closed.remove(0);
    assert!(matches!(reason, CloseReason::Disconnected(_)), "{reason:?}");
    let token = |number: &str| number[4..].parse().unwrap();
    let journal = smsc
        .journal()
        .iter()
        .map(|entry| token(&entry.destination_addr))
        .collect();
    (told.answered(), unanswered, unwritten, journal)
}

#[tokio::test]
async fn a_cut_before_the_answer_leaves_exactly_the_unanswered() {
    let (answered, unanswered, unwritten, journal) = cut_at_fifty(CutWhen::BeforeAnswer).await;
    let mut all = [answered, unanswered.clone(), unwritten.clone()].concat();
    all.sort_unstable();
    assert_eq!(all, (0..100).collect::<Vec<_>>(), "each token exactly once");
    assert_eq!(journal, (0..50).collect(), "the SMSC took fifty");
    assert!(
        unanswered.contains(&49),
        "the last one was taken and not answered"
    );
    assert!(unwritten.iter().all(|token| !journal.contains(token)));
}

#[tokio::test]
async fn a_cut_after_the_answer_loses_no_answer() {
    let (answered, unanswered, unwritten, _) = cut_at_fifty(CutWhen::AfterAnswer).await;
    assert_eq!(answered, (0..50).collect::<Vec<_>>());
    assert_eq!([unanswered, unwritten].concat(), (50..100).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_smsc_that_stops_reading_leaves_what_was_never_written() {
    let (_peer, session, mut events) = Peer::bound(|config| {
        config.window = 100_000;
        config.response_timeout = Duration::from_millis(300);
    })
    .await;
    let big = |token| {
        let (token, mut pdu) = message(token);
        pdu.short_message = vec![0; 254];
        (token, pdu)
    };
    session.submit((0..100_000).map(big).collect()).await.unwrap();
    let told = listen_to_the_end(&mut events).await;
    let [(reason, unanswered, unwritten)] = &told.closed[..] else {
        panic!("closed once")
    };
    assert_eq!(*reason, CloseReason::NoAnswer);
    assert!(!unanswered.is_empty() && !unwritten.is_empty());
    assert_eq!(
        [unanswered.clone(), unwritten.clone()].concat(),
        (0..100_000).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_submit_without_an_answer_ends_the_session() {
    let smsc_config = SmscConfig {
        submit_answer: SubmitAnswer::Never,
        ..SmscConfig::default()
    };
    let smsc = Smsc::start(smsc_config).await.unwrap();
    let config = BindConfig {
        response_timeout: Duration::from_millis(100),
        ..config(smsc.address())
    };
    let (session, mut events) = bind(&config).await.unwrap();
    session.submit(messages(0..5)).await.unwrap();
    let told = listen(&session, &mut events, |_| false).await;
    assert_eq!(
        told.closed,
        [(CloseReason::NoAnswer, vec![0, 1, 2, 3, 4], vec![])]
    );
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn submitters_that_wait_for_room_get_their_messages_back() {
    let (_peer, session, mut events) = Peer::bound(|config| {
        config.window = 2;
        config.response_timeout = Duration::from_millis(100);
    })
    .await;
    let closed = session.submit(messages(0..5)).await.unwrap_err();
    assert_eq!(closed.unwritten, messages(2..5));
    let told = listen_to_the_end(&mut events).await;
    assert_eq!(told.closed, [(CloseReason::NoAnswer, vec![0, 1], vec![])]);
}

#[tokio::test]
async fn a_wrong_password_or_name_is_for_a_person_to_mend() {
    let account = Account {
        system_id: "todoke".into(),
        password: "another".into(),
    };
    let accounts = Accounts::Only(vec![account]);
    let smsc = Smsc::start(SmscConfig {
        accounts,
        ..SmscConfig::default()
    })
    .await
    .unwrap();
    let error = bind(&config(smsc.address())).await.err().unwrap();
    assert!(matches!(error, BindError::Refused(CommandStatus::ESME_RINVPASWD)) && error.is_permanent());
    let nobody = BindConfig {
        system_id: "nobody".into(),
        ..config(smsc.address())
    };
    let error = bind(&nobody).await.err().unwrap();
    assert!(matches!(error, BindError::Refused(CommandStatus::ESME_RINVSYSID)) && error.is_permanent());
}

#[tokio::test]
async fn a_bind_may_fail_for_now() {
    let bind_answer = BindAnswer::Refuse(CommandStatus::ESME_RSYSERR);
    let smsc = Smsc::start(SmscConfig {
        bind_answer,
        ..SmscConfig::default()
    })
    .await
    .unwrap();
    let error = bind(&config(smsc.address())).await.err().unwrap();
    assert!(matches!(error, BindError::Refused(CommandStatus::ESME_RSYSERR)) && !error.is_permanent());

    let bind_answer = BindAnswer::Never;
    let smsc = Smsc::start(SmscConfig {
        bind_answer,
        ..SmscConfig::default()
    })
    .await
    .unwrap();
    let impatient = BindConfig {
        response_timeout: Duration::from_millis(50),
        ..config(smsc.address())
    };
    assert!(matches!(
        bind(&impatient).await.err().unwrap(),
        BindError::NoAnswer
    ));

    let (listener, address) = Peer::listener().await;
    drop(listener);
    assert!(matches!(
        bind(&config(address)).await.err().unwrap(),
        BindError::Unreachable(_)
    ));
}

#[tokio::test]
async fn a_peer_that_does_not_speak_smpp_is_told_apart() {
    let (listener, address) = Peer::listener().await;
    let config = config(address);
    let (bound, ()) = tokio::join!(bind(&config), async {
        let mut peer = Peer::accept(&listener).await;
        peer.stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
    });
    assert!(matches!(bound.err().unwrap(), BindError::Protocol(_)));
}

#[tokio::test]
async fn unbind_waits_for_outstanding_answers() {
    let smsc_config = SmscConfig {
        answer_delay: Duration::from_millis(30),
        ..SmscConfig::default()
    };
    let smsc = Smsc::start(smsc_config).await.unwrap();
    let (session, mut events) = bind(&config(smsc.address())).await.unwrap();
    session.submit(messages(0..10)).await.unwrap();
    session.unbind().await;
    assert_eq!(
        session.submit(messages(10..12)).await.unwrap_err().unwritten,
        messages(10..12)
    );
    let told = listen_to_the_end(&mut events).await;
    assert_eq!(told.answered(), (0..10).collect::<Vec<_>>());
    assert_eq!(told.closed, [(CloseReason::Unbound, vec![], vec![])]);
    assert_eq!(smsc.counters().unbinds, 1);
}

#[tokio::test]
async fn unbind_ends_even_if_nobody_answers() {
    let (_peer, session, mut events) =
        Peer::bound(|config| config.response_timeout = Duration::from_millis(60)).await;
    session.submit(messages(0..2)).await.unwrap();
    session.unbind().await;
    let told = listen_to_the_end(&mut events).await;
    let [(_, unanswered, unwritten)] = &told.closed[..] else {
        panic!("closed once")
    };
    assert_eq!((&unanswered[..], &unwritten[..]), (&[0, 1][..], &[][..]));
}

#[tokio::test]
async fn an_unbind_of_the_smsc_is_answered() {
    let (mut peer, session, mut events) = Peer::bound(|_| {}).await;
    session.submit(messages(0..1)).await.unwrap();
    peer.read().await;
    peer.say(&[Pdu::new(77, Body::Unbind)]).await;
    assert_eq!(peer.read().await, Pdu::new(77, Body::UnbindResp));
    let told = listen_to_the_end(&mut events).await;
    assert_eq!(told.closed, [(CloseReason::UnboundBySmsc, vec![0], vec![])]);
}

#[tokio::test]
async fn silence_is_questioned_and_questions_are_answered() {
    let (mut peer, _session, mut events) = Peer::bound(|config| {
        config.enquire_link_interval = Duration::from_millis(20);
        config.response_timeout = Duration::from_millis(200);
    })
    .await;
    for _ in 0..2 {
        let question = peer.read().await;
        assert_eq!(question.body, Body::EnquireLink);
        peer.say(&[Pdu::new(question.sequence_number, Body::EnquireLinkResp)])
            .await;
    }
    peer.say(&[Pdu::new(5, Body::EnquireLink)]).await;
    while peer.read().await != Pdu::new(5, Body::EnquireLinkResp) {}
    // From here on the peer is silent.
    let told = listen_to_the_end(&mut events).await;
    assert_eq!(told.closed, [(CloseReason::NoAnswer, vec![], vec![])]);
}

#[tokio::test]
async fn strange_and_malformed_requests_are_refused_and_do_no_harm() {
    let (mut peer, session, mut events) = Peer::bound(|_| {}).await;
    let data_sm = Body::Unknown {
        command_id: 0x103,
        octets: vec![1, 2, 3],
    };
    let cut_short = Body::Unknown {
        command_id: 0x05,
        octets: vec![1, 2, 3],
    };
    let deliver = Pdu::new(3, Body::DeliverSm(DeliverSm::default()));
    peer.say(&[Pdu::new(1, data_sm), Pdu::new(2, cut_short), deliver])
        .await;
    let mut refused: Vec<_> = peer.read_many(2).await;
    refused.sort_unstable_by_key(|pdu| pdu.sequence_number);
    let nack = |sequence_number, command_status| Pdu {
        command_status,
        sequence_number,
        body: Body::GenericNack,
    };
    let wanted = [
        nack(1, CommandStatus::ESME_RINVCMDID),
        nack(2, CommandStatus::ESME_RINVCMDLEN),
    ];
    assert_eq!(refused, wanted);
    let told = listen(&session, &mut events, |told| told.delivers.len() == 1).await;
    assert_eq!(told.delivers[0].0, 3);
    assert_eq!(peer.read().await, Pdu::new(3, Body::DeliverSmResp));
}

#[tokio::test]
async fn a_stream_out_of_step_ends_the_session() {
    let (mut peer, _session, mut events) = Peer::bound(|_| {}).await;
    peer.stream.write_all(&[0xFF; 16]).await.unwrap();
    let told = listen_to_the_end(&mut events).await;
    assert!(matches!(
        told.closed[..],
        [(CloseReason::Protocol(DecodeError::Length(u32::MAX)), ..)]
    ));
}

#[tokio::test]
async fn a_flood_of_deliveries_waits_in_the_network_until_the_caller_reads() {
    let (peer, session, mut events) = Peer::bound(|_| {}).await;
    let deliver = Body::DeliverSm(DeliverSm {
        short_message: vec![0; 250],
        ..DeliverSm::default()
    });
    let octets = bytes(
        &(0..100)
            .map(|number| Pdu::new(number, deliver.clone()))
            .collect::<Vec<_>>(),
    );
    // Nobody reads events: sooner or later the socket takes no more.
    let mut written = 0;
    while let Ok(result) = tokio::time::timeout(Duration::from_millis(300), peer.stream.writable()).await {
        result.unwrap();
        let from = written % octets.len();
        written += peer.stream.try_write(&octets[from..]).unwrap_or(0);
        assert!(written < 100_000_000, "the session reads without an end");
    }
    let whole = written / (octets.len() / 100);
    let told = listen(&session, &mut events, |told| told.delivers.len() == whole).await;
    assert_eq!(told.delivers.len(), whole);
    assert!(told.closed.is_empty());
}

#[tokio::test]
async fn dropping_the_events_ends_the_session() {
    let (mut peer, session, events) = Peer::bound(|_| {}).await;
    drop(events);
    assert_eq!(peer.stream.read(&mut [0; 16]).await.unwrap(), 0);
    session.unbind().await;
    assert!(session.submit(messages(0..1)).await.is_err());
    assert_eq!(session.respond(vec![]).await, Err(SessionOver));
}

#[tokio::test]
async fn tls_carries_a_session_and_checks_the_certificate() {
    let certified = rcgen::generate_simple_self_signed(vec!["smsc.test".to_owned()]).unwrap();
    let key = rustls_pki_types::PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key.into())
        .unwrap();
    let smsc_config = SmscConfig {
        tls: Some(Arc::new(server)),
        ..SmscConfig::default()
    };
    let smsc = Smsc::start(smsc_config).await.unwrap();
    let ca = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca.path(), certified.cert.pem()).unwrap();

    let tls = |ca, name: &str| BindConfig {
        tls: Tls::On {
            ca,
            server_name: Some(name.to_owned()),
        },
        ..config(smsc.address())
    };
    let trusting = tls(Some(ca.path().to_owned()), "smsc.test");
    let (session, mut events) = bind(&trusting).await.unwrap();
    session.submit(messages(0..100)).await.unwrap();
    let enough = |told: &crate::testing::Told| told.answers.len() == 100 && told.delivers.len() == 100;
    let told = listen(&session, &mut events, enough).await;
    assert_eq!(told.answered(), (0..100).collect::<Vec<_>>());
    session.unbind().await;

    let other_name = tls(Some(ca.path().to_owned()), "other.test");
    assert!(matches!(
        bind(&other_name).await.err().unwrap(),
        BindError::Tls(_)
    ));
    assert!(matches!(
        bind(&tls(None, "smsc.test")).await.err().unwrap(),
        BindError::Tls(_)
    ));
}

#[test]
fn a_configuration_does_not_show_its_password() {
    let config = BindConfig::new("smsc.example", 2775, "todoke", "topsecret");
    assert!(!format!("{config:?}").contains("topsecret"));
}
