//! Serving the browser bundle: compressed, and kept by browsers for ever, since every name carries a hash of
//! the contents.

use std::borrow::Cow;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::EmbeddedFile;

use super::Bundle;

/// How a file can be encoded, the best first, and what the name of the encoded file ends in.
const ENCODINGS: &[(&str, &str)] = &[("br", ".br"), ("gzip", ".gz")];

/// Where the files are.
pub const PATH: &str = "/assets/{name}";

/// Serves the files.
pub fn router(bundle: Bundle) -> Router {
    Router::new().route(PATH, get(serve)).with_state(bundle)
}

async fn serve(State(bundle): State<Bundle>, Path(name): Path<String>, request: HeaderMap) -> Response {
    let (Some(content_type), Some(plain)) = (content_type(&name), bundle.file(&name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (encoding, file) = ENCODINGS
        .iter()
        .filter(|(encoding, _)| accepts(&request, encoding))
        .find_map(|(encoding, ending)| Some((Some(*encoding), bundle.file(&format!("{name}{ending}"))?)))
        .unwrap_or((None, plain));

    let tag = entity_tag(&file);
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(header::ETAG, tag.clone());
    if request.get(header::IF_NONE_MATCH) == Some(&tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    (headers, body(file.data)).into_response()
}

/// The types the bundle consists of. Anything else, such as a compressed file by its own name, is
/// not served.
fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "wasm" => Some("application/wasm"),
        "woff2" => Some("font/woff2"),
        _ => None,
    }
}

/// Whether the browser takes an encoding. A weight of zero refuses it, and `*` stands for those
/// that are not named.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let offers = || {
        let values = request.get_all(header::ACCEPT_ENCODING).into_iter();
        values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','))
    };
    let weight_of = |wanted: &str| {
        offers().find_map(|offer| {
            let (name, parameters) = offer.split_once(';').unwrap_or((offer, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse().ok());
            name.trim().eq_ignore_ascii_case(wanted).then_some(weight.unwrap_or(0.0))
        })
    };
    weight_of(encoding).or_else(|| weight_of("*")).is_some_and(|weight: f32| weight > 0.0)
}

/// Different for each encoding of a file, as caches require.
fn entity_tag(file: &EmbeddedFile) -> HeaderValue {
    let hash = file.metadata.sha256_hash();
    let hex: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{hex}\"")).expect("hex digits make a valid header")
}

fn body(data: Cow<'static, [u8]>) -> axum::body::Body {
    match data {
        Cow::Borrowed(bytes) => bytes.into(),
        Cow::Owned(bytes) => bytes.into(),
    }
}
