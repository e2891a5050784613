//! Plane geometry in page units: cutting to a rectangle, dashing, thinning.

/// A point in page units, y downwards.
pub(crate) type Point = (f64, f64);

/// An upright rectangle in page units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub(crate) fn contains(&self, (x, y): Point) -> bool {
        let slack = 1e-6;
        x >= self.x - slack
            && x <= self.right() + slack
            && y >= self.y - slack
            && y <= self.bottom() + slack
    }

    pub(crate) fn corners(&self) -> Vec<Point> {
        let (left, top, right, bottom) = (self.x, self.y, self.right(), self.bottom());
        vec![(left, top), (right, top), (right, bottom), (left, bottom)]
    }

    pub(crate) fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }
}

/// The pieces of a polyline inside `rect` (Liang and Barsky 1984, segment by segment).
pub(crate) fn clip_line(points: &[Point], rect: &Rect) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let Some((a, b)) = clip_segment(pair[0], pair[1], rect) else {
            open = false;
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if open => piece.push(b),
            _ => pieces.push(vec![a, b]),
        }
        open = b == pair[1];
    }
    pieces
}

fn clip_segment(a: Point, b: Point, rect: &Rect) -> Option<(Point, Point)> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for (step, room) in [
        (-dx, a.0 - rect.x),
        (dx, rect.right() - a.0),
        (-dy, a.1 - rect.y),
        (dy, rect.bottom() - a.1),
    ] {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            enter = enter.max(room / step);
        } else {
            leave = leave.min(room / step);
        }
    }
    if enter > leave {
        return None;
    }
    let at = |t: f64| (a.0 + t * dx, a.1 + t * dy);
    let start = if enter == 0.0 { a } else { at(enter) };
    let end = if leave == 1.0 { b } else { at(leave) };
    Some((start, end))
}

/// The part of a polygon inside `rect` (Sutherland and Hodgman 1974).
pub(crate) fn clip_polygon(points: &[Point], rect: &Rect) -> Vec<Point> {
    type Distance = fn(Point, &Rect) -> f64;
    let sides: [Distance; 4] =
        [|p, r| p.0 - r.x, |p, r| r.right() - p.0, |p, r| p.1 - r.y, |p, r| r.bottom() - p.1];
    let mut polygon = points.to_vec();
    for inside in sides {
        let mut kept = Vec::with_capacity(polygon.len() + 4);
        for (i, &b) in polygon.iter().enumerate() {
            let a = polygon[(i + polygon.len() - 1) % polygon.len()];
            let (da, db) = (inside(a, rect), inside(b, rect));
            if (da < 0.0) != (db < 0.0) {
                let t = da / (da - db);
                kept.push((a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1)));
            }
            if db >= 0.0 {
                kept.push(b);
            }
        }
        polygon = kept;
    }
    polygon
}

