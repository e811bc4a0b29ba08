# The README's commands inside a virtual environment of their own (.venv), made on first use.
#   make book · make test · make lab · make lint · make pages · make results · make bench
#   make reactions · make formats · make small · make lock · make versions · make wheel · make clean

PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
INSTALLED := $(VENV)/.installed

.PHONY: book test lab lint pages results bench reactions formats small lock versions wheel clean

book: $(INSTALLED)
	$(BIN)/jupyter-book build book

test: $(INSTALLED)
	$(BIN)/pytest --nbval

lab: $(INSTALLED)
	$(BIN)/jupyter lab book

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Run the pages again and keep their outputs; PAGES="index full_run" for some of them.
pages: $(INSTALLED)
	$(BIN)/python book/run_pages.py $(PAGES)

# The stored runs that the book draws from; needs MFST_DATA and MFST_WEIGHTS.
results: $(INSTALLED)
	MFST="$(BIN)/mfst" PYTHON="$(BIN)/python" sh data/results/make.sh

# How fast the pages' live pictures follow their controls.
reactions: $(INSTALLED)
	$(BIN)/python book/reactions.py

# Would 16 or 8 bits make the networks faster, and what would it cost?
formats: $(INSTALLED)
	$(BIN)/python data/results/number_formats.py

# Size, start and memory of the base install, in a fresh environment (Linux).
small: $(INSTALLED)
	$(BIN)/python data/results/small.py

# The tests with the oldest and the newest packages, on every Python; needs uv.
versions:
	$(PYTHON) .ci/versions.py $(SETS)

# Wheel and sdist, each installed in an empty environment and tried there; needs `build`.
wheel:
	$(PYTHON) .ci/wheel.py

# Our trackers beside OpenCV's and a naive loop; OpenCV's live in an environment of their own, since
# its two packages cannot be installed side by side. The paper's networks need MFST_WEIGHTS.
BENCH ?= v3l-s,beyond-v3l,v3s-s,beyond-v3s,default,beyond-lite0,vgg-s,v3l-s@vgg16
bench: $(INSTALLED) $(VENV)-opencv/.installed
	$(BIN)/mfst bench --presets $(BENCH) --threads 1,2 --naive --limits \
	  --opencv $(subst $(VENV)/,$(VENV)-opencv/,$(BIN))/python --out data/results/bench.json

$(VENV)-opencv/.installed:
	$(PYTHON) -m venv $(VENV)-opencv
	$(subst $(VENV)/,$(VENV)-opencv/,$(BIN))/python -m pip install --quiet \
	  --disable-pip-version-check "numpy>=1.26" "opencv-contrib-python>=4.9"
	touch $@

# The exact set, solved anew for every Python and system that pyproject.toml allows.
lock:
	uv pip compile --universal --python-version 3.10 --all-extras --no-annotate --no-header \
	  pyproject.toml --output-file requirements.lock
	{ printf '%s\n' '# The exact, tested set; `make lock` solves it anew. The last line is this package.'; \
	  cat requirements.lock; echo '-e .'; } > requirements.txt
	rm requirements.lock

$(INSTALLED): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-opencv book/_build .pytest_cache .mypy_cache .ruff_cache
