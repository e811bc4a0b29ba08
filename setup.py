"""What pyproject.toml cannot say: the weight nets of `data/weights` go into the wheel as well."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithWeightNets(build_py):
    """Copies them to where `mfst_lib.weight_net` looks first; editable installs need no copy."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        nets = Path(self.build_lib, "mfst_lib", "nets")
        nets.mkdir(exist_ok=True)
        for file in sorted(Path("data", "weights").glob("*.npz")):
            self.copy_file(str(file), str(nets / file.name))


setup(cmdclass={"build_py": WithWeightNets})
