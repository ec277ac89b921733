"""What mappings are, and what they make of a record: plain data, no behaviour.

Read by everybody who handles mappings; made by ``runner.mapping.load`` (what the files say) and by
``runner.mapping.transform`` (what becomes of a record).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.mapping.field_rules import FieldRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.mapping.compiling import Program

NOBODY = "-"
"""Login of Zammad's user 1: the owner of tickets that nobody owns, the author of system texts."""
UNKNOWN_PERSON = "unknown"
"""Login of the placeholder for a person of whom Kayako does not even give an id."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A Zammad record that is not known by its id yet.

    With ``source_id`` it is the Kayako record of that id, and ``name`` is a hint for people that
    may be absent. Without it, the record is found by ``name``: groups and organizations by name,
    users by login or email. ``placeholder`` says that the person is not among Kayako's users (any
    more): a named placeholder user stands in, with ``name`` as Kayako's records give it.

    Records are the same where ``str()`` is the same: a hint may differ from post to post.
    """

    entity: str
    source_id: str | None = None
    name: str | None = None
    placeholder: bool = False

    def __str__(self) -> str:
        """``users/17`` by id, ``groups=Support`` by name; equal texts mean the same record."""
        if self.source_id is not None:
            return f"{self.entity}/{self.source_id}"
        return f"{self.entity}={self.name}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one value of a table becomes.

    ``value`` is the Zammad value, a list of them, or None for ``nothing``. ``remember_as`` is
    ``tag``, ``note`` or ``nothing``. ``new`` and ``like`` name a Zammad value to create and the
    one that it behaves like.
    """

    value: Any
    remember_as: str = "nothing"
    new: str | None = None
    like: str | None = None


@dataclass(frozen=True)
class Vocabulary:
    """A table: ``entries`` by key, ``custom`` by label, ``anything_else`` for the rest.

    ``others_keep_their_own`` lets a value that is not listed stay what it is.
    """

    name: str
    kayako: str
    zammad: str
    key: str | None = None
    label: str | None = None
    ignore_case: bool = False
    others_keep_their_own: bool = False
    shipped_labels: frozenset[str] | None = None
    entries: Mapping[str, Entry] = field(default_factory=dict)
    custom: Mapping[str, Entry] = field(default_factory=dict)
    anything_else: Entry | None = None
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def singular(self) -> str:
        """The word for one value: ``state`` of ``states``, ``priority`` of ``priorities``."""
        if self.name.endswith("ies"):
            return f"{self.name[:-3]}y"
        return self.name.removesuffix("s")


@dataclass(frozen=True)
class Rule:
    """How one Zammad field is filled; ``source`` is the word that names the kind of source.

    ``paths`` are the Kayako fields of ``from`` and of the four references, ``given`` the text of
    ``template`` or the value of ``always``. ``conversion`` is the word of ``as``, ``conversions``
    the same by path. ``if_unknown`` is a word; with ``use`` its value stands in ``used``.
    """

    source: str
    paths: tuple[str, ...] = ()
    given: Any = None
    vocabulary: str | None = None
    table: Mapping[str, Any] | None = None
    conversion: str | None = None
    conversions: Mapping[str, str] = field(default_factory=dict)
    add_days: int = 0
    not_before: str | None = None
    cut_at: int | None = None
    if_empty: Any = None
    if_unknown: str = "fail"
    used: Any = None
    only_if: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EntityMapping:
    """One mapping file; ``variants`` holds for each value the rules that replace shared ones."""

    entity: str
    kayako: str
    zammad: str
    file: str
    description: str = ""
    inside: str | None = None
    skip: Mapping[str, Any] = field(default_factory=dict)
    only_if: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Rule] = field(default_factory=dict)
    variants_by: tuple[str, ...] = ()
    variants: Mapping[str, Mapping[str, Rule]] = field(default_factory=dict)
    ignore: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def placed_rules(self) -> list[tuple[tuple[str, ...], Rule]]:
        """Return every rule, the variants' included, with its path in the file.

        The last step of the path is the Zammad field.
        """
        shared = [(("zammad_fields", name), rule) for name, rule in self.fields.items()]
        return shared + [
            (("variants", variant, name), rule)
            for variant, rules in self.variants.items()
            for name, rule in rules.items()
        ]

    def rules(self) -> list[Rule]:
        """Return every rule, the variants' included."""
        return [rule for _place, rule in self.placed_rules()]


@dataclass(frozen=True)
class Mappings:
    """All mappings in the order they run, all vocabularies by name, and the custom fields."""

    entities: Mapping[str, EntityMapping]
    vocabularies: Mapping[str, Vocabulary]
    programs: Mapping[str, Program] = field(default_factory=dict, compare=False, repr=False)
    custom_fields: FieldRules = field(default_factory=FieldRules)

    def vocabularies_of(self, entity: str) -> list[str]:
        """Return the names of the vocabularies that matter for an entity, sorted."""
        names: set[str] = set()
        for rule in self.entities[entity].rules():
            names.update(name for name in (rule.vocabulary,) if name)
            names.update({"team": ["teams"], "person": ["people"]}.get(rule.source, []))
        return sorted(names & set(self.vocabularies))

    def digest(self, entity: str) -> str:
        """Return a sha256 over all that decides what becomes of an entity's records.

        Comments, order of keys and descriptions of other entities do not change it.
        """
        parts = {
            "mapping": self.entities[entity].data,
            "vocabularies": {
                name: self.vocabularies[name].data for name in self.vocabularies_of(entity)
            },
        }
        # The order of fields counts: only_if reads fields above. json keeps it without sort_keys.
        text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Note:
    """Something the user may want to know: dropped, cut, defaulted, converted or replaced."""

    kind: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class DroppedLabel:
    """A label that Zammad does not get: what it becomes, and as what it is remembered."""

    vocabulary: str
    label: str
    becomes: str
    remember_as: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mapping makes of one record.

    ``payload``: Zammad field to JSON value, ``Reference`` or a list of these; a field that is
    empty or whose ``only_if`` does not hold is not in it. ``skip``: why the record is left out.
    ``failures``: why it cannot be moved, each naming field and value. ``remembered``: lines for
    one internal article. ``creates``: Zammad values to create, as (vocabulary's ``zammad``, name,
    like).
    """

    payload: dict[str, Any]
    notes: tuple[Note, ...] = ()
    dropped: tuple[DroppedLabel, ...] = ()
    skip: str | None = None
    failures: tuple[str, ...] = ()
    remembered: tuple[str, ...] = ()
    creates: tuple[tuple[str, str, str], ...] = ()
