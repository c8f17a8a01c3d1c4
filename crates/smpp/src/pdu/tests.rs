#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

fn text(limit: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(1u8..=255, 0..=limit).prop_map(|octets| latin1(&octets))
}

fn tlvs() -> impl Strategy<Value = Vec<Tlv>> {
    let value = proptest::collection::vec(any::<u8>(), 0..40);
    proptest::collection::vec((any::<u16>(), value), 0..4)
        .prop_map(|list| list.into_iter().map(|(tag, value)| Tlv { tag, value }).collect())
}

fn bind() -> impl Strategy<Value = Bind> {
    (text(15), text(8), text(12), any::<[u8; 3]>(), text(40)).prop_map(
        |(system_id, password, system_type, [interface_version, addr_ton, addr_npi], address_range)| Bind {
            system_id,
            password,
            system_type,
            interface_version,
            addr_ton,
            addr_npi,
            address_range,
        },
    )
}

fn submit_sm() -> impl Strategy<Value = SubmitSm> {
    let short_message = proptest::collection::vec(any::<u8>(), 0..=SHORT_MESSAGE_MAX);
    (
        text(5),
        text(20),
        text(20),
        text(16),
        text(16),
        any::<[u8; 11]>(),
        short_message,
        tlvs(),
    )
        .prop_map(
            |(
                service_type,
                source_addr,
                destination_addr,
                schedule,
                validity,
                octets,
                short_message,
                tlvs,
            )| {
                SubmitSm {
                    service_type,
                    source_addr_ton: octets[0],
                    source_addr_npi: octets[1],
                    source_addr,
                    dest_addr_ton: octets[2],
                    dest_addr_npi: octets[3],
                    destination_addr,
                    esm_class: octets[4],
                    protocol_id: octets[5],
                    priority_flag: octets[6],
                    schedule_delivery_time: schedule,
                    validity_period: validity,
                    registered_delivery: octets[7],
                    replace_if_present_flag: octets[8],
                    data_coding: octets[9],
                    sm_default_msg_id: octets[10],
                    short_message,
                    tlvs,
                }
            },
        )
}

fn deliver_sm() -> impl Strategy<Value = DeliverSm> {
    (
        text(20),
        text(20),
        any::<u8>(),
        proptest::collection::vec(any::<u8>(), 0..200),
        tlvs(),
    )
        .prop_map(
            |(source_addr, destination_addr, esm_class, short_message, tlvs)| DeliverSm {
                source_addr,
                destination_addr,
                esm_class,
                short_message,
                tlvs,
                ..DeliverSm::default()
            },
        )
}

fn body() -> impl Strategy<Value = Body> {
    let resp = (text(15), tlvs())
        .prop_map(|(system_id, tlvs)| BindResp { system_id, tlvs })
        .boxed();
    let octets = proptest::collection::vec(any::<u8>(), 0..50);
    prop_oneof![
        bind().prop_map(Body::BindReceiver),
        bind().prop_map(Body::BindTransmitter),
        bind().prop_map(Body::BindTransceiver),
        resp.clone().prop_map(Body::BindReceiverResp),
        resp.clone().prop_map(Body::BindTransmitterResp),
        resp.prop_map(Body::BindTransceiverResp),
        submit_sm().prop_map(Body::SubmitSm),
        deliver_sm().prop_map(Body::DeliverSm),
        text(64).prop_map(|message_id| Body::SubmitSmResp { message_id }),
        Just(Body::DeliverSmResp),
        Just(Body::Unbind),
        Just(Body::UnbindResp),
        Just(Body::EnquireLink),
        Just(Body::EnquireLinkResp),
        Just(Body::GenericNack),
        // data_sm, its answer, query_sm
        (prop_oneof![Just(0x103), Just(0x8000_0103), Just(0x03)], octets)
            .prop_map(|(command_id, octets)| Body::Unknown { command_id, octets }),
    ]
}

fn pdu() -> impl Strategy<Value = Pdu> {
    (prop_oneof![Just(0), any::<u32>()], any::<u32>(), body()).prop_map(|(status, sequence_number, body)| {
        Pdu {
            command_status: CommandStatus(status),
            sequence_number,
            body,
        }
    })
}

/// Feeds `bytes` in pieces of the given sizes, as a socket would, and collects what comes out.
fn read_in_pieces(bytes: &[u8], sizes: &[usize]) -> Vec<Pdu> {
    let (mut buffer, mut pdus, mut rest) = (BytesMut::new(), Vec::new(), bytes);
    let mut sizes = sizes.iter().copied().chain(std::iter::repeat(usize::MAX));
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(sizes.next().unwrap().clamp(1, rest.len()));
        buffer.extend_from_slice(piece);
        rest = after;
        while let Some(pdu) = Pdu::decode(&mut buffer).unwrap() {
            pdus.push(pdu);
        }
    }
    assert!(buffer.is_empty(), "nothing may be left over");
    pdus
}

