#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::*;
use crate::pdu::{Body, DATA_CODING_UCS2};
use crate::pdu::{CommandStatus, ESM_CLASS_UDHI, Pdu, SubmitSm, Tlv, tag};
use crate::receipt::ReceiptState;
use crate::session::{BindConfig, BindError, BindMode, CloseReason, Session, SessionEvents, bind};
use crate::testing::{Peer, Told, config, listen, listen_to_the_end, messages};
use crate::text::{Concatenation, Reference, encode_ucs2};

async fn start(smsc_config: SmscConfig) -> (Smsc, Session, SessionEvents) {
    let smsc = Smsc::start(smsc_config).await.unwrap();
    let (session, events) = bind(&config(smsc.address())).await.unwrap();
    (smsc, session, events)
}

fn to(destination_addr: &str) -> SubmitSm {
    SubmitSm {
        source_addr: "0591234567".into(),
        destination_addr: destination_addr.into(),
        registered_delivery: 1,
        short_message: b"hello".to_vec(),
        ..SubmitSm::default()
    }
}

fn answers(count: usize) -> impl Fn(&Told) -> bool {
    move |told| told.answers.len() >= count
}

fn receipts(count: usize) -> impl Fn(&Told) -> bool {
    move |told| told.delivers.len() >= count
}

/// What becomes of 400 numbers, sent in the given order.
async fn outcomes(seed: u64, order: Vec<u64>) -> BTreeMap<String, ReceiptState> {
    let plan = ReceiptPlan {
        undelivered: 0.2,
        expired: 0.1,
        rejected: 0.1,
        none: 0.1,
        ..ReceiptPlan::default()
    };
    let window = 500;
    let smsc = Smsc::start(SmscConfig {
        seed,
        receipts: plan,
        ..SmscConfig::default()
    })
    .await
    .unwrap();
    let config = BindConfig {
        window,
        ..config(smsc.address())
    };
    let (session, mut events) = bind(&config).await.unwrap();
    let all = messages(0..400);
    let mut batch: Vec<_> = order
        .iter()
        .map(|&token| all[usize::try_from(token).unwrap()].clone())
        .collect();
    // Receipts that are due at once keep their order: the last one is certain to come and ends the wait.
    let last = "819099990014";
    batch.push((400, to(last)));
    session.submit(batch).await.unwrap();
    let ended = |told: &Told| {
        told.delivers
            .last()
            .is_some_and(|(_, pdu)| pdu.source_addr == last)
    };
    let told = listen(&session, &mut events, ended).await;
    let states = told.receipts().into_iter().map(|receipt| receipt.state);
    let mut found: BTreeMap<_, _> = told
        .delivers
        .iter()
        .map(|(_, pdu)| pdu.source_addr.clone())
        .zip(states)
        .collect();
    assert_eq!(found.remove(last), Some(ReceiptState::Unknown));
    found
}

#[tokio::test]
async fn the_same_seed_gives_the_same_outcomes_in_any_order() {
    let one = outcomes(7, (0..400).collect()).await;
    assert_eq!(one, outcomes(7, (0..400).rev().collect()).await);
    assert_ne!(one, outcomes(8, (0..400).collect()).await);
    let count = |state| one.values().filter(|found| **found == state).count();
    assert!((50..=110).contains(&count(ReceiptState::Undeliverable)));
    assert!((20..=60).contains(&count(ReceiptState::Expired)));
    assert!(
        (340..=380).contains(&one.len()),
        "a tenth is never heard of again: {}",
        one.len()
    );
}

