"""Struct references whose fields are borrowed: read without counting references.

Numba counts a reference up and down whenever a field of a struct is read, with atomic operations that cost
more than the rules themselves. Here Python keeps every array alive while compiled code runs, so nothing need
be counted; the functions that use these types are compiled without the reference counting runtime
(`_nrt=False`).
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils
from numba.core.datamodel import default_manager, models
from numba.core.imputils import lower_getattr_generic, lower_setattr_generic
from numba.core.runtime.nrtdynmod import _meminfo_struct_type
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr

DATA = 3
"""Place of the pointer to the data in Numba's header of managed memory."""


def _data(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Return the fields of a struct reference, where they lie in memory."""
    header = cgutils.create_struct_proxy(kind)(context, builder, value=value).meminfo
    header = builder.bitcast(header, _meminfo_struct_type.as_pointer())
    pointer = builder.load(cgutils.gep_inbounds(builder, header, 0, DATA))
    layout = kind.get_data_type()
    shape = context.data_model_manager[layout].get_value_type()
    return cgutils.create_struct_proxy(layout)(
        context, builder, ref=builder.bitcast(pointer, shape.as_pointer())
    )


def borrowing(reference: type[Any]) -> type[Any]:
    """Register a subclass of `StructRef` that holds its fields, and lends them to whoever reads them."""
    default_manager.register(reference, models.StructRefModel)

    @infer_getattr
    class Fields(AttributeTemplate):
        key = reference

        def generic_resolve(self, kind: Any, name: str) -> Any:
            return kind.field_dict.get(name)

    @lower_getattr_generic(reference)
    def read_field(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
        return getattr(_data(context, builder, kind, value), name)

    @lower_setattr_generic(reference)
    def fill_field(context: Any, builder: Any, signature: Any, arguments: Any, name: str) -> None:
        kind, field_kind = signature.args
        context.nrt.incref(builder, field_kind, arguments[1])
        setattr(_data(context, builder, kind, arguments[0]), name, arguments[1])

    return reference
