"""Figures: KPIs of a scope and period, now or as they were known, with the dossiers behind them, compared and exported."""
