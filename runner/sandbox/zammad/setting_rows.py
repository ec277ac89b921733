"""The settings of a fresh Zammad; ids as recorded where the recordings show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.sandbox.zammad.dialect import Dialect
    from runner.sandbox.zammad.store import Row

_HOSTED_HIDES = {"online_service_disable": True}
_SETTINGS: dict[str, tuple[str, Any, dict[str, Any]]] = {
    # name: (title and area, value, preferences)
    "product_name": ("Product Name|System::Branding", "Zammad", {"permission": ["admin.branding"]}),
    "organization": ("Organization|System::Branding", "Sandbox", {}),
    "system_init_done": ("System Init Done|Core", True, _HOSTED_HIDES),
    "system_online_service": ("System Service|Core", False, {}),
    "system_agent_limit": ("Agent limit|Core::Online", None, _HOSTED_HIDES),
    "system_id": ("System ID|System::Base", 10, _HOSTED_HIDES),
    "fqdn": (
        "Fully Qualified Domain Name|System::Base",
        "localhost",
        {**_HOSTED_HIDES, "placeholder": True, "permission": ["admin.system"]},
    ),
    "http_type": ("HTTP type|System::Base", "http", _HOSTED_HIDES),
    "geo_location_backend": (
        "Geo Location Service|System::Services",
        "",
        {"prio": 3, "permission": ["admin.system"]},
    ),
    "user_email_multiple_use": (
        "User email for multiple users|Model::User",
        False,
        {"permission": ["admin"]},
    ),
    "es_url": ("Elasticsearch Endpoint URL|SearchIndex::Elasticsearch", "", _HOSTED_HIDES),
    "import_mode": ("Import Mode|Import::Base", False, {}),
    "import_backend": ("Import Backend|Import::Base::Internal", "", {}),
    "import_ignore_sla": (
        "Ignore Escalation/SLA Information|Import::Base",
        False,
        {},
    ),
    "time_accounting": (
        "Time Accounting|Web::Base",
        False,
        {"authentication": True, "permission": ["admin.time_accounting"]},
    ),
    "time_accounting_types": (
        "Time Accounting Types|Web::Base",
        False,
        {"authentication": True, "permission": ["admin.time_accounting"]},
    ),
    "ticket_hook": ("Ticket Hook|Ticket::Base", "Ticket#", {"permission": ["admin.ticket"]}),
    "ticket_number_ignore_system_id": (
        "Ticket Number ignore system id|Ticket::Core",
        False,
        {"permission": ["admin.ticket"], "hidden": True},
    ),
    "postmaster_follow_up_search_in": (
        "Additional follow-up detection|Email::Base",
        [],
        {"permission": ["admin.channel_email"]},
    ),
    "user_lost_password": (
        "Lost Password|Security::Base",
        True,
        {"permission": ["admin.security"]},
    ),
    "auth_saml": (
        "Authentication via SAML|Security::ThirdPartyAuthentication",
        False,
        {"permission": ["admin.security"]},
    ),
    "customer_ticket_create": (
        "Enable Ticket creation|CustomerWeb::Base",
        True,
        {"authentication": True, "permission": ["admin.channel_web"]},
    ),
    "customer_ticket_create_group_ids": (
        "Group selection for Ticket creation|CustomerWeb::Base",
        [],
        {"authentication": True, "permission": ["admin.channel_web"]},
    ),
    "tag_new": ("New Tags|Web::Base", True, {"authentication": True, "permission": ["admin.tag"]}),
    "ui_ticket_zoom_article_delete_timeframe": (
        "Article delete timeframe|UI::TicketZoom",
        600,
        {"permission": ["admin.ui"]},
    ),
    "kb_active": (
        "Kb active|Kb::Core",
        False,
        {
            "prio": 1,
            "trigger": ["menu:render"],
            "authentication": True,
            "permission": ["admin.knowledge_base"],
        },
    ),
    "checklist": (
        "Checklists|Web::Base",
        True,
        {"authentication": True, "permission": ["admin.checklist"]},
    ),
    "auto_shutdown": ("Auto Shutdown|Core::WebApp", True, _HOSTED_HIDES),
}
_ONLY_SOME_VERSIONS = frozenset(
    {"time_accounting_types", "kb_active", "checklist", "auto_shutdown"}
)
_INITIAL = {"system_init_done": False, "fqdn": "zammad.example.com"}
_BACKEND = frozenset(
    {
        "geo_location_backend",
        "user_email_multiple_use",
        "es_url",
        "import_ignore_sla",
        "auto_shutdown",
        "postmaster_follow_up_search_in",
        "ticket_number_ignore_system_id",
    }
)
_FIRST_FREE_SETTING_ID = 400


def make(dialect: Dialect, now: str) -> dict[int, Row]:
    """Make the settings of a version; ids as recorded, others from 400 up."""
    rows: dict[int, Row] = {}
    initial = {**_INITIAL, "geo_location_backend": dialect.geo_backend}
    for position, (name, (title, value, preferences)) in enumerate(_SETTINGS.items()):
        known = name in dialect.setting_ids
        if not known and name in _ONLY_SOME_VERSIONS:
            continue
        identifier = dialect.setting_ids[name] if known else _FIRST_FREE_SETTING_ID + position
        words, _, area = title.partition("|")
        rows[identifier] = {
            "id": identifier,
            "title": words,
            "name": name,
            "area": area,
            "description": "",
            "options": {},
            "state_current": {"value": value},
            "state_initial": {"value": initial.get(name, value)},
            "frontend": name not in _BACKEND,
            "preferences": preferences,
            "created_at": now,
            "updated_at": now,
        }
    return dict(sorted(rows.items()))
