"""Old names of tables and machine formats, until the last presenter imports them from page and screen."""

from escalation.present.page import Format, Table, markdown
from escalation.present.screen import as_csv, as_json

__all__ = ["Format", "Table", "as_csv", "as_json", "markdown"]
