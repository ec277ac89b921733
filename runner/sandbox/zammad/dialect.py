"""The differences between Zammad 5.2 and 6.5 that the recordings show, as one table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one version of Zammad behaves where versions differ.

    Attributes:
        version: what ``GET /version`` answers.
        system_id: the first digits of automatic ticket numbers.
        first_attribute_id: id of the first object attribute that is created.
        geo_backend: the service that looks addresses up at first.
        permission_ids: ids of the permissions that roles are given by name.
        role_permission_ids: of the roles Admin, Agent and Customer, as recorded.
        setting_ids: ids of the settings by name.
        user_lists: association keys at the end of a user, always empty here.
        group_extras: keys that only this version's groups have.
        organization_extras: keys that only this version's organizations have.
        ticket_extras: keys that only this version's tickets have.
        ticket_lists: association keys of a ticket, always empty here.
        name_taken: the error when a unique name is taken.
        object_taken: the error when the database refuses a second one.
        required: error when a ticket lacks customer or title; ``{}`` is the field.
        required_by_database: it is the database that misses them, and people get its words.
        email_taken: error when an email is used by another user; ``{}`` is the email.
        identifiers: the fields of which a user needs one, in words.
        no_route: error for an unknown path; ``{}`` is ``[GET] /api/v1/…``.
        emails_checked_on_import: a bad email is refused in import mode too.
        recipients_checked: mails need a valid recipient outside import mode.
        custom_states_usable: tickets accept states that were created over REST.
        unknown_choices_refused: select values must be among the options.
        tags_refuse: characters that no tag may hold.
        plain_search: searches answer with a plain list.
        assets_with_groups: assets hold the groups and roles too.
        time_accountings: there are endpoints for accounted time.
        mention_answers_true: watching answers ``true`` instead of the record.
        link_again_allowed: a second link of the same kind is not an error.
        nested_groups: ``A::B`` is a group inside group A.
        removed_state: there is a state "removed".
        restarts_itself: attribute migrations restart the server.
        privacy_counts: erasure tasks count tickets and can erase a ticket.
    """

    version: str
    system_id: str
    first_attribute_id: int
    geo_backend: str
    permission_ids: dict[str, int]
    role_permission_ids: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    setting_ids: dict[str, int]
    user_lists: tuple[str, ...]
    group_extras: tuple[str, ...]
    organization_extras: dict[str, Any]
    ticket_extras: tuple[str, ...]
    ticket_lists: tuple[str, ...]
    name_taken: str
    object_taken: str
    required: str
    required_by_database: bool
    email_taken: str
    identifiers: str
    no_route: str
    emails_checked_on_import: bool
    recipients_checked: bool
    custom_states_usable: bool
    unknown_choices_refused: bool
    tags_refuse: str
    plain_search: bool
    assets_with_groups: bool
    time_accountings: bool
    mention_answers_true: bool
    link_again_allowed: bool
    nested_groups: bool
    removed_state: bool
    restarts_itself: bool
    privacy_counts: bool
    article_types: tuple[str, ...] = field(
        default=(
            "email",
            "sms",
            "chat",
            "fax",
            "phone",
            "twitter status",
            "twitter direct-message",
            "facebook feed post",
            "facebook feed comment",
            "note",
            "web",
            "telegram personal-message",
            "facebook direct-message",
        )
    )


_V5 = Dialect(
    version="5.2.x",
    system_id="50",
    first_attribute_id=53,
    geo_backend="Service::GeoLocation::Gmaps",
    permission_ids={"admin": 1, "ticket.agent": 53, "ticket.customer": 54},
    role_permission_ids=((1, 41, 51, 61), (41, 53, 56, 58, 62), (42, 45, 46, 48, 54)),
    setting_ids={
        "system_init_done": 8,
        "fqdn": 22,
        "geo_location_backend": 29,
        "user_email_multiple_use": 53,
        "es_url": 122,
        "import_mode": 129,
        "import_backend": 130,
        "import_ignore_sla": 131,
        "time_accounting": 146,
    },
    user_lists=("organization_ids", "authorization_ids", "karma_user_ids"),
    group_extras=(),
    organization_extras={},
    ticket_extras=(),
    ticket_lists=("ticket_time_accounting_ids",),
    name_taken="Object already exists!",
    object_taken="Object already exists!",
    required="Attribute '{}\" of relation \"tickets' required!",
    required_by_database=True,
    email_taken="Email address '{}' is already used for other user.",
    identifiers="firstname, lastname, phone or email",
    no_route="No route matches {}",
    emails_checked_on_import=True,
    recipients_checked=False,
    custom_states_usable=False,
    unknown_choices_refused=True,
    tags_refuse="",
    plain_search=False,
    assets_with_groups=True,
    time_accountings=False,
    mention_answers_true=False,
    link_again_allowed=False,
    nested_groups=False,
    removed_state=True,
    restarts_itself=False,
    privacy_counts=False,
)

_V6 = Dialect(
    version="6.5.0-75",
    system_id="63",
    first_attribute_id=59,
    geo_backend="Service::GeoLocation::Osm",
    permission_ids={"admin": 1, "ticket.agent": 61, "ticket.customer": 62},
    role_permission_ids=((1, 57, 59, 63), (53, 55, 58, 61, 63), (62, 64, 65, 66, 68, 69, 72)),
    setting_ids={
        "kb_active": 2,
        "system_init_done": 7,
        "fqdn": 22,
        "geo_location_backend": 29,
        "user_email_multiple_use": 57,
        "es_url": 142,
        "import_mode": 151,
        "import_backend": 152,
        "import_ignore_sla": 153,
        "time_accounting": 168,
        "time_accounting_types": 172,
        "checklist": 273,
        "auto_shutdown": 274,
    },
    user_lists=(
        "two_factor_preference_ids",
        "organization_ids",
        "authorization_ids",
        "overview_sorting_ids",
    ),
    group_extras=("name_last", "parent_id", "reopen_time_in_days"),
    organization_extras={"vip": False},
    ticket_extras=("last_close_at", "checklist_id"),
    ticket_lists=("referencing_checklist_ids", "ticket_time_accounting_ids"),
    name_taken="Name has already been taken",
    object_taken="This object already exists.",
    required="Missing required value for field '{}'!",
    required_by_database=False,
    email_taken="Email address '{}' is already used for another user.",
    identifiers="firstname, lastname, phone, mobile or email",
    no_route="This page doesn't exist.",
    emails_checked_on_import=False,
    recipients_checked=True,
    custom_states_usable=True,
    unknown_choices_refused=False,
    tags_refuse=",*",
    plain_search=True,
    assets_with_groups=False,
    time_accountings=True,
    mention_answers_true=True,
    link_again_allowed=True,
    nested_groups=True,
    removed_state=False,
    restarts_itself=True,
    privacy_counts=True,
    article_types=(*_V5.article_types, "whatsapp message"),
)

DIALECTS = {"5.2": _V5, "6.5": _V6}
"""The versions that can be played, by the name that ``FakeZammad(version=…)`` takes."""
