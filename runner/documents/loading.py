"""Read a YAML file into plain values with positions, and refuse what would surprise.

Built on the parser's events, not on its constructors: depth, aliases, tags and duplicate keys are
judged while reading, so a hostile file costs no more than its size.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from yaml import events

from runner.documents.nodes import Node, plain_value
from runner.documents.reading import read, refuse_control_characters, shown, syntax_problem
from runner.errors import InvalidFiles, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAXIMUM_DEPTH = 40
MAXIMUM_NODES_WITH_ALIASES = 20_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """A YAML file: ``file`` as shown to the user, its ``data`` as plain values, and positions."""

    file: str
    data: Any
    root: Node
    lines: tuple[str, ...] = field(default=(), repr=False)

    def is_commented_out(self, path: tuple[str | int, ...]) -> bool:
        """Say whether an empty value is empty because its text stands behind a ``#``."""
        line, column = self.position(path)
        rest = self.lines[line - 1][column - 1 :] if 0 < line <= len(self.lines) else ""
        return rest.lstrip().startswith("#")

    def node(self, path: tuple[str | int, ...]) -> Node | None:
        """Return the node at a path of keys and indexes, or nothing."""
        found: Node | None = self.root
        for step in path:
            found = found.child(step) if found else None
        return found

    def position(self, path: tuple[str | int, ...], *, key: bool = False) -> tuple[int, int]:
        """Return line and column, from 1, of the value at ``path``, or of its key.

        A path that is not in the file gives the position of the nearest that is.
        """
        if key and path and isinstance(path[-1], str):
            parent = self.node(path[:-1])
            if parent and path[-1] in parent.keys:
                return parent.keys[path[-1]]
        for length in range(len(path), -1, -1):
            found = self.node(path[:length])
            if found:
                return found.line, found.column
        return self.root.line, self.root.column

    def problem(
        self, path: tuple[str | int, ...], message: str, advice: str = "", *, key: bool = False
    ) -> Problem:
        """Make a ``Problem`` that points at ``path``."""
        line, column = self.position(path, key=key)
        return Problem(self.file, line, column, message, advice)


def load(path: Path, *, text: str | None = None) -> Document:
    """Read a YAML file, or ``text`` in its name.

    Args:
        path: The file; shown relative to the current folder where it lies inside it.
        text: Its content, when the caller has read and changed it already.

    Raises:
        InvalidFiles: The file is missing, too large, not UTF-8, not YAML, or uses what is refused
            (duplicate keys, tags, merge keys, alias bombs, several documents); all mistakes at
            once, except that a syntax error ends the reading.
    """
    name = shown(path)
    content = read(path) if text is None else text
    refuse_control_characters(name, content)
    builder = _Builder(name)
    try:
        root = builder.build(yaml.parse(content, Loader=_LOADER))
    except yaml.YAMLError as error:
        complaint = syntax_problem(name, content, error)
        raise InvalidFiles([*builder.problems, complaint]) from None
    if builder.problems:
        raise InvalidFiles(builder.problems)
    if root is None or (root.data is None and not root.keys):
        message = "the file is empty"
        raise InvalidFiles([Problem(name, 0, 0, message, "Restore it from the shipped files.")])
    return Document(name, root.data, root, tuple(content.splitlines()))


def _place(event: Any) -> tuple[int, int]:
    """Return where an event begins, counted from 1."""
    return event.start_mark.line + 1, event.start_mark.column + 1


def _as_written(tag: str) -> str:
    """Return a tag as the file has it: the parser unfolds ``!!``."""
    return tag.replace("tag:yaml.org,2002:", "!!")


