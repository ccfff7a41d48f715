"""Figures: KPIs of a scope and period, now or as they were known, opened to their dossiers, compared and exported."""
