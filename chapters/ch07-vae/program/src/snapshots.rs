//! The same codes and the same test examples, decoded again and again while a model learns.

use anyhow::{Result, anyhow};
use ch07_vae::{Examples, Vae, purpose};
use figures::Figure;
use ndarray::{Array2, ArrayD, ArrayView2, ArrayViewD, Axis, Ix2, concatenate, s};
use run::{Folder, digits_in};

use super::corpus::Corpus;
use super::pictures::{cloud, draw_from_prior, frame, grid, some_images};

/// Codes from the prior, and test images: of each so many.
const IMAGES: usize = 8;
/// Codes from the prior for points of the plane.
const POINTS: usize = 2000;
/// The prefix of their names in a checkpoint.
const PREFIX: &str = "after_epoch.";
/// The folder of single pictures.
pub(super) const FRAMES: &str = "through_training";
/// All of them in one picture.
pub(super) const OVERVIEW: &str = "through_training.png";

/// What a model makes of the same codes after some of its epochs, in their order. They live in the
/// checkpoint, so that a run that goes on has those from before.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshots {
    taken: Vec<Snapshot>,
}

/// The decoder's means for the codes from the prior and then for those of the test images.
#[derive(Clone, Debug)]
struct Snapshot {
    epoch: usize,
    decoded: Array2<f32>,
}

impl Snapshots {
    /// Those in a checkpoint's tensors. A checkpoint from before there were any has none.
    ///
    /// # Errors
    /// If one of them is not of the size that `corpus` asks for.
    pub(super) fn from_tensors(
        tensors: Vec<(String, ArrayD<f32>)>,
        corpus: &Corpus,
    ) -> Result<Self> {
        let expected = [rows(&corpus.test), corpus.test.pixels()];
        let snapshot = |(epoch, decoded): (String, ArrayD<f32>)| {
            let number = epoch.parse().ok().filter(|_| decoded.shape() == expected);
            let epoch = number.ok_or_else(|| {
                let found = decoded.shape();
                anyhow!("{PREFIX}{epoch} has the shape {found:?}, expected {expected:?}")
            })?;
            Ok(Snapshot { epoch, decoded: decoded.into_dimensionality::<Ix2>()? })
        };
        let mut taken = tensors.into_iter().map(snapshot).collect::<Result<Vec<_>>>()?;
        taken.sort_by_key(|snapshot| snapshot.epoch);
        Ok(Self { taken })
    }