@dataclass
class _Builder:
    """Turns the parser's events into nodes; mistakes are gathered in ``problems``."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, Node | None] = field(default_factory=dict)
    aliased: int = 0

    def build(self, stream: Iterator[Any]) -> Node | None:
        """Read the one document of the stream."""
        root: Node | None = None
        documents = 0
        for event in stream:
            if isinstance(event, events.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    advice = "Keep one document a file and remove the line ---."
                    self.say(event, "a second YAML document begins here", advice)
                    return root
            elif isinstance(event, events.NodeEvent):
                root = self.node(event, stream, 1)
        return root

    def say(self, event: Any, message: str, advice: str) -> None:
        """Note a mistake at an event."""
        self.problems.append(Problem(self.file, *_place(event), message, advice))

    def node(self, event: Any, stream: Iterator[Any], depth: int) -> Node:
        """Read one value with all below it."""
        if isinstance(event, events.AliasEvent):
            return self.alias(event)
        if depth > MAXIMUM_DEPTH:
            self.say(event, f"more than {MAXIMUM_DEPTH} levels inside each other", "Flatten it.")
            raise InvalidFiles(self.problems)
        if event.tag is not None and event.tag != "!":
            advice = "Remove the tag. Text that begins with ! belongs in quotes."
            self.say(event, f"the tag {_as_written(event.tag)} is not known here", advice)
        node = Node(*_place(event))
        if event.anchor:
            self.anchors[event.anchor] = None
        readers: tuple[tuple[type, Callable[[Node, Any, Iterator[Any], int], None]], ...] = (
            (events.ScalarEvent, self.scalar),
            (events.SequenceStartEvent, self.sequence),
            (events.MappingStartEvent, self.mapping),
        )
        for kind, reader in readers:
            if isinstance(event, kind):
                reader(node, event, stream, depth)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def alias(self, event: Any) -> Node:
        """Return the anchored node; what it would unfold to counts against the budget."""
        target = self.anchors.get(event.anchor)
        if target is None:
            inside = event.anchor in self.anchors
            words = "stands inside its own anchor" if inside else "has no anchor above it"
            self.say(event, f"the alias *{event.anchor} {words}", "Write the value out.")
            return Node(*_place(event))
        self.aliased += target.size
        if self.aliased > MAXIMUM_NODES_WITH_ALIASES:
            advice = "Write the values out."
            self.say(event, "aliases unfold to more values than are allowed", advice)
            raise InvalidFiles(self.problems)
        return target

    def scalar(self, node: Node, event: Any, _stream: Iterator[Any], _depth: int) -> None:
        """Read text, a number, a boolean or nothing."""
        node.block = event.style in ("|", ">")
        node.data = plain_value(event.value) if event.style is None else event.value
        if event.style == "":
            node.data = plain_value(event.value)

    def sequence(self, node: Node, _event: Any, stream: Iterator[Any], depth: int) -> None:
        """Read a list."""
        node.data = []
        for event in stream:
            if isinstance(event, events.SequenceEndEvent):
                return
            item = self.node(event, stream, depth + 1)
            node.items.append(item)
            node.data.append(item.data)
            node.size += item.size

    def mapping(self, node: Node, _event: Any, stream: Iterator[Any], depth: int) -> None:
        """Read a mapping; every key becomes text as it was written."""
        node.data = {}
        for key_event in stream:
            if isinstance(key_event, events.MappingEndEvent):
                return
            key = self.key(key_event, stream, depth)
            value = self.node(next(stream), stream, depth + 1)
            node.size += value.size
            if key is None:
                continue
            if key in node.keys:
                advice = "Remove one of the two."
                self.say(
                    key_event, f"{key} stands here again; first in line {node.keys[key][0]}", advice
                )
                continue
            node.keys[key] = _place(key_event)
            node.children[key] = value
            node.data[key] = value.data

    def key(self, event: Any, stream: Iterator[Any], depth: int) -> str | None:
        """Read a key, or note why it cannot be one."""
        if not isinstance(event, events.ScalarEvent):
            self.node(event, stream, depth + 1)
            if isinstance(event, events.MappingStartEvent) and event.flow_style:
                advice = "Put the whole text in double quotes, the brackets included."
                self.say(event, "two brackets {{ begin a template, and it is not in quotes", advice)
                return None
            advice = "Put text that begins with {, [ or * in quotes; a template always."
            self.say(event, "a bracket or an alias stands where a key is needed", advice)
            return None
        text = str(event.value)
        if text == "<<" and not event.style:
            self.say(event, "merge keys (<<) are not supported", "Write the keys out.")
            return None
        if not text and not event.style:
            self.say(event, "the key before the colon is missing", "Write a key.")
            return None
        if event.tag is not None and event.tag != "!":
            self.say(
                event, f"the tag {_as_written(event.tag)} is not known here", "Remove the tag."
            )
        if event.anchor:
            self.anchors[event.anchor] = Node(*_place(event), data=text)
        return text
