import gzip
import hashlib
import http.server
import threading

import numpy as np
import pytest

from sqsq.data import Dataset, Split, choose_digits, load_dataset, spike_probabilities, validation_split
from sqsq.data.files import DataFile, find_file
from sqsq.errors import DataError, UsageError

TRAIN_COUNTS = [1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644]
TEST_COUNTS = [359, 264, 198, 166, 200, 160, 170, 147, 166, 177]


def test_bundled_digits():
    data = load_dataset("digits")
    assert len(data.train) + len(data.test) == 1797
    assert data.pixels == 64
    assert data.train.images.min() == 0
    assert data.train.images.max() == 1
    assert set(data.test.labels) == set(range(10))
    assert np.array_equal(load_dataset("digits").test.images, data.test.images)
    both = {row.tobytes() for row in data.train.images} & {row.tobytes() for row in data.test.images}
    assert not both


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize("name", ["usps", "usps-libsvm-rebuilt"])
def test_both_variants_of_usps_have_the_right_labels(usps_dir, name):
    data = load_dataset(name, usps_dir)
    assert np.bincount(data.train.labels).tolist() == TRAIN_COUNTS
    assert np.bincount(data.test.labels).tolist() == TEST_COUNTS
    assert data.pixels == 256
    assert data.train.images.min() >= 0
    assert data.train.images.max() <= 1


@pytest.mark.slow
def test_the_variants_show_the_same_digits(usps_dir):
    raw, smooth = (load_dataset(name, usps_dir).test for name in ("usps", "usps-libsvm-rebuilt"))
    assert np.array_equal(raw.labels, smooth.labels)
    correlation = [np.corrcoef(a, b)[0, 1] for a, b in zip(raw.images[:50], smooth.images[:50], strict=True)]
    assert min(correlation) > 0.9
    # a one is a narrow stroke in the middle: a zero, which libsvm's label 1 is, is not
    assert raw.images[raw.labels == 1].mean() < 0.6 * raw.images[raw.labels == 0].mean()


def test_the_published_libsvm_training_file_is_not_replaced(usps_dir):
    with pytest.raises(DataError, match=r"no file .*usps\.bz2 \(published at https://www\.csie"):
        load_dataset("usps-libsvm", usps_dir)


def test_digits_become_classes_in_the_order_given():
    data = load_dataset("digits")
    chosen = choose_digits(data, (7, 1))
    assert set(chosen.train.labels) == {0, 1}
    assert (chosen.test.labels == 0).sum() == (data.test.labels == 7).sum()
    three = choose_digits(data, (3, 0, 9))
    assert np.array_equal(three.test.images[three.test.labels == 2], data.test.images[data.test.labels == 9])


@pytest.mark.parametrize(
    ("digits", "message"),
    [
        ((1,), "digits 1: at least two different ones"),
        ((1, 1), "digits 1,1: they must be different"),
        ((1, 12), "unknown digit 12: digits are 0 to 9"),
        ((-1, 2), "unknown digit -1"),
    ],
)
def test_bad_digits(digits, message):
    with pytest.raises(UsageError, match=message):
        choose_digits(load_dataset("digits"), digits)


def test_validation_images_are_training_images():
    data = load_dataset("digits")
    split = validation_split(data)
    assert len(split.test) == round(0.2 * len(data.train))
    assert len(split.train) + len(split.test) == len(data.train)
    train = {row.tobytes() for row in data.train.images}
    assert {row.tobytes() for row in split.test.images} <= train
    assert np.array_equal(validation_split(data).test.images, split.test.images)


def test_pixels_spike_with_probability_one_half_at_most():
    data = load_dataset("digits")
    assert spike_probabilities(data.train).max() == 0.5


def test_unknown_sets_and_folders(tmp_path):
    with pytest.raises(UsageError, match="unknown data set 'mnist': choose from digits, usps"):
        load_dataset("mnist")
    with pytest.raises(DataError, match=r"data directory .* does not exist"):
        load_dataset("usps", tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"no file .*zip\.train\.gz \(published at https://hastie"):
        load_dataset("usps", tmp_path)


