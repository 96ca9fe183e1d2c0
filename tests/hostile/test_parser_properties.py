"""For any bytes, the parsers accept or reject and never crash. Accepted files have one meaning."""

from __future__ import annotations

import io
import itertools
import json
import math
import pickle
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open

from app.formats.archive import ZipRules, read_entry, read_structure, structure
from app.formats.literals import read_listing
from app.formats.pickle_reading import read_pickle
from app.formats.recognition import Format, recognise
from app.formats.refusal import Refused
from app.formats.safetensors_header import DTYPE_BYTES, read_header
from app.formats.strict_json import JsonRefusedError, strict_json
from bench.hostile.npz_sets import npy
from bench.hostile.safetensors_files import pack
from bench.hostile.zip_writer import Member, deflated, write_zip
from worker.intake.images.npy import read_npy_header

RULES = ZipRules(entries=50, entry_bytes=10_000, unpacked_bytes=100_000)
quick = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

number = st.one_of(st.integers(-2, 40), st.sampled_from([2**31, 2**32, 2**63, 2**64, 10**30]), st.booleans(), st.none())
tensors = st.dictionaries(
    st.text(max_size=6),
    st.one_of(
        st.fixed_dictionaries(
            {
                "dtype": st.sampled_from([*DTYPE_BYTES, "F8_E4M3", "", 3]),
                "shape": st.lists(number, max_size=4),
                "data_offsets": st.lists(number, min_size=1, max_size=3),
            }
        ),
        st.none(),
        st.lists(number, max_size=2),
    ),
    max_size=4,
)


def on_disk(data: bytes, check: Any) -> Any:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return check(Path(file.name))


@quick
@given(tensors, st.binary(max_size=60), st.one_of(st.none(), st.integers(0, 2**64 - 1)))
def test_any_header_is_read_or_rejected(header: dict[str, Any], data: bytes, length: int | None) -> None:
    file = pack(header, data, length)
    try:
        found = on_disk(file, read_header)
    except Refused:
        return
    covered = sorted((t.begin, t.end) for t in found.tensors.values())
    assert covered[0][0] == 0
    assert covered[-1][1] == len(data)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(covered))


@st.composite
def sound_files(draw: st.DrawFn) -> tuple[bytes, dict[str, tuple[int, ...]]]:
    names = draw(st.lists(st.text("abc.", min_size=1, max_size=5), min_size=1, max_size=5, unique=True))
    header, position, shapes = {}, 0, {}
    for name in names:
        dtype, shape = draw(st.sampled_from(["F32", "I64", "BF16"])), draw(st.lists(st.integers(1, 3), max_size=3))
        end = position + math.prod(shape) * DTYPE_BYTES[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [position, end]}
        position, shapes[name] = end, tuple(shape)
    return pack(header, bytes(position)), shapes


@quick
@given(sound_files())
def test_what_we_accept_the_library_reads_alike(sound: tuple[bytes, dict[str, tuple[int, ...]]]) -> None:
    file, shapes = sound
    assert {k: t.shape for k, t in on_disk(file, read_header).tensors.items()} == shapes

    def by_library(path: Path) -> dict[str, tuple[int, ...]]:
        with safe_open(path, framework="np") as opened:
            return {k: tuple(opened.get_slice(k).get_shape()) for k in opened.keys()}  # noqa: SIM118

    assert on_disk(file, by_library) == shapes


@quick
@given(sound_files(), st.integers(0, 200), st.integers(0, 255))
def test_cut_or_changed_files_are_rejected_or_still_sound(
    sound: tuple[bytes, dict[str, tuple[int, ...]]], at: int, value: int
) -> None:
    file = bytearray(sound[0])
    with pytest.raises(Refused):
        on_disk(bytes(file[: at % len(file)]), read_header)
    file[at % len(file)] = value
    try:
        on_disk(bytes(file), read_header)
    except Refused:
        pass
    else:
        on_disk(bytes(file), lambda p: safe_open(p, framework="np").__enter__())


