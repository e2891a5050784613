//! What a user reads when something is wrong.

use figures::{Bars, Chart, Figure, FigureError, HeatMap, ImageGrid, ImageShape, SpriteSheet};
use ndarray::{Array2, array};

fn message<T: std::fmt::Debug>(result: Result<T, FigureError>) -> String {
    result.expect_err("an error").to_string()
}

fn line() -> Chart {
    Chart::new("ELBO").line("train", [(1.0, -160.0), (2.0, -120.0)])
}

#[test]
fn a_nan_is_named_with_its_series_and_index() {
    let chart = Chart::new("ELBO").line("train", [(1.0, -3.0), (2.0, f64::NAN)]);
    let said = message(chart.render_png());
    assert!(said.starts_with("chart \"ELBO\", line \"train\", y: entry 1 is NaN;"), "{said}");
    let infinite = Chart::new("").points("z", [(f64::INFINITY, 0.0)]);
    assert!(message(infinite.render_svg()).contains("points \"z\", x: entry 0 is inf"));
    let map = HeatMap::from_fn((0.0, 1.0), (-1.0, 1.0), |x, y| (x - y).ln());
    let said = message(Chart::new("").heat_map(map).render_png());
    assert!(said.starts_with("heat map (row by row from the bottom): entry"), "{said}");
    let bars = Bars::new("").bar("VAE", f64::NAN);
    assert!(message(bars.render_png()).contains("bar \"VAE\""));
    let reference = line().hline("evidence", f64::NEG_INFINITY);
    assert!(
        message(reference.render_png()).contains("reference line \"evidence\": entry 0 is -inf")
    );
}

#[test]
fn an_empty_picture_says_what_it_wants() {
    let said = message(Chart::new("ELBO").render_png());
    assert_eq!(
        said,
        "chart \"ELBO\" is empty: give it at least one line, histogram, set of points or heat map"
    );
    let said = message(Chart::new("ELBO").line("train", []).render_png());
    assert_eq!(said, "chart \"ELBO\", line \"train\" is empty: give it at least one point");
    assert!(message(Figure::new("f").render_png()).contains("at least one panel"));
    assert!(message(Bars::new("b").render_png()).contains("at least one bar"));
    let none = Array2::<f32>::zeros((0, 4));
    let said = message(ImageGrid::new(none.view(), ImageShape::grey(2, 2)).render_png());
    assert!(said.contains("at least one row, that is one image"), "{said}");
}

#[test]
fn images_must_fit_their_shape_and_range() {
    let images = array![[0.0f32, 1.0, 0.5, 0.5]];
    let said = message(ImageGrid::new(images.view(), ImageShape::grey(28, 28)).render_png());
    assert_eq!(
        said,
        "the array of images: expected 784 columns (1 × 28 × 28 values an image), found 4 columns"
    );
    let bytes = array![[0.0f32, 255.0, 0.5, 0.5]];
    let said = message(SpriteSheet::new(bytes.view(), ImageShape::grey(2, 2)).render_png());
    assert!(said.contains("is 255, expected values in [0, 1]; divide bytes by 255"), "{said}");
    let nan = array![[0.0f32, f32::NAN, 0.5, 0.5]];
    assert!(
        message(ImageGrid::new(nan.view(), ImageShape::grey(2, 2)).render_png()).contains("is NaN")
    );
    let grid = ImageGrid::new(images.view(), ImageShape::grey(2, 2)).row_labels(["a", "b"]);
    assert_eq!(
        message(grid.render_png()),
        "the image grid's row labels: expected 1 of them, one for each, found 2"
    );
    let grid = ImageGrid::new(images.view(), ImageShape::grey(2, 2)).columns(0);
    assert!(message(grid.render_png()).contains("number of columns is 0, expected at least 1"));
    let huge = ImageGrid::new(images.view(), ImageShape::grey(2, 2)).scale(100_000);
    assert!(message(huge.render_png()).contains("use fewer images or columns, or a smaller scale"));
}

