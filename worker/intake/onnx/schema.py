"""Fields of ONNX's messages (onnx.proto of ONNX 1.19, IR versions 3 to 13).

Some are read, some are ignored as they do not affect the outputs, and those that may hide code,
files or loops are rejected.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NoReturn

from app.formats.recipes import EXPORT, INTO_ONE_FILE
from app.formats.refusal import Refused, shown
from worker.intake.onnx.packed import packed
from worker.intake.onnx.wire import Field, as_bytes, as_float, as_integer, as_text, floats, ignored, integers


def refused(code: str, what: str, remedy: str = "") -> Refused:
    """Return the rejection of a model."""
    advice = remedy or f"The weights of a model to audit can also be uploaded as safetensors. {EXPORT}"
    return Refused(code, f"The ONNX model was rejected: {what}. {advice}", [{"detail": shown(what, 500)}])


def _never(code: str, what: str, remedy: str, wire: int, value: Any) -> NoReturn:
    raise refused(code, what, remedy)


def _forbidden(name: str, code: str, what: str, remedy: str = "") -> Field:
    return name, True, partial(_never, code, what, remedy)


_NO_LOOPS = f"Export the model without loops and branches. {EXPORT}"
_SUBGRAPH = "it has a graph inside an operator (If, Loop, Scan), which could run forever"
MODEL: dict[int, Field] = {
    1: ("ir_version", False, as_integer),
    2: ("producer_name", False, as_text),
    3: ("producer_version", False, as_text),
    4: ("domain", False, as_text),
    5: ("model_version", False, as_integer),
    6: ("doc_string", False, ignored),
    7: ("graph", False, as_bytes),
    8: ("opset_import", True, as_bytes),
    14: ("metadata_props", True, as_bytes),
    20: _forbidden("training_info", "onnx-training", "it has training information"),
    25: _forbidden("functions", "onnx-functions", "it defines its own operators", "Inline its functions."),
    26: ("configuration", True, ignored),
}
PROPERTY: dict[int, Field] = {1: ("key", False, as_bytes), 2: ("value", False, as_bytes)}
OPSET: dict[int, Field] = {1: ("domain", False, as_text), 2: ("version", False, as_integer)}
GRAPH: dict[int, Field] = {
    1: ("node", True, as_bytes),
    2: ("name", False, as_text),
    5: ("initializer", True, as_bytes),
    10: ("doc_string", False, ignored),
    11: ("input", True, as_bytes),
    12: ("output", True, as_bytes),
    13: ("value_info", True, ignored),
    14: ("quantization_annotation", True, ignored),
    15: _forbidden("sparse_initializer", "onnx-sparse", "it has sparse tensors"),
    16: ("metadata_props", True, ignored),
}
NODE: dict[int, Field] = {
    1: ("input", True, as_text),
    2: ("output", True, as_text),
    3: ("name", False, as_text),
    4: ("op_type", False, as_text),
    5: ("attribute", True, as_bytes),
    6: ("doc_string", False, ignored),
    7: ("domain", False, as_text),
    8: ("overload", False, as_text),
    9: ("metadata_props", True, ignored),
    10: ("device_configurations", True, ignored),
}
ATTRIBUTE: dict[int, Field] = {
    1: ("name", False, as_text),
    2: ("f", False, as_float),
    3: ("i", False, as_integer),
    4: ("s", False, as_text),
    5: ("t", False, as_bytes),
    6: _forbidden("g", "onnx-subgraph", _SUBGRAPH, _NO_LOOPS),
    7: ("floats", True, floats),
    8: ("ints", True, integers),
    9: ("strings", True, as_text),
    10: _forbidden("tensors", "onnx-structure", "an attribute is a list of tensors"),
    11: _forbidden("graphs", "onnx-subgraph", _SUBGRAPH, _NO_LOOPS),
    13: ("doc_string", False, ignored),
    14: _forbidden("tp", "onnx-structure", "an attribute is a type"),
    15: _forbidden("type_protos", "onnx-structure", "an attribute is a list of types"),
    20: ("type", False, as_integer),
    21: _forbidden("ref_attr_name", "onnx-functions", "an attribute refers to one of a function"),
    22: _forbidden("sparse_tensor", "onnx-sparse", "it has sparse tensors"),
    23: _forbidden("sparse_tensors", "onnx-sparse", "it has sparse tensors"),
}
TENSOR: dict[int, Field] = {
    1: ("dims", True, integers),
    2: ("data_type", False, as_integer),
    3: _forbidden("segment", "onnx-structure", "a tensor is split into segments"),
    4: ("float_data", True, as_bytes),
    5: ("int32_data", True, packed),
    6: _forbidden("string_data", "onnx-type", "a tensor contains strings"),
    7: ("int64_data", True, packed),
    8: ("name", False, as_text),
    9: ("raw_data", False, as_bytes),
    10: ("double_data", True, as_bytes),
    11: ("uint64_data", True, packed),
    12: ("doc_string", False, ignored),
    13: _forbidden("external_data", "onnx-external-data", "its weights are in another file", INTO_ONE_FILE),
    14: ("data_location", False, as_integer),
    16: ("metadata_props", True, ignored),
}
VALUE: dict[int, Field] = {
    1: ("name", False, as_text),
    2: ("type", False, as_bytes),
    3: ("doc_string", False, ignored),
    4: ("metadata_props", True, ignored),
}
TYPE: dict[int, Field] = {1: ("tensor_type", False, as_bytes), 6: ("denotation", False, ignored)}
TENSOR_TYPE: dict[int, Field] = {1: ("elem_type", False, as_integer), 2: ("shape", False, as_bytes)}
SHAPE: dict[int, Field] = {1: ("dim", True, as_bytes)}
DIMENSION: dict[int, Field] = {
    1: ("dim_value", False, as_integer),
    2: ("dim_param", False, ignored),
    3: ("denotation", False, ignored),
}
