"""Wrongly overdue: dossiers that the portal and the law judge apart, each with its cause."""
