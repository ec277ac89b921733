"""What Kayako offers and how we ask for it (kayako-api.md §7 to §9).

Names in ``include`` that Kayako does not know are ignored without a word, so each is spelled
here once. Fields are left out of the records' ``include``: they are listed once, and each record
would repeat them with all their options.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of Kayako.

    Args:
        name: How it is called in the snapshot and in reports.
        path: Below ``/api/v1/``.
        params: The query besides paging.
        optional: Whether a plan or role without it is no obstacle.
        kind: The ``resource_type`` of a list of definitions.
        single: Whether one record of it can be asked for by its id.
    """

    name: str
    path: str
    params: dict[str, str] = field(default_factory=dict)
    optional: bool = True
    kind: str = ""
    single: bool = True


_OPTIONS = {"include": "field_option,locale_field"}
_IDENTITIES = "identity_email,identity_phone,identity_twitter,identity_facebook"

DEFINITIONS = (
    Listing("roles", "roles", kind="role"),
    Listing("brands", "brands", kind="brand"),
    Listing("locales", "locales", kind="locale"),
    Listing("mailboxes", "mailboxes", kind="mailbox"),
    Listing("case statuses", "cases/statuses", kind="case_status"),
    Listing("case priorities", "cases/priorities", kind="case_priority"),
    Listing("case types", "cases/types", kind="case_type"),
    Listing("case fields", "cases/fields", _OPTIONS, kind="case_field"),
    Listing("user fields", "users/fields", _OPTIONS, kind="user_field"),
    Listing("organization fields", "organizations/fields", _OPTIONS, kind="organization_field"),
)

USERS = Listing("users", "users", {"include": f"{_IDENTITIES},role"}, optional=False)

RECORDS = (
    Listing("teams", "teams", optional=False),
    Listing("organizations", "organizations", {"include": "identity_domain"}, optional=False),
    USERS,
)

CASES = Listing(
    "cases",
    "cases",
    {
        "fields": "+tags",
        "include": "user,case_priority,case_status,case_type,channel,mailbox,tag,"
        "twitter_account,facebook_page",
    },
    optional=False,
)

# These few rows are read whole: what is nested in them has no name for ``include`` that we know.
_WHOLE = {"include": "*"}

HELP_CENTER = (
    Listing("categories", "categories", {"include": "locale_field"}),
    Listing("sections", "sections", {"include": "locale_field,tag"}),
    Listing("articles", "articles", {"include": "locale_field,attachment,tag,user"}),
)

RULES = (
    Listing("macros", "cases/macros", {**_WHOLE, "show_all": "true"}),
    Listing("business_hours", "businesshours", _WHOLE),
    Listing("slas", "slas", _WHOLE),
    Listing("triggers", "triggers", _WHOLE),
    Listing("monitors", "monitors", _WHOLE),
    Listing("views", "views", _WHOLE),
)

RATINGS_LIST = Listing("ratings", "cases/ratings", {"include": "user"}, single=False)

VIEWS = Listing("trash and suspended", "views")

TIME = Listing("timetracking", "timetracking", single=False)

PARTICIPANTS_PARAMS = {"include": "identity_email,user", "exclude_requester": "1"}

POSTS_INCLUDE = (
    "user,mailbox,message_recipient,channel,attachment,case_message,note,chat_message,"
    f"{_IDENTITIES},facebook_message,facebook_post,facebook_post_comment,"
    "twitter_message,twitter_tweet,trigger,monitor"
)
