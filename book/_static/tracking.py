"""Draw the README's picture: one step of the tracker in the lab."""

from pathlib import Path

from mfst_lib import FMST, preset
from mfst_lib.sequences import lab
from mfst_lib.show.steps import plot_step

FRAME = 60


def main() -> None:
    """Track up to the frame, and write the picture of that step beside this file."""
    sequence = lab.render("portrait")
    tracker = FMST(preset("default"))
    tracker.init(sequence.frames[0], sequence.boxes[0])
    for image in sequence.frames[1 : FRAME + 1]:
        tracker.update(image)
    assert tracker.view is not None
    figure = plot_step(sequence.frames[FRAME], tracker.view)
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=120)


if __name__ == "__main__":
    main()