#[tokio::test]
async fn receipts_come_twice_early_contradicted_and_overtaken() {
    let plan = ReceiptPlan {
        duplicates: 1.0,
        ..ReceiptPlan::default()
    };
    let (_smsc, session, mut events) = start(SmscConfig {
        receipts: plan,
        ..SmscConfig::default()
    })
    .await;
    session.submit(messages(0..1)).await.unwrap();
    let told = listen(&session, &mut events, receipts(2)).await;
    assert_eq!(told.receipts()[0], told.receipts()[1]);

    let plan = ReceiptPlan {
        early: 1.0,
        contradicted: 1.0,
        ..ReceiptPlan::default()
    };
    let answer_delay = Duration::from_millis(20);
    let (_smsc, session, mut events) = start(SmscConfig {
        receipts: plan,
        answer_delay,
        ..SmscConfig::default()
    })
    .await;
    session.submit(messages(0..1)).await.unwrap();
    let told = listen(&session, &mut events, receipts(1)).await;
    assert!(told.answers.is_empty(), "the receipt leaves before the answer");
    let after = listen(&session, &mut events, receipts(1)).await;
    assert_eq!(after.receipts()[0].state, ReceiptState::Enroute);

    let plan = ReceiptPlan {
        reversed: 0.5,
        ..ReceiptPlan::default()
    };
    let (_smsc, session, mut events) = start(SmscConfig {
        receipts: plan,
        ..SmscConfig::default()
    })
    .await;
    session.submit(messages(0..50)).await.unwrap();
    let told = listen(&session, &mut events, receipts(50)).await;
    let order: Vec<u64> = told
        .receipts()
        .iter()
        .map(|receipt| receipt.message_id.parse().unwrap())
        .collect();
    assert!(!order.is_sorted() && order.iter().collect::<BTreeSet<_>>().len() == 50);
}

#[tokio::test]
async fn ids_are_written_as_configured_and_receipts_as_configured() {
    for (format, wanted) in [
        (MessageIdFormat::Decimal, "4660"),
        (MessageIdFormat::Hexadecimal, "1234"),
        (MessageIdFormat::LeadingZeros, "0000004660"),
    ] {
        for place in [ReceiptFormat::Text, ReceiptFormat::Tlv, ReceiptFormat::Both] {
            let smsc_config = SmscConfig {
                first_message_id: 0x1234,
                message_id: format,
                receipts: ReceiptPlan {
                    format: place,
                    ..ReceiptPlan::default()
                },
                ..SmscConfig::default()
            };
            let (_smsc, session, mut events) = start(smsc_config).await;
            session.submit(messages(0..1)).await.unwrap();
            let told = listen(&session, &mut events, receipts(1)).await;
            assert_eq!(told.answers, [(0, Ok(wanted.to_owned()))]);
            let receipt = &told.receipts()[0];
            assert_eq!(
                (receipt.message_id.as_str(), receipt.state),
                ("4660", ReceiptState::Delivered)
            );
            assert_eq!(receipt.done_date.is_some(), place != ReceiptFormat::Tlv);
            assert_eq!(
                told.delivers[0].1.tlv(tag::MESSAGE_STATE).is_some(),
                place != ReceiptFormat::Text
            );
        }
    }
}

#[tokio::test]
async fn magic_numbers_have_their_fates() {
    let (smsc, session, mut events) = start(SmscConfig::default()).await;
    let submit = |end: &str| to(&format!("8190{end}"));
    let batch = [
        ("99990001", 1),
        ("99990003", 3),
        ("99990003", 3),
        ("99990003", 3),
        ("99990011", 11),
    ];
    session
        .submit(batch.map(|(end, token)| (token, submit(end))).to_vec())
        .await
        .unwrap();
    let told = listen(&session, &mut events, |told| {
        told.answers.len() == 5 && told.delivers.len() == 2
    })
    .await;
    let statuses: Vec<_> = told
        .answers
        .iter()
        .map(|(_, result)| result.clone().err())
        .collect();
    let throttled = Some(CommandStatus::ESME_RTHROTTLED);
    assert_eq!(
        statuses,
        [
            Some(CommandStatus::ESME_RINVDSTADR),
            throttled,
            throttled,
            None,
            None
        ]
    );
    let states: Vec<_> = told.receipts().iter().map(|receipt| receipt.state).collect();
    assert_eq!(states, [ReceiptState::Delivered, ReceiptState::Undeliverable]);
    let counters = smsc.counters();
    assert_eq!((counters.submits, counters.accepted), (5, 2));
    assert_eq!(counters.refused[&CommandStatus::ESME_RTHROTTLED], 2);
}