json_values = st.recursive(
    st.one_of(st.integers(), st.text(max_size=5), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=12,
)


@quick
@given(json_values)
def test_strict_json_reads_what_json_writes(value: Any) -> None:
    assert strict_json(json.dumps(value).encode(), depth=50, members=1000) == value


@quick
@given(st.text('{}[]",:\\0 a', max_size=60))
def test_strict_json_accepts_only_what_json_accepts(text: str) -> None:
    try:
        found = strict_json(text.encode(), depth=5, members=50)
    except JsonRefusedError:
        return
    assert found == json.loads(text)


entries = st.dictionaries(
    st.from_regex(r"[a-c]{1,2}/[x-z]{1,2}\.png", fullmatch=True), st.binary(max_size=300), min_size=1, max_size=4
)


@quick
@given(entries, st.booleans(), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4))
def test_changed_zips_are_rejected_or_read_as_zipfile_reads_them(
    files: dict[str, bytes], pack_them: bool, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(write_zip([deflated(n, d) if pack_them else Member(n, d) for n, d in files.items()]))
    for at, value in changes:
        data[at % len(data)] = value
    stream = io.BytesIO(bytes(data))
    try:
        found = {e.name: read_entry(stream, e) for e in read_structure(stream, RULES)}
    except Refused:
        assert changes, "a valid archive must be accepted"
        return
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        assert found == {i.filename: archive.read(i) for i in archive.infolist()}


@quick
@given(st.binary(max_size=400))
def test_any_bytes_have_a_format_and_no_structure_but_by_design(data: bytes) -> None:
    assert on_disk(data, recognise) in Format
    with pytest.raises(Refused):
        read_structure(io.BytesIO(data), RULES)
    with pytest.raises(Refused):
        read_npy_header(data, "x")


@quick
@given(st.text("{}()[]'descr:|u1fortanOlsepTue, 0123456789", max_size=120))
def test_any_npy_header_is_read_or_rejected(text: str) -> None:
    try:
        header = read_npy_header(npy(text), "x")
    except Refused:
        return
    assert header.bytes >= 0


@quick
@given(st.sampled_from(["|u1", "<i8", "<f4", "<U7", "|S3"]), st.lists(st.integers(0, 9), max_size=3))
def test_npy_headers_of_numpy_are_read(dtype: str, shape: list[int]) -> None:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.zeros(shape, dtype), allow_pickle=False)
    header = read_npy_header(stream.getvalue(), "x")
    assert header.shape == tuple(shape)
    assert header.begin + header.bytes == len(stream.getvalue())


@quick
@given(st.binary(max_size=80))
def test_any_pickle_is_passed_or_rejected(data: bytes) -> None:
    for text in (data, b"\x80\x02" + data + b".", pickle.dumps(data, protocol=2)):
        try:
            read_pickle(text, {}, tensors=10)
        except Refused:
            continue
        assert text.endswith(b".")


@quick
@given(st.text("ab.Z9_/\\: -\x00é", max_size=12).map(str.encode))
def test_a_plain_name_of_a_zip_entry_breaks_no_rule_of_names(raw: bytes) -> None:
    if structure._PLAIN.fullmatch(raw):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(structure, "_PLAIN", structure.re.compile(rb"(?!)"))
            assert structure._name(raw, RULES) == raw.decode()


@quick
@given(st.dictionaries(st.integers(0, 10**6), st.text("abcé'\"\\,:{}[]() 漢", max_size=8), max_size=6))
def test_a_dict_as_python_prints_it_is_read_back(names: dict[int, str]) -> None:
    assert read_listing(repr(names)) == names
    assert read_listing(repr(list(names.values()))) == list(names.values())


@quick
@given(st.one_of(st.text(max_size=40), st.text("{}[]():,'\"\\0a ", max_size=40)))
def test_any_text_is_a_listing_or_none(text: str) -> None:
    found = read_listing(text)
    assert found is None or isinstance(found, (dict, list, str, int, float, bool))
