//! The face that figures are set in, as a browser loads and measures it.

use crate::harness::browser::{Look, browse};
use crate::harness::tacho::Tacho;

#[tokio::test]
async fn figures_have_one_width_in_every_weight() {
    let tacho = Tacho::now().await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        let loaded = "return Promise.all([400, 700].map(weight => document.fonts.load(`${weight} 16px 'Tacho Figures'`, '0')))\
            .then(faces => faces.flat().map(face => face.status).join(' '))";
        assert_eq!(page.script(loaded).await, "loaded loaded");

        // In thousandths of an em.
        let widths = "const context = document.createElement('canvas').getContext('2d'); const widths = new Set(); \
            for (const weight of [400, 700]) { context.font = `${weight} 1000px 'Tacho Figures', monospace`; \
            for (const digit of '0123456789') widths.add(Math.round(context.measureText(digit).width)) } \
            return [...widths].join(' ')";
        assert_eq!(page.script(widths).await, "650");
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}
