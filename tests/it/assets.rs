//! `/assets`: the browser bundle, as browsers ask for it.

use reqwest::Method;

use crate::harness::client::Reply;
use crate::harness::tacho::Tacho;

async fn ask(tacho: &Tacho, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
    tacho.admin.send(method, path, headers, Vec::new()).await
}

fn css() -> String {
    tacho::bundle().css_path().expect("a style sheet")
}

#[tokio::test]
async fn the_style_sheet_may_be_kept_for_ever() {
    let tacho = Tacho::at_noon().await;
    let reply = ask(&tacho, Method::GET, &css(), &[]).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(reply.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(reply.header("vary"), "Accept-Encoding");
    let tag = reply.header("etag");
    let again = ask(&tacho, Method::GET, &css(), &[("if-none-match", tag)]).await;
    assert_eq!(again.status, 304, "a file the browser has is not sent again");

    let head = ask(&tacho, Method::HEAD, &css(), &[]).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), reply.body.len().to_string());
}

#[tokio::test]
async fn the_style_sheet_names_fonts_that_may_be_kept_for_ever() {
    let tacho = Tacho::at_noon().await;
    let (person, cookie) = tacho.signed_in().await;
    let page = person.send(Method::GET, "/", &[("cookie", &cookie)], Vec::new()).await;
    assert!(page.header("content-security-policy").contains("font-src 'self';"), "pages may load them");

    let sheet = ask(&tacho, Method::GET, &css(), &[]).await;
    let sheet = String::from_utf8(sheet.body.to_vec()).unwrap();
    let named: Vec<&str> = sheet.split("url(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!named.is_empty());
    for path in named {
        let reply = ask(&tacho, Method::GET, path, &[("accept-encoding", "br, gzip")]).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("content-type"), "font/woff2");
        assert_eq!(reply.header("content-encoding"), "", "it is compressed as it is");
        assert_eq!(reply.header("cache-control"), "public, max-age=31536000, immutable");
        assert!(reply.body.starts_with(b"wOF2"), "{path}");
    }
}

#[tokio::test]
async fn brotli_is_preferred_then_gzip_and_a_refusal_is_respected() {
    let tacho = Tacho::at_noon().await;
    for (accepted, encoding) in [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br; q=0.0, *", "gzip"),
        ("*;q=0", ""),
        ("identity", ""),
    ] {
        let reply = ask(&tacho, Method::GET, &css(), &[("accept-encoding", accepted)]).await;
        assert_eq!(reply.header("content-encoding"), encoding, "{accepted}");
    }
}

#[tokio::test]
async fn the_compressed_file_holds_the_plain_one() {
    let tacho = Tacho::at_noon().await;
    let plain = ask(&tacho, Method::GET, &css(), &[]).await.body;
    let packed = ask(&tacho, Method::GET, &css(), &[("accept-encoding", "gzip")]).await.body;
    let mut unpacked = Vec::new();
    std::io::copy(&mut flate2::read::GzDecoder::new(&packed[..]), &mut unpacked).unwrap();
    assert_eq!(unpacked, plain);
}

#[tokio::test]
async fn nothing_else_is_served() {
    let tacho = Tacho::at_noon().await;
    for path in ["/assets/absent.css", "/assets/..%2Fabsent.css", &format!("{}.br", css())] {
        assert_eq!(ask(&tacho, Method::GET, path, &[]).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_script_of_pages_and_what_it_loads_exist() {
    let Some(script) = tacho::bundle().script_path() else {
        crate::harness::skip("the bundle was left out (TACHO_SKIP_WEB)");
        return;
    };
    let tacho = Tacho::at_noon().await;
    let (person, cookie) = tacho.signed_in().await;
    let page = person.send(Method::GET, "/", &[("cookie", &cookie)], Vec::new()).await;
    assert!(page.text.contains(&format!("<script type=\"module\" src=\"{script}\">")), "{}", page.text);
    let js = ask(&tacho, Method::GET, &script, &[]).await;
    assert_eq!(js.header("content-type"), "text/javascript; charset=utf-8");
    let loads = js.text.split('"').chain(js.text.split('\'')).find(|word| word.ends_with(".wasm"));
    let wasm = loads.map(|name| name.rsplit('/').next().unwrap_or_default());
    let wasm = format!("/assets/{}", wasm.expect("the script loads WebAssembly"));
    let wasm = ask(&tacho, Method::GET, &wasm, &[]).await;
    assert_eq!((wasm.status.as_u16(), wasm.header("content-type")), (200, "application/wasm"));
}
