# The book and the library in one container, for `docker run --rm -p 8888:8888 IMAGE`.
FROM python:3.12-slim

# What OpenCV's wheel needs and a slim image lacks.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home reader
WORKDIR /home/reader/book
COPY --chown=reader . .
RUN pip install --no-cache-dir -r requirements.txt

USER reader
EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser", "book"]