    /// The prefix of the tensors' names.
    pub(super) fn prefix() -> &'static str {
        PREFIX
    }

    /// What a checkpoint is to keep.
    pub(super) fn tensors(&self) -> impl Iterator<Item = (String, ArrayViewD<'_, f32>)> {
        self.taken.iter().map(|Snapshot { epoch, decoded }| {
            (format!("{PREFIX}{epoch}"), decoded.view().into_dyn())
        })
    }

    /// Takes one after epoch 0, 1, 2, 4, 8, …: of the longest run there are a few dozen.
    pub(super) fn after(&mut self, epoch: usize, model: &Vae<f32>, corpus: &Corpus, seed: u64) {
        if epoch == 0 || epoch.is_power_of_two() {
            self.taken.push(Snapshot::take(epoch, model, corpus, seed));
        }
    }

    /// With one of the finished model. It is not among those of a checkpoint: a run that is made
    /// longer later has no picture of where it first ended.
    #[must_use]
    pub(super) fn finished(
        mut self,
        epoch: usize,
        model: &Vae<f32>,
        corpus: &Corpus,
        seed: u64,
    ) -> Self {
        if self.taken.last().is_none_or(|last| last.epoch != epoch) {
            self.taken.push(Snapshot::take(epoch, model, corpus, seed));
        }
        self
    }

    /// Draws the overview and, in a folder of their own, a picture of each.
    pub(super) fn draw(&self, folder: &Folder, corpus: &Corpus, seed: u64) -> Result<()> {
        match (&corpus.test, corpus.image_shape) {
            (Examples::Images(images) | Examples::Grey(images), Some(shape)) => {
                let data = images.intensities::<f32>(&some_images(images, IMAGES, seed, 0));
                self.image_overview(data.view(), shape, folder)?;
                self.frames(folder, |snapshot, path| {
                    let parts = [data.view(), snapshot.reconstructions(), snapshot.draws()];
                    // A set of fewer images leaves cells at the end of their rows.
                    let parts = parts.map(|part| padded(part, IMAGES));
                    let views = parts.each_ref().map(|part| part.view());
                    let title = format!("After epoch {}", snapshot.epoch);
                    Ok(grid(concatenate(Axis(0), &views)?.view(), shape, &title)
                        .columns(IMAGES)
                        .row_labels(["data", "decoded", "new"])
                        .save(path)?)
                })
            }
            _ => {
                let points = corpus.test.batch(
                    &(0..corpus.test.len().min(POINTS)).collect::<Vec<_>>(),
                    0,
                    seed,
                    [purpose::TEST, 0],
                );
                let ranges = [0, 1].map(|axis| {
                    let all = self.taken.iter().map(|snapshot| &snapshot.decoded);
                    frame(all.chain([&points.x]), axis)
                });
                let chart = |snapshot: &Snapshot| {
                    let title = format!("After epoch {}", snapshot.epoch);
                    let [x, y] = ranges;
                    Ok::<_, anyhow::Error>(
                        cloud(&title, snapshot.decoded.view())?.x_range(x.0, x.1).y_range(y.0, y.1),
                    )
                };
                let mut figure = Figure::new("The same codes from N(0, I), decoded")
                    .columns(self.taken.len().min(4))
                    .panel_size(320.0, 350.0);
                for snapshot in &self.taken {
                    figure = figure.panel(chart(snapshot)?);
                }
                figure.save(folder.file(OVERVIEW))?;
                self.frames(folder, |snapshot, path| Ok(chart(snapshot)?.save(path)?))
            }
        }
    }

    /// A row for each snapshot: what is new at the left, what comes back at the right.
    fn image_overview(
        &self,
        data: ArrayView2<'_, f32>,
        shape: (usize, usize, usize),
        folder: &Folder,
    ) -> Result<()> {
        let empty = Array2::zeros((1, data.ncols()));
        let nothing = Array2::zeros((IMAGES, data.ncols()));
        let row = |left: ArrayView2<'_, f32>, right: ArrayView2<'_, f32>| {
            let right = padded(right, IMAGES);
            concatenate(Axis(0), &[left, empty.view(), right.view()])
        };
        let mut rows = Vec::new();
        for snapshot in &self.taken {
            rows.push(row(snapshot.draws(), snapshot.reconstructions())?);
        }
        rows.push(row(nothing.view(), data)?);
        let views: Vec<_> = rows.iter().map(|row| row.view()).collect();
        let epochs = self.taken.iter().map(|snapshot| format!("epoch {}", snapshot.epoch));
        let title = "Through training: draws from N(0, I), and test images";
        grid(concatenate(Axis(0), &views)?.view(), shape, title)
            .columns(2 * IMAGES + 1)
            .row_labels(epochs.chain(["data".to_owned()]))
            .save(folder.file(OVERVIEW))?;
        Ok(())
    }

    /// A picture of each snapshot, all of one size, in the order of their names; those of an earlier
    /// run are removed.
    fn frames(
        &self,
        folder: &Folder,
        save: impl Fn(&Snapshot, &std::path::Path) -> Result<()>,
    ) -> Result<()> {
        let frames = folder.below(FRAMES)?;
        let digits = self.taken.last().map_or(1, |last| last.epoch.to_string().len()).max(4);
        let mut written = Vec::new();
        for snapshot in &self.taken {
            let name = format!("epoch_{:0digits$}.png", snapshot.epoch);
            save(snapshot, &frames.file(&name))?;
            written.push(name);
        }
        frames.remove_earlier(is_frame, &written)
    }
}

/// Removes the pictures of an earlier run's snapshots, if there are any.
pub(super) fn remove_frames(folder: &Folder) -> Result<()> {
    if !folder.file(FRAMES).is_dir() {
        return Ok(());
    }
    folder.below(FRAMES)?.remove_earlier(is_frame, &[])
}

/// Whether a file has the name of a snapshot's picture: in long runs the numbers have more digits than four.
fn is_frame(name: &str) -> bool {
    digits_in(name, "epoch_", ".png").is_some_and(|count| count >= 4)
}

impl Snapshot {
    fn take(epoch: usize, model: &Vae<f32>, corpus: &Corpus, seed: u64) -> Self {
        let decoded = match &corpus.test {
            Examples::Images(images) | Examples::Grey(images) => {
                let x = images.intensities::<f32>(&some_images(images, IMAGES, seed, 0));
                let back = model.decode_mean(model.encode(x).mean);
                let draws = draw_from_prior(model, IMAGES, seed);
                concatenate(Axis(0), &[draws.view(), back.view()]).expect("as many pixels")
            }
            Examples::Points(_) => draw_from_prior(model, POINTS, seed),
        };
        Self { epoch, decoded }
    }

    /// What became of codes from the prior, where the data are images.
    fn draws(&self) -> ArrayView2<'_, f32> {
        self.decoded.slice(s![..IMAGES, ..])
    }

    /// What became of the codes of test images.
    fn reconstructions(&self) -> ArrayView2<'_, f32> {
        self.decoded.slice(s![IMAGES.., ..])
    }
}

/// Rows of a snapshot: of images as many draws as reconstructions, unless there are fewer test
/// images; of points only draws.
fn rows(test: &Examples) -> usize {
    match test {
        Examples::Images(images) | Examples::Grey(images) => IMAGES + images.len().min(IMAGES),
        Examples::Points(_) => POINTS,
    }
}

/// Rows of zeros at the end, up to `count`.
fn padded(rows: ArrayView2<'_, f32>, count: usize) -> Array2<f32> {
    let mut all = Array2::zeros((count, rows.ncols()));
    all.slice_mut(s![..rows.nrows(), ..]).assign(&rows);
    all
}