#[test]
fn labels_must_match_points_and_be_classes() {
    let said = message(Chart::new("z").classes([(0.0, 0.0), (1.0, 1.0)], [3]).render_png());
    assert!(said.contains("expected a label for each of the 2 points, found 1 labels"), "{said}");
    let said = message(Chart::new("z").classes([(0.0, 0.0)], [10]).render_png());
    assert!(said.contains("label: entry 0 is 10, expected a class from 0 to 9"), "{said}");
    let said = message(figures::points_from(Array2::<f32>::zeros((5, 3)).view()));
    assert!(said.contains("expected 2 columns, x and y, found 3 columns"), "{said}");
}

#[test]
fn ranges_must_be_upright_and_positive_on_logarithmic_axes() {
    let said = message(line().x_range(2.0, 1.0).render_png());
    assert!(said.contains("x axis: a range from 2 to 1 cannot be drawn"), "{said}");
    let said = message(line().log_y().render_png());
    assert!(
        said.contains("line \"train\", y: entry 0 is -160, expected a positive number"),
        "{said}"
    );
    let said = message(line().x_range(0.0, 1.0).log_x().render_png());
    assert!(said.contains("a logarithmic axis needs a positive lower end"), "{said}");
    let said = message(line().vline("zero", 0.0).log_x().render_png());
    assert!(said.contains("x axis, smallest value: entry 0 is 0"), "{said}");
    let wide = Chart::new("").line("", [(0.0, -1.7e308), (1.0, 1.7e308)]);
    assert!(message(wide.render_png()).contains("y axis: a range from"));
    let said = message(line().band("train", [(1.0, 2.0, 1.0)]).render_png());
    assert!(
        said.contains("lower bound: entry 0 is 2, expected at most the row's upper bound"),
        "{said}"
    );
    let said = message(Bars::new("").bar_with_interval("VAE", 3.0, 4.0, 5.0).render_png());
    assert!(said.contains("interval of bar \"VAE\", value 3: a range from 4 to 5"), "{said}");
    let said = message(Chart::new("").histogram("z", [1.0], 0).render_png());
    assert!(said.contains("number of bins is 0, expected 1 to 10 000"), "{said}");
}

#[test]
fn a_line_break_in_a_text_is_refused() {
    let said = message(Chart::new("two\nlines").line("", [(0.0, 0.0)]).render_svg());
    assert!(said.starts_with("the title \"two\\nlines\" holds a line break"), "{said}");
}

#[test]
fn a_file_has_the_bytes_of_the_picture_and_nothing_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let (png, svg) = (folder.path().join("a.PNG"), folder.path().join("a.svg"));
    line().save(&png).unwrap();
    line().save(&svg).unwrap();
    assert_eq!(std::fs::read(&png).unwrap(), line().render_png().unwrap());
    assert_eq!(std::fs::read_to_string(&svg).unwrap(), line().render_svg().unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_path_that_cannot_be_written_is_explained_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let said = message(line().save(folder.path().join("a.jpg")));
    assert!(said.contains("a.jpg") && said.ends_with("end its name in .png or .svg"), "{said}");
    let said = message(line().save(folder.path().join("missing/a.png")));
    assert!(said.contains("does not exist; create it first"), "{said}");
    let images = array![[0.0f32, 1.0]];
    let sheet = SpriteSheet::new(images.view(), ImageShape::grey(1, 2));
    assert!(message(sheet.save(folder.path().join("a.svg"))).ends_with("end its name in .png"));
    // A folder stands where the file should go.
    let taken = folder.path().join("taken.png");
    std::fs::create_dir(&taken).unwrap();
    let said = message(line().save(&taken));
    assert!(
        said.contains("taken.png") && said.contains("check the folder's permissions"),
        "{said}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn a_picture_that_cannot_be_drawn_does_not_touch_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    line().save(&path).unwrap();
    let before = std::fs::read(&path).unwrap();
    message(Chart::new("").line("", [(0.0, f64::NAN)]).save(&path));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