/// Cuts a polyline into dashes of length `on` with gaps of length `off`.
pub(crate) fn dash(points: &[Point], on: f64, off: f64) -> Vec<Vec<Point>> {
    let mut dashes = Vec::new();
    let mut current: Vec<Point> = points.first().copied().into_iter().collect();
    let (mut drawing, mut left) = (true, on);
    for pair in points.windows(2) {
        let (mut a, b) = (pair[0], pair[1]);
        loop {
            let length = (b.0 - a.0).hypot(b.1 - a.1);
            if length <= left {
                left -= length;
                if drawing {
                    current.push(b);
                }
                break;
            }
            let t = left / length;
            a = (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
            if drawing {
                current.push(a);
                dashes.push(std::mem::take(&mut current));
            } else {
                current = vec![a];
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
        }
    }
    if drawing && current.len() > 1 {
        dashes.push(current);
    }
    dashes
}

/// Leaves out points that lie within `spacing` of the last one kept; the ends stay.
pub(crate) fn thin(points: &[Point], spacing: f64) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    for (i, &point) in points.iter().enumerate() {
        let far =
            kept.last().is_none_or(|last| (point.0 - last.0).hypot(point.1 - last.1) >= spacing);
        if far || i + 1 == points.len() {
            kept.push(point);
        }
    }
    kept
}

/// Moves positions apart to at least `gap`, as little as possible, within `[low, high]`.
///
/// Positions that touch are pooled into blocks around their mean (isotonic regression), so the
/// order stays and the total squared displacement is the least.
pub(crate) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]).then(a.cmp(&b)));
    // In coordinates from which the gaps are subtracted, the answer is the isotonic fit.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (rank, &i) in order.iter().enumerate() {
        blocks.push((wanted[i] - rank as f64 * gap, 1));
        while let [.., (a, n), (b, m)] = blocks[..]
            && a > b
        {
            let (n_f, m_f) = (n as f64, m as f64);
            blocks.truncate(blocks.len() - 2);
            blocks.push(((a * n_f + b * m_f) / (n_f + m_f), n + m));
        }
    }
    let room = (high - low - gap * wanted.len().saturating_sub(1) as f64).max(0.0);
    let mut placed = vec![0.0; wanted.len()];
    let means = blocks.iter().flat_map(|&(mean, count)| std::iter::repeat_n(mean, count));
    for (rank, (&i, mean)) in order.iter().zip(means).enumerate() {
        placed[i] = mean.clamp(low, low + room) + rank as f64 * gap;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: Rect = Rect { x: 0.0, y: 0.0, width: 10.0, height: 10.0 };

    #[test]
    fn a_line_through_the_rectangle_is_cut_at_both_sides() {
        let pieces = clip_line(&[(-5.0, 5.0), (15.0, 5.0)], &UNIT);
        assert_eq!(pieces, [vec![(0.0, 5.0), (10.0, 5.0)]]);
    }

    #[test]
    fn a_line_that_leaves_and_returns_is_two_pieces() {
        let pieces = clip_line(&[(2.0, 5.0), (4.0, 15.0), (6.0, 5.0)], &UNIT);
        assert_eq!(pieces, [vec![(2.0, 5.0), (3.0, 10.0)], vec![(5.0, 10.0), (6.0, 5.0)]]);
    }

    #[test]
    fn a_polygon_around_the_rectangle_becomes_the_rectangle() {
        let around = [(-1.0, -1.0), (11.0, -1.0), (11.0, 11.0), (-1.0, 11.0)];
        let mut clipped = clip_polygon(&around, &UNIT);
        clipped.sort_by(|a, b| a.partial_cmp(b).unwrap());
        assert_eq!(clipped, [(0.0, 0.0), (0.0, 10.0), (10.0, 0.0), (10.0, 10.0)]);
    }

    #[test]
    fn dashes_run_round_corners() {
        let dashes = dash(&[(0.0, 0.0), (3.0, 0.0), (3.0, 4.0)], 4.0, 2.0);
        assert_eq!(
            dashes,
            [vec![(0.0, 0.0), (3.0, 0.0), (3.0, 1.0)], vec![(3.0, 3.0), (3.0, 4.0)]]
        );
    }

    #[test]
    fn thinning_keeps_the_ends() {
        let points: Vec<Point> = (0..=100).map(|i| (f64::from(i) * 0.1, 0.0)).collect();
        let thinned = thin(&points, 0.95);
        assert_eq!((thinned[0], thinned[thinned.len() - 1]), ((0.0, 0.0), (10.0, 0.0)));
        assert_eq!(thinned.len(), 11);
    }

    #[test]
    fn labels_that_collide_move_apart_by_the_same_amount() {
        assert_eq!(spread(&[50.0, 52.0, 10.0], 20.0, 0.0, 100.0), [41.0, 61.0, 10.0]);
    }

    #[test]
    fn labels_stay_between_the_ends() {
        assert_eq!(spread(&[99.0, 98.0], 20.0, 0.0, 100.0), [100.0, 80.0]);
        assert_eq!(spread(&[1.0, -3.0], 20.0, 0.0, 100.0), [20.0, 0.0]);
    }
}
