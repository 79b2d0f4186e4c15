"""Ray, Spark and Beam read an archive through `wl::`, a frame in each task.

    python examples/frames_elsewhere.py ray|spark|beam URL

It prints how many lines the archive has. Its frames end where lines do (`frame_at=b"\\n"`). The
package and fsspec must be installed on the workers; nothing is registered there.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

import fsspec

Frame = tuple[int, int]  # where its content starts, and the size of that


def frames_of(url: str) -> list[Frame]:
    fs, path = fsspec.url_to_fs(url)
    return [(frame.start, frame.raw_size) for frame in fs.frames(path)]


def lines_of(url: str, frame: Frame) -> list[bytes]:
    fs, path = fsspec.url_to_fs(url)
    start, size = frame
    return fs.cat_file(path, start, start + size).splitlines()


def count_with_ray(url: str) -> int:
    import ray

    ray.init(num_cpus=2, include_dashboard=False)
    count = ray.remote(lambda frame: len(lines_of(url, frame)))
    return sum(ray.get([count.remote(frame) for frame in frames_of(url)]))


def count_with_spark(url: str) -> int:
    """Count with Spark, which needs Java."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", False).getOrCreate()
    frames = frames_of(url)
    lines = spark.sparkContext.parallelize(frames, len(frames)).flatMap(partial(lines_of, url))
    return lines.count()


def count_with_beam(url: str) -> int:
    import apache_beam as beam

    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "count")
        with beam.Pipeline(runner="DirectRunner", argv=[]) as pipeline:
            (
                pipeline
                | beam.Create(frames_of(url))
                | beam.Reshuffle()
                | beam.FlatMap(partial(lines_of, url))
                | beam.combiners.Count.Globally()
                | beam.io.WriteToText(str(result), shard_name_template="")
            )
        return int(result.read_text())


if __name__ == "__main__":
    tool, url = sys.argv[1:]
    print({"ray": count_with_ray, "spark": count_with_spark, "beam": count_with_beam}[tool](url))
