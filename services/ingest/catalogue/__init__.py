"""Agencies, procedures, calendar and policies of a province over time, and the ruleset that they make together."""
