"""Boards: dashboards as pages, and the targets that figures are held against."""
