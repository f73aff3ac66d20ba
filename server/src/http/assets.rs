//! The browser bundle, as the build script left it: served compressed, and kept by browsers for
//! ever, since every name carries a hash of the contents.

use std::borrow::Cow;

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::{Embed, EmbeddedFile};

/// In release builds the files are part of the program. In development they are read from disk on
/// each request, so that `cargo xtask dev` can replace the CSS under a running build.
#[derive(Embed)]
#[folder = "$OUT_DIR/web"]
struct Web;

/// How a file can be encoded, the best first, and what the name of the encoded file ends in.
const ENCODINGS: &[(&str, &str)] = &[("br", ".br"), ("gzip", ".gz")];

/// Serves `/assets/{name}`.
pub fn router() -> Router {
    Router::new().route("/assets/{name}", get(serve))
}

/// What Leptos calls `output_name`. `None` when the program was built without its browser half.
pub fn web_name() -> Option<&'static str> {
    Some(env!("TACHO_WEB_NAME")).filter(|name| !name.is_empty())
}

/// Where browsers find the style sheet.
pub fn css_path() -> Option<String> {
    Web::iter().find(|name| name.ends_with(".css")).map(|name| format!("/assets/{name}"))
}

/// Names the built files: another build has another name.
pub fn build() -> String {
    format!("{} {}", web_name().unwrap_or_default(), css_path().unwrap_or_default())
}

async fn serve(Path(name): Path<String>, request: HeaderMap) -> Response {
    let (Some(content_type), Some(plain)) = (content_type(&name), Web::get(&name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (encoding, file) = ENCODINGS
        .iter()
        .filter(|(encoding, _)| accepts(&request, encoding))
        .find_map(|(encoding, ending)| Some((Some(*encoding), Web::get(&format!("{name}{ending}"))?)))
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

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn ask(method: &str, path: &str, with: &[(header::HeaderName, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in with {
            request = request.header(name, *value);
        }
        router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn encoding_for(accepted: &str) -> Option<String> {
        let response = ask("GET", &css_path().unwrap(), &[(header::ACCEPT_ENCODING, accepted)]).await;
        let encoding = response.headers().get(header::CONTENT_ENCODING)?;
        Some(encoding.to_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn the_style_sheet_may_be_kept_for_ever() {
        let response = ask("GET", &css_path().unwrap(), &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(response.headers()[header::VARY], "Accept-Encoding");
        assert!(response.headers().contains_key(header::ETAG));
    }

    #[tokio::test]
    async fn brotli_is_preferred_then_gzip_and_a_refusal_is_respected() {
        assert_eq!(encoding_for("gzip, deflate, br, zstd").await.as_deref(), Some("br"));
        assert_eq!(encoding_for("gzip").await.as_deref(), Some("gzip"));
        assert_eq!(encoding_for("br;q=0, gzip;q=0.5").await.as_deref(), Some("gzip"));
        assert_eq!(encoding_for("br; q=0.0, *").await.as_deref(), Some("gzip"));
        assert_eq!(encoding_for("*;q=0").await, None);
        assert_eq!(encoding_for("identity").await, None);
    }

    #[tokio::test]
    async fn the_compressed_file_holds_the_plain_one() {
        let path = css_path().unwrap();
        let plain = ask("GET", &path, &[]).await.into_body().collect().await.unwrap().to_bytes();
        let response = ask("GET", &path, &[(header::ACCEPT_ENCODING, "gzip")]).await;
        let packed = response.into_body().collect().await.unwrap().to_bytes();

        let mut unpacked = Vec::new();
        std::io::copy(&mut flate2::read::GzDecoder::new(&packed[..]), &mut unpacked).unwrap();
        assert_eq!(unpacked, plain);
    }

    #[tokio::test]
    async fn head_gives_the_headers_alone() {
        let response = ask("HEAD", &css_path().unwrap(), &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.headers().contains_key(header::CONTENT_LENGTH));
        assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
    }

    #[tokio::test]
    async fn a_file_the_browser_has_is_not_sent_again() {
        let path = css_path().unwrap();
        let tag = ask("GET", &path, &[]).await.headers()[header::ETAG].clone();
        let again = ask("GET", &path, &[(header::IF_NONE_MATCH, tag.to_str().unwrap())]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn nothing_else_is_served() {
        assert_eq!(ask("GET", "/assets/absent.css", &[]).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(ask("GET", "/assets/..%2Fabsent.css", &[]).await.status(), StatusCode::NOT_FOUND);
        let compressed = format!("{}.br", css_path().unwrap());
        assert_eq!(ask("GET", &compressed, &[]).await.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn the_names_leptos_asks_for_exist() {
        let Some(name) = web_name() else { return };
        let js = ask("GET", &format!("/assets/{name}.js"), &[]).await;
        assert_eq!(js.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        let wasm = ask("GET", &format!("/assets/{name}_bg.wasm"), &[]).await;
        assert_eq!(wasm.headers()[header::CONTENT_TYPE], "application/wasm");
    }
}
