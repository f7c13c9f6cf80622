"""What a document may ask for: depth, aliases, cost. Counted before validation, so that a bomb costs little.

Cost: every field is 1, times the size of the lists it stands in (`first`/`last`, otherwise a fixed guess).
Fields that need a request of their own per object weigh more, so that they cannot be asked for a whole page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_list_type,
)
from graphql.type import GraphQLField, GraphQLNonNull

from gateway.graph.errors import DocumentRefused

LIST_GUESS = 5
OWN_REQUEST = 2000
OWN_REQUEST_FIELDS = frozenset(
    {("Application", "auditTrail"), ("Application", "checklist"), ("QuotaRow", "ledger")}
)
DEFAULT_PAGE = 20
_SIZES = ("first", "last")
_FIELDED = (GraphQLObjectType, GraphQLInterfaceType)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one operation may have."""

    depth: int
    aliases: int
    cost: int


@dataclass(slots=True)
class _Tally:
    aliases: int = 0
    cost: int = 0


class _Walk:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
        limits: Limits,
    ) -> None:
        self._schema, self._fragments, self._variables, self._limits = schema, fragments, variables, limits
        self.tally = _Tally()

    def selections(
        self, chosen: SelectionSetNode | None, parent: Any, depth: int, times: int, inside: frozenset[str]
    ) -> None:
        for node in chosen.selections if chosen else ():
            if isinstance(node, FieldNode):
                self._field(node, parent, depth + 1, times, inside)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = self._schema.get_type(condition.name.value) if condition else parent
                self.selections(node.selection_set, inner, depth, times, inside)
            elif isinstance(node, FragmentSpreadNode):
                self._spread(node.name.value, depth, times, inside)

    def _spread(self, name: str, depth: int, times: int, inside: frozenset[str]) -> None:
        fragment = self._fragments.get(name)
        if fragment is None or name in inside:
            return  # validation refuses these
        parent = self._schema.get_type(fragment.type_condition.name.value)
        self.selections(fragment.selection_set, parent, depth, times, inside | {name})

    def _field(self, node: FieldNode, parent: Any, depth: int, times: int, inside: frozenset[str]) -> None:
        name = node.name.value
        if name in ("__schema", "__type"):
            return  # introspection is bounded by the schema and switched off where it matters
        if node.alias is not None:
            self.tally.aliases += 1
        weight = OWN_REQUEST if (getattr(parent, "name", ""), name) in OWN_REQUEST_FIELDS else 1
        self.tally.cost += weight * times
        self._hold(depth)
        field = parent.fields.get(name) if isinstance(parent, _FIELDED) else None
        inner = get_named_type(field.type) if field else None
        self.selections(node.selection_set, inner, depth, times * self._size(node, field, parent), inside)

    def _hold(self, depth: int) -> None:
        limits = self._limits
        if depth > limits.depth:
            raise DocumentRefused("graphql.too_deep", f"the document is nested deeper than {limits.depth}")
        if self.tally.aliases > limits.aliases:
            raise DocumentRefused(
                "graphql.too_many_aliases", f"the document has more than {limits.aliases} aliases"
            )
        if self.tally.cost > limits.cost:
            raise DocumentRefused(
                "graphql.too_costly", f"the document costs more than {limits.cost}: ask for smaller pages"
            )

    def _size(self, node: FieldNode, field: GraphQLField | None, parent: Any) -> int:
        """How many objects a field answers with: what the page size says, or a guess for other lists."""
        if field is None or node.selection_set is None:
            return 1
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        sizes = [self._number(given[name]) for name in _SIZES if name in given]
        if not sizes:
            sizes = [
                field.args[name].default_value
                for name in _SIZES
                if name in field.args and isinstance(field.args[name].default_value, int)
            ]
        if sizes:
            return max(1, *sizes)
        bare = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        # the items of a page were counted where its size was said
        counted = parent.name.endswith("Connection")
        return LIST_GUESS if is_list_type(bare) and not counted else 1

    def _number(self, value: Any) -> int:
        if isinstance(value, IntValueNode):
            return int(value.value)
        if isinstance(value, VariableNode):
            given = self._variables.get(value.name.value)
            return given if isinstance(given, int) else DEFAULT_PAGE
        return DEFAULT_PAGE


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: Mapping[str, Any],
    limits: Limits,
) -> int:
    """The cost of the dearest operation of a document.

    Raises:
        DocumentRefused: past a limit.
    """
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    dearest = 0
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            walk = _Walk(schema, fragments, variables, limits)
            root = schema.get_root_type(node.operation)
            walk.selections(node.selection_set, root, 0, 1, frozenset())
            dearest = max(dearest, walk.tally.cost)
    return dearest
