//! One measure over time: a stack of models in every bucket, under the lines of the limits that compare.

use std::collections::BTreeMap;

use plotters::prelude::*;

use super::axis::{AmountAxis, TimeAxis};
use super::backend::{SCALE, SvgClasses, Token};
use super::colors;
use crate::api::chart::{Chart, LimitLine};

/// Series with a colour of their own; the rest is drawn as one.
pub const MOST_SERIES: usize = colors::COLORS;

const LEFT: i32 = 52;
const BOTTOM: i32 = 24;
const TOP: i32 = 10;
const RIGHT: i32 = 12;

/// A drawing, and where its plot lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// SVG elements, without the `<svg>` around them.
    pub svg: String,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Left and right edge of the plot, pixels.
    pub x: (i32, i32),
    /// Top and bottom edge of the plot, pixels.
    pub y: (i32, i32),
}

/// The colour of each series that has one of its own.
pub fn colors(chart: &Chart) -> Vec<u8> {
    let names = chart.series.groups.iter().take(MOST_SERIES);
    let names: Vec<&str> = names.map(|group| group.key.values().next().map_or("", String::as_str)).collect();
    colors::colors(&names)
}

/// Buckets of a chart: start, and the values of the drawn series.
pub fn buckets(chart: &Chart) -> BTreeMap<i64, Vec<f64>> {
    let series = chart.series.groups.len().min(MOST_SERIES + 1);
    let mut buckets: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (index, group) in chart.series.groups.iter().enumerate() {
        for (at, value) in &group.points {
            let values = buckets.entry(*at).or_insert_with(|| vec![0.0; series]);
            values[index.min(series - 1)] += value;
        }
    }
    buckets
}

/// Whether a limit's line is in the picture. One far above what is used would press the use flat.
pub fn is_drawn(chart: &Chart, line: &LimitLine) -> bool {
    let highest = highest(chart);
    highest == 0.0 || line.amount <= highest * 4.0
}

fn highest(chart: &Chart) -> f64 {
    buckets(chart).values().map(|values| values.iter().sum()).fold(0.0, f64::max)
}

/// Draws a chart in so many pixels.
pub fn draw(chart: &Chart, width: u32, height: u32) -> Drawing {
    let series = &chart.series;
    let buckets = buckets(chart);
    let highest = highest(chart);
    let lines: Vec<_> = chart.lines.iter().filter(|line| is_drawn(chart, line)).collect();
    let highest = lines.iter().map(|line| line.amount * 1.05).fold(highest, f64::max);
    let mut svg = String::new();
    let root = SvgClasses::new(&mut svg, width, height).into_drawing_area();
    let time =
        TimeAxis { range: series.from..series.to, zone: &chart.zone, labels: i64::from(width / 90).max(2) };
    let amounts = AmountAxis::new(highest, &series.unit);
    let top = amounts.top;
    // Drawing into a string cannot fail.
    let _ = (|| {
        let mut chart_area = ChartBuilder::on(&root)
            .margin_top(TOP * SCALE)
            .margin_right(RIGHT * SCALE)
            .x_label_area_size(BOTTOM * SCALE)
            .y_label_area_size(LEFT * SCALE)
            .build_cartesian_2d(time, amounts)?;
        chart_area
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(Token::Grid.color())
            .axis_style(Token::Grid.color())
            .label_style(("sans-serif", 11 * SCALE).into_font().color(&Token::Label.color()))
            .draw()?;
        let gap = if series.step_s * i64::from(width) / (series.to - series.from).max(1) > 4 {
            series.step_s / 8
        } else {
            0
        };
        let colors = colors(chart);
        for place in 0..chart.series.groups.len().min(MOST_SERIES + 1) {
            let color = colors.get(place).copied().unwrap_or(MOST_SERIES as u8);
            chart_area.draw_series(buckets.iter().map(|(at, values)| {
                let below: f64 = values[..place].iter().sum();
                let partial = series.partial && at + series.step_s >= series.to;
                let token = if partial { Token::Partial(color) } else { Token::Series(color) };
                let corners = [(at + gap, below + values[place]), (at + series.step_s - gap, below)];
                Rectangle::new(corners, token.color().filled())
            }))?;
        }
        for line in &lines {
            let warn = line.amount * f64::from(line.warn_percent) / 100.0;
            let across = |amount: f64| [(series.from, amount), (series.to, amount)];
            if warn <= top {
                chart_area.draw_series(LineSeries::new(across(warn), Token::Warn.color()))?;
            }
            if line.amount <= top {
                chart_area.draw_series(LineSeries::new(across(line.amount), Token::Limit.color()))?;
            }
        }
        root.present()
    })();
    drop(root);
    Drawing {
        svg,
        size: (width, height),
        x: (LEFT, width.cast_signed() - RIGHT),
        y: (TOP, height.cast_signed() - BOTTOM),
    }
}

#[cfg(test)]
mod tests {
    use vocabulary::Measure;

    use super::*;
    use crate::api::series::{Group, Series};
    use crate::api::zone::Zone;

    fn chart() -> Chart {
        let group = |model: &str, points: &[(i64, f64)]| Group {
            key: [("model".to_owned(), model.to_owned())].into(),
            total: points.iter().map(|point| point.1).sum(),
            points: points.to_vec(),
        };
        Chart {
            series: Series {
                measure: Measure::Requests,
                unit: "requests".to_owned(),
                step_s: 60,
                from: 1_795_000_020,
                to: 1_795_000_320,
                partial: true,
                groups: vec![
                    group("a", &[(1_795_000_020, 40.0), (1_795_000_140, 30.0), (1_795_000_260, 8.0)]),
                    group("b", &[(1_795_000_020, 12.0)]),
                ],
            },
            lines: vec![LimitLine { name: "Requests".to_owned(), amount: 60.0, warn_percent: 80 }],
            unpriced_requests: 0,
            unknown_usage_requests: 0,
            as_of_ms: 0,
            zone: Zone { name: "UTC".to_owned(), offsets: Vec::new() },
        }
    }

    #[test]
    fn a_chart_is_classes_not_colours() {
        insta::assert_snapshot!(
            draw(&chart(), 400, 200).svg.replace("/><", "/>\n<").replace("text><", "text>\n<")
        );
    }

    #[test]
    fn an_empty_chart_has_axes_and_no_series() {
        let mut empty = chart();
        empty.series.groups.clear();
        let svg = draw(&empty, 400, 200).svg;
        assert!(svg.contains("class=\"label\"") && !svg.contains("class=\"s"), "{svg}");
    }

    #[test]
    fn what_has_no_colour_of_its_own_is_drawn_as_one() {
        let mut many = chart();
        many.series.groups = (0..12).map(|_| many.series.groups[0].clone()).collect();
        let first = buckets(&many).into_values().next().expect("a bucket");
        assert_eq!(first.len(), MOST_SERIES + 1);
        assert_eq!(first[MOST_SERIES], 40.0 * 4.0);
    }
}
