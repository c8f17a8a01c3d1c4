use proptest::prelude::*;

use super::*;

fn caption() -> Caption {
    Caption {
        id: "one",
        title: "日ごとの人数".to_owned(),
        description: "最も多い日は<3日>です。".to_owned(),
    }
}

/// No two labels lie on each other, none leaves the picture, every number is one.
fn is_legible(chart: &Chart) {
    let texts = chart.texts();
    for (at, one) in texts.iter().enumerate() {
        let inside =
            one[0] >= -0.5 && one[2] <= WIDTH + 0.5 && one[1] >= -0.5 && one[3] <= chart.canvas.height + 0.5;
        assert!(inside, "{one:?} in {chart}");
        for other in &texts[at + 1..] {
            let apart = one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1];
            assert!(apart, "{one:?} {other:?} in {chart}");
        }
    }
    let svg = chart.to_string();
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    assert!(!svg.contains(r#"="-"#), "nothing has a size below nothing: {svg}");
}

fn columns(numbers: &[u64], incomplete: usize) -> Chart {
    let labelled = numbers.iter().enumerate();
    let labelled = labelled.map(|(at, number)| (format!("{}/{}", 10 + at / 28 % 3, at % 28 + 1), *number));
    Columns::new(caption(), "届いた人", labelled.collect())
        .incomplete(incomplete, "今後増える日")
        .curve(numbers.iter().map(|_| Some(f64::NAN)).collect(), "7日間の平均")
        .draw()
}

#[test]
fn a_chart_says_in_words_what_it_shows() {
    let svg = columns(&[3, 1, 4], 1).to_string();
    assert!(svg.contains(r#"role="img" aria-labelledby="one-title" aria-describedby="one-desc""#));
    assert!(svg.contains("<title id=\"one-title\">日ごとの人数</title>"));
    assert!(svg.contains("最も多い日は&lt;3日&gt;です。"), "{svg}");
    assert!(
        svg.contains(r#"fill="url(#one-hatched)""#),
        "what will grow differs by more than colour"
    );
    assert!(!svg.contains("style="), "the headers forbid it");
}

#[test]
fn nothing_at_all_is_a_chart_too() {
    is_legible(&columns(&[], 0));
    is_legible(&columns(&[0; 7], 3));
    is_legible(&Bars::new(caption(), vec![], vec![]).draw());
    is_legible(&Spans::new(caption(), ["半数", "9割", "24時間"], 1_440, vec![]).draw());
    is_legible(&Heat::new(caption(), vec![], vec![]).draw());
}

proptest! {
    #[test]
    fn columns_are_legible(numbers in prop::collection::vec(0..2_000_000_u64, 0..120), incomplete in 0..9_usize) {
        is_legible(&columns(&numbers, incomplete));
    }

    #[test]
    fn bars_are_legible(
        rows in prop::collection::vec(("[あ-ん]{1,20}", prop::collection::vec(0..2_000_000_u64, 4)), 0..18),
    ) {
        let kinds = [Fill::Solid, Fill::Hatched, Fill::Dotted, Fill::Ruled];
        let bar = |(label, numbers): &(String, Vec<u64>)| Bar {
            label: label.clone(),
            parts: kinds.into_iter().zip(numbers.iter().copied()).collect(),
            text: format!("{}人", crate::number::grouped(numbers.iter().sum::<u64>())),
        };
        let legend = kinds.map(|kind| (kind, "電話リストで待っている".to_owned())).to_vec();
        is_legible(&Bars::new(caption(), legend, rows.iter().map(bar).collect()).draw());
    }

    #[test]
    fn spans_are_legible(
        rows in prop::collection::vec(("[あ-ん]{1,9}", prop::option::of(0..90_000_u32), prop::option::of(0..90_000_u32)), 0..18),
    ) {
        let span = |(label, one, other): &(String, Option<u32>, Option<u32>)| Span {
            label: label.clone(),
            middle: *one,
            most: other.map(|other| other.max(one.unwrap_or(0))),
            text: "99.9%".to_owned(),
        };
        let words = ["半数が連絡のついた時間", "9割まで", "24時間"];
        is_legible(&Spans::new(caption(), words, 1_440, rows.iter().map(span).collect()).draw());
    }

    #[test]
    fn heat_is_legible(numbers in prop::collection::vec(0..3_000_000_u64, 168)) {
        let week = ["月", "火", "水", "木", "金", "土", "日"].map(str::to_owned).to_vec();
        let rows = numbers.chunks(7).enumerate();
        let rows = rows.map(|(hour, row)| (format!("{hour}時"), row.to_vec())).collect();
        is_legible(&Heat::new(caption(), week, rows).draw());
    }
}
