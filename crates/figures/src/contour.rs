//! Lines of equal value by marching squares.

use std::collections::BTreeMap;

use ndarray::ArrayView2;

use crate::geometry::Point;

/// An edge of the grid between neighbouring values, by the index of its lower left end and whether
/// it runs upwards.
type EdgeId = (usize, bool);

/// The lines on which the bilinear surface through `values` equals `level`, in grid coordinates
/// `(column, row)`. A line that closes ends where it begins.
pub(crate) fn contours(values: ArrayView2<'_, f64>, level: f64) -> Vec<Vec<Point>> {
    let mut neighbours: BTreeMap<EdgeId, Vec<EdgeId>> = BTreeMap::new();
    for (a, b) in segments(values, level) {
        neighbours.entry(a).or_default().push(b);
        neighbours.entry(b).or_default().push(a);
    }
    let mut lines = Vec::new();
    // Open lines from their ends first, then the closed ones from anywhere.
    for wanted in [1, 2] {
        let starts: Vec<EdgeId> = neighbours.keys().copied().collect();
        for start in starts {
            if neighbours[&start].len() == wanted {
                lines.push(walk(&mut neighbours, start));
            }
        }
    }
    lines
        .into_iter()
        .map(|line| line.into_iter().map(|e| crossing(values, level, e)).collect())
        .collect()
}

/// Follows segments from `start`, using each up.
fn walk(neighbours: &mut BTreeMap<EdgeId, Vec<EdgeId>>, start: EdgeId) -> Vec<EdgeId> {
    let mut line = vec![start];
    let mut here = start;
    while let Some(next) = neighbours.get_mut(&here).and_then(Vec::pop) {
        if let Some(back) = neighbours.get_mut(&next)
            && let Some(at) = back.iter().position(|e| *e == here)
        {
            back.remove(at);
        }
        line.push(next);
        here = next;
    }
    line
}

/// One or two segments for each cell that the level crosses.
fn segments(values: ArrayView2<'_, f64>, level: f64) -> Vec<(EdgeId, EdgeId)> {
    let (rows, columns) = values.dim();
    let mut segments = Vec::new();
    for j in 0..rows.saturating_sub(1) {
        for i in 0..columns.saturating_sub(1) {
            let id = |i: usize, j: usize| j * columns + i;
            let corner = |i: usize, j: usize| values[[j, i]] > level;
            let corners = [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
            let [bottom, right, top, left] =
                [(id(i, j), false), (id(i + 1, j), true), (id(i, j + 1), false), (id(i, j), true)];
            let edges = [bottom, right, top, left];
            let crossed: Vec<EdgeId> =
                (0..4).filter(|&k| corners[k] != corners[(k + 1) % 4]).map(|k| edges[k]).collect();
            match crossed[..] {
                [a, b] => segments.push((a, b)),
                [..] if crossed.len() == 4 => {
                    // A saddle: the middle decides which corners hang together.
                    let middle = (values[[j, i]]
                        + values[[j, i + 1]]
                        + values[[j + 1, i]]
                        + values[[j + 1, i + 1]])
                        / 4.0;
                    if (middle > level) == corners[0] {
                        segments.extend([(bottom, right), (top, left)]);
                    } else {
                        segments.extend([(left, bottom), (right, top)]);
                    }
                }
                _ => {}
            }
        }
    }
    segments
}

/// Where on an edge the level lies.
fn crossing(values: ArrayView2<'_, f64>, level: f64, (id, upwards): EdgeId) -> Point {
    let columns = values.ncols();
    let (i, j) = (id % columns, id / columns);
    let here = values[[j, i]];
    let there = if upwards { values[[j + 1, i]] } else { values[[j, i + 1]] };
    let t = ((level - here) / (there - here)).clamp(0.0, 1.0);
    if upwards { (i as f64, j as f64 + t) } else { (i as f64 + t, j as f64) }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn the_contour_of_a_cone_is_one_closed_circle() {
        let cone =
            Array2::from_shape_fn((41, 41), |(j, i)| (i as f64 - 20.0).hypot(j as f64 - 20.0));
        let lines = contours(cone.view(), 12.5);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        for (x, y) in &lines[0] {
            // Linear interpolation of a distance is off by at most 1/(8 r) of a cell.
            assert!(((x - 20.0).hypot(y - 20.0) - 12.5).abs() < 0.011);
        }
    }

    #[test]
    fn the_contour_of_a_slope_runs_from_edge_to_edge() {
        let slope = Array2::from_shape_fn((3, 4), |(j, _)| j as f64);
        let lines = contours(slope.view(), 0.25);
        assert_eq!(lines, [vec![(0.0, 0.25), (1.0, 0.25), (2.0, 0.25), (3.0, 0.25)]]);
    }

    #[test]
    fn a_saddle_gives_two_lines() {
        let saddle = ndarray::array![[1.0, 0.0], [0.0, 1.0]];
        assert_eq!(contours(saddle.view(), 0.6).len(), 2);
        assert_eq!(contours(saddle.view(), 0.4).len(), 2);
    }

    #[test]
    fn a_level_that_is_not_reached_has_no_line() {
        assert!(contours(Array2::zeros((4, 4)).view(), 1.0).is_empty());
    }
}