#[tokio::test]
async fn receipts_come_only_when_asked_for() {
    let (smsc, session, mut events) = start(SmscConfig::default()).await;
    let asking = |registered_delivery, end: &str| SubmitSm {
        registered_delivery,
        ..to(&format!("8190{end}"))
    };
    let batch = vec![
        (0, asking(0, "11112222")),
        (1, asking(2, "11112222")),
        (2, asking(2, "99990012")),
        (3, asking(1, "11112222")),
    ];
    session.submit(batch).await.unwrap();
    let told = listen(&session, &mut events, |told| {
        told.answers.len() == 4 && told.delivers.len() == 2
    })
    .await;
    let states: Vec<_> = told.receipts().iter().map(|receipt| receipt.state).collect();
    assert_eq!(states, [ReceiptState::Expired, ReceiptState::Delivered]);
    assert_eq!(smsc.counters().receipts_sent, 2);
}

#[tokio::test]
async fn every_nth_submit_is_throttled() {
    let (_smsc, session, mut events) = start(SmscConfig {
        throttle_every: Some(3),
        ..SmscConfig::default()
    })
    .await;
    session.submit(messages(0..9)).await.unwrap();
    let told = listen(&session, &mut events, answers(9)).await;
    let refused: Vec<_> = told
        .answers
        .iter()
        .filter(|(_, result)| result.is_err())
        .map(|(token, _)| *token)
        .collect();
    assert_eq!(refused, [2, 5, 8]);
}

#[test]
fn a_bucket_lets_exactly_its_rate_through() {
    let begin = Instant::now();
    let mut bucket = book::Bucket::new(100, begin);
    let mut through = 0;
    for millisecond in 0..10_000 {
        through += usize::from(bucket.take(begin + Duration::from_millis(millisecond)));
    }
    assert!(
        (1_000..=1_011).contains(&through),
        "{through} parts in ten seconds"
    );
}

/// One part of a message, its place in the user data header.
fn part(number: &str, text: &str, place: Concatenation) -> SubmitSm {
    let mut short_message = place.to_udh();
    short_message.extend(encode_ucs2(text));
    SubmitSm {
        esm_class: ESM_CLASS_UDHI,
        data_coding: DATA_CODING_UCS2,
        short_message,
        registered_delivery: 0,
        ..to(number)
    }
}

fn parts(number: &str, texts: &[&str]) -> Vec<SubmitSm> {
    let total = u8::try_from(texts.len()).unwrap();
    let place = |part| Concatenation {
        reference: Reference::Eight(9),
        total,
        part,
    };
    texts
        .iter()
        .zip(1..)
        .map(|(text, number_of)| part(number, text, place(number_of)))
        .collect()
}

#[tokio::test]
async fn docomo_refuses_what_is_longer_than_660_letters() {
    let profile = Some(CarrierProfile::Docomo);
    let (_smsc, session, mut events) = start(SmscConfig {
        profile,
        ..SmscConfig::default()
    })
    .await;
    let sixty_six = "あ".repeat(66);
    let fits = parts("819011112222", &[sixty_six.as_str(); 10]);
    let longer = parts("819033334444", &[sixty_six.as_str(); 11]);
    session
        .submit((0..).zip(fits.into_iter().chain(longer)).collect())
        .await
        .unwrap();
    let told = listen(&session, &mut events, answers(21)).await;
    let refused: Vec<_> = told
        .answers
        .iter()
        .filter(|(_, result)| result.is_err())
        .cloned()
        .collect();
    assert_eq!(refused, [(20, Err(CommandStatus::ESME_RINVMSGLEN))]);
}