proptest! {
    #[test]
    fn what_was_written_is_read_back_however_the_reads_fall(
        pdus in proptest::collection::vec(pdu(), 1..6),
        sizes in proptest::collection::vec(1usize..80, 0..40),
    ) {
        let mut bytes = Vec::new();
        for pdu in &pdus {
            pdu.encode(&mut bytes).unwrap();
        }
        prop_assert_eq!(read_in_pieces(&bytes, &sizes), pdus);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut buffer = BytesMut::from(&bytes[..]);
        while let Ok(Some(_)) | Err(DecodeError::Malformed { .. }) = Pdu::decode(&mut buffer) {}
    }

    #[test]
    fn no_body_makes_the_reader_panic_and_the_next_pdu_survives(
        command in prop_oneof![0u32..0x20, 0x8000_0000u32..0x8000_0020],
        octets in proptest::collection::vec(any::<u8>(), 0..120),
    ) {
        let mut bytes = Vec::new();
        let command_id = command;
        Pdu::new(7, Body::Unknown { command_id, octets }).encode(&mut bytes).unwrap();
        Pdu::new(8, Body::EnquireLink).encode(&mut bytes).unwrap();
        let mut buffer = BytesMut::from(&bytes[..]);
        let _ = Pdu::decode(&mut buffer);
        prop_assert_eq!(Pdu::decode(&mut buffer), Ok(Some(Pdu::new(8, Body::EnquireLink))));
    }
}

#[test]
fn an_impossible_length_is_told_from_the_first_four_bytes() {
    for length in [0u32, 15, 65_537, u32::MAX] {
        let mut buffer = BytesMut::from(&length.to_be_bytes()[..]);
        assert_eq!(Pdu::decode(&mut buffer), Err(DecodeError::Length(length)));
    }
}

#[test]
fn submit_sm_is_laid_out_as_the_specification_says() {
    let pdu = SubmitSm {
        source_addr: "0312345678".into(),
        dest_addr_ton: 1,
        dest_addr_npi: 1,
        destination_addr: "819012345678".into(),
        registered_delivery: 1,
        data_coding: 8,
        short_message: vec![0x30, 0x42],
        ..SubmitSm::default()
    };
    let mut bytes = Vec::new();
    Pdu::new(3, Body::SubmitSm(pdu)).encode(&mut bytes).unwrap();
    let mut wanted = vec![0, 0, 0, 0x3C, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 3];
    wanted.extend_from_slice(b"\0\0\x000312345678\0\x01\x01819012345678\0");
    wanted.extend_from_slice(b"\0\0\0\0\0\x01\0\x08\0\x02\x30\x42");
    wanted[3] = u8::try_from(wanted.len()).unwrap();
    assert_eq!(bytes, wanted);
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_the_buffer_alone() {
    let mut bytes = vec![1, 2, 3];
    let long = SubmitSm {
        short_message: vec![0; 255],
        ..SubmitSm::default()
    };
    let error = Pdu::new(1, Body::SubmitSm(long)).encode(&mut bytes).unwrap_err();
    assert_eq!(error.command_status(), CommandStatus::ESME_RINVMSGLEN);
    let number = SubmitSm {
        destination_addr: "８１９０".into(),
        ..SubmitSm::default()
    };
    let error = Pdu::new(1, Body::SubmitSm(number))
        .encode(&mut bytes)
        .unwrap_err();
    assert_eq!(error.command_status(), CommandStatus::ESME_RINVDSTADR);
    let payload = Tlv {
        tag: tag::MESSAGE_PAYLOAD,
        value: vec![0; 65_535],
    };
    let huge = SubmitSm {
        tlvs: vec![payload],
        ..SubmitSm::default()
    };
    assert!(Pdu::new(1, Body::SubmitSm(huge)).encode(&mut bytes).is_err());
    assert_eq!(bytes, [1, 2, 3]);
}

#[test]
fn an_answer_without_a_closing_nul_or_without_a_body_is_still_read() {
    for (octets, wanted) in [(&b"A1"[..], "A1"), (b"A1\0", "A1"), (b"", "")] {
        let mut bytes = Vec::new();
        let raw = Body::Unknown {
            command_id: 0x8000_0004,
            octets: octets.to_vec(),
        };
        Pdu::new(5, raw).encode(&mut bytes).unwrap();
        let answer = Pdu::decode(&mut BytesMut::from(&bytes[..])).unwrap().unwrap();
        assert_eq!(
            answer.body,
            Body::SubmitSmResp {
                message_id: wanted.into()
            }
        );
    }
}

#[test]
fn debug_output_holds_no_number_text_or_password() {
    let pdu = SubmitSm {
        destination_addr: "819012345678".into(),
        short_message: b"HER-SYS".to_vec(),
        tlvs: vec![Tlv {
            tag: tag::MESSAGE_PAYLOAD,
            value: b"HER-SYS".to_vec(),
        }],
        ..SubmitSm::default()
    };
    let bind = Bind {
        password: "secret".into(),
        ..Bind::default()
    };
    let shown = format!("{pdu:?} {bind:?}");
    assert!(!shown.contains("8190") && !shown.contains("secret") && !shown.contains("72, 69"));
}
