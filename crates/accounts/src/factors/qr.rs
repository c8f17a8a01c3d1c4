//! A QR code as an inline SVG element: no image to fetch, nothing for a script to do.

use std::fmt::Write as _;

use askama::filters::HtmlSafe;
use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around the code, as the standard asks for.
const BORDER: i32 = 4;

/// The drawing, as a template writes it.
#[derive(Clone, Debug)]
pub(crate) struct QrSvg(String);

impl std::fmt::Display for QrSvg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

// Nothing of the text is in it as text, and `label` is one of ours.
impl HtmlSafe for QrSvg {}

/// The code that says `text`, or nothing if it is too long for one.
pub(crate) fn svg(text: &str, label: &'static str) -> Option<QrSvg> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in 0..code.size() {
            if code.get_module(x, y) {
                write!(path, "M{} {}h1v1h-1z", x + BORDER, y + BORDER)
                    .expect("writing to a String does not fail");
            }
        }
    }
    let side = code.size() + 2 * BORDER;
    Some(QrSvg(format!(
        r#"<svg class="qr" role="img" aria-label="{label}" viewBox="0 0 {side} {side}" width="240" height="240" shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="white"></rect><path d="{path}" fill="black"></path></svg>"#
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_and_too_long_a_text_is_not() {
        let drawn = svg("otpauth://totp/x", "QR").map(|drawn| drawn.to_string());
        assert!(drawn.is_some_and(|svg| svg.starts_with("<svg") && svg.contains("h1v1h-1z")));
        assert!(svg(&"x".repeat(5_000), "QR").is_none());
    }
}
