fn main() {
    let l = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let p = certificate::Paper {
        title: "療養証明書".into(), number: "第1234-5678-1号".into(), date: "発行 2026年11月29日".into(),
        statement: "次の方が、新型コロナウイルス感染症の患者として療養したことを証明します。".into(),
        lines: vec![l("氏名", "髙橋 﨑子"), l("生年月日", "1985年4月3日"), l("療養した期間", "2026年11月10日から2026年11月20日まで"), l("診断した医療機関", "医療法人みどり会 とても長い名前の病院ですので二行になるはずのみどり診療所（Midori Clinic International）")],
        issuer: "みどり県".into(),
        notes: vec!["療養した期間は、届出と療養の記録によります。".into(), "この証明書は、人にうつすおそれがなくなったことを示すものではありません。".into()],
        address: "https://sms.pref.example.lg.jp/v/ABCDEFGHJKLMNPQRSTUVWX".into(),
        check: "この証明書が正しいものかは、二次元コード、または次のページで確かめられます。".into(),
    };
    std::fs::write("/tmp/show.pdf", certificate::pdf(&p)).unwrap();
}
