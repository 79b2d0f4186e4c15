"""Compression and decompression on a cluster, by dask and fsspec.

A large object is cut into frames; the workers read, code and write one frame each, and a last task
joins them. The output is byte for byte what one machine writes, and appears under its name only
when it is whole. Without a client, dask's threads on this machine do the work.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import fsspec
import xxhash

from weightless.api import compress as compress_bytes
from weightless.container.block import DEFAULT_BLOCK_SIZE
from weightless.container.cuts import Cuts, check_delimiter
from weightless.container.header import FrameHeader
from weightless.container.seek_table import encode_seek_table
from weightless.errors import MemoryLimitError, ParameterError, WeightlessError
from weightless.files.names import SUFFIX
from weightless.files.prior import Prior, check_prior
from weightless.frames.archive_encoder import ArchiveEncoder
from weightless.frames.encoder import FrameEncoder
from weightless.frames.prior_models import PriorModels
from weightless.frames.threads import count_threads
from weightless.integers import integer
from weightless.integrations.cluster_memory import RESOURCE, ask_for_memory
from weightless.integrations.cluster_output import (
    Part,
    Parts,
    join,
    kept_part,
    write_part,
    write_whole,
)
from weightless.integrations.cluster_store import (
    GROUP,
    Place,
    groups,
    read_group,
    repeated,
    sizes_of,
)
from weightless.integrations.filesystem import SourceChangedError, Version, WeightlessFileSystem
from weightless.integrations.frame_cache import SharedCache
from weightless.levels import level_parameters
from weightless.parameters import Parameters
from weightless.speed import sample_text

__all__ = ["compress", "compress_many", "decompress", "to_wl"]

#: Bytes of content per frame where none are given.
DEFAULT_FRAME_SIZE = 64 << 20
#: The most bytes that a partition is taken to have where nothing is said.
DEFAULT_PARTITION_SIZE = 128 << 20
_LOOK = 1 << 16  # bytes per read while the end of a frame is looked for

Outcome = TypeVar("Outcome")
# The contents that prime later frames, with their models: one for each process.
_primers: SharedCache[PriorModels] = SharedCache(1, lambda _: 1)


class _Coding(NamedTuple):
    parameters: Parameters
    block_size: int
    threads: int
    prior: Prior | None
    primed: bool


def compress(
    url: str,
    output_url: str,
    *,
    client: Any = None,
    level: int | None = None,
    frame_size: int = DEFAULT_FRAME_SIZE,
    frame_at: bytes | None = None,
    primed: bool = False,
    prior: Prior | None = None,
    block_size: int = DEFAULT_BLOCK_SIZE,
    threads: int = 1,
    retries: int = 3,
    storage_options: dict[str, Any] | None = None,
    output_options: dict[str, Any] | None = None,
) -> int:
    """Compress one large object, a frame in each task.

    Parameters
    ----------
    url, output_url : str
        Any URLs of fsspec.
    client : distributed.Client, optional
        The cluster; by default the current client, or threads of this process if there is none.
    level, frame_size, frame_at, primed, prior, block_size
        As for `weightless.compress`.
    threads : int
        Threads for each frame.
    retries : int
        How often dask repeats a task that failed. Each request of a task that failed has been
        repeated before.
    storage_options, output_options : dict, optional
        Options of the file systems; those of the output are by default the same.

    Returns
    -------
    int
        Size of the archive in bytes.

    Raises
    ------
    ParameterError
        If an option is out of range.
    SourceChangedError
        If the object changed while it was read.
    MemoryLimitError
        If no worker has the memory for a frame.
    OSError
        If the store fails, or refuses access.
    """
    parameters = _parameters(level, prior)
    count_threads(threads)
    frame_at = check_delimiter(frame_at, frame_size)
    # The encoder checks the options.
    ArchiveEncoder(
        parameters, frame_size=frame_size, block_size=block_size, primed=primed, frame_at=frame_at
    ).release()
    source, output = _places(url, output_url, storage_options, output_options)
    size, version = source.stat()
    ends = _ends(source, size, frame_size, frame_at)
    coding = _Coding(parameters, block_size, threads, check_prior(prior), primed)
    job = (
        "compress",
        parameters,
        ends,
        block_size,
        primed,
        prior and prior.name,
        _build(parameters),
    )
    tasks = [
        (source, version, coding, ends[0] if number else None, bounds)
        for number, bounds in enumerate(ends)
    ]
    largest = max(b - a for a, b in ends)
    memory = _memory(parameters, largest, prior=prior, primed=primed)
    run = _Runner(client, memory, retries)
    with Parts(output, version, source.path, *job) as parts:
        return run.join("compress_frame", _encode_part, tasks, parts, seek_table=True)


def decompress(
    url: str,
    output_url: str,
    *,
    client: Any = None,
    prior: Prior | None = None,
    threads: int = 1,
    retries: int = 3,
    storage_options: dict[str, Any] | None = None,
    output_options: dict[str, Any] | None = None,
) -> int:
    """Decompress one large archive, a frame in each task.

    Parameters
    ----------
    url, output_url, client, threads, retries, storage_options, output_options
        As for `compress`.
    prior : Prior, optional
        The prior that frames may name.

    Returns
    -------
    int
        Size of the content in bytes.

    Raises
    ------
    DataError, LimitError, PriorError
        If the archive cannot be decoded.
    SourceChangedError, MemoryLimitError, OSError
        As for `compress`.
    """
    count_threads(threads)
    source, output = _places(url, output_url, storage_options, output_options)
    content = WeightlessFileSystem(fs=source.fs, prior=prior)
    _, version = source.stat()
    frames = repeated(lambda: content.frames(source.path))
    largest = max((frame.raw_size for frame in frames), default=0)
    # A worker keeps the frame that primes the others, and the one that it is decoding.
    options = {"prior": prior, "threads": threads, "cache_size": 2 * largest}
    tasks = [(source, version, options, frame.start, frame.raw_size) for frame in frames]
    memory = repeated(lambda: content.decoding_memory(source.path))
    run = _Runner(client, memory + 5 * largest, retries)
    with Parts(output, version, source.path) as parts:
        return run.join("decompress_frame", _decode_part, tasks, parts)


def compress_many(
    urls: Iterable[str],
    output: str | Callable[[str], str] | None = None,
    *,
    client: Any = None,
    level: int | None = None,
    prior: Prior | None = None,
    batch: int | None = None,
    retries: int = 3,
    storage_options: dict[str, Any] | None = None,
    **options: Any,
) -> list[str]:
    """Compress many objects, each into an archive of its own.

    Parameters
    ----------
    urls : iterable of str
        The objects; each must fit into the memory of a worker.
    output : str or callable, optional
        A URL of a folder, or a function from the URL of an object to that of its archive. By
        default the archives are beside the objects.
    client, level, prior, retries, storage_options
        As for `compress`.
    batch : int, optional
        Objects per task; by default so many that there are some tasks for each worker.
    options
        More options of `weightless.compress`, such as `frame_size`.

    Returns
    -------
    list of str
        The URLs of the archives, in the order of the objects.

    Raises
    ------
    ParameterError
        If two objects would have the same archive, or an archive would replace an object.
    OSError
        If the store fails; archives that are complete stay.
    """
    if isinstance(urls, str):
        raise TypeError("urls is a string, not several")
    sources = list(urls)
    targets = [_target(url, output) for url in sources]
    parameters = options.get("parameters") or _parameters(level, prior)
    if batch is None:
        batch = min(64, max(1, len(sources) // 64))
    chosen = {"level": level, "prior": prior, **options}
    pairs = [
        _places(url, target, storage_options, None)
        for url, target in zip(sources, targets, strict=True)
    ]
    archives = {archive for _, archive in pairs}
    if len(archives) < len(pairs):
        raise ParameterError("two objects would have the same archive")
    if any(source in archives for source, _ in pairs):
        raise ParameterError("an archive would replace one of the objects")
    sizes = sizes_of([source for source, _ in pairs])
    tasks = [
        (pairs[start : start + batch], sizes[start : start + batch], chosen)
        for start in range(0, len(pairs), batch)
    ]
    # A task has several small objects at the same time.
    memory = _memory(parameters, max(sizes, default=0), prior=prior, **options) + 2 * GROUP
    _Runner(client, memory, retries)("compress_objects", _compress_batch, tasks)
    for _, archive in pairs[-1:]:
        _check_seen(archive)
    return targets


def to_wl(
    collection: Any,
    url: str,
    *,
    client: Any = None,
    level: int | None = None,
    retries: int = 3,
    storage_options: dict[str, Any] | None = None,
    csv: dict[str, Any] | None = None,
    partition_size: int = DEFAULT_PARTITION_SIZE,
    **options: Any,
) -> list[str]:
    """Write each partition of a dask bag or dataframe to an archive.

    Parameters
    ----------
    collection : dask.bag.Bag or dask.dataframe.DataFrame
        Elements of a bag are strings or bytes and become lines; dataframes become CSV.
    url : str
        The URL of the archives, with a "*" for the number of the partition.
    client, level, retries, storage_options
        As for `compress`.
    csv : dict, optional
        Options of `to_csv`; by default there is a header and no index.
    partition_size : int
        The most bytes that a partition takes as lines; what the tasks ask for as memory follows
        from it.
    options
        More options of `weightless.compress`, such as `frame_size`.

    Returns
    -------
    list of str
        The URLs of the archives.

    Raises
    ------
    ParameterError
        If there is no "*", or more than one.
    TypeError
        If the collection is not one of dask's, or an element of a bag is neither a string nor
        bytes.
    OSError
        If the store fails; archives that are complete stay.
    """
    if url.count("*") != 1:
        raise ParameterError("the URL must contain one *, for the number of the partition")
    if not hasattr(collection, "to_delayed"):
        raise TypeError(f"the collection is {type(collection).__name__}, not a bag or dataframe")
    partitions = collection.to_delayed()
    width = len(str(max(0, len(partitions) - 1)))
    urls = [url.replace("*", f"{number:0{width}}") for number in range(len(partitions))]
    chosen = {"level": level, **options}
    places = [Place(*fsspec.url_to_fs(target, **(storage_options or {}))) for target in urls]
    for place in places[:1]:
        _check_output(place)
    tasks = [
        (part, place, {"index": False, **(csv or {})}, chosen)
        for part, place in zip(partitions, places, strict=True)
    ]
    # A partition is there as objects, too.
    parameters = options.get("parameters") or _parameters(level, options.get("prior"))
    memory = _memory(parameters, partition_size, **options) + 2 * partition_size
    _Runner(client, memory, retries)("compress_partition", _write_partition, tasks)
    for place in places[-1:]:
        _check_seen(place)
    return urls


def _build(parameters: Parameters) -> str:
    """Return what tells builds apart whose archives differ: the code of some text."""
    return xxhash.xxh3_128_hexdigest(parameters.codec().encode(sample_text()[:1000]))


# What the workers do.


def _encode_part(
    source: Place,
    version: Version,
    coding: _Coding,
    first: tuple[int, int] | None,
    bounds: tuple[int, int],
    path: Place,
    written: bool,
) -> Part:
    """Encode a frame, unless it is written; `first` is where the first one is, if not this one."""
    start, end = bounds
    if written and (kept := kept_part(path, end - start)) is not None:
        return kept
    content = source.fetch(start, end)
    prior: PriorModels | None = coding.prior
    if coding.primed and first is not None:
        key = (source.path, version, first)
        prior = _primers.get(key, lambda: PriorModels(source.fetch(*first)))
    source.check_version(version)
    if len(content) != end - start:
        raise SourceChangedError(f"{source.path}: changed while it was being read")
    frame = FrameEncoder(
        coding.parameters,
        block_size=coding.block_size,
        threads=coding.threads,
        prior=prior,
        kept=coding.primed and first is None,
    )
    return write_part(path, frame.write(memoryview(content)) + frame.finish(), len(content))


def _decode_part(
    source: Place,
    version: Version,
    options: dict[str, Any],
    start: int,
    size: int,
    path: Place,
    written: bool,
) -> Part:
    """Decode a frame, unless its content is written."""
    if written and (kept := kept_part(path, size)) is not None:
        return kept
    # fsspec returns the same object for the same options, so that a worker keeps what primes.
    content = WeightlessFileSystem(fs=source.fs, **options)
    source.check_version(version)
    data = repeated(lambda: content.cat_file(source.path, start, start + size))
    source.check_version(version)
    return write_part(path, data, len(data))


def _compress_batch(
    pairs: Sequence[tuple[Place, Place]], sizes: Sequence[int], options: dict[str, Any]
) -> None:
    """Compress objects, those that are small in groups, whose requests do not wait for another."""
    for group in groups(sizes):
        contents = read_group([source for source, _ in pairs[group]], sizes[group])
        archives = [compress_bytes(content, **options) for content in contents]
        outputs = [output for _, output in pairs[group]]
        write_whole(list(zip(outputs, archives, strict=True)))


def _write_partition(
    part: Any, output: Place, csv: dict[str, Any], options: dict[str, Any]
) -> None:
    if hasattr(part, "to_csv"):
        content = part.to_csv(**csv).encode()
    else:
        lines = map(_line, part)
        content = b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines)
    write_whole([(output, compress_bytes(content, **options))])


def _line(element: object) -> bytes:
    if isinstance(element, str):
        return element.encode()
    try:
        return bytes(memoryview(element))  # type: ignore[arg-type]
    except TypeError:
        kind = type(element).__name__
        raise TypeError(f"an element is {kind}, not a string or bytes") from None


class _Failure(NamedTuple):
    """What a task returns instead of raising an error that dask would repeat in vain."""

    error: Exception


# Errors of what is given, not of the store or the network. That a source has changed is one.
_LASTING = (WeightlessError, TypeError, IsADirectoryError, NotADirectoryError)


class _Attempt:
    """A function that returns lasting errors as a `_Failure`."""

    def __init__(self, work: Callable[..., Any]) -> None:
        self._work = work

    def __call__(self, *arguments: Any) -> Any:
        try:
            return self._work(*arguments)
        except _LASTING as error:
            return _Failure(error)


class _Runner:
    """Runs functions on a cluster, or in threads of this process if there is none."""

    def __init__(self, client: Any, memory: int, retries: int) -> None:
        self._client = _current_client() if client is None else client
        self._memory = memory
        self._retries = integer(retries, "retries", 0)
        if self._client is not None:
            largest = ask_for_memory(self._client)
            if largest is not None and memory > largest:
                raise MemoryLimitError(
                    f"a task needs {memory} bytes of memory, but no worker has more than {largest}",
                    needed=memory,
                    limit=largest,
                )

    def __call__(
        self, name: str, work: Callable[..., Outcome], tasks: Sequence[tuple[Any, ...]]
    ) -> list[Outcome]:
        """Return the results of all tasks, in their order; raise what a task raises.

        Dask's bar and dashboard show the tasks under the name.
        """
        import dask.base
        from dask.delayed import delayed as make_delayed

        delayed = make_delayed(_Attempt(work), pure=False)
        keys = [f"weightless_{name}-{uuid.uuid4().hex}" for _ in tasks]
        todo = [delayed(*task, dask_key_name=key) for key, task in zip(keys, tasks, strict=True)]
        if self._client is None:
            return [_result(each) for each in dask.base.compute(*todo, scheduler="threads")]
        return list(self._gather(todo))

    def _gather(self, todo: list[Any]) -> list[Any]:
        """Take each result as soon as it is there: one that is lost with a worker is made again."""
        from distributed import as_completed

        futures = self._client.compute(
            todo, retries=self._retries, resources={RESOURCE: self._memory}, optimize_graph=False
        )
        numbers = {future.key: number for number, future in enumerate(futures)}
        results: list[Any] = [None] * len(futures)
        done = as_completed(futures, loop=self._client.loop, with_results=True)
        try:
            del futures  # a future that is done is released
            for future, result in done:
                if future.cancelled():
                    raise result
                results[numbers[future.key]] = _result(result)
                del future, result  # released before the next one is there
        except BaseException:
            self._client.cancel(list(done.futures))
            raise
        return results

    def join(
        self,
        name: str,
        work: Callable[..., Part],
        tasks: Sequence[tuple[Any, ...]],
        parts: Parts,
        *,
        seek_table: bool = False,
    ) -> int:
        """Join the parts that tasks write; return the size of the output.

        If another client that ran the same job has removed some, they are written again.
        """
        for left in range(self._retries, -1, -1):
            places = parts.places(len(tasks))
            todo = [(*task, *place) for task, place in zip(tasks, places, strict=True)]
            made = self(name, work, todo)
            sizes = [(part.size, part.raw_size) for part in made]
            tail = encode_seek_table(sizes) if seek_table and len(sizes) > 1 else b""
            try:
                size = self("join_frames", join, [(parts.output, made, tail)])[0]
            except FileNotFoundError:
                if left == 0:
                    raise
            else:
                _check_seen(parts.output, size)
                return size
        raise AssertionError


def _result(outcome: Any) -> Any:
    """Return what a task returned, or raise its error."""
    if isinstance(outcome, _Failure):
        raise outcome.error
    return outcome


def _check_seen(output: Place, size: int | None = None) -> None:
    """Raise an error if the client does not see what workers wrote, as in a store of their own."""
    try:
        seen, _ = output.stat()
    except FileNotFoundError:
        seen = None
    if seen is None or size not in (None, seen):
        raise OSError(
            f"{output.path}: the workers have written it, but it is not there for the client; "
            "all need the same store"
        )


def _current_client() -> Any:
    try:
        from distributed import default_client

        return default_client()
    except (ImportError, ValueError):
        return None


def _parameters(level: int | None, prior: Prior | None) -> Parameters:
    prior = check_prior(prior)
    return level_parameters(level) if level is not None or not prior else prior.parameters


def _memory(
    parameters: Parameters,
    size: int,
    /,
    *,
    prior: Prior | None = None,
    primed: bool = False,
    frame_size: int | None = None,
    frame_at: bytes | None = None,
    threads: int = 1,
    **_: Any,
) -> int:
    """Return what a task takes that compresses `size` bytes: models, content and archive."""
    # A frame that ends behind a delimiter may have twice its size.
    largest = size if frame_size is None else frame_size * (1 if frame_at is None else 2)
    frame = min(size, largest)
    model = FrameHeader(parameters).memory_for(frame)
    if prior is not None or primed:
        model *= 2
    if frame < size:  # frames are coded in parallel
        model *= min(threads or os.cpu_count() or 1, -(-size // frame))
    return model + 2 * size


def _places(
    url: str, output_url: str, options: dict[str, Any] | None, others: dict[str, Any] | None
) -> tuple[Place, Place]:
    others = options if others is None else others
    source = Place(*fsspec.url_to_fs(url, **(options or {})))
    output = Place(*fsspec.url_to_fs(output_url, **(others or {})))
    if source == output:
        raise ParameterError("the output is the source")
    _check_output(output)
    return source, output


def _check_output(output: Place) -> None:
    if isinstance(output.fs, WeightlessFileSystem):
        raise ParameterError("wl:: is for reading: an output would be compressed twice")


def _target(url: str, output: str | Callable[[str], str] | None) -> str:
    if output is None:
        return url + SUFFIX
    if isinstance(output, str):
        return f"{output.rstrip('/')}/{url.rpartition('/')[2]}{SUFFIX}"
    return output(url)


def _ends(
    source: Place, size: int, frame_size: int, delimiter: bytes | None
) -> list[tuple[int, int]]:
    """Return where the frames of an object start and end."""
    cuts = Cuts(frame_size, delimiter)
    frames: list[tuple[int, int]] = []
    start = 0
    while start < size or not frames:
        end = min(size, start + frame_size)
        if delimiter is not None and end < size:
            end, ended = start + cuts.skip(), False
            while end < size and not ended:
                data = source.fetch(end, min(size, end + _LOOK))
                taken, ended = cuts.take(memoryview(data))
                end += taken
        frames.append((start, end))
        start = end
    return frames