#[tokio::test]
async fn phones_show_whole_messages_however_they_travelled() {
    let (smsc, session, mut events) = start(SmscConfig {
        journal: true,
        ..SmscConfig::default()
    })
    .await;
    let mut phones = smsc.handsets();
    let mut by_udh = parts("819011112222", &["保健所から", "のお知らせ𠮷"]);
    by_udh.reverse();
    let sar = |part: u8, text: &str| SubmitSm {
        data_coding: DATA_CODING_UCS2,
        short_message: encode_ucs2(text),
        tlvs: vec![
            Tlv::u16(tag::SAR_MSG_REF_NUM, 500),
            Tlv::u8(tag::SAR_TOTAL_SEGMENTS, 2),
            Tlv::u8(tag::SAR_SEGMENT_SEQNUM, part),
        ],
        ..to("819033334444")
    };
    let payload = SubmitSm {
        data_coding: DATA_CODING_UCS2,
        short_message: Vec::new(),
        tlvs: vec![Tlv {
            tag: tag::MESSAGE_PAYLOAD,
            value: encode_ucs2("長い文面"),
        }],
        ..to("819055556666")
    };
    let undelivered = to("819099990011");
    let all = by_udh.into_iter().chain([
        sar(1, "いち"),
        sar(2, "に"),
        payload,
        undelivered,
        to("819077778888"),
    ]);
    session.submit((0..).zip(all).collect()).await.unwrap();
    let told = listen(&session, &mut events, answers(7)).await;
    let mut shown = Vec::new();
    while let Ok(message) = phones.try_recv() {
        shown.push((message.destination_addr, message.text));
    }
    let wanted = [
        ("819011112222", "保健所からのお知らせ𠮷"),
        ("819033334444", "いちに"),
        ("819055556666", "長い文面"),
        ("819077778888", "hello"),
    ];
    assert_eq!(
        shown,
        wanted.map(|(number, text)| (number.to_owned(), text.to_owned()))
    );

    let journal = smsc.journal();
    assert_eq!(journal[0].place.unwrap().part, 2);
    assert_eq!(journal[0].short_message, encode_ucs2("のお知らせ𠮷"));
    let ids: Vec<_> = journal
        .iter()
        .map(|entry| entry.message_id.clone().unwrap())
        .collect();
    assert_eq!(
        ids,
        told.answers
            .iter()
            .map(|(_, result)| result.clone().unwrap())
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn receipts_wait_for_a_receiver() {
    let smsc = Smsc::start(SmscConfig::default()).await.unwrap();
    let transmitter = BindConfig {
        mode: BindMode::Transmitter,
        ..config(smsc.address())
    };
    let (session, mut events) = bind(&transmitter).await.unwrap();
    session.submit(messages(0..20)).await.unwrap();
    let told = listen(&session, &mut events, answers(20)).await;
    assert!(told.delivers.is_empty());
    let receiver = BindConfig {
        mode: BindMode::Receiver,
        ..config(smsc.address())
    };
    let (inward, mut arriving) = bind(&receiver).await.unwrap();
    assert_eq!(
        listen(&inward, &mut arriving, receipts(20)).await.delivers.len(),
        20
    );
    // Both stand: what is submitted now comes at once through the other connection.
    session.submit(messages(20..30)).await.unwrap();
    assert_eq!(
        listen(&inward, &mut arriving, receipts(10)).await.delivers.len(),
        10
    );

    inward.submit(messages(30..31)).await.unwrap();
    let refused = listen(&inward, &mut arriving, answers(1)).await;
    assert_eq!(refused.answers, [(30, Err(CommandStatus::ESME_RINVBNDSTS))]);
}

#[tokio::test]
async fn receipts_without_an_answer_are_delivered_again() {
    let (smsc, session, mut events) = start(SmscConfig::default()).await;
    session.submit(messages(0..5)).await.unwrap();
    let mut first = Vec::new();
    while first.len() < 10 {
        first.extend(events.next().await.unwrap());
    }
    drop(events);
    let (session, mut events) = bind(&config(smsc.address())).await.unwrap();
    let again = listen(&session, &mut events, receipts(5)).await;
    let ids: Vec<_> = again
        .receipts()
        .into_iter()
        .map(|receipt| receipt.message_id)
        .collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn an_account_is_bound_no_more_often_than_it_may() {
    let smsc = Smsc::start(SmscConfig {
        max_binds: Some(1),
        ..SmscConfig::default()
    })
    .await
    .unwrap();
    let (session, mut events) = bind(&config(smsc.address())).await.unwrap();
    let error = bind(&config(smsc.address())).await.err().unwrap();
    assert!(matches!(error, BindError::Refused(CommandStatus::ESME_RALYBND)) && error.is_permanent());
    session.unbind().await;
    listen_to_the_end(&mut events).await;
    // The SMSC lets go of the bind when it sees the connection end.
    while bind(&config(smsc.address())).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_outage_cuts_and_refuses_until_it_ends() {
    let (smsc, session, mut events) = start(SmscConfig::default()).await;
    session.submit(messages(0..1)).await.unwrap();
    listen(&session, &mut events, answers(1)).await;
    smsc.set_outage(true);
    let told = listen_to_the_end(&mut events).await;
    assert!(matches!(told.closed[0].0, CloseReason::Disconnected(_)));
    let error = bind(&config(smsc.address())).await.err().unwrap();
    assert!(matches!(error, BindError::Refused(CommandStatus::ESME_RSYSERR)));
    smsc.set_outage(false);
    bind(&config(smsc.address())).await.unwrap();
}

#[tokio::test]
async fn a_silent_time_swallows_receipts_for_good() {
    let (smsc, session, mut events) = start(SmscConfig::default()).await;
    smsc.set_silent(true);
    session.submit(messages(0..2)).await.unwrap();
    listen(&session, &mut events, answers(2)).await;
    smsc.set_silent(false);
    session.submit(messages(2..3)).await.unwrap();
    let told = listen(&session, &mut events, receipts(1)).await;
    assert_eq!(told.delivers.len(), 1);
    assert_eq!(smsc.counters().receipts_sent, 1, "of the third alone");
}

#[tokio::test]
async fn dropping_the_smsc_stops_it() {
    let (smsc, _session, mut events) = start(SmscConfig::default()).await;
    let address = smsc.address();
    drop(smsc);
    assert_eq!(listen_to_the_end(&mut events).await.closed.len(), 1);
    while bind(&config(address)).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_message_from_a_phone_reaches_the_account() {
    let (smsc, session, mut events) = start(SmscConfig::default()).await;
    let reply = DeliverSm {
        source_addr: "819011112222".into(),
        short_message: b"hai".to_vec(),
        ..DeliverSm::default()
    };
    smsc.deliver("todoke", reply.clone());
    let told = listen(&session, &mut events, receipts(1)).await;
    assert_eq!(told.delivers[0].1, reply);
}

#[tokio::test]
async fn a_silent_esme_is_asked_whether_it_is_there() {
    let enquire_link_interval = Some(Duration::from_millis(20));
    let smsc = Smsc::start(SmscConfig {
        enquire_link_interval,
        ..SmscConfig::default()
    })
    .await
    .unwrap();
    let (_session, _events) = bind(&config(smsc.address())).await.unwrap();
    while smsc.counters().enquire_links_answered < 2 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn submitting_before_the_bind_is_refused() {
    let smsc = Smsc::start(SmscConfig::default()).await.unwrap();
    let mut peer = Peer::connect(smsc.address()).await;
    peer.say(&[Pdu::new(1, Body::SubmitSm(to("819011112222")))]).await;
    let answer = peer.read().await;
    assert_eq!(
        (answer.sequence_number, answer.command_status),
        (1, CommandStatus::ESME_RINVBNDSTS)
    );
}
