//! PostgreSQL over TLS, against a real server that takes encrypted connections only.

use std::net::TcpListener;

use crate::support::place::Place;
use crate::support::process::{Ended, Program, Running, todoke};
use crate::support::repository;
use crate::support::tls::Authority;

/// A server with a certificate for 127.0.0.1, and its address; `None` where there is no PostgreSQL.
fn server(place: &Place, authority: &Authority) -> Option<(Running, String)> {
    if std::env::var_os("TEST_PG_URL").is_none() {
        eprintln!("TEST_PG_URL is not set: PostgreSQL over TLS is not tested (bin/test does)");
        return None;
    }
    let files = authority.issue(place, "server", "127.0.0.1");
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    // Lives until its input closes.
    let mut server = Program::new(repository().join("bin/pg"))
        .arg("run-tls")
        .arg(files.certificate)
        .arg(files.key)
        .args(&[&port, "sh", "-c", "echo \"$TEST_PG_URL\"; cat"])
        .start();
    let address = server.line_with("postgres://");
    Some((server, address))
}

fn admin(place: &Place, address: &str) -> Ended {
    todoke()
        .args(&["admin", "--database", address, "--key-file"])
        .arg(place.path("tls.key"))
        .args(&["addresses", "show"])
        .run()
}

#[test]
fn asvs_12_3_1_the_database_is_spoken_to_in_tls_and_its_certificate_checked() {
    let place = Place::sqlite();
    let authority = Authority::new();
    let Some((_server, address)) = server(&place, &authority) else {
        return;
    };
    let ours = authority.file(&place);
    let ours = ours.display();
    admin(
        &place,
        &format!("{address}?sslmode=verify-full&sslrootcert={ours}"),
    )
    .exits(0);
    admin(
        &place,
        &format!("{address}?sslrootcert={ours}&sslmode=require&connect_timeout=10"),
    )
    .exits(0);

    // The server refuses a plain connection, so the two above were not.
    admin(&place, &address).exits(1).says("no encryption");
    // Nobody whom the public authorities vouch for.
    for mode in ["require", "verify-ca", "verify-full"] {
        admin(&place, &format!("{address}?sslmode={mode}"))
            .exits(1)
            .says("UnknownIssuer");
    }
    let stranger = Place::sqlite();
    let theirs = Authority::new().file(&stranger);
    let theirs = theirs.display();
    admin(&place, &format!("{address}?sslmode=require&sslrootcert={theirs}")).exits(1);
    // The right authority, another name.
    let elsewhere = address.replace("127.0.0.1", "localhost");
    admin(&place, &format!("{elsewhere}?sslmode=require&sslrootcert={ours}"))
        .exits(1)
        .says("not valid for name");
}

#[test]
fn a_server_without_tls_is_not_spoken_to_in_the_clear_when_tls_was_asked_for() {
    let Ok(plain) = std::env::var("TEST_PG_URL") else {
        return;
    };
    let place = Place::sqlite();
    admin(&place, &format!("{plain}?sslmode=require"))
        .exits(1)
        .says("TLS");
}
