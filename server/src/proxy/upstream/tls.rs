//! Whose certificates are trusted on the way to the API.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::UpstreamError;

/// TLS to `address`, trusting the system's certificates and those in a file.
pub fn tls(address: &str, ca_file: Option<&Path>) -> Result<rustls::ClientConfig, UpstreamError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut extra = Vec::new();
    if let Some(path) = ca_file {
        let wrong = |reason: String| UpstreamError::Certificates { path: path.display().to_string(), reason };
        let read = CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?;
        extra = read.collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
        if extra.is_empty() {
            return Err(wrong("there is no certificate in it".to_owned()));
        }
    }
    config(provider, extra).map_err(|_| UpstreamError::NoRoots(address.to_owned()))
}

fn config(
    provider: Arc<CryptoProvider>,
    extra: Vec<CertificateDer<'static>>,
) -> Result<rustls::ClientConfig, rustls::Error> {
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider.clone())?;
    let config =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    // "Dangerous" is what rustls calls any verifier that is not its own; this is the system's.
    Ok(config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}
