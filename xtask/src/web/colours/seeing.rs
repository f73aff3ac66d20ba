//! Colours as screens show them, and as people see them.

use std::str::FromStr;

type Matrix = [[f64; 3]; 3];

/// The usual vision, and those that lack one kind of cones, as Machado, Oliveira and Fernandes have modelled them
/// (2009, severity 1.0, linear sRGB).
pub const KINDS_OF_VISION: [(&str, Matrix); 4] = [
    ("usual", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

/// Ottosson's OKLab: <https://bottosson.github.io/posts/oklab/>.
const LAB_TO_CONES: Matrix = [
    [1.0, 0.396_337_777_4, 0.215_803_757_3],
    [1.0, -0.105_561_345_8, -0.063_854_172_8],
    [1.0, -0.089_484_177_5, -1.291_485_548_0],
];
const CONES_TO_RGB: Matrix = [
    [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
    [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
    [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
];
const RGB_TO_CONES: Matrix = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];
const CONES_TO_LAB: Matrix = [
    [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
    [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
    [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
];

/// A colour in linear sRGB.
#[derive(Debug, Clone, Copy)]
pub struct Colour([f64; 3]);

impl FromStr for Colour {
    type Err = ();

    /// Reads what stands in `oklch(...)`: `51% 0.13 256`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let numbers: Result<Vec<f64>, _> =
            text.split(' ').map(|number| number.trim_end_matches('%').parse()).collect();
        let [lightness, chroma, hue] = numbers.map_err(|_| ())?[..] else { return Err(()) };
        let (sine, cosine) = hue.to_radians().sin_cos();
        let cones = apply(&LAB_TO_CONES, [lightness / 100.0, chroma * cosine, chroma * sine]);
        Ok(Colour(apply(&CONES_TO_RGB, cones.map(|cone| cone.powi(3)))))
    }
}

impl Colour {
    /// Whether screens can show it, but for what is lost in rounding to 8 bits.
    pub fn is_in_srgb(&self) -> bool {
        self.0.iter().all(|part| (-0.000_2..=1.000_2).contains(part))
    }

    /// As it looks to a kind of vision.
    pub fn seen(&self, vision: Matrix) -> Colour {
        Colour(apply(&vision, self.0).map(|part| part.clamp(0.0, 1.0)))
    }

    /// How far apart two colours are: their distance in OKLab, times 100.
    pub fn difference(&self, other: &Colour) -> f64 {
        let (a, b) = (self.lab(), other.lab());
        100.0 * (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f64>().sqrt()
    }

    /// The contrast by the WCAG, from 1 to 21.
    pub fn contrast(&self, other: &Colour) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn lab(&self) -> [f64; 3] {
        apply(&CONES_TO_LAB, apply(&RGB_TO_CONES, self.0).map(f64::cbrt))
    }

    fn luminance(&self) -> f64 {
        let [red, green, blue] = self.0;
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

fn apply(matrix: &Matrix, [x, y, z]: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * x + row[1] * y + row[2] * z)
}

#[test]
fn colours_are_what_they_are_elsewhere() {
    let colour = |text: &str| text.parse::<Colour>().unwrap();
    let (white, black) = (colour("100% 0 0"), colour("0% 0 0"));
    assert!((white.contrast(&black) - 21.0).abs() < 0.001);
    assert!((white.difference(&black) - 100.0).abs() < 0.001);
    // CSS Color 4 gives this for `red`.
    let red = colour("62.7955% 0.257683 29.2339");
    assert!(red.0.iter().zip([1.0, 0.0, 0.0]).all(|(part, of_red)| (part - of_red).abs() < 0.001), "{red:?}");
    assert!(!colour("62.8% 0.3 29.2").is_in_srgb());
}
