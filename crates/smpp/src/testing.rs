//! Helpers of the tests: a peer that says what a test tells it to, and short ways to submit and to collect.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::pdu::{BindResp, Body, CommandStatus, DeliverSm, Pdu, SubmitSm};
use crate::receipt::DeliveryReceipt;
use crate::session::{BindConfig, CloseReason, Event, Session, SessionEvents, bind};

/// How to bind to an address, with times that suit a test.
pub(crate) fn config(address: SocketAddr) -> BindConfig {
    BindConfig {
        response_timeout: Duration::from_secs(20),
        ..BindConfig::new(&address.ip().to_string(), address.port(), "todoke", "secret")
    }
}

/// A message that wants a receipt; its number tells the token.
pub(crate) fn message(token: u64) -> (u64, SubmitSm) {
    let pdu = SubmitSm {
        source_addr: "0591234567".into(),
        destination_addr: format!("8190{token:08}"),
        registered_delivery: 1,
        short_message: b"hello".to_vec(),
        ..SubmitSm::default()
    };
    (token, pdu)
}

pub(crate) fn messages(tokens: std::ops::Range<u64>) -> Vec<(u64, SubmitSm)> {
    tokens.map(message).collect()
}

/// Everything that a session has told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) answers: Vec<(u64, Result<String, CommandStatus>)>,
    pub(crate) delivers: Vec<(u32, DeliverSm)>,
    pub(crate) closed: Vec<(CloseReason, Vec<u64>, Vec<u64>)>,
}

impl Told {
    fn add(&mut self, events: Vec<Event>) {
        for event in events {
            self.add_one(event);
        }
    }

    fn add_one(&mut self, event: Event) {
        match event {
            Event::Answer { token, result } => self.answers.push((token, result)),
            Event::Deliver { sequence, pdu } => self.delivers.push((sequence, pdu)),
            Event::Closed {
                reason,
                unanswered,
                unwritten,
            } => {
                self.closed.push((reason, unanswered, unwritten));
            }
        }
    }

    pub(crate) fn answered(&self) -> Vec<u64> {
        self.answers.iter().map(|(token, _)| *token).collect()
    }

    pub(crate) fn receipts(&self) -> Vec<DeliveryReceipt> {
        self.delivers
            .iter()
            .map(|(_, pdu)| DeliveryReceipt::from_deliver_sm(pdu).unwrap())
            .collect()
    }
}

/// Listens, and answers every delivery, until `enough`, or until the session is over.
pub(crate) async fn listen(
    session: &Session,
    events: &mut SessionEvents,
    enough: impl Fn(&Told) -> bool,
) -> Told {
    let mut told = Told::default();
    while !enough(&told) {
        let Some(batch) = events.next().await else { break };
        let before = told.delivers.len();
        told.add(batch);
        let answers: Vec<_> = told.delivers[before..]
            .iter()
            .map(|(sequence, _)| (*sequence, CommandStatus::ESME_ROK))
            .collect();
        // A session that is over has nothing to answer.
        let _ = session.respond(answers).await;
    }
    told
}

/// Listens to the end of the session.
pub(crate) async fn listen_to_the_end(events: &mut SessionEvents) -> Told {
    let mut told = Told::default();
    while let Some(batch) = events.next().await {
        told.add(batch);
    }
    told
}

/// The other end of a session, word by word.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    incoming: BytesMut,
}

impl Peer {
    /// A listener, for a test that answers the bind itself.
    pub(crate) async fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    pub(crate) async fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            incoming: BytesMut::new(),
        }
    }

    /// An ESME that speaks for itself.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self {
            stream: TcpStream::connect(address).await.unwrap(),
            incoming: BytesMut::new(),
        }
    }

    /// A bound session and its other end.
    pub(crate) async fn bound(change: impl FnOnce(&mut BindConfig)) -> (Self, Session, SessionEvents) {
        let (listener, address) = Self::listener().await;
        let mut config = config(address);
        change(&mut config);
        let (bound, peer) = tokio::join!(bind(&config), async {
            let mut peer = Self::accept(&listener).await;
            let request = peer.read().await;
            let answer = Body::BindTransceiverResp(BindResp::default());
            peer.say(&[Pdu::new(request.sequence_number, answer)]).await;
            peer
        });
        let (session, events) = bound.unwrap();
        (peer, session, events)
    }

    pub(crate) async fn read(&mut self) -> Pdu {
        loop {
            if let Some(pdu) = Pdu::decode(&mut self.incoming).unwrap() {
                return pdu;
            }
            assert_ne!(
                self.stream.read_buf(&mut self.incoming).await.unwrap(),
                0,
                "the session hung up"
            );
        }
    }

    pub(crate) async fn read_many(&mut self, count: usize) -> Vec<Pdu> {
        let mut pdus = Vec::new();
        while pdus.len() < count {
            pdus.push(self.read().await);
        }
        pdus
    }

    /// All of them in one write.
    pub(crate) async fn say(&mut self, pdus: &[Pdu]) {
        self.stream.write_all(&bytes(pdus)).await.unwrap();
    }
}

pub(crate) fn bytes(pdus: &[Pdu]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for pdu in pdus {
        pdu.encode(&mut bytes).unwrap();
    }
    bytes
}

/// The answer yes to a `submit_sm`.
pub(crate) fn accepted(sequence_number: u32) -> Pdu {
    Pdu::new(
        sequence_number,
        Body::SubmitSmResp {
            message_id: format!("m{sequence_number}"),
        },
    )
}