def test_files_cut_short_or_of_another_set_are_refused(tmp_path, usps_dir):
    train = (usps_dir / "zip.train.gz").read_bytes()
    (tmp_path / "zip.train.gz").write_bytes(train[:1000])
    with pytest.raises(DataError, match="is cut short, changed, or another file"):
        load_dataset("usps", tmp_path)
    (tmp_path / "zip.train.gz").write_bytes(train)
    (tmp_path / "zip.test.gz").write_bytes(train)
    with pytest.raises(DataError, match=r"zip\.test\.gz is cut short, changed, or another file"):
        load_dataset("usps", tmp_path)


@pytest.fixture
def server(tmp_path):
    """A web server on this machine that publishes one file."""
    folder = tmp_path / "www"
    folder.mkdir()
    content = gzip.compress(b"1 2 3\n", mtime=0)
    (folder / "data.gz").write_bytes(content)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}", hashlib.sha256(content).hexdigest(), content
        running.shutdown()


def test_downloads_are_checked_and_cached(tmp_path, monkeypatch, server):
    url, checksum, content = server
    monkeypatch.setenv("SQSQ_CACHE_DIR", str(tmp_path / "cache"))
    path = find_file(DataFile("data.gz", checksum, f"{url}/data.gz"), None, progress=True)
    assert path.read_bytes() == content
    assert find_file(DataFile("data.gz", checksum, f"{url}/gone.gz"), None) == path  # from the cache
    with pytest.raises(DataError, match=r"cannot download http://127.*put other\.gz into a folder"):
        find_file(DataFile("other.gz", checksum, f"{url}/other.gz"), None)
    with pytest.raises(DataError, match="cannot download"):
        find_file(DataFile("wrong.gz", "0" * 64, f"{url}/data.gz"), None)
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["data.gz"]
    with pytest.raises(DataError, match=r"not published anywhere: name the folder"):
        find_file(DataFile("local.gz", checksum, None), None)


def test_the_bundled_digits_are_scikit_learns():
    from sklearn.datasets import load_digits as reference

    ours = load_dataset("digits")
    pixels, labels = reference(return_X_y=True)
    theirs = sorted((*image, label) for image, label in zip(pixels / 16, labels, strict=True))
    both = ((split.images, split.labels) for split in (ours.train, ours.test))
    found = sorted(
        (*image, label) for images, names in both for image, label in zip(images, names, strict=True)
    )
    assert np.array_equal(found, theirs)


def small(labels=(1, 7, 1, 7)):
    split = Split(np.full((4, 2), 0.5), labels)
    return Dataset("small", split, split)


@pytest.mark.parametrize(
    ("fraction", "message"),
    [
        (1.5, "fraction is 1.5: must be 0 to 1"),
        (-0.1, "fraction is -0.1: must be 0 to 1"),
        (float("nan"), "fraction is nan: must be a finite number"),
        ("a fifth", "fraction is 'a fifth': must be a finite number"),
        (0.01, "fraction is 0.01: of 4 images it leaves none to train or to validate"),
        (1, "fraction is 1: of 4 images it leaves none"),
    ],
)
def test_a_validation_split_leaves_something_on_both_sides(fraction, message):
    with pytest.raises(UsageError, match=message):
        validation_split(small(), fraction)


def test_digits_are_whole_numbers_of_any_kind():
    chosen = choose_digits(small(), np.array([7, 1], np.uint8))
    assert chosen.train.labels.tolist() == [1, 0, 1, 0]
    for digits, message in (
        (("1", "7"), "one of the digits is '1': must be a whole number"),
        ((1.0, 7.0), "one of the digits is 1.0: must be a whole number"),
        ((1, True), "one of the digits is True"),
        (7, "digits are 7: must be a sequence of whole numbers"),
    ):
        with pytest.raises(UsageError, match=message):
            choose_digits(small(), digits)


def test_parts_of_a_data_set_fit_together():
    with pytest.raises(UsageError, match="data set x trains on 2 pixels, tests on 3"):
        Dataset("x", small().train, Split(np.zeros((1, 3)), [0]))
    with pytest.raises(UsageError, match="9 picks none of the 4 images: index 9 is out of bounds"):
        small().train.select(9)


def test_text_for_labels_is_refused_with_the_remedy():
    with pytest.raises(
        UsageError, match=r"dtype <U1, the first '1': .* \(number the classes 0, 1, .* with choose_"
    ):
        small(["1", "7", "1", "7"])
