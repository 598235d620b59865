"""Metrics and dashboards: what definitions of figures come to for one viewer. The pages that show them are the screens'."""
