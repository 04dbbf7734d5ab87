"""Fields of tiers, in bodies and in answers."""

from points.earning.api.fields import AnObject


class TiersDocument(AnObject):
    """Tiers, as docs/points/tiers.md says; each fault in it is named by a JSON pointer."""

    class Meta:
        swagger_schema_fields = {
            "type": "object",
            "description": "`metric` (`points`, `spend`, `orders`, or an object of the kind `events` or `field`),"
            " `window`, `upgrade` and `returns` (`at_once`, `period_end`),"
            " `downgrade` (`one`, `all`), `notice_days` (1 to 90), `grace_days` (0 to 366), `requalify` (true"
            " or false), and 1 to 100 `tiers`, the lowest first",
            "example": {
                "metric": "points",
                "window": {"kind": "calendar", "month": 1},
                "tiers": [
                    {"code": "silver", "name": "Silver", "enter": 1000, "stay": 800},
                    {"code": "gold", "name": "Gold", "enter": 5000, "stay": 4000},
                ],
            },
        }
