"""The areas of the application beside records: approvals, dashboards, inbox … A folder each, with ``words.py`` (``WORDS``, ``SCRIPT_WORDS``),
``pages.py`` that exports ``AREA``, ``templates/``, and the script and style of its pages (``<name>.js``, ``<name>.css``)."""
